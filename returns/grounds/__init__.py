"""The grounds on which a return is allowed, and which one serves the customer best.

Each reason has its rule; rule ids are those of docs/policy.md. Pure.
"""

from dataclasses import replace

from returns.grounds.case import Case, History, Matter, Regime, with_rules
from returns.grounds.conformity import FAULTS, PROMISABLE, RESCIND_AT_ONCE, faulty
from returns.grounds.delivery import (
    customs_charge,
    delivered_not_received,
    extra_item,
    never_taken,
    not_delivered,
)
from returns.grounds.elsewhere import (
    as_own_terms,
    british_fault,
    business,
    by_posted_terms,
)
from returns.grounds.exchange import choose_variant
from returns.grounds.withdrawal import (
    NEVER_TAKEN,
    WITHDRAWAL_REASONS,
    may_give_back,
    withdrawal,
)
from returns.model import (
    Disposition,
    Flag,
    Ground,
    Liable,
    LineDecision,
    Outcome,
    Recourse,
    ReturnReason,
)

__all__ = [
    "FAULTS",
    "RESCIND_AT_ONCE",
    "WITHDRAWAL_REASONS",
    "Case",
    "History",
    "Matter",
    "best_ground",
]

R = ReturnReason
PREFERENCE = {Outcome.ALLOW: 0, Outcome.ASK: 1, Outcome.REVIEW: 2}
# Whoever says so has no goods to send back, whatever else is said.
WITHOUT_GOODS = (R.UNAUTHORISED_PURCHASE, R.DELIVERED_NOT_RECEIVED, R.NOT_DELIVERED)


def best_ground(matter: Matter) -> LineDecision:
    """The decision that serves the customer best among all that fit.

    Whatever order the reasons came in: danger first, then what is allowed before what
    must be asked before what needs a person, and a fault before taste.
    """
    if R.UNSAFE_OR_RECALL in matter.said.reasons:
        return _naming(matter, R.UNSAFE_OR_RECALL, _unsafe(matter))
    told = _ranked(matter)
    if not told and not matter.case.withdraws:
        return replace(matter.blank, outcome=Outcome.ASK, asks=("reasons",))
    reasons: list[ReturnReason | None] = [*told]
    if _goods_are_elsewhere(matter):
        reasons = [next(reason for reason in told if reason in WITHOUT_GOODS)]
    elif matter.case.withdraws:
        reasons.append(None)
    decided = [
        _naming(matter, reason, _with_wish(matter, _by_law(matter, reason)))
        for reason in reasons
    ]
    best = min(decided, key=_preference)
    return _with_other_grounds(best, decided)


def _by_law(matter: Matter, reason: ReturnReason | None) -> LineDecision:
    """What the customer's own law gives, or the shop where it gives more."""
    case = matter.case
    own = case.shop.own_terms
    if case.order.customer.is_business:
        served = own.business_buyers
        return as_own_terms(_european(matter, reason)) if served else business(matter)
    if case.regime is Regime.EUROPE:
        return _european(matter, reason)
    if case.regime is Regime.UNITED_KINGDOM:
        return _british(matter, reason)
    lawful = _european(matter, reason)
    served = own.outside_europe
    return as_own_terms(lawful) if served else by_posted_terms(matter, lawful)


def _british(matter: Matter, reason: ReturnReason | None) -> LineDecision:
    if reason is not None and _is_fault(matter, reason):
        return british_fault(matter, reason)
    lawful = _european(matter, reason)
    return with_rules(lawful, "UK1") if lawful.ground is Ground.WITHDRAWAL else lawful


def _european(matter: Matter, reason: ReturnReason | None) -> LineDecision:
    if reason is None:
        return withdrawal(matter, None)
    if reason is R.ARRIVED_LATE and matter.received_at is None:
        return not_delivered(matter)
    if _is_fault(matter, reason):
        return faulty(matter, reason)
    if reason in WITHDRAWAL_REASONS:
        return withdrawal(matter, reason)
    if reason in NEVER_TAKEN:
        return never_taken(matter, reason)
    return _special(matter, reason)


