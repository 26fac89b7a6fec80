"""A bare answer to the question that is open: "5", "la deuxième", "non merci".

What nothing in the words tells, the question does. Each reader gets the text and
returns the entities it found, or nothing; NLU's own findings stay.
"""

import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Text

from bot.components.patterns import COUNTS

# What NLU says when it does not know; an answer found here is "inform" then.
UNSURE = frozenset({"nlu_fallback", "out_of_scope"})
# Wishes of their own, which even a clear answer to the question does not hide.
OWN_WISHES = frozenset(
    {
        "talk_to_human",
        "report_danger",
        "cancel_return",
        "cancel_order",
        "start_over",
        "withdraw_from_contract",
    }
)
# Nothing but the answer to the question is said in such words.
DECISIVE = frozenset({"code", "postcode", "surname", "proof", "no_number"})

ALL_UNITS = 99  # more than any order line holds: the business takes all there are
ALL_OF_THEM = re.compile(
    r"\b(?:tou(?:te)?s|tout|l'ensemble|all|both|every(?:thing)?|the lot)\b", re.I
)
# "One" and "un" are seldom counts; as a whole answer NLU reads them.
JUST_ONE = re.compile(
    r"\b(?:une?|one)\s+(?:seule?|only|single)\b|\b(?:juste|just|only|seulement)\s+(?:une?"
    r"|one)\b|\bqu['’e]\s?(?:une?)\b|^\W*(?:(?:oui|yes|euh|uh|well)\W+)?(?:une?|one)\b",
    re.IGNORECASE,
)
SPELT = re.compile(
    rf"(?<!not )(?<!pas )\b({'|'.join(w for w, n in COUNTS.items() if n > 1)})\b", re.I
)
UNTOLD = re.compile(
    r"(?:pr[eé]f[eè]re|souhaite|veux|envie d[e']) (?:pas|ne pas|ne rien)"
    r"|(?:sans|pas de|aucune?) (?:raison|motif|justif\w+)"
    r"|(?:pas|rien) [aà] (?:me )?justifier|[cç]a (?:ne )?(?:vous|te) regarde pas"
    r"|(?:rather|prefer) not|no (?:particular )?reason|none of your business"
    r"|don'?t (?:want|wish|have) to (?:say|tell|explain)",
    re.IGNORECASE,
)
NOTHING = re.compile(
    r"^\W*(?:non|no|nope|nan|passer|skip|rien|je (?:ne )?sais pas"
    r"|(?:i )?don'?t know)\b",
    re.IGNORECASE,
)
NO_PICTURE = re.compile(
    r"\b(?:pas|aucune?|sans|plus|no|without)(?: any| une?)? (?:de )?"
    r"(?:photos?|images?|pictures?|pics?)|je (?:ne )?(?:peux|veux) pas"
    r"|\b(?:can'?t|don'?t|do not|cannot|won'?t)\b",
    re.IGNORECASE,
)

Entities = Dict[Text, Any]
Reader = Callable[[Text], Optional[Entities]]


def read(expects: Optional[Text], text: Text) -> Entities:
    """Entities by name that the text gives to a question which expects this."""
    reader = READERS.get(expects or "")
    return (reader(text) if reader else None) or {}


def answers(entities: Entities, intent: Optional[Text]) -> bool:
    """Whether the message is the answer, whatever else NLU thought it might be."""
    if not entities or intent in OWN_WISHES:
        return False
    return intent in UNSURE or not DECISIVE.isdisjoint(entities)


def as_parsed(entities: Entities) -> List[Dict[Text, Any]]:
    """The entities as NLU would list them."""
    return [
        {"entity": name, "value": value, "extractor": "Expected"}
        for name, value in entities.items()
    ]


def _quantity(text: Text) -> Optional[Entities]:
    if ALL_OF_THEM.search(text):
        return {"quantity": ALL_UNITS}
    found = re.search(r"(?<![\w.,])(\d{1,2})(?![\w.,]*\d)", text)
    if found:
        return {"quantity": int(found.group(1))}
    spelt = SPELT.search(text)
    if spelt:
        return {"quantity": COUNTS[spelt.group(1).lower()]}
    ones = re.findall(r"\b(?:une?|one)\b", text, re.IGNORECASE)
    return {"quantity": 1} if len(ones) == 1 and JUST_ONE.search(text) else None


def _reason(text: Text) -> Optional[Entities]:
    return {"no_reason": "yes"} if UNTOLD.search(text) else None


def _photo(text: Text) -> Optional[Entities]:
    without = NOTHING.search(text) or NO_PICTURE.search(text)
    return {"skip": "yes"} if without else None


def _detail(text: Text) -> Optional[Entities]:
    if NOTHING.search(text):
        return {"skip": "yes"}
    return None if text.rstrip().endswith("?") else {"detail": text}


