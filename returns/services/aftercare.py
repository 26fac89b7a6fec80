"""What staff do with the tasks that come after a return was opened."""

from returns.errors import WrongState
from returns.model import By
from returns.services import (
    claims,
    history,
    parcels,
    postage,
    refunds,
    second_person,
    tasks,
)
from returns.services.tasks import Task
from returns.unit import writing
from returns.wiring import House

# Done in the world outside; nothing of the case changes but its history.
PLAIN = (
    "tell_supplier_cancelled",
    "unhappy_customer",
    "nothing_sent",
    "message_undelivered",
    "channel_stopped",
    "explain_difference",
)


def proof_checked(house: House, task: Task, believed: bool, by: str) -> None:
    """believed False: the refund waits for the goods. Raises WrongState."""
    tasks.expect(task, "check_proof")
    if believed:
        second_person.require(house, task, by)
    with writing(house) as unit:
        case = history.get_return(unit.connection, task.subject_id)
        tasks.finish_task(unit, task, by, {"believed": believed})
        event = "proof.accepted" if believed else "proof.refused"
        history.record(unit, case.return_id, event, By.STAFF, by)
        if believed:
            number = str(task.facts.get("number") or "")
            parcels.accept_proof(house, unit, case, number)


def payment_checked(house: House, task: Task, reference: str, by: str) -> None:
    """A person settled what the bank's book has otherwise. Raises WrongState."""
    tasks.expect(task, "check_payment")
    second_person.require(house, task, by)
    refunds.settle(house, task.subject_id, reference, By.STAFF, by)
    with writing(house) as unit:
        tasks.finish_task(unit, task, by, {"reference": reference})


def postage_paid(house: House, task: Task, reference: str, by: str) -> None:
    """A person paid back what the customer advanced. Raises WrongState."""
    tasks.expect(task, postage.KIND)
    second_person.require(house, task, by)
    with writing(house) as unit:
        told = postage.paid(unit, task, reference, by)
        tasks.finish_task(unit, task, by, told)


def claim_closed(
    house: House, task: Task, reference: str | None, reason: str, by: str
) -> None:
    """reference: of the supplier's payment, None: it is lost. Raises WrongState."""
    tasks.expect(task, "supplier_claim")
    with writing(house) as unit:
        tasks.finish_task(unit, task, by, {"reference": reference, "reason": reason})
        claims.close_claim(unit, task, reference is not None, by)


def done(house: House, task: Task, by: str) -> None:
    """Raises WrongState when the task needs more than being done."""
    if task.kind not in PLAIN:
        raise WrongState(f"task {task.task_id} is a {task.kind}")
    with writing(house) as unit:
        tasks.finish_task(unit, task, by, {})
        if task.return_id is not None:
            event = f"staff.{task.kind}"
            history.record(unit, task.return_id, event, By.STAFF, by)
