"""What the open question makes of a reading: « la rouge », « c'est bon », « 42 ».

A question of the customer's own, a wish and a change of mind stay what NLU took them
for; what tells the form nothing is refused there, so a doubt may be passed on to it.
"""

import re
from typing import Any, Dict, FrozenSet, List, Optional, Text, Tuple

from bot.expected import UNSURE
from bot.expected import read as read_expected

Entity = Dict[Text, Any]
Intent = Dict[Text, Any]

# Questions whose answer is a name, a number or a choice and tells no reason.
NAMING = frozenset(
    {
        "lines",
        "variant",
        "quantity",
        "order_number",
        "email",
        "postcode",
        "surname",
        "code",
    }
)
# What NLU takes a short answer for that nothing but the question explains.
ECHOES: FrozenSet[Optional[Text]] = UNSURE | {"give_reason", "complain", None}
NAMELIKE = ECHOES - {"complain"}  # anger is heard, whatever was asked
# Words that only stand beside a yes or a no.
AROUND: FrozenSet[Optional[Text]] = ECHOES | {
    "thank",
    "greet",
    "inform",
    "deny",
    "affirm",
}
SURE = 0.5  # a reason less sure than that is not why a name was said
LONGEST_NAME = 6  # words
LONGEST_ANSWER = 8

QUESTION = re.compile(
    r"\?|^\W*(?:pourquoi|comment|combien|quand|o[uù]\s+(?:est|sont|en)|quel(?:le)?s?"
    r"|qui|est[- ]ce|why|how|when|where|what|which|who|can\s+i|do\s+(?:you|i)"
    r"|is\s+(?:it|there))\b",
    re.IGNORECASE,
)
YES = re.compile(
    r"^\W*(?:(?:ah|alors|ok|bon|well|and)\W+)*(?:oui|ouais|ouep|yes|yep|yeah|yup"
    r"|ok(?:ay)?|d'?\s?accord|dac+ord|parfait|exact(?:ement)?|tout [àa] fait|absolument"
    r"|c'?\s?est (?:bon|parfait|correct|[çc]a|exact|tout bon|ok)|bien s[ûu]r|nickel"
    r"|carr[ée]ment|impec(?:cable)?|vas[- ]?y|allez[- ]y|je (?:confirme|valide)"
    r"|valid[ée]r?z?|confirm\w*|[çc]a (?:me )?(?:va|convient)|perfect|correct|exactly"
    r"|sure|fine|great|right|agreed|go (?:ahead|for it)|please do|do it|100 ?%"
    r"|(?:that'?s|it'?s|looks?|sounds?|all) (?:\w+ )?(?:fine|good|right|correct|great"
    r"|perfect|ok(?:ay)?)|[👍👌✅✔🆗])",
    re.IGNORECASE,
)
NO = re.compile(
    r"^\W*(?:non|nan|nope|no|not (?:yet|quite|right|correct)|pas (?:du tout|encore"
    r"|d'?accord|[çc]a)|attend(?:s|ez)|une? (?:seconde|minute|instant)|stop|wait"
    r"|hold on|hang on|one (?:moment|sec\w*)|c'?\s?est (?:pas|faux)|ce n'?est pas"
    r"|(?:that'?s|it'?s) (?:not|wrong)|wrong|faux|erreur)\b",
    re.IGNORECASE,
)
# A yes to money and a parcel is plain, or it is none: « ok stop », "fine, but later".
HELD_BACK = re.compile(
    r"\b(?:non|nan|no|not|n'?t|pas|stop|attend\w*|wait|mais|but|sauf|except|however"
    r"|par contre|annul\w*|cancel\w*|laiss\w*|finalement|actually|instead|plut[oô]t"
    r"|rather|later|plus tard|demain|tomorrow|si|if|jamais|never)\b",
    re.IGNORECASE,
)
OUTRIGHT = re.compile(r"\b(?:oui|yes|non|no|(?:je )?confirm\w*)\b", re.IGNORECASE)
BYE = re.compile(
    r"\b(?:bye|goodbye|au ?revoir|ciao|a\+|bonne (?:journ[ée]e|soir[ée]e)"
    r"|[àa] bient[ôo]t|see (?:you|ya)|have a (?:good|nice) \w+)\W*$",
    re.IGNORECASE,
)


def read(
    expects: Optional[Text], text: Text, intent: Intent, entities: List[Entity]
) -> Tuple[Intent, List[Entity]]:
    """Intent and entities of a message, in the light of what was asked."""
    words = len(re.findall(r"\w+", text))
    decided = expects == "confirmation" and OUTRIGHT.search(text)
    leaves = BYE.search(text) and intent["name"] in AROUND and not decided
    if words <= LONGEST_ANSWER and leaves:
        return _as("goodbye"), entities
    if QUESTION.search(text):
        return intent, entities
    if expects == "photo" and words <= LONGEST_ANSWER:
        return _no_photo(text, intent, entities)
    if expects == "confirmation":
        return _confirmation(text, words, intent, entities), entities
    if expects == "reason":
        return _reason(intent, entities), entities
    if expects in NAMING and words <= LONGEST_NAME:
        return _name(intent, entities)
    return intent, entities


def _confirmation(
    text: Text, words: int, intent: Intent, entities: List[Entity]
) -> Intent:
    """A yes or no; "wait, too big, not too small" tells more than that."""
    corrects = intent["name"] == "give_reason" and _told(entities)
    if words > LONGEST_ANSWER or intent["name"] not in AROUND or corrects:
        return intent
    if NO.search(text):
        return _as("deny")
    plain = YES.search(text) and not HELD_BACK.search(text)
    return _as("affirm") if plain else intent


def _no_photo(
    text: Text, intent: Intent, entities: List[Entity]
) -> Tuple[Intent, List[Entity]]:
    """ "I don't have one, sorry" is no reason to send anything back."""
    if intent["name"] not in ECHOES or not read_expected("photo", text):
        return intent, entities
    return _as("inform"), [e for e in entities if e["entity"] != "return_reason"]


def _reason(intent: Intent, entities: List[Entity]) -> Intent:
    """Anger, or words not understood, that tell a reason are the answer."""
    answers = intent["name"] in ECHOES and _told(entities)
    return _as("give_reason") if answers else intent


def _name(intent: Intent, entities: List[Entity]) -> Tuple[Intent, List[Entity]]:
    """A bare name is no reason, whatever it reminds NLU of."""
    if intent["name"] not in NAMELIKE:
        return intent, entities
    sure = [
        entity
        for entity in entities
        if entity["entity"] != "return_reason"
        or entity.get("confidence_entity", 0.0) >= SURE
    ]
    return (intent if _told(sure) else _as("inform")), sure


def _told(entities: List[Entity]) -> bool:
    return any(entity["entity"] == "return_reason" for entity in entities)


def _as(name: Text) -> Intent:
    return {"name": name, "confidence": 1.0}
