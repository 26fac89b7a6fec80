"""The return policy: draft + order + shop + today -> decision. Pure.

Rule ids are those of the Code de la consommation digest in docs/policy.md
(W withdrawal L221-18 ff., C conformity L217-3 ff., D delivery L216-1 ff.). What no
rule here covers is `review`: a person decides, the bot never refuses (N5).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from returns import deadlines
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
    OrderLine,
    OrderStatus,
    Outcome,
    Recourse,
    Resolution,
    ReturnPayer,
    ReturnReason,
)
from returns.shop import Shop

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT

# Ireland and the other member states share the directive's rights with France; the
# United Kingdom's are the same for what is decided here (law digest, section 6).
COVERED_COUNTRIES = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
        "GB",
        "MC",
    ]
)
WITHDRAWAL_REASONS = frozenset(
    {
        R.CHANGED_MIND,
        R.ORDERED_BY_MISTAKE,
        R.BETTER_PRICE,
        R.TOO_SMALL,
        R.TOO_LARGE,
        R.COLOR_OR_STYLE,
        R.ARRIVED_LATE,
    }
)
FAULTS: Mapping[ReturnReason, Liable] = {
    R.DAMAGED_IN_TRANSIT: Liable.CARRIER,
    R.WRONG_ITEM: Liable.SUPPLIER,
    R.DEFECTIVE_ON_ARRIVAL: Liable.SUPPLIER,
    R.FAILED_LATER: Liable.SUPPLIER,
    R.MISSING_PARTS: Liable.SUPPLIER,
    R.POOR_QUALITY: Liable.SUPPLIER,
    R.NOT_AS_DESCRIBED: Liable.UNKNOWN,
}
RESCIND_AT_ONCE = {
    R.DAMAGED_IN_TRANSIT: "D05",
    R.WRONG_ITEM: "C06",
    R.DEFECTIVE_ON_ARRIVAL: "C06",
}
SECOND_HAND_PRESUMPTION_YEARS = 1
GUARANTEE_YEARS = 2


@dataclass(frozen=True)
class History:
    """What already happened to the order.

    gone: unit numbers per line that are refunded or held by an open return.
    refunded_minor: all money already given back or reserved.
    """

    gone: Mapping[str, frozenset[int]] = field(default_factory=dict)
    refunded_minor: int = 0
    delivery_refunded: bool = False

    def free_units(self, line: OrderLine) -> tuple[int, ...]:
        gone = self.gone.get(line.line_id, frozenset())
        return tuple(n for n in range(1, line.quantity + 1) if n not in gone)


@dataclass(frozen=True)
class _Case:
    draft: Draft
    order: Order
    shop: Shop
    history: History
    now: datetime

    @property
    def statement_at(self) -> datetime:
        """When the customer's wish was first clear (N1)."""
        return self.draft.withdrawal_at or self.now

    @property
    def received_at(self) -> datetime | None:
        """Receipt of the last good of the order (W02); None when unknown."""
        moments = [self.order.received_at(line) for line in self.order.lines]
        known = [moment for moment in moments if moment is not None]
        return max(known) if known else None

    @property
    def withdrawal_ends(self) -> datetime | None:
        if self.received_at is None:
            return None
        return deadlines.withdrawal_end(
            self.received_at,
            self.shop.time_zone,
            self.shop.country,
            self.shop.holidays_region,
        )

    @property
    def in_withdrawal_window(self) -> bool:
        ends = self.withdrawal_ends
        return ends is not None and self.statement_at <= ends

    @property
    def delivery_due(self) -> datetime:
        """The promised day, else 30 days from the contract (D01)."""
        default = timedelta(days=self.shop.delivery_days_default)
        return self.order.promised_at or self.order.placed_at + default


def decide(
    draft: Draft, order: Order, shop: Shop, history: History, now: datetime
) -> Decision:
    """The decision for everything in the draft, as things stand at `now`."""
    case = _Case(draft, order, shop, history, now)
    lines = tuple(_decide_line(case, line) for line in draft.lines)
    delivery = _delivery_refund(case, lines)
    lines = _within_captured(case, lines, delivery)
    return _decision(case, lines, delivery)