def _special(matter: Matter, reason: ReturnReason) -> LineDecision:
    match reason:
        case R.NOT_DELIVERED:
            return not_delivered(matter)
        case R.DELIVERED_NOT_RECEIVED:
            return delivered_not_received(matter)
        case R.CUSTOMS_CHARGE:
            return customs_charge(matter)
        case R.EXTRA_ITEM:
            return extra_item(matter)
        case R.NOT_COMPATIBLE:
            return _not_compatible(matter)
    fits = may_give_back(matter)  # other, unauthorised_purchase: a person looks
    return replace(matter.blank, also=(fits,) if fits else ())


def _is_fault(matter: Matter, reason: ReturnReason) -> bool:
    promised = reason in PROMISABLE and matter.said.promised is True
    return reason in FAULTS or promised


def _not_compatible(matter: Matter) -> LineDecision:
    """Was it promised to fit? Then a fault; else taste. Who withdraws is not asked."""
    taste = withdrawal(matter, R.NOT_COMPATIBLE)
    known = matter.said.promised is not None or matter.case.withdraws
    if known or not matter.open_question("promised"):
        return taste
    rules = ("C01", *taste.rules)
    return replace(
        taste,
        outcome=Outcome.ASK,
        asks=("promised",),
        decline_reason=None,
        rules=tuple(dict.fromkeys(rules)),
    )


def _unsafe(matter: Matter) -> LineDecision:
    """Danger or recall (P01): a person at once, and no parcel."""
    return replace(
        matter.blank,
        ground=Ground.SAFETY,
        justified=True,
        liable=Liable.UNKNOWN,
        recourse=Recourse.SUPPLIER,
        disposition=Disposition.KEEP,
        rules=("P01",),
        flags=(Flag.URGENT,),
    )


def _with_wish(matter: Matter, decided: LineDecision) -> LineDecision:
    """A wish that no rule gives is for a person; a missing one is asked."""
    unlawful = decided.resolution not in (None, *decided.remedies)
    if decided.asks == ("seal_broken",) and unlawful:
        return replace(decided, outcome=Outcome.REVIEW, asks=())
    if decided.outcome is not Outcome.ALLOW:
        return decided
    if decided.resolution is None:
        return replace(decided, outcome=Outcome.ASK, asks=("resolution",))
    if unlawful:
        return replace(decided, outcome=Outcome.REVIEW)
    return choose_variant(matter, decided)


def _naming(
    matter: Matter, reason: ReturnReason | None, decided: LineDecision
) -> LineDecision:
    """The decision with the reason it is for, and the others beside it."""
    told = _ranked(matter)
    first = reason or (told[0] if told else None)
    others = tuple(other for other in told if other is not first)
    return replace(decided, reason=first, other_reasons=others)


def _with_other_grounds(
    best: LineDecision, decided: list[LineDecision]
) -> LineDecision:
    """Every ground that fits is kept, in one order."""
    fitting = {ground for line in decided for ground in (line.ground, *line.also)}
    also = sorted(g for g in fitting if g is not None and g is not best.ground)
    return replace(best, also=tuple(also))


def _goods_are_elsewhere(matter: Matter) -> bool:
    said = set(matter.said.reasons)
    denies = R.NOT_DELIVERED in said and matter.received_at is not None
    return denies or bool(said & {R.DELIVERED_NOT_RECEIVED, R.UNAUTHORISED_PURCHASE})


def _ranked(matter: Matter) -> list[ReturnReason]:
    """The reasons, the one that serves the customer best first."""
    return sorted(set(matter.said.reasons), key=lambda told: _rank(matter, told))


def _rank(matter: Matter, reason: ReturnReason) -> tuple[int, str]:
    if reason is R.UNAUTHORISED_PURCHASE:
        return 0, reason.value
    if reason in RESCIND_AT_ONCE or reason in WITHOUT_GOODS:
        return 1, reason.value
    if _is_fault(matter, reason):
        return 2, reason.value
    if reason is R.NOT_COMPATIBLE:
        return 3, reason.value
    return (4 if reason in WITHDRAWAL_REASONS else 5), reason.value


def _preference(decided: LineDecision) -> int:
    """A promise that may make it a fault is asked before taste is taken."""
    if decided.asks == ("promised",):
        return PREFERENCE[Outcome.ALLOW]
    return PREFERENCE[decided.outcome]