# Proving an order: what nobody says who simply gives what was asked.
ANOTHER_WAY = re.compile(
    r"\bplus\s+(?:acc[eè]s|cette|cet|l['’]adresse|la|le\b)|\bl['’]ai\s+plus\b"
    r"|\bperdu|\boubli|\bautre(?:ment|\s+(?:moyen|fa[cç]on))\b|\bsouviens\b"
    r"|\brappelle\s+(?:plus|pas)\b|\bsais\s+(?:plus|pas)\b|\bno\s+longer\b"
    r"|\bdon['’]?t\s+(?:have|remember|know)\b|\blost\b|\bforg[oe]t"
    r"|\b(?:another|other)\s+way\b|\bcan['’]?t\s+(?:access|get\s+into|remember)\b",
    re.IGNORECASE,
)
# « Je ne le trouve pas » of the number; of parcel and money it says something else.
LONGEST_NO_NUMBER = 14  # words
NUMBER_WORD = re.compile(
    r"\b(?:num[eé]ros?|num|r[eé]f(?:[eé]rences?)?|numbers?|references?)\b|n°",
    re.IGNORECASE,
)
GOODS_WORD = re.compile(
    r"\b(?:colis|commandes?|argent|remboursement|parcels?|packages?|orders?|money|refund)\b",
    re.IGNORECASE,
)
NO_NUMBER = re.compile(
    r"\b(?:pas|plus|aucun|sans|jamais)\b.{0,24}(?:\bnum|n°|\br[eé]f)"
    r"|\b(?:re?trouve|souvien[st]?|rappelle|sais)\s+(?:pas|plus)\b|\bperdu|\boubli"
    r"|\bo[uù]\b.{0,24}\b(?:num[eé]ro|trouv\w+|[cç]a|voi[rst]|est[- ]il|il est)\b"
    r"|c['’]?\s?est (?:o[uù]|quoi|lequel)\b|\bil est o[uù]\b|\bcomment\b.{0,24}\btrouv"
    r"|\bquel(?:le)? (?:num|r[eé]f)|\b(?:what|which) (?:order )?number"
    r"|\b(?:no|without|lost|forg[oe]t\w*|deleted?)\b.{0,24}\b(?:number|reference|it"
    r"|e-?mail)\b|\b(?:can['’]?t|cannot|can not|don['’]?t|didn['’]?t|haven['’]?t|not)\b"
    r".{0,12}\b(?:find|have|know|remember|got)\b"
    r"|\b(?:where|how)\b.{0,24}\b(?:find|see|get|number|that|it)\b",
    re.IGNORECASE,
)
CODE_WISH = re.compile(r"\bcode\b(?!\s*postal)", re.IGNORECASE)
TYPED_CODE = re.compile(r"(?<![\w.,-])\d(?:[ .-]?\d){3,8}(?![\w]|[.,-]\d)")
POSTCODE = re.compile(
    r"(?<!\w)(?:[a-z]{1,2}-)?(\d{2}\s?\d{3}|\d{4}"
    r"|[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2})(?!\w)",
    re.IGNORECASE,
)
NAME_LEAD = re.compile(
    r"^\W*(?:(?:c['’]?\s?est|it['’]?s|oui|yes|le\s+nom\s+est|mon\s+nom\s+est|my\s+name\s+is"
    r"|au\s+nom\s+de|je\s+m['’]appelle|nom|surname|name)\b[\s,:]*)*",
    re.IGNORECASE,
)
NAME = re.compile(r"[^\W\d_]+(?:[\s'’.-]+[^\W\d_]+){0,3}")
NO_NAME = re.compile(
    r"\b(?:oui|non|yes|no|ok|merci|thanks?|bonjour|hello|pourquoi|why|quoi|what|comment"
    r"|how|je|j|i|vous|you|humain|human|conseiller|personne|person|someone|quelqu|stop"
    r"|annule\w*|cancel|pas|not|sais|know|aide|help|code)\b",
    re.IGNORECASE,
)


def _proof(text: Text) -> Optional[Entities]:
    if CODE_WISH.search(text):
        return {"proof": "code"}
    return {"proof": "address"} if ANOTHER_WAY.search(text) else None


def _no_number(text: Text) -> Optional[Entities]:
    if CODE_WISH.search(text):
        return {"proof": "code"}
    short = len(text.split()) <= LONGEST_NO_NUMBER
    elsewhere = GOODS_WORD.search(text) and not NUMBER_WORD.search(text)
    missing = short and not elsewhere and NO_NUMBER.search(text)
    return {"no_number": "yes"} if missing else None


def _code_wish(text: Text) -> Optional[Entities]:
    return {"proof": "code"} if CODE_WISH.search(text) else None


def _code(text: Text) -> Optional[Entities]:
    found = TYPED_CODE.search(text)
    if found is None:
        return _code_wish(text)
    return {"code": re.sub(r"\D", "", found.group())}


def _postcode(text: Text) -> Optional[Entities]:
    found = POSTCODE.search(text)
    return {"postcode": found.group(1).upper()} if found else _code_wish(text)


def _surname(text: Text) -> Optional[Entities]:
    said = NAME_LEAD.sub("", text).strip(" .,!;:")
    if NAME.fullmatch(said) and not NO_NAME.search(said):
        return {"surname": said}
    return _code_wish(text)


READERS: Mapping[Text, Reader] = {
    "quantity": _quantity,
    "reason": _reason,
    "photo": _photo,
    "detail": _detail,
    "order_number": _no_number,
    "email": _proof,
    "postcode": _postcode,
    "surname": _surname,
    "code": _code,
}