def _decide_line(case: _Case, line: DraftLine) -> LineDecision:
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
    return _settle_wish(_by_ground(case, order_line, primary, blank))


def _before_any_ground(case: _Case, too_few: bool) -> DeclineReason | None:
    """What a person must look at whatever the reason; None when nothing."""
    if too_few or case.order.status in (OrderStatus.REFUNDED, OrderStatus.CANCELLED):
        return DeclineReason.ALREADY_RETURNED
    if case.order.customer.is_business:
        return DeclineReason.BUSINESS_BUYER
    return None


def _by_ground(
    case: _Case, line: OrderLine, reason: ReturnReason | None, blank: LineDecision
) -> LineDecision:
    if case.order.customer.address.country not in COVERED_COUNTRIES:
        return blank
    if reason is R.NOT_DELIVERED:
        return _not_delivered(case, line, blank)
    if reason is not None and reason in FAULTS:
        return _faulty(case, line, reason, blank)
    if reason in WITHDRAWAL_REASONS or _withdrawn_without_reason(case, reason):
        return _withdrawal(case, line, reason, blank)
    return blank


def _withdrawn_without_reason(case: _Case, reason: ReturnReason | None) -> bool:
    stated = case.draft.withdrawal_at is not None or case.draft.no_reason_given
    return reason is None and stated


def _withdrawal(
    case: _Case, line: OrderLine, reason: ReturnReason | None, blank: LineDecision
) -> LineDecision:
    payer, payer_rule = _withdrawal_payer(case)
    late = reason is R.ARRIVED_LATE and _arrived_late(case)
    decided = replace(
        blank,
        ground=Ground.WITHDRAWAL,
        justified=late,
        liable=Liable.MERCHANT if late else Liable.CUSTOMER,
        payer=payer,
        remedies=(REFUND,),
        rules=("W01", "W04", payer_rule, "W12") + (("D01",) if late else ()),
    )
    if line.personalised or line.perishable or line.sealed_hygiene:
        return replace(decided, decline_reason=DeclineReason.EXCEPTED)
    if case.received_at is None:
        return decided
    if not case.in_withdrawal_window:
        return replace(decided, decline_reason=DeclineReason.WINDOW_CLOSED)
    return replace(decided, outcome=Outcome.ALLOW)


def _withdrawal_payer(case: _Case) -> tuple[ReturnPayer, str]:
    """Who pays the return, and by which rule: W09 only if the customer was told."""
    terms = case.shop.withdrawal
    since = terms.customers_told_return_cost_since
    told = since is not None and case.order.placed_at.date() >= since
    if case.order.withdrawal_informed is False:
        told = False
    if terms.return_cost_paid_by == "customer" and told:
        return ReturnPayer.CUSTOMER, "W09"
    return ReturnPayer.MERCHANT, "W10"


def _arrived_late(case: _Case) -> bool:
    return case.received_at is not None and case.received_at > case.delivery_due


def _faulty(
    case: _Case, line: OrderLine, reason: ReturnReason, blank: LineDecision
) -> LineDecision:
    liable = FAULTS[reason]
    in_transit = reason is R.DAMAGED_IN_TRANSIT
    remedies, rules = _fault_remedies(case, reason)
    decided = replace(
        blank,
        ground=Ground.DELIVERY if in_transit else Ground.CONFORMITY,
        justified=True,
        liable=liable,
        recourse=_recourse(liable),
        payer=ReturnPayer.MERCHANT,
        remedies=remedies,
        rules=rules,
    )
    if _guarantee_runs(case, line):
        return replace(decided, outcome=Outcome.ALLOW)
    return replace(decided, remedies=(), decline_reason=DeclineReason.WINDOW_CLOSED)


