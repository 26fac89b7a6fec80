"""What a customer's message changes in the draft. Pure.

What is said before the order is known waits as `unplaced` clauses and is told of the
order's lines as soon as there are any (placing.py).
"""

import re
from dataclasses import replace
from datetime import datetime

from returns import keys
from returns.model import Clause, Draft, Heard, Resolution, ReturnReason
from returns.services import details, naming, proofs, turned_up
from returns.services.placing import (
    Goods,
    Manner,
    fresh_line,
    keep_for_later,
    place,
    settle,
    with_lines,
    without_taken_back,
)

__all__ = ["OPENERS", "Goods", "apply", "hesitates", "settle", "told_something"]

WISHES = {
    "request_refund": Resolution.REFUND,
    "request_replacement": Resolution.REPLACEMENT,
}
OPENERS = frozenset(
    {
        "request_return",
        "request_refund",
        "request_replacement",
        "withdraw_from_contract",
        "give_reason",
        "inform",
        "affirm",
        "deny",
    }
)
NOTHING_TO_REPAIR = frozenset(
    {
        ReturnReason.WRONG_ITEM,
        ReturnReason.EXTRA_ITEM,
        ReturnReason.NOT_DELIVERED,
        ReturnReason.DELIVERED_NOT_RECEIVED,
        ReturnReason.ARRIVED_LATE,
    }
)
# A complaint opens nothing, but the reason in it is not asked again.
TELLING = OPENERS | {"complain"}
HESITATION = re.compile(
    r"\b(mais|sauf|par contre|attendez?|but|except|however|wait|hold on)\b"
)
SIGNS_OF_YES = re.compile("[👍👌✅✔🆗]")


def apply(draft: Draft, heard: Heard, now: datetime, goods: Goods | None) -> Draft:
    """The draft after this message; goods None: the order is not proved yet."""
    heard = _as_asked(draft, _without_idle_repair(heard))
    draft = proofs.identify(draft, heard)
    if heard.intent not in TELLING:
        return draft
    goods = goods if draft.granted else None
    before = draft
    draft = _state_withdrawal(draft, heard, now)
    draft = _choose_lines(draft, heard, goods)
    draft = _answer_open_question(draft, heard, goods, now)
    draft = turned_up.here_after_all(before, _hear_clauses(draft, heard, goods))
    draft = _keep_pictures(draft, heard)
    return _reconsider(draft, heard)


def told_something(before: Draft, after: Draft) -> bool:
    """Whether more than words without a meaning of their own was kept."""
    meaning = [c for c in after.unplaced if c.reasons or c.resolution or c.quantity]
    quiet = replace(after, unplaced=before.unplaced)
    new = any(clause not in before.unplaced for clause in meaning)
    return quiet != before or new


def hesitates(text: str) -> bool:
    """Whether a yes is held back by something ("oui mais...")."""
    return HESITATION.search(naming.plain(text)) is not None


def says_something(text: str) -> bool:
    """Whether a yes can be in it: "..." and 🤔 are none. A button may have no text."""
    return not text or bool(naming.plain(text) or SIGNS_OF_YES.search(text))


def _as_asked(draft: Draft, heard: Heard) -> Heard:
    """Without the reason that words seem to tell which say something else."""
    if _names_another_order(draft, heard):  # "wrong order, I meant FR-1043"
        heard = _without(heard, ReturnReason.ORDERED_BY_MISTAKE)
    if draft.asked == "code":  # "nothing has come yet": the mail, not the parcel
        return _without(heard, ReturnReason.NOT_DELIVERED)
    if heard.no_reason:  # "I'd rather not say" is no change of mind
        return _without(heard, ReturnReason.CHANGED_MIND)
    return heard


def _without_idle_repair(heard: Heard) -> Heard:
    """ "I got another size, fix it" asks for a solution, not for a workshop."""
    if not heard.reasons or not NOTHING_TO_REPAIR.issuperset(heard.reasons):
        return heard
    clauses = tuple(
        replace(clause, resolution=_unless_repair(clause.resolution))
        for clause in heard.clauses
    )
    wish = _unless_repair(heard.resolution)
    return replace(heard, resolution=wish, clauses=clauses)


def _unless_repair(wish: Resolution | None) -> Resolution | None:
    return None if wish is Resolution.REPAIR else wish


def _names_another_order(draft: Draft, heard: Heard) -> bool:
    number, known = heard.order_number, draft.order_number
    return bool(number and known and not keys.same_order(number, known))


def _without(heard: Heard, unmeant: ReturnReason) -> Heard:
    clauses = tuple(
        replace(clause, reasons=tuple(r for r in clause.reasons if r != unmeant))
        for clause in heard.clauses
    )
    reasons = tuple(reason for reason in heard.reasons if reason != unmeant)
    return replace(heard, reasons=reasons, clauses=clauses)


def _state_withdrawal(draft: Draft, heard: Heard, now: datetime) -> Draft:
    if heard.intent != "withdraw_from_contract":
        return draft
    return replace(
        _set_wish(draft, Resolution.REFUND), withdrawal_at=draft.withdrawal_at or now
    )


