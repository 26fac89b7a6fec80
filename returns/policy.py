"""The return policy: draft + order + shop + products + now -> decision. Pure.

Rule ids are those of docs/policy.md (W and X withdrawal, C conformity, H hidden defect,
D delivery, P danger, UK, US, S the shop's own). What no rule covers is `review`: a
person decides, the bot never refuses (N5).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from returns import deadlines
from returns.grounds import (
    FAULTS,
    RESCIND_AT_ONCE,
    Case,
    History,
    Matter,
    best_ground,
)
from returns.grounds.case import GUARANTEE_YEARS
from returns.grounds.economics import (
    UNWANTED,
    for_the_merchant,
    keep_what_is_not_worth_it,
)
from returns.grounds.explaining import notices
from returns.model import (
    Deadlines,
    Decision,
    DeclineReason,
    Disposition,
    Draft,
    DraftLine,
    Liable,
    LineDecision,
    Order,
    OrderStatus,
    Outcome,
    Product,
    Recourse,
    Resolution,
    ReturnPayer,
    ReturnReason,
)
from returns.shop import Shop

__all__ = [
    "FAULTS",
    "RESCIND_AT_ONCE",
    "History",
    "decide",
    "parcel_payer",
    "parcels",
]

NO_PRODUCTS: Mapping[str, Product] = MappingProxyType({})


def decide(
    draft: Draft,
    order: Order,
    shop: Shop,
    history: History,
    now: datetime,
    products: Mapping[str, Product] = NO_PRODUCTS,
) -> Decision:
    """The decision for everything in the draft, as things stand at `now`.

    products: by product_id, for exchanges and for whose description was wrong; what
    is missing is not known.
    """
    case = Case(draft, order, shop, history, now, products)
    lines = tuple(_decide_line(case, line) for line in draft.lines)
    lines = keep_what_is_not_worth_it(case, lines)
    lines, delivery = _with_delivery(case, lines)
    lines = _within_captured(case, lines, delivery)
    lines = tuple(for_the_merchant(case, line) for line in lines)
    return _decision(case, lines, delivery)


def _decide_line(case: Case, line: DraftLine) -> LineDecision:
    order_line = case.order.line(line.line_id)
    free = case.history.free_units(order_line)
    wanted = line.quantity or 1
    units = free[:wanted]
    amounts = order_line.unit_amounts()
    blank = LineDecision(
        line_id=line.line_id,
        units=units,
        reason=None,
        other_reasons=(),
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
    best = best_ground(Matter(case, order_line, line, blank))
    gone = case.order.status in (OrderStatus.REFUNDED, OrderStatus.CANCELLED)
    if (gone or len(units) < wanted) and best.reason != ReturnReason.UNSAFE_OR_RECALL:
        return replace(
            blank,
            reason=best.reason,
            other_reasons=best.other_reasons,
            decline_reason=DeclineReason.ALREADY_RETURNED,
        )
    return best


def _with_delivery(
    case: Case, lines: tuple[LineDecision, ...]
) -> tuple[tuple[LineDecision, ...], int]:
    """The delivery cost, once, when no unit of the order stays with the customer (W12).

    Before that, each unit's share of it where the shop grants one (W18).
    """
    refunded = [
        line
        for line in lines
        if line.outcome is Outcome.ALLOW and line.resolution is Resolution.REFUND
    ]
    if not refunded or case.history.delivery_refunded:
        return lines, 0
    unwanted = any(line.ground in UNWANTED for line in refunded)
    whole = _delivery_cost(case, unwanted)
    if _everything_leaves(case, refunded):
        return lines, max(0, whole - case.history.delivery_minor)
    if not case.shop.withdrawal.delivery_share:
        return lines, 0
    share = whole // sum(line.quantity for line in case.order.lines)
    return tuple(
        replace(line, delivery_minor=share * len(line.units))
        if line in refunded
        else line
        for line in lines
    ), 0


def _delivery_cost(case: Case, unwanted: bool) -> int:
    """All that was paid; for a withdrawal no more than standard delivery (W13)."""
    order = case.order
    if not unwanted:
        return order.shipping_paid_minor
    return min(order.shipping_paid_minor, order.shipping_standard_minor)


def _everything_leaves(case: Case, refunded: list[LineDecision]) -> bool:
    leaving = {line.line_id: set(line.units) for line in refunded}
    return not any(
        set(case.history.free_units(line)) - leaving.get(line.line_id, set())
        for line in case.order.lines
    )


def _within_captured(
    case: Case, lines: tuple[LineDecision, ...], delivery: int
) -> tuple[LineDecision, ...]:
    """More than was captured is never promised: a person looks first."""
    pays = (Resolution.REFUND, Resolution.EXCHANGE)
    refunded = [line for line in lines if line.resolution in pays]
    goods = sum(line.refund_minor + line.delivery_minor for line in refunded)
    left = case.order.captured_minor - case.history.refunded_minor
    unclear = any(prior.line_id is None for prior in case.order.refunded)
    if goods + delivery <= left and not unclear:
        return lines
    return tuple(
        replace(line, outcome=Outcome.REVIEW) if line.gives_back else line
        for line in lines
    )


def _decision(case: Case, lines: tuple[LineDecision, ...], delivery: int) -> Decision:
    outcome = _worst(lines)
    if not any(line.gives_back for line in lines):
        delivery = 0
    rules = tuple(sorted({rule for line in lines for rule in line.rules}))
    return Decision(
        order_number=case.order.order_number,
        currency=case.order.currency,
        outcome=outcome,
        lines=lines,
        payer=parcel_payer(lines),
        delivery_refund_minor=delivery,
        deadlines=_deadlines(case, lines),
        notices=_notices(case, lines),
        rules=rules,
        hash=_hash(case, lines, delivery),
    )


def _worst(lines: tuple[LineDecision, ...]) -> Outcome:
    outcomes = {line.outcome for line in lines}
    if Outcome.ASK in outcomes or not outcomes:
        return Outcome.ASK
    return Outcome.REVIEW if Outcome.REVIEW in outcomes else Outcome.ALLOW


def parcels(
    order: Order, lines: Iterable[LineDecision]
) -> list[tuple[LineDecision, ...]]:
    """The lines of each return: one supplier's, those for a person each alone.

    A line that needs a person holds up nothing.
    """
    groups: dict[tuple[str, str], list[LineDecision]] = defaultdict(list)
    for line in lines:
        supplier = order.line(line.line_id).supplier
        alone = line.line_id if line.outcome is Outcome.REVIEW else ""
        groups[supplier, alone].append(line)
    return [tuple(group) for group in groups.values()]


def _notices(case: Case, lines: tuple[LineDecision, ...]) -> tuple[str, ...]:
    """What is said of a line's postage is true of the parcel that it travels in."""
    names: set[str] = set()
    for parcel in parcels(case.order, lines):
        payer = parcel_payer(parcel)
        for line in parcel:
            shared = line.payer is ReturnPayer.CUSTOMER
            told = replace(line, payer=payer) if shared else line
            names.update(notices(case, told))
    return tuple(sorted(names))


