"""When a refund falls due: paid by the machine, or by a person, or looked at first.

Where a loss of value is possible (W14) or a deduction waits for its second person, the
goods are looked at before anything is paid; the task is due on the law's own day.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns.errors import WrongState
from returns.model import By, RefundState, Resolution
from returns.services import history, tasks
from returns.services.cases import lines_of
from returns.services.tasks import Task
from returns.tables import adjustments, refunds
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind

CHECK = "check_value"
POSSIBLE_LOSS = "W14"


def fall_due(unit: Unit, refund_id: str) -> None:
    """The customer's part is done."""
    row = _find(unit, refund_id)
    if row is None:  # released meanwhile (X4)
        return
    looked_at = _needs_a_look(unit, row)
    by_hand = looked_at or row.method == "manual"
    due = unit.connection.execute(
        refunds.update()
        .where(
            refunds.c.refund_id == refund_id,
            refunds.c.state == RefundState.DUE,
            refunds.c.due_at.is_(None),
        )
        .values(
            due_at=unit.now,
            state=RefundState.MANUAL if by_hand else RefundState.DUE,
        )
    )
    if due.rowcount != 1:
        return
    if looked_at:
        by_person(unit, row, CHECK)
    else:
        _pay(unit, row)


def value_checked(house: House, task: Task, by: str) -> None:
    """The goods were looked at; what is left of the refund is paid. Raises WrongState
    while a deduction waits for its second person.
    """
    tasks.expect(task, CHECK)
    with writing(house) as unit:
        history.lock_return(unit, str(task.return_id))
        row = _find(unit, task.subject_id)
        if row is None:
            raise WrongState(f"refund {task.subject_id} was released")
        if _asked(unit, row.return_id):
            raise WrongState("a deduction waits for a second person")
        tasks.finish_task(unit, task, by, {"checked": True})
        history.record(unit, row.return_id, "staff.check_value", By.STAFF, by)
        if row.method != "manual":
            unit.connection.execute(
                refunds.update()
                .where(
                    refunds.c.refund_id == row.refund_id,
                    refunds.c.state == RefundState.MANUAL,
                )
                .values(state=RefundState.DUE)
            )
        _pay(unit, row)


def by_person(unit: Unit, row: Row[Any], kind: str, **more: Any) -> None:
    """A task about this refund; more: facts that a person should know."""
    case = history.get_return(unit.connection, row.return_id)
    facts = {
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "payment_reference": row.payment_reference,
        **more,
    }
    tasks.open_task(unit, kind, row.refund_id, case, facts, due_at=case.refund_by)


def _pay(unit: Unit, row: Row[Any]) -> None:
    if row.method == "manual":
        by_person(unit, row, "pay_refund")
    else:
        unit.will(WorkKind.PAY_REFUND, row.refund_id)


def _needs_a_look(unit: Unit, row: Row[Any]) -> bool:
    lines = lines_of(unit.connection, row.return_id)
    possible = any(
        POSSIBLE_LOSS in line.rules and line.resolution == Resolution.REFUND
        for line in lines
    )
    return possible or _asked(unit, row.return_id)


def _asked(unit: Unit, return_id: str) -> bool:
    query = sa.select(adjustments.c.adjustment_id).where(
        adjustments.c.return_id == return_id,
        adjustments.c.kind == "deduction",
        adjustments.c.state == "asked",
    )
    return unit.connection.execute(query).first() is not None


def _find(unit: Unit, refund_id: str) -> Row[Any] | None:
    query = sa.select(refunds).where(refunds.c.refund_id == refund_id)
    return unit.connection.execute(query).first()