def _choose_lines(draft: Draft, heard: Heard, goods: Goods | None) -> Draft:
    chosen = list(heard.line_ids)
    if not chosen and goods is not None and draft.asked == "lines":
        chosen = naming.line_chosen(heard.text, goods.free)
    if not chosen:
        return draft
    known = {line.line_id: line for line in draft.lines}
    fresh = (known.get(line_id) or fresh_line(draft, line_id) for line_id in chosen)
    return with_lines(draft, fresh)


def _answer_open_question(
    draft: Draft, heard: Heard, goods: Goods | None, now: datetime
) -> Draft:
    """What only the question makes clear: a count, a detail, a variant, "no photo"."""
    if heard.no_reason:
        draft = replace(draft, no_reason_given=True, changing=False)
    if draft.asked == "quantity" and heard.quantity is not None:
        draft = _count(draft, heard.quantity)
    elif goods is not None and draft.asked in ("detail", "photo", "resolution"):
        draft = details.answered(draft, heard, now)
    variant = heard.replacement_sku or _named_variant(draft, heard, goods)
    if variant is not None:
        draft = _choose_variant(draft, variant)
    return draft


def _count(draft: Draft, quantity: int) -> Draft:
    uncounted = [line for line in draft.lines if line.quantity is None]
    target = uncounted[0] if uncounted else draft.lines[0] if draft.lines else None
    lines = (
        replace(line, quantity=quantity) if line is target else line
        for line in draft.lines
    )
    return with_lines(draft, lines)


def _named_variant(draft: Draft, heard: Heard, goods: Goods | None) -> str | None:
    """The sku that the words name, for the first line that gets a new one."""
    if goods is None or heard.pressed:
        return None
    for line in draft.lines:
        if line.resolution in details.NEEDS_VARIANT or draft.asked == "variant":
            own = goods.order.line(line.line_id).sku
            product = goods.product(line.line_id)
            found = naming.variant_named(heard.text, product, own)
            return found.sku if found else None
    return None


def _choose_variant(draft: Draft, sku: str) -> Draft:
    open_ones = [
        line
        for line in draft.lines
        if line.resolution in details.NEEDS_VARIANT and line.replacement_sku is None
    ]
    targets = open_ones[:1] or [
        line for line in draft.lines if line.resolution in details.NEEDS_VARIANT
    ]
    lines = (
        replace(line, replacement_sku=sku) if line in targets else line
        for line in draft.lines
    )
    return with_lines(draft, lines)


def _hear_clauses(draft: Draft, heard: Heard, goods: Goods | None) -> Draft:
    clauses = heard.clauses or (_whole(heard),)
    manner = Manner.of(heard.text)
    if draft.changing:
        manner = replace(manner, correcting=True)
    clauses, manner = without_taken_back(draft, clauses, manner)
    if goods is None:
        return keep_for_later(draft, clauses, manner)
    return place(draft, clauses, goods, manner)


def _whole(heard: Heard) -> Clause:
    wish = heard.resolution or WISHES.get(heard.intent)
    quantity = None if heard.pressed else heard.quantity
    return Clause(heard.text, heard.reasons, wish, quantity)


def _set_wish(draft: Draft, wish: Resolution) -> Draft:
    draft = replace(draft, resolution=wish)
    lines = (
        replace(line, resolution=wish, replacement_sku=None) for line in draft.lines
    )
    return with_lines(draft, lines)


def _keep_pictures(draft: Draft, heard: Heard) -> Draft:
    """Pictures belong to the line with a fault, or wait for one."""
    if not heard.upload_ids:
        return draft
    if not draft.lines:
        return replace(draft, upload_ids=(*draft.upload_ids, *heard.upload_ids))
    target = details.shown_line(draft)
    lines = (
        replace(line, upload_ids=(*line.upload_ids, *heard.upload_ids))
        if line.line_id == target
        else line
        for line in draft.lines
    )
    return with_lines(draft, lines)


def _reconsider(draft: Draft, heard: Heard) -> Draft:
    """A bare no to the recap, or the part of it that shall change."""
    if heard.change is not None:
        return replace(_forget(draft, heard.change), changing=False, recap=None)
    unclear = heard.intent == "deny" or hesitates(heard.text)
    if draft.asked == "confirmation" and unclear and not _changed_by(heard):
        return replace(draft, changing=True, recap=None)
    return draft


def _changed_by(heard: Heard) -> bool:
    """Whether the message itself says what shall be different."""
    said = heard.reasons or heard.resolution or heard.line_ids or heard.replacement_sku
    clauses = any(c.reasons or c.resolution or c.quantity for c in heard.clauses)
    return bool(said or clauses or heard.quantity or heard.order_number)


def _forget(draft: Draft, part: str) -> Draft:
    if part == "lines":
        return replace(draft, lines=(), unplaced=(), quantity=None, asked="lines")
    if part == "reason":
        lines = tuple(
            replace(line, reasons=(), detail=None, used=None) for line in draft.lines
        )
        return replace(draft, lines=lines, reasons=(), no_reason_given=False)
    if part == "resolution":
        lines = tuple(
            replace(line, resolution=None, replacement_sku=None) for line in draft.lines
        )
        return replace(draft, lines=lines, resolution=None, withdrawal_at=None)
    if part == "quantity":
        lines = tuple(replace(line, quantity=None) for line in draft.lines)
        return replace(draft, lines=lines, quantity=None)
    return draft
