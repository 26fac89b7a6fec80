"""What staff do with a task; command line and console call the same functions."""

from typing import Any

from returns.errors import WrongState
from returns.gateways.supplier import Authorisation
from returns.model import By, Outcome, ReturnStatus
from returns.services import (
    authorisations,
    cases,
    evidence,
    history,
    mediation,
    notices,
    refunds,
    replacements,
    second_person,
    tasks,
    withdrawals,
)
from returns.services.tasks import Task
from returns.tables import held_units, returns
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, retry_now


def paid_by_hand(house: House, task: Task, reference: str, by: str) -> None:
    """A person paid at the bank. Raises WrongState if the task is another kind."""
    tasks.expect(task, "pay_refund")
    second_person.require(house, task, by)
    refunds.settle(house, task.subject_id, reference, By.STAFF, by)
    with writing(house) as unit:
        tasks.finish_task(unit, task, by, {"reference": reference})


def replacement_by_hand(house: House, task: Task, reference: str, by: str) -> None:
    """A person ordered the replacement. Raises WrongState."""
    tasks.expect(task, "order_replacement")
    replacements.ordered(house, task.subject_id, reference, By.STAFF, by)
    with writing(house) as unit:
        tasks.finish_task(unit, task, by, {"reference": reference})


def address_by_hand(house: House, task: Task, given: Authorisation, by: str) -> None:
    """A person got number and address from the supplier. Raises WrongState."""
    tasks.expect(task, "supplier_address")
    authorisations.record_authorisation(house, task.subject_id, given, By.STAFF, by)
    with writing(house) as unit:
        tasks.finish_task(unit, task, by, {"rma_number": given.rma_number})


def decide_review(
    house: House, task: Task, decision: str, reason: str, by: str
) -> None:
    """decision: allow or decline, with the reason the customer is told.

    Raises WrongState.
    """
    tasks.expect(task, "review_return")
    if decision == "allow":
        second_person.require(house, task, by)
    with writing(house) as unit:
        case = history.get_return(unit.connection, task.subject_id)
        if decision == "allow":
            _allow(house, unit, case, by)
        else:
            _decline(house, unit, case, reason, by)
        tasks.finish_task(unit, task, by, {"decision": decision, "reason": reason})


def evidence_by_hand(house: House, task: Task, by: str) -> None:
    """A person passed the return's pictures on. Raises WrongState."""
    tasks.expect(task, "send_evidence")
    with writing(house) as unit:
        evidence.sent_by_hand(unit, str(task.return_id), by)
        tasks.finish_task(unit, task, by, {"sent": True})


def try_again(house: House, task: Task, by: str) -> None:
    """Given-up work is pushed once more. Raises WrongState."""
    tasks.expect(task, "given_up")
    with writing(house) as unit:
        kind = WorkKind(task.facts["kind"])
        retry_now(unit.connection, kind, task.facts["subject_id"], unit.now)
        tasks.finish_task(unit, task, by, {"retried": True})


def followed_up(house: House, task: Task, by: str) -> None:
    """A person saw to a withdrawal that was only stated. Raises WrongState."""
    if task.kind not in withdrawals.KINDS:
        raise WrongState(f"task {task.task_id} is a {task.kind}, no withdrawal")
    with writing(house) as unit:
        tasks.finish_task(unit, task, by, {"followed_up": True})


def _allow(house: House, unit: Unit, case: Any, by: str) -> None:
    unit.connection.execute(
        returns.update()
        .where(returns.c.return_id == case.return_id)
        .values(outcome=Outcome.ALLOW, decline_reason=None)
    )
    history.move(
        unit, case.return_id, (ReturnStatus.NEEDS_REVIEW,), ReturnStatus.REQUESTED
    )
    history.record(unit, case.return_id, "staff.allowed", By.STAFF, by)
    allowed = history.get_return(unit.connection, case.return_id)
    params = {"return_id": case.return_id}
    notices.in_chat(unit, allowed, "utter_news_review_allowed", params)
    notices.by_mail(unit, allowed, "utter_mail_review_allowed", params)
    cases.set_going_after_review(house, unit, allowed)


def _decline(house: House, unit: Unit, case: Any, reason: str, by: str) -> None:
    history.move(
        unit, case.return_id, (ReturnStatus.NEEDS_REVIEW,), ReturnStatus.DECLINED
    )
    history.record(unit, case.return_id, "staff.declined", By.STAFF, by, reason=reason)
    unit.connection.execute(
        held_units.delete().where(held_units.c.return_id == case.return_id)
    )
    params = {"return_id": case.return_id, "reason": reason}
    notices.in_chat(unit, case, "utter_news_review_declined", params)
    told = {**params, **mediation.params(house)}
    notices.by_mail(unit, case, "utter_mail_review_declined", told)
