"""Where one message says several things: "la robe est déchirée et la lampe marche pas".

Each clause is read by itself, so that the business can tell what is said of which
product. What only the whole message tells belongs to no clause.
"""

import re
from typing import Any, Callable, Dict, List, Mapping, Sequence, Set, Text

MOST_CLAUSES = 8
SURE_ALONE = 0.7
WINDOW, STEP = 5, 2  # words
MOST_WINDOWS = 24
SURE_WITHIN = 0.9
BREAK = re.compile(
    r"[.;!?\n]+\s+|\n+|,\s+|\s+(?:et|mais|puis|and|but|then|while|tandis que)\s+",
    re.IGNORECASE,
)
WISHES = {"request_refund": "refund", "request_replacement": "replacement"}
# Intents of messages that may tell more than one reason or wish.
TELLING = frozenset(
    {"request_return", "give_reason", "complain", "withdraw_from_contract", *WISHES}
)
# A number elsewhere ("I bought 2") is no count of what comes back.
COUNTING = frozenset({"request_return", "withdraw_from_contract", "inform", *WISHES})

Parse = Mapping[Text, Any]


def split(text: Text) -> List[Text]:
    """The clauses of a text; one that is not cut at all is returned whole."""
    pieces = [piece.strip() for piece in BREAK.split(text)]
    found = [piece for piece in pieces if any(c.isalnum() for c in piece)]
    return found if 1 < len(found) <= MOST_CLAUSES else [text]


def read(
    whole: Parse, text: Text, parse: Callable[[List[Text]], Sequence[Parse]]
) -> List[Dict[Text, Any]]:
    """What each clause tells: text, reasons, resolution, quantity (None: none).

    whole: the reading of the whole message, which alone tells short messages.
    """
    if whole["intent"]["name"] not in TELLING:
        return [_told(text, whole)]
    pieces = split(text)
    known = set(_values(whole, "return_reason"))
    if len(pieces) == 1:
        clauses = [_told(text, whole)]
    else:
        clauses = [
            _told(piece, _surely(parsed, known))
            for piece, parsed in zip(pieces, parse(pieces), strict=True)
        ]
        clauses += _only_in_whole(whole, clauses)
    return clauses if known else _looked_into(clauses, parse)


def _looked_into(
    clauses: List[Dict[Text, Any]], parse: Callable[[List[Text]], Sequence[Parse]]
) -> List[Dict[Text, Any]]:
    """ "The lamp that I ordered for my grandson's birthday won't light up": no clause
    of a long message tells a reason, but a few words of one do, for sure.
    """
    if any(clause["reasons"] for clause in clauses):
        return clauses
    windows = [
        (place, words)
        for place, clause in enumerate(clauses)
        for words in _windows(clause["text"])
    ][:MOST_WINDOWS]
    if not windows:
        return clauses
    found = {
        (float(entity.get("confidence_entity", 0.0)), place, entity["value"])
        for (place, _), parsed in zip(
            windows, parse([words for _, words in windows]), strict=True
        )
        for entity in parsed["entities"]
        if entity["entity"] == "return_reason"
    }
    surest, there, reason = max(found, default=(0.0, 0, ""))
    if surest < SURE_WITHIN:
        return clauses
    return [
        {**clause, "reasons": [reason]} if place == there else clause
        for place, clause in enumerate(clauses)
    ]


def _windows(text: Text) -> List[Text]:
    """So many words at a time, most of them again; none of a short text."""
    words = text.split()
    last = len(words) - WINDOW
    if last <= STEP:
        return []
    starts = [*range(0, last, STEP), last]
    return [" ".join(words[start : start + WINDOW]) for start in starts]


def _surely(parsed: Parse, known: Set[Text]) -> Parse:
    """A clause has little to go by: a reason the whole does not tell must be sure."""
    kept = [
        entity
        for entity in parsed["entities"]
        if entity["entity"] != "return_reason"
        or entity["value"] in known
        or entity.get("confidence_entity", 0.0) >= SURE_ALONE
    ]
    return {**parsed, "entities": kept}


def _told(text: Text, parsed: Parse) -> Dict[Text, Any]:
    wishes = _values(parsed, "resolution") or _meant(parsed)
    reasons = _values(parsed, "return_reason")
    counts = reasons or parsed["intent"]["name"] in COUNTING
    quantities = _values(parsed, "quantity") if counts else []
    return {
        "text": text,
        "reasons": reasons,
        "resolution": wishes[0] if wishes else None,
        "quantity": quantities[0] if quantities else None,
    }


def _meant(parsed: Parse) -> List[Text]:
    wish = WISHES.get(str(parsed["intent"]["name"]))
    return [wish] if wish else []


def _only_in_whole(
    whole: Parse, clauses: Sequence[Mapping[Text, Any]]
) -> List[Dict[Text, Any]]:
    told = {reason for clause in clauses for reason in clause["reasons"]}
    wished = any(clause["resolution"] for clause in clauses)
    rest = _told("", whole)
    rest["quantity"] = None
    rest["reasons"] = [r for r in rest["reasons"] if r not in told] if not told else []
    if wished:
        rest["resolution"] = None
    return [rest] if rest["reasons"] or rest["resolution"] else []


def _values(parsed: Parse, entity: Text) -> List[Any]:
    found = (e["value"] for e in parsed["entities"] if e["entity"] == entity)
    return list(dict.fromkeys(found))