def parcel_payer(lines: Iterable[LineDecision]) -> ReturnPayer:
    """Merchant if it is for any line: one parcel has one sender."""
    payers = {line.payer for line in lines}
    for payer in (ReturnPayer.MERCHANT, ReturnPayer.CUSTOMER):
        if payer in payers:
            return payer
    return ReturnPayer.NONE


def _deadlines(case: Case, lines: tuple[LineDecision, ...]) -> Deadlines:
    zone = case.shop.time_zone
    back = any(line.disposition is Disposition.RETURN for line in lines)
    sent_again = (Resolution.REPLACEMENT, Resolution.EXCHANGE)
    replaced = any(line.resolution in sent_again for line in lines)
    first = case.last_known_receipt
    return Deadlines(
        withdrawal_ends=case.withdrawal_ends,
        guarantee_ends=first and deadlines.plus_years_end(first, GUARANTEE_YEARS, zone),
        ship_by=deadlines.ship_by(case.statement_at, zone) if back else None,
        refund_by=deadlines.refund_by(case.statement_at, zone),
        replace_by=deadlines.plus_days_end(case.now, 30, zone) if replaced else None,
    )


def _hash(case: Case, lines: tuple[LineDecision, ...], delivery: int) -> str:
    """Of all that a yes agrees to: goods, remedy, what comes, money, who pays."""
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
                line.replacement_sku,
                line.payer,
                line.disposition,
                line.refund_minor,
                line.delivery_minor,
            ]
            for line in sorted(lines, key=lambda line: line.line_id)
        ],
    ]
    return hashlib.sha256(json.dumps(agreed).encode()).hexdigest()[:32]