def _fault_remedies(
    case: _Case, reason: ReturnReason
) -> tuple[tuple[Resolution, ...], tuple[str, ...]]:
    """Replacement always (C03); refund at once where the law gives one."""
    rules = ("C01", "C02", "C03")
    if reason in RESCIND_AT_ONCE:
        return (REPLACEMENT, REFUND), (*rules, RESCIND_AT_ONCE[reason], "C08")
    if case.in_withdrawal_window:
        return (REPLACEMENT, REFUND), (*rules, "W01", "W12")
    return (REPLACEMENT,), rules


def _recourse(liable: Liable) -> Recourse:
    known = {Liable.SUPPLIER: Recourse.SUPPLIER, Liable.CARRIER: Recourse.CARRIER}
    return known.get(liable, Recourse.NONE)


def _guarantee_runs(case: _Case, line: OrderLine) -> bool:
    """Whether C01 and C02's presumption still cover the line; unknown favours them."""
    received = case.order.received_at(line)
    if received is None:
        return True
    years = SECOND_HAND_PRESUMPTION_YEARS if line.second_hand else GUARANTEE_YEARS
    return case.now <= deadlines.plus_years_end(received, years, case.shop.time_zone)


def _not_delivered(case: _Case, line: OrderLine, blank: LineDecision) -> LineDecision:
    decided = replace(
        blank,
        ground=Ground.DELIVERY,
        justified=True,
        liable=Liable.CARRIER,
        recourse=Recourse.CARRIER,
        disposition=Disposition.KEEP,
        remedies=(REPLACEMENT, REFUND),
        rules=("D01", "D02", "D05"),
    )
    if case.order.received_at(line) is not None:
        return replace(decided, justified=False, remedies=(), rules=("D01",))
    extra = timedelta(days=case.shop.late_delivery_extra_days)
    if case.now < case.delivery_due + extra:
        late = case.now > case.delivery_due
        return replace(decided, justified=late, remedies=(), rules=("D01",))
    return replace(decided, outcome=Outcome.ALLOW)


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
    if reason in RESCIND_AT_ONCE or reason is R.NOT_DELIVERED:
        return 0, reason.value
    if reason is not None and reason in FAULTS:
        return 1, reason.value
    return (2 if reason in WITHDRAWAL_REASONS else 3), reason.value


def _delivery_refund(case: _Case, lines: tuple[LineDecision, ...]) -> int:
    """The delivery, once, when no unit of the order stays with the customer (W12)."""
    refunded = [
        line
        for line in lines
        if line.outcome is Outcome.ALLOW and line.resolution is REFUND
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
    case: _Case, lines: tuple[LineDecision, ...], delivery: int
) -> tuple[LineDecision, ...]:
    """More than was captured is never promised: a person looks first."""
    goods = sum(line.refund_minor for line in lines if line.resolution is REFUND)
    left = case.order.captured_minor - case.history.refunded_minor
    unclear = any(prior.line_id is None for prior in case.order.refunded)
    if goods + delivery <= left and not unclear:
        return lines
    return tuple(
        replace(line, outcome=Outcome.REVIEW)
        if line.outcome is Outcome.ALLOW and line.resolution is REFUND
        else line
        for line in lines
    )


def _decision(case: _Case, lines: tuple[LineDecision, ...], delivery: int) -> Decision:
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


def _deadlines(case: _Case, lines: tuple[LineDecision, ...]) -> Deadlines:
    zone = case.shop.time_zone
    back = any(line.disposition is Disposition.RETURN for line in lines)
    replaced = any(line.resolution is REPLACEMENT for line in lines)
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


def _hash(case: _Case, lines: tuple[LineDecision, ...], delivery: int) -> str:
    """Of all that a yes agrees to: goods, remedy, money, who pays."""
    agreed = [
        case.draft.draft_id,
        case.order.order_number,
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
            for line in lines
        ],
    ]
    return hashlib.sha256(json.dumps(agreed).encode()).hexdigest()[:32]
