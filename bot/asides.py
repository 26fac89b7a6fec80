"""Answers to questions that are no part of the form: a rating, a tracking number.

The form's own questions are bot/expected.py's. What is asked here is known from the
desk's transcript, so that an old question is never answered by accident.
"""

import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Text, Tuple

Entities = Dict[Text, Any]
Intent = Dict[Text, Any]

RATING, COMMENT, TRACKING, LATE = "rating", "comment", "tracking_number", "late"
# Intents that say nothing of their own when one of these questions is open.
QUIET = frozenset(
    {
        "nlu_fallback",
        "out_of_scope",
        "inform",
        "give_reason",
        "complain",
        "thank",
        "affirm",
        "greet",
        "goodbye",
    }
)
LATE_ANSWERS = frozenset(
    {"affirm", "request_return", "request_refund", "request_replacement"}
)
BEST = 5
NUMBERS = {
    "un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3,
    "quatre": 4, "four": 4, "cinq": 5, "five": 5,
}  # fmt: skip
OUT_OF = re.compile(r"(\d{1,2})(?:[.,]\d+)?\s*(?:/|sur|out of|on)\s*(\d{1,2})\b")
ALONE = re.compile(r"\d{1,2}")
LONGEST_RATING = 6  # words; a longer text is not just a rating
LONGEST_SPELT = 2  # « un bon service » is no 1


def asked(expects: Optional[Text], aside: Optional[Text]) -> Optional[Text]:
    """Which of our questions the customer has before them; None: none of ours.

    aside: the slot of this name.
    """
    if expects in (RATING, TRACKING, LATE):
        return expects
    about_comment = (aside or "").startswith(COMMENT)
    return COMMENT if expects == "detail" and about_comment else None


def read(
    question: Text, text: Text, intent: Intent, entities: List[Entities]
) -> Tuple[Intent, Entities]:
    """The intent and the entities that this answer adds; unchanged when it is none."""
    if question == TRACKING and any(e["entity"] == TRACKING for e in entities):
        return {"name": "give_tracking_number", "confidence": 1.0}, {}
    if question == LATE:
        return _late(intent, entities)
    given = _READERS[question](text) if intent["name"] in QUIET else None
    if not given:
        return intent, {}
    name = "give_tracking_number" if question == TRACKING else "inform"
    return {"name": name, "confidence": 1.0}, given


def _late(intent: Intent, entities: List[Entities]) -> Tuple[Intent, Entities]:
    """A yes, or a wish, to "it is late, shall I act?" is about its not being there."""
    told = any(e["entity"] == "return_reason" for e in entities)
    if told or intent["name"] not in LATE_ANSWERS:
        return intent, {}
    name = "give_reason" if intent["name"] == "affirm" else intent["name"]
    return {"name": name, "confidence": 1.0}, {"return_reason": "not_delivered"}


def _rating(text: Text) -> Optional[Entities]:
    """ "5", "4/5", "cinq", "8 sur 10" (halved), "★★★"; else None."""
    said = text.casefold().strip()
    stars = max(said.count("★"), said.count("⭐"))
    if stars:
        return {RATING: min(stars, BEST)}
    if len(said.split()) > LONGEST_RATING:
        return None
    scaled = OUT_OF.search(said)
    if scaled and int(scaled[2]) > 0:
        share = min(int(scaled[1]) / int(scaled[2]), 1.0)
        return {RATING: max(1, round(share * BEST))}
    found = [int(n) for n in ALONE.findall(said)]
    if len(said.split()) <= LONGEST_SPELT:
        found += [NUMBERS[w] for w in re.findall(r"\w+", said) if w in NUMBERS]
    if len(found) != 1 or not 1 <= found[0] <= BEST:
        return None
    return {RATING: found[0]}


def _comment(text: Text) -> Optional[Entities]:
    return {COMMENT: text} if text.strip() else None


def _tracking(text: Text) -> Optional[Entities]:
    """Letters and digits with at least six digits, as it was typed."""
    for word in sorted(re.findall(r"[\w][\w .\-]{5,38}\w", text), key=len)[::-1]:
        if sum(c.isdigit() for c in word) >= 6:
            return {TRACKING: word.strip()}
    return None


_READERS: Mapping[Text, Callable[[Text], Optional[Entities]]] = {
    RATING: _rating,
    COMMENT: _comment,
    TRACKING: _tracking,
}
