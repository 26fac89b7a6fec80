"""What was missing and is told of as here. Pure."""

from dataclasses import replace

from returns.model import Draft, ReturnReason

MISSING = frozenset({ReturnReason.NOT_DELIVERED, ReturnReason.DELIVERED_NOT_RECEIVED})
# Nobody knows so of what has not come.
IN_HAND = frozenset(
    {
        ReturnReason.TOO_SMALL,
        ReturnReason.TOO_LARGE,
        ReturnReason.COLOR_OR_STYLE,
        ReturnReason.NOT_COMPATIBLE,
        ReturnReason.NOT_AS_DESCRIBED,
        ReturnReason.POOR_QUALITY,
        ReturnReason.DEFECTIVE_ON_ARRIVAL,
        ReturnReason.FAILED_LATER,
        ReturnReason.DAMAGED_IN_TRANSIT,
        ReturnReason.MISSING_PARTS,
        ReturnReason.WRONG_ITEM,
    }
)


def here_after_all(before: Draft, draft: Draft) -> Draft:
    """ "Where is my lamp?", then "it came, but cracked": nothing is missing now."""
    known = {line.line_id: line.reasons for line in before.lines}
    lines = tuple(
        replace(line, reasons=_found(known.get(line.line_id, ()), line.reasons))
        for line in draft.lines
    )
    return replace(draft, lines=lines, reasons=_found(before.reasons, draft.reasons))


def _found(
    known: tuple[ReturnReason, ...], told: tuple[ReturnReason, ...]
) -> tuple[ReturnReason, ...]:
    fresh = set(told) - set(known)
    if not fresh & IN_HAND or fresh & MISSING:
        return told
    return tuple(reason for reason in told if reason not in MISSING)
