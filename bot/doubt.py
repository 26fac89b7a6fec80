"""Between understood and not: which of two is meant is asked, not guessed.

Below SURE a reading is wrong as often as right, yet one of the two likeliest is right
four times in five (docs/understanding.md). Buttons cost the customer less than a wrong
answer, so both are offered. Inside the form and after a question of ours nothing is
asked: there an answer that tells nothing is refused anyway.
"""

from typing import Any, Dict, List, Optional, Text

from bot.scoring.neighbours import same_answer

SURE = 0.5
SECOND_WITNESS = 0.5  # so sure a reason makes the reading sure
# What a button can stand for by itself, without a fact that only words tell.
OFFERED = frozenset(
    {
        "request_return",
        "request_refund",
        "request_replacement",
        "cancel_return",
        "cancel_order",
        "ask_refund_status",
        "ask_order_status",
        "ask_return_policy",
        "ask_return_address",
    }
)
# Who tells what is wrong is offered a return, with the reasons that were heard.
MEANT = {"give_reason": "request_return"}
# Words that are kept only if we act: what identifies somebody or something.
TELLING = frozenset({"order_number", "email", "postcode", "surname", "tracking_number"})

Intent = Dict[Text, Any]


def read(
    intent: Intent, ranking: List[Intent], entities: List[Dict[Text, Any]]
) -> Intent:
    """`intent`, or the one of a message not understood when two are about as likely.

    ranking: the likeliest first, as NLU gave it; entities: all that were found.
    """
    if intent["confidence"] >= SURE or any(map(_is_clear, entities)):
        return intent
    two = [one["name"] for one in ranking[:2]]
    if not _worth_asking(*two):
        return intent
    return {"name": "nlu_fallback", "confidence": intent["confidence"]}


def meant_by(name: Text) -> Optional[Text]:
    """The intent of the button that offers `name`; None: no button can."""
    meant = MEANT.get(name, name)
    return meant if meant in OFFERED else None


def _is_clear(entity: Dict[Text, Any]) -> bool:
    if entity["entity"] == "return_reason":
        return bool(entity.get("confidence_entity", 0.0) >= SECOND_WITNESS)
    return entity["entity"] in TELLING


def _worth_asking(first: Text, second: Text = "") -> bool:
    """Danger, withdrawal, anger and the like are heard at once, however unsure."""
    known = all(n == "out_of_scope" or meant_by(n) for n in (first, second))
    return known and not same_answer(first, second)
