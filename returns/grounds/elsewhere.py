"""Customers whom European law does not protect: UK, US, other countries, businesses.

Rules UK1 to UK3 (CCR 2013, CRA 2015), US1, US2, US4, C16, and S05: a shop may serve
them as it serves consumers in the European Union. Pure.
"""

from dataclasses import replace

from returns import deadlines
from returns.grounds.case import Matter, Regime, with_rules
from returns.grounds.conformity import at_fault, with_remedies
from returns.grounds.withdrawal import may_give_back
from returns.model import (
    DeclineReason,
    Ground,
    LineDecision,
    Outcome,
    ReturnPayer,
    ReturnReason,
)

UK_REJECT_DAYS = 30
UK_BURDEN_DAYS = 183
UK_CLAIM_YEARS = 6


def british_fault(matter: Matter, reason: ReturnReason) -> LineDecision:
    """Thirty days to reject, then one replacement; six months' burden (UK3)."""
    base = replace(at_fault(matter, reason), rules=("UK3",))
    received, case = matter.received_at, matter.case
    zone = case.shop.time_zone
    if received is not None:
        claims_end = deadlines.plus_years_end(received, UK_CLAIM_YEARS, zone)
        if case.now > claims_end:
            return replace(base, decline_reason=DeclineReason.WINDOW_CLOSED)
    decided = with_remedies(matter, base, reason, _british_refund(matter))
    if received is None:
        return replace(decided, outcome=Outcome.ALLOW)
    burden_ends = deadlines.plus_days_end(received, UK_BURDEN_DAYS, zone)
    allowed = Outcome.ALLOW if case.now <= burden_ends else Outcome.REVIEW
    return replace(decided, outcome=allowed)


def _british_refund(matter: Matter) -> tuple[str, ...]:
    """Money at once: to reject, after a first replacement, or as a withdrawal."""
    received, case = matter.received_at, matter.case
    zone = case.shop.time_zone
    rejects = received is None or case.now <= deadlines.plus_days_end(
        received, UK_REJECT_DAYS, zone
    )
    if rejects or matter.line.line_id in case.history.replaced:
        return ("UK3",)
    fits = may_give_back(matter)
    if fits is Ground.WITHDRAWAL:
        return "UK1", "W12"
    return ("S01",) if fits is Ground.SHOP_POLICY else ()


def as_own_terms(lawful: LineDecision) -> LineDecision:
    """What a European consumer would get, given by the shop (S05)."""
    if lawful.ground in (None, Ground.SAFETY):
        return lawful
    rules = ("S05", *lawful.rules)
    return replace(lawful, ground=Ground.SHOP_POLICY, rules=rules)


def by_posted_terms(matter: Matter, lawful: LineDecision) -> LineDecision:
    """No right of withdrawal by law: the shop's posted days, else a person.

    lawful: what a European consumer would get. In the US what is not shipped in time
    is refunded all the same (US2, FTC mail order rule).
    """
    if lawful.ground is None:
        return lawful
    american = matter.case.regime is Regime.UNITED_STATES
    if lawful.ground is Ground.DELIVERY and american:
        return with_rules(replace(lawful, also=()), "US2")
    if lawful.ground in (Ground.WITHDRAWAL, Ground.SHOP_POLICY):
        if _in_posted_days(matter):
            return _posted(matter, lawful)
        return replace(
            matter.blank, remedies=lawful.remedies, rules=("US1",) if american else ()
        )
    return replace(
        lawful,
        outcome=Outcome.REVIEW,
        asks=(),
        also=(),
        decline_reason=None,
        rules=("US4",) if american else (),
    )


def business(matter: Matter) -> LineDecision:
    """Consumer law is not theirs (C16): a person decides."""
    declined = DeclineReason.BUSINESS_BUYER
    return replace(matter.blank, rules=("C16",), decline_reason=declined)


def _in_posted_days(matter: Matter) -> bool:
    case = matter.case
    if case.shop.own_terms.days is None:
        return False
    ends = case.own_terms_end
    return ends is None or case.statement_at <= ends


def _posted(matter: Matter, lawful: LineDecision) -> LineDecision:
    nothing_to_send = lawful.payer is ReturnPayer.NONE
    own = ReturnPayer(matter.case.shop.own_terms.return_cost_paid_by)
    return replace(
        lawful,
        ground=Ground.SHOP_POLICY,
        payer=ReturnPayer.NONE if nothing_to_send else own,
        also=(),
        rules=("S01",),
    )
