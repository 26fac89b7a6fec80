"""The merchant's side of a decision: keep it, claims, the supplier's clock, goodwill.

It never changes what the customer gets, but for goods that need not come back. Pure.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from returns import deadlines
from returns.grounds.case import Case, with_rules
from returns.model import (
    Claim,
    DeclineReason,
    Disposition,
    Ground,
    Liable,
    LineDecision,
    Outcome,
    Recourse,
    Resolution,
    ReturnPayer,
)
from returns.shop_terms import Supplier

UNWANTED = (Ground.WITHDRAWAL, Ground.SHOP_POLICY)


def keep_what_is_not_worth_it(
    case: Case, lines: tuple[LineDecision, ...]
) -> tuple[LineDecision, ...]:
    """Where the merchant pays a parcel worth less than its way, it stays (S03).

    A parcel is what goes back to one supplier; with anything in it that the customer
    pays for, or swaps, it goes back.
    """
    below = case.shop.keep_it.below_minor(case.order.currency)
    parcels: dict[str, list[LineDecision]] = defaultdict(list)
    for line in lines:
        if line.outcome is Outcome.ALLOW and line.disposition is Disposition.RETURN:
            parcels[case.order.line(line.line_id).supplier].append(line)
    kept = {
        line.line_id
        for parcel in parcels.values()
        if all(_may_stay(line) for line in parcel)
        and sum(_worth(case, line) for line in parcel) < below
        for line in parcel
    }
    return tuple(_kept(line) if line.line_id in kept else line for line in lines)


def for_the_merchant(case: Case, line: LineDecision) -> LineDecision:
    """Claim, supplier's clock, loss and the goodwill that may be offered."""
    supplier = case.shop.supplier(case.order.line(line.line_id).supplier)
    ends = _supplier_window(case, line, supplier)
    return replace(
        line,
        claim=_claim(case, line),
        supplier_window_ends=ends,
        loss_minor=_loss(case, line, supplier, ends),
        goodwill_minor=_goodwill(case, line),
    )


def _may_stay(line: LineDecision) -> bool:
    swapped = line.resolution is Resolution.EXCHANGE
    return line.payer is ReturnPayer.MERCHANT and not swapped


def _kept(line: LineDecision) -> LineDecision:
    staying = replace(line, disposition=Disposition.KEEP, payer=ReturnPayer.NONE)
    return with_rules(staying, "S03")


def _worth(case: Case, line: LineDecision) -> int:
    """What the goods are worth to the merchant; what was paid where nobody knows."""
    order_line = case.order.line(line.line_id)
    amounts = order_line.unit_amounts()
    paid = sum(amounts[unit - 1] for unit in line.units)
    value = order_line.value_minor
    if value is None or line.disposition is Disposition.KEEP:
        return paid
    return min(paid, value * len(line.units) // order_line.quantity)


def _claim(case: Case, line: LineDecision) -> Claim | None:
    """The money from the supplier at fault: the refund, else what the goods cost."""
    if line.liable is not Liable.SUPPLIER or not line.units:
        return None
    refunds = line.resolution is Resolution.REFUND
    amount = line.refund_minor if refunds else _worth(case, line)
    return Claim(Recourse.SUPPLIER, amount)


def _supplier_window(
    case: Case, line: LineDecision, supplier: Supplier
) -> datetime | None:
    """Until when the supplier wants to hear of it; None when nobody knows."""
    received = case.order.received_at(case.order.line(line.line_id))
    days = supplier.window_days if line.ground in UNWANTED else supplier.fault_days
    if received is None or days is None:
        return None
    return deadlines.plus_days_end(received, days, case.shop.time_zone)


def _loss(
    case: Case, line: LineDecision, supplier: Supplier, ends: datetime | None
) -> int:
    """What stays with the merchant, as far as shop.yml tells; 0 also if unknown."""
    if line.outcome is not Outcome.ALLOW:
        return 0
    too_late = ends is not None and case.now > ends
    refused = line.ground in UNWANTED and supplier.takes_unwanted is False
    if too_late or refused or line.liable is Liable.MERCHANT:
        return _worth(case, line)
    return 0


def _goodwill(case: Case, line: LineDecision) -> int:
    """A small sum after the window, as often as the owner allows (S04)."""
    terms, history = case.shop.goodwill, case.history
    if line.decline_reason is not DeclineReason.WINDOW_CLOSED:
        return 0
    used_up = (
        history.goodwill_order >= terms.per_order
        or history.goodwill_customer >= terms.per_customer
    )
    left = case.order.captured_minor - history.refunded_minor
    offered = min(terms.amount_minor(case.order.currency), line.refund_minor, left)
    return 0 if used_up else max(0, offered)
