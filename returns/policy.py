"""The return policy: draft + order + shop + today -> decision. Pure.

Rule ids are those of the Code de la consommation digest in docs/policy.md
(W withdrawal L221-18 ff., C conformity L217-3 ff., D delivery L216-1 ff.). What no
rule here covers is `review`: a person decides, the bot never refuses (N5).
"""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from returns import deadlines
from returns.grounds import (
    FAULTS,
    GUARANTEE_YEARS,
    RESCIND_AT_ONCE,
    WITHDRAWAL_REASONS,
    Case,
    History,
    by_ground,
)
from returns.model import (
    Deadlines,
    Decision,
    DeclineReason,
    Disposition,
    Draft,
    DraftLine,
    Ground,
    Liable,
    LineDecision,
    Order,
    OrderStatus,
    Outcome,
    Recourse,
    Resolution,
    ReturnPayer,
    ReturnReason,
)
from returns.shop import Shop

__all__ = ["FAULTS", "RESCIND_AT_ONCE", "History", "decide"]


def decide(
    draft: Draft, order: Order, shop: Shop, history: History, now: datetime
) -> Decision:
    """The decision for everything in the draft, as things stand at `now`."""
    case = Case(draft, order, shop, history, now)
    lines = tuple(_decide_line(case, line) for line in draft.lines)
    delivery = _delivery_refund(case, lines)
    lines = _within_captured(case, lines, delivery)
    return _decision(case, lines, delivery)


def _decide_line(case: Case, line: DraftLine) -> LineDecision:
    order_line = case.order.line(line.line_id)
    free = case.history.free_units(order_line)
    wanted = line.quantity or 1
    units = free[:wanted]
    amounts = order_line.unit_amounts()
    primary, others = _primary(line.reasons)
    blank = LineDecision(
        line_id=line.line_id,
        units=units,
        reason=primary,
        other_reasons=others,
        outcome=Outcome.REVIEW,
        ground=None,
        justified=False,
        liable=Liable.CUSTOMER,
        recourse=Recourse.NONE,
        payer=ReturnPayer.NONE,
        disposition=Disposition.RETURN,
        remedies=(),
        resolution=line.resolution,
        refund_minor=sum(amounts[unit - 1] for unit in units),
        rules=(),
    )
    refused = _before_any_ground(case, len(units) < wanted)
    if refused is not None:
        return replace(blank, decline_reason=refused)
    return _settle_wish(by_ground(case, order_line, primary, blank))


def _before_any_ground(case: Case, too_few: bool) -> DeclineReason | None:
    """What a person must look at whatever the reason; None when nothing."""
    if too_few or case.order.status in (OrderStatus.REFUNDED, OrderStatus.CANCELLED):
        return DeclineReason.ALREADY_RETURNED
    if case.order.customer.is_business:
        return DeclineReason.BUSINESS_BUYER
    return None


def _settle_wish(line: LineDecision) -> LineDecision:
    """A wish that the law does not give outright is for a person."""
    if line.outcome is not Outcome.ALLOW:
        return line
    if line.resolution is None:
        return replace(line, outcome=Outcome.ASK)
    if line.resolution not in line.remedies:
        return replace(line, outcome=Outcome.REVIEW)
    return line


def _primary(
    reasons: tuple[ReturnReason, ...],
) -> tuple[ReturnReason | None, tuple[ReturnReason, ...]]:
    """The reason that serves the customer best first, whatever order they came in."""
    if not reasons:
        return None, ()
    ranked = sorted(set(reasons), key=_rank)
    return ranked[0], tuple(ranked[1:])


def _rank(reason: ReturnReason) -> tuple[int, str]:
    if reason in RESCIND_AT_ONCE or reason is ReturnReason.NOT_DELIVERED:
        return 0, reason.value
    if reason is not None and reason in FAULTS:
        return 1, reason.value
    return (2 if reason in WITHDRAWAL_REASONS else 3), reason.value


