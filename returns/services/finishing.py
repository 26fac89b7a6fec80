"""How each kind of task is finished: one truth for command line and console."""

from dataclasses import dataclass
from enum import StrEnum

from returns.errors import WrongState
from returns.gateways.supplier import Authorisation
from returns.services import (
    adjustments,
    aftercare,
    compensations,
    desk_acts,
    falling_due,
    postage,
    second_person,
    withdrawals,
)
from returns.services.tasks import Task
from returns.wiring import House


class Needs(StrEnum):
    """What a person has to say. claim: a reference, or that it is lost. sum: how much,
    and a reference.
    """

    REFERENCE = "reference"
    DECISION = "decision"
    CLAIM = "claim"
    ADDRESS = "address"
    SUM = "sum"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Given:
    """What the person said; empty or None is nothing. amount: as it was typed."""

    reference: str = ""
    amount: str = ""
    decision: str = ""
    reason: str = ""
    address: Authorisation | None = None


BY_REFERENCE = {
    "pay_refund": desk_acts.paid_by_hand,
    "check_payment": aftercare.payment_checked,
    postage.KIND: aftercare.postage_paid,
    compensations.TASK: adjustments.compensation_paid,
    "order_replacement": desk_acts.replacement_by_hand,
}
DECIDED = ("review_return", "check_proof", adjustments.KIND)
SIMPLE = {
    "send_evidence": desk_acts.evidence_by_hand,
    "given_up": desk_acts.try_again,
    falling_due.CHECK: falling_due.value_checked,
    **dict.fromkeys(aftercare.PLAIN, aftercare.done),
    **dict.fromkeys(withdrawals.KINDS, desk_acts.followed_up),
}


def needs(kind: str) -> Needs:
    """Raises WrongState for a kind that nobody knows."""
    if kind == postage.KIND:
        return Needs.SUM
    if kind in BY_REFERENCE:
        return Needs.REFERENCE
    if kind in DECIDED:
        return Needs.DECISION
    if kind == "supplier_claim":
        return Needs.CLAIM
    if kind == "supplier_address":
        return Needs.ADDRESS
    if kind in SIMPLE:
        return Needs.NOTHING
    raise WrongState(f"no task is a {kind}")


def is_enough(kind: str, given: Given) -> bool:
    """Whether this finishes such a task."""
    match needs(kind):
        case Needs.REFERENCE:
            return bool(given.reference)
        case Needs.SUM:
            return bool(given.reference and given.amount)
        case Needs.DECISION:
            return given.decision in ("allow", "decline")
        case Needs.CLAIM:
            return bool(given.reference or given.decision)
        case Needs.ADDRESS:
            return given.address is not None
    return True


def finish(house: House, task: Task, given: Given, by: str) -> bool:
    """False: the sum needs two people; it is asked for, and somebody else does it.

    Raises WrongState, also when what is given does not finish it, and BadAmount.
    """
    if task.kind == postage.KIND and given.amount:
        postage.enter(house, task, given.amount)
    if second_person.ask_if_needed(house, task, given.decision, by):
        return False
    _finish(house, task, given, by)
    return True


def _finish(house: House, task: Task, given: Given, by: str) -> None:
    if not is_enough(task.kind, given):
        raise WrongState(f"a {task.kind} needs {needs(task.kind)}")
    if task.kind in BY_REFERENCE:
        BY_REFERENCE[task.kind](house, task, given.reference, by)
    elif task.kind == "check_proof":
        aftercare.proof_checked(house, task, given.decision == "allow", by)
    elif task.kind == adjustments.KIND:
        adjustments.decide(house, task, given.decision == "allow", by)
    elif task.kind == "review_return":
        desk_acts.decide_review(house, task, given.decision, given.reason, by)
    elif task.kind == "supplier_claim":
        won = given.reference if given.decision != "decline" else None
        aftercare.claim_closed(house, task, won or None, given.reason, by)
    elif given.address is not None and task.kind == "supplier_address":
        desk_acts.address_by_hand(house, task, given.address, by)
    else:
        SIMPLE[task.kind](house, task, by)
