"""Something is wrong with the goods: legal guarantee and hidden defects.

Rules C (L217-3 to L217-17), H01 (Code civil 1641, 1648), D05 for damage. Pure.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from returns import deadlines
from returns.grounds.case import GUARANTEE_YEARS, Matter, Regime, with_rules
from returns.grounds.exchange import with_exchange
from returns.grounds.withdrawal import may_give_back
from returns.model import (
    Flag,
    Ground,
    Liable,
    LineDecision,
    Outcome,
    Product,
    Recourse,
    Resolution,
    ReturnPayer,
    ReturnReason,
)

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT
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
# Taste, unless the page promised otherwise (a wrong size chart): then a fault.
PROMISABLE = frozenset({R.NOT_COMPATIBLE, R.TOO_SMALL, R.TOO_LARGE, R.COLOR_OR_STYLE})
SECOND_HAND_PRESUMPTION_YEARS = 1


class Guarantee(StrEnum):
    """PRESUMED: the fault counts as there at delivery. PROOF: the customer shows it."""

    PRESUMED = "presumed"
    PROOF = "proof"
    OVER = "over"


def faulty(matter: Matter, reason: ReturnReason) -> LineDecision:
    """What the guarantee gives for a fault; reason: of FAULTS, or of PROMISABLE."""
    refund = refund_rules(matter, reason)
    decided = with_remedies(matter, at_fault(matter, reason), reason, refund)
    stage = guarantee(matter)
    if stage is Guarantee.PRESUMED:
        return replace(decided, outcome=Outcome.ALLOW)
    if stage is Guarantee.PROOF:
        return decided
    return replace(with_rules(decided, "H01"), ground=Ground.HIDDEN_DEFECT, remedies=())


def at_fault(matter: Matter, reason: ReturnReason) -> LineDecision:
    """Ground, who is at fault and who pays, still without remedies."""
    blames_listing = reason not in FAULTS or reason is R.NOT_AS_DESCRIBED
    liable = _author(matter.product) if blames_listing else FAULTS[reason]
    in_transit = reason is R.DAMAGED_IN_TRANSIT
    fits = may_give_back(matter)
    abroad = matter.case.order.customer.address.country not in ("FR", "MC")
    foreign = abroad and matter.case.regime is Regime.EUROPE
    flags = ((Flag.LISTING_WRONG,) if blames_listing else ()) + (
        (Flag.FOREIGN_LAW,) if foreign else ()
    )
    return replace(
        matter.blank,
        ground=Ground.DELIVERY if in_transit else Ground.CONFORMITY,
        also=((Ground.CONFORMITY,) if in_transit else ()) + ((fits,) if fits else ()),
        justified=True,
        liable=liable,
        recourse=recourse_for(liable),
        payer=ReturnPayer.MERCHANT,
        rules=("C01", "C02", "C03"),
        flags=flags,
    )


def with_remedies(
    matter: Matter,
    decided: LineDecision,
    reason: ReturnReason,
    refund: tuple[str, ...],
) -> LineDecision:
    """Replacement (C03), and the money at once if rules give it.

    refund: those rules. What is sold out cannot be replaced: the money too (C05).
    """
    rules = refund or (() if matter.in_stock else ("C05", "C08"))
    again = (REPLACEMENT,) if matter.in_stock else ()
    money = (REFUND,) if rules else ()
    decided = with_rules(replace(decided, remedies=(*again, *money)), *rules)
    return with_exchange(matter, decided, reason)


def refund_rules(matter: Matter, reason: ReturnReason) -> tuple[str, ...]:
    """The rules that give the money without a replacement first; empty: none does."""
    if reason in RESCIND_AT_ONCE:
        return RESCIND_AT_ONCE[reason], "C08"
    if matter.line.line_id in matter.case.history.replaced:
        return "C05", "C08"
    fits = may_give_back(matter)
    if fits is Ground.WITHDRAWAL:
        return "W01", "W12"
    return ("S01",) if fits is Ground.SHOP_POLICY else ()


def guarantee(matter: Matter) -> Guarantee:
    """Where the two years stand (C01, C02); an unknown receipt favours the customer."""
    received = matter.received_at
    if received is None:
        return Guarantee.PRESUMED
    zone, now = matter.case.shop.time_zone, matter.case.now
    if now > _years_end(received, GUARANTEE_YEARS, zone):
        return Guarantee.OVER
    presumed = _years_end(received, SECOND_HAND_PRESUMPTION_YEARS, zone)
    if matter.line.second_hand and now > presumed:
        return Guarantee.PROOF
    return Guarantee.PRESUMED


def recourse_for(liable: Liable) -> Recourse:
    known = {Liable.SUPPLIER: Recourse.SUPPLIER, Liable.CARRIER: Recourse.CARRIER}
    return known.get(liable, Recourse.NONE)


def _author(product: Product | None) -> Liable:
    """Whose words were wrong: the supplier's if the page repeats them, else ours."""
    if product is None or not product.description or not product.supplier_description:
        return Liable.UNKNOWN
    ours, theirs = _plain(product.description), _plain(product.supplier_description)
    return Liable.SUPPLIER if theirs in ours or ours in theirs else Liable.MERCHANT


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _years_end(received: datetime, years: int, zone: str) -> datetime:
    return deadlines.plus_years_end(received, years, zone)
