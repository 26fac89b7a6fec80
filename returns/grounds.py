"""The grounds on which a return is allowed: withdrawal, conformity, delivery. Pure.

Rule ids are those of docs/policy.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from returns import deadlines
from returns.model import (
    DeclineReason,
    Disposition,
    Draft,
    Ground,
    Liable,
    LineDecision,
    Order,
    OrderLine,
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
class Case:
    """The facts that every rule reads."""

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


def by_ground(
    case: Case, line: OrderLine, reason: ReturnReason | None, blank: LineDecision
) -> LineDecision:
    """What the law gives for this reason; outcome review where no rule here fits."""
    if case.order.customer.address.country not in COVERED_COUNTRIES:
        return blank
    if reason is R.NOT_DELIVERED:
        return _not_delivered(case, line, blank)
    if reason is not None and reason in FAULTS:
        return _faulty(case, line, reason, blank)
    if reason in WITHDRAWAL_REASONS or _withdrawn_without_reason(case, reason):
        return _withdrawal(case, line, reason, blank)
    return blank


def _withdrawn_without_reason(case: Case, reason: ReturnReason | None) -> bool:
    stated = case.draft.withdrawal_at is not None or case.draft.no_reason_given
    return reason is None and stated


def _withdrawal(
    case: Case, line: OrderLine, reason: ReturnReason | None, blank: LineDecision
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


def _withdrawal_payer(case: Case) -> tuple[ReturnPayer, str]:
    """Who pays the return, and by which rule: W09 only if the customer was told."""
    terms = case.shop.withdrawal
    since = terms.customers_told_return_cost_since
    told = since is not None and case.order.placed_at.date() >= since
    if case.order.withdrawal_informed is False:
        told = False
    if terms.return_cost_paid_by == "customer" and told:
        return ReturnPayer.CUSTOMER, "W09"
    return ReturnPayer.MERCHANT, "W10"


def _arrived_late(case: Case) -> bool:
    return case.received_at is not None and case.received_at > case.delivery_due


def _faulty(
    case: Case, line: OrderLine, reason: ReturnReason, blank: LineDecision
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
    case: Case, reason: ReturnReason
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


def _guarantee_runs(case: Case, line: OrderLine) -> bool:
    """Whether C01 and C02's presumption still cover the line; unknown favours them."""
    received = case.order.received_at(line)
    if received is None:
        return True
    years = SECOND_HAND_PRESUMPTION_YEARS if line.second_hand else GUARANTEE_YEARS
    return case.now <= deadlines.plus_years_end(received, years, case.shop.time_zone)


def _not_delivered(case: Case, line: OrderLine, blank: LineDecision) -> LineDecision:
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
