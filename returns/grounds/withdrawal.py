"""Giving back what is not wanted: the right of withdrawal and the shop's own terms.

Rules W and X (L221-5, L221-18 to L221-28), S01 for the shop's terms. Pure.
"""

from dataclasses import replace
from enum import StrEnum

from returns.grounds.case import Case, Matter, Window, with_rules
from returns.grounds.exchange import with_exchange
from returns.model import (
    DeclineReason,
    Disposition,
    Flag,
    Ground,
    Liable,
    LineDecision,
    Outcome,
    Resolution,
    ReturnPayer,
    ReturnReason,
)

R = ReturnReason
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
# Who says this has the goods in hand, whatever the order's dates say.
IN_HAND = frozenset(
    {R.TOO_SMALL, R.TOO_LARGE, R.COLOR_OR_STYLE, R.NOT_COMPATIBLE, R.ARRIVED_LATE}
)
# The parcel was never taken, so that the carrier brings it back.
NEVER_TAKEN = {R.REFUSED: "W19", R.UNCLAIMED: "W19", R.BAD_ADDRESS: "D09"}


class Place(StrEnum):
    """Where the goods are."""

    WITH_CUSTOMER = "with_customer"
    NOT_SENT = "not_sent"
    ON_ITS_WAY = "on_its_way"
    COMING_BACK = "coming_back"


def withdrawal(matter: Matter, reason: ReturnReason | None) -> LineDecision:
    """What a withdrawal for this reason, or for none, gives."""
    place = _place(matter, reason)
    window = matter.case.window
    if place is Place.COMING_BACK:  # never received: the time has not begun
        window = Window.OPEN
    decided = _with_payer(matter, reason, window)
    if window is Window.UNCERTAIN:
        return decided
    if window is Window.CLOSED:
        return replace(decided, decline_reason=DeclineReason.WINDOW_CLOSED)
    exception = excepted(matter)
    if exception is not None and not _only_once_delivered(exception, place):
        # Without the information of L221-5 10° it is not clear that it holds.
        told = DeclineReason.EXCEPTED if matter.case.informed else None
        return replace(with_rules(decided, exception), decline_reason=told)
    allowed = _by_place(matter, replace(decided, outcome=Outcome.ALLOW), place, reason)
    if place is Place.WITH_CUSTOMER and _seal_unknown(matter):
        return replace(
            with_rules(allowed, "X05"), outcome=Outcome.ASK, asks=("seal_broken",)
        )
    return allowed


def excepted(matter: Matter) -> str | None:
    """The exception that takes the right away (L221-28), None when none is known."""
    line = matter.line
    if line.personalised:
        return "X03"
    if line.perishable:
        return "X04"
    broken = line.sealed_hygiene and matter.said.seal_broken is True
    return "X05" if broken else None


def may_give_back(matter: Matter) -> Ground | None:
    """The ground on which even a wanted article could go back now, or None."""
    if excepted(matter) is not None:
        return None
    given = {
        Window.OPEN: Ground.WITHDRAWAL,
        Window.OWN_TERMS: Ground.SHOP_POLICY,
    }
    return given.get(matter.case.window)


def return_payer(case: Case) -> tuple[ReturnPayer, str]:
    """Who pays the return, and by which rule: W09 only if the customer was told."""
    terms = case.shop.withdrawal
    since = terms.customers_told_return_cost_since
    told = since is not None and case.order.placed_at.date() >= since
    if terms.return_cost_paid_by == "customer" and told and case.informed:
        return ReturnPayer.CUSTOMER, "W09"
    return ReturnPayer.MERCHANT, "W10"


def _with_payer(
    matter: Matter, reason: ReturnReason | None, window: Window
) -> LineDecision:
    case = matter.case
    late = reason is R.ARRIVED_LATE and _came_late(matter)
    decided = replace(
        matter.blank,
        justified=late,
        liable=Liable.MERCHANT if late else Liable.CUSTOMER,
        also=(Ground.DELIVERY,) if late else (),
        remedies=(Resolution.REFUND,),
    )
    if window is Window.OWN_TERMS:
        payer = ReturnPayer(case.shop.own_terms.return_cost_paid_by)
        rules: tuple[str, ...] = ("W04", "S01")
        ground = Ground.SHOP_POLICY
    else:
        payer, payer_rule = return_payer(case)
        rules = ("W01", "W04", payer_rule, "W12")
        ground = Ground.WITHDRAWAL
    if not case.informed and ground is Ground.WITHDRAWAL:
        rules += ("W05",)
    if late:
        rules += ("D01",)
    return replace(decided, ground=ground, payer=payer, rules=rules)


def _by_place(
    matter: Matter, allowed: LineDecision, place: Place, reason: ReturnReason | None
) -> LineDecision:
    if place is Place.NOT_SENT:
        return replace(
            with_rules(allowed, "W06"),
            payer=ReturnPayer.NONE,
            disposition=Disposition.KEEP,
            flags=(Flag.STOP_ORDER,),
        )
    if place is Place.ON_ITS_WAY:
        return replace(with_rules(allowed, "W06"), flags=(Flag.REFUSE_PARCEL,))
    if place is Place.COMING_BACK:
        rules = ("W06", NEVER_TAKEN[reason]) if reason in NEVER_TAKEN else ("W06",)
        return replace(
            with_rules(allowed, *rules),
            payer=ReturnPayer.NONE,
            flags=(Flag.COMES_BACK,),
        )
    return with_exchange(matter, _with_use(matter, allowed), reason)


def _with_use(matter: Matter, allowed: LineDecision) -> LineDecision:
    """Used more than to try it is no refusal; a person may set a deduction (W14)."""
    opened = matter.line.sealed_hygiene and matter.said.seal_broken is None
    if not (matter.said.used or opened) or not matter.case.informed:
        return allowed
    return replace(with_rules(allowed, "W14"), flags=(Flag.VALUE_LOSS_POSSIBLE,))


def _place(matter: Matter, reason: ReturnReason | None) -> Place:
    if reason in NEVER_TAKEN:
        return Place.COMING_BACK
    holds_it = reason in IN_HAND or matter.said.resolution is Resolution.EXCHANGE
    if matter.received_at is not None or holds_it:
        return Place.WITH_CUSTOMER
    sent = matter.case.order.dispatched_at or matter.line.tracking_number
    overdue = matter.case.now > matter.case.delivery_due
    return Place.ON_ITS_WAY if sent or overdue else Place.NOT_SENT


def _only_once_delivered(exception: str, place: Place) -> bool:
    """A hygiene seal cannot have been opened before the goods came (X05)."""
    return exception == "X05" and place is not Place.WITH_CUSTOMER


def _seal_unknown(matter: Matter) -> bool:
    sealed = matter.line.sealed_hygiene and matter.said.seal_broken is None
    return sealed and matter.open_question("seal_broken")


def _came_late(matter: Matter) -> bool:
    received = matter.received_at
    return received is not None and received > matter.case.delivery_due
