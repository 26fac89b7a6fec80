"""What never came, came to nobody, or came with a bill.

Rules D (L216-1 to L216-7, L112-3, L121-12) and W19. Pure.
"""

from dataclasses import replace
from datetime import datetime

from returns.grounds.case import Matter
from returns.grounds.withdrawal import NEVER_TAKEN, withdrawal
from returns.model import (
    Disposition,
    Flag,
    Ground,
    Liable,
    LineDecision,
    Outcome,
    Recourse,
    Resolution,
    ReturnReason,
)

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT


def not_delivered(matter: Matter) -> LineDecision:
    """Never came: refund or another one, once the reasonable time is over (D02).

    Before, the customer may still call the purchase off (W06), so that is asked.
    """
    if matter.received_at is not None:
        return delivered_not_received(matter)
    case = matter.case
    decided = replace(
        matter.blank,
        ground=Ground.DELIVERY,
        also=(Ground.WITHDRAWAL,),
        justified=True,
        liable=Liable.CARRIER,
        recourse=Recourse.CARRIER,
        disposition=Disposition.KEEP,
        outcome=Outcome.ALLOW,
        rules=("D01", "D02", "D05"),
    )
    if _too_late_for(case.draft.needed_by, matter):
        return replace(decided, remedies=(REFUND,), rules=("D01", "D03"))
    remedies = (REPLACEMENT, REFUND) if matter.in_stock else (REFUND,)
    decided = replace(decided, remedies=remedies)
    if case.now >= case.extra_time_ends:
        return decided
    if case.withdraws:
        return withdrawal(matter, R.NOT_DELIVERED)
    late = case.now > case.delivery_due
    liable = Liable.CARRIER if late else Liable.CUSTOMER
    waits = replace(decided, justified=late, liable=liable, rules=("D01",))
    return _or_withdraws(matter, waits)


def delivered_not_received(matter: Matter) -> LineDecision:
    """Delivered by tracking, denied by the customer (D08): a person asks the carrier.

    The seller must show that the customer got it; until then nobody is at fault.
    """
    again = matter.case.history.not_received_before > 0
    repeated = (Flag.REPEATED_CLAIM,) if again else ()
    return replace(
        matter.blank,
        ground=Ground.DELIVERY,
        justified=True,
        liable=Liable.UNKNOWN,
        recourse=Recourse.CARRIER,
        disposition=Disposition.KEEP,
        remedies=(REPLACEMENT, REFUND),
        rules=("D01", "D05", "D08"),
        flags=(Flag.CARRIER_INQUIRY, *repeated),
    )


def never_taken(matter: Matter, reason: ReturnReason) -> LineDecision:
    """Refused, unclaimed or misaddressed: silence is no withdrawal, so it is asked."""
    if matter.case.withdraws:
        return withdrawal(matter, reason)
    waits = replace(
        matter.blank,
        ground=Ground.DELIVERY,
        also=(Ground.WITHDRAWAL,),
        remedies=(REFUND,),
        rules=(NEVER_TAKEN[reason],),
        flags=(Flag.COMES_BACK,),
    )
    return _or_withdraws(matter, waits)


def customs_charge(matter: Matter) -> LineDecision:
    """A charge that was not announced is not owed (D10): a person pays it back."""
    return replace(
        _costs_nothing(matter),
        ground=Ground.DELIVERY,
        justified=True,
        liable=Liable.MERCHANT,
        rules=("D10",),
        flags=(Flag.COMPENSATION,),
    )


def extra_item(matter: Matter) -> LineDecision:
    """Never ordered: nothing is owed, neither money nor the parcel (D11)."""
    return replace(
        _costs_nothing(matter),
        ground=Ground.DELIVERY,
        justified=True,
        liable=Liable.SUPPLIER,
        recourse=Recourse.SUPPLIER,
        rules=("D11",),
        flags=(Flag.FREE_PICKUP,),
    )


def _costs_nothing(matter: Matter) -> LineDecision:
    """The goods that were bought are not concerned: none is held, none refunded."""
    return replace(
        matter.blank,
        units=(),
        refund_minor=0,
        resolution=None,
        disposition=Disposition.KEEP,
    )


def _or_withdraws(matter: Matter, waits: LineDecision) -> LineDecision:
    """Ask "do you withdraw?"; who wants the goods, or was asked, gets a person."""
    wants_goods = matter.said.resolution not in (None, REFUND)
    if wants_goods or not matter.open_question("withdrawal_at"):
        return replace(waits, outcome=Outcome.REVIEW)
    return replace(waits, outcome=Outcome.ASK, asks=("withdrawal_at",))


def _too_late_for(day: datetime | None, matter: Matter) -> bool:
    """Whether the day that was essential is past, or will be by our own promise."""
    if day is None:
        return False
    promised = matter.case.order.promised_at
    return matter.case.now > day or (promised is not None and promised > day)