def _delivery_refund(case: Case, lines: tuple[LineDecision, ...]) -> int:
    """The delivery, once, when no unit of the order stays with the customer (W12)."""
    refunded = [
        line
        for line in lines
        if line.outcome is Outcome.ALLOW and line.resolution is Resolution.REFUND
    ]
    if not refunded or case.history.delivery_refunded:
        return 0
    leaving = {line.line_id: set(line.units) for line in refunded}
    for line in case.order.lines:
        if set(case.history.free_units(line)) - leaving.get(line.line_id, set()):
            return 0
    order = case.order
    if any(line.ground is Ground.WITHDRAWAL for line in refunded):
        return min(order.shipping_paid_minor, order.shipping_standard_minor)
    return order.shipping_paid_minor


def _within_captured(
    case: Case, lines: tuple[LineDecision, ...], delivery: int
) -> tuple[LineDecision, ...]:
    """More than was captured is never promised: a person looks first."""
    refunded = [line for line in lines if line.resolution is Resolution.REFUND]
    goods = sum(line.refund_minor for line in refunded)
    left = case.order.captured_minor - case.history.refunded_minor
    unclear = any(prior.line_id is None for prior in case.order.refunded)
    if goods + delivery <= left and not unclear:
        return lines
    return tuple(
        replace(line, outcome=Outcome.REVIEW)
        if line.outcome is Outcome.ALLOW and line.resolution is Resolution.REFUND
        else line
        for line in lines
    )


def _decision(case: Case, lines: tuple[LineDecision, ...], delivery: int) -> Decision:
    outcome = _worst(lines)
    if outcome is Outcome.REVIEW and not _any_allowed(lines):
        delivery = 0
    rules = tuple(sorted({rule for line in lines for rule in line.rules}))
    return Decision(
        order_number=case.order.order_number,
        currency=case.order.currency,
        outcome=outcome,
        lines=lines,
        payer=_payer(lines),
        delivery_refund_minor=delivery,
        deadlines=_deadlines(case, lines),
        notices=tuple(sorted({n for line in lines for n in _notices(line)})),
        rules=rules,
        hash=_hash(case, lines, delivery),
    )


def _any_allowed(lines: tuple[LineDecision, ...]) -> bool:
    return any(line.outcome is Outcome.ALLOW for line in lines)


def _worst(lines: tuple[LineDecision, ...]) -> Outcome:
    outcomes = {line.outcome for line in lines}
    if Outcome.ASK in outcomes or not outcomes:
        return Outcome.ASK
    return Outcome.REVIEW if Outcome.REVIEW in outcomes else Outcome.ALLOW


def _payer(lines: tuple[LineDecision, ...]) -> ReturnPayer:
    """Merchant if it is for any line: one parcel has one sender."""
    payers = {line.payer for line in lines}
    for payer in (ReturnPayer.MERCHANT, ReturnPayer.CUSTOMER):
        if payer in payers:
            return payer
    return ReturnPayer.NONE


def _deadlines(case: Case, lines: tuple[LineDecision, ...]) -> Deadlines:
    zone = case.shop.time_zone
    back = any(line.disposition is Disposition.RETURN for line in lines)
    replaced = any(line.resolution is Resolution.REPLACEMENT for line in lines)
    first = case.received_at
    return Deadlines(
        withdrawal_ends=case.withdrawal_ends,
        guarantee_ends=first and deadlines.plus_years_end(first, GUARANTEE_YEARS, zone),
        ship_by=deadlines.ship_by(case.statement_at, zone) if back else None,
        refund_by=deadlines.refund_by(case.statement_at, zone),
        replace_by=deadlines.plus_days_end(case.now, 30, zone) if replaced else None,
    )


def _notices(line: LineDecision) -> tuple[str, ...]:
    """Explanations of domain.yml that the customer must have read."""
    ground = line.ground.value if line.ground else "none"
    if line.outcome is Outcome.REVIEW:
        return ("review",)
    return (f"{ground}_{line.payer.value}",)


def _hash(case: Case, lines: tuple[LineDecision, ...], delivery: int) -> str:
    """Of all that a yes agrees to: goods, remedy, money, who pays."""
    agreed = [
        case.draft.draft_id,
        case.order.order_number,
        case.order.currency,
        delivery,
        [
            [
                line.line_id,
                line.units,
                line.reason,
                line.outcome,
                line.ground,
                line.resolution,
                line.payer,
                line.disposition,
                line.refund_minor,
            ]
            for line in sorted(lines, key=lambda line: line.line_id)
        ],
    ]
    return hashlib.sha256(json.dumps(agreed).encode()).hexdigest()[:32]
