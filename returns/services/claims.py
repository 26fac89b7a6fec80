"""What a supplier at fault owes the merchant; never the customer's problem (C18)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns import repository
from returns.model import (
    SENT_AGAIN,
    By,
    Recourse,
    RefundState,
    ReplacementState,
    Resolution,
)
from returns.services import history, tasks
from returns.services.cases import lines_of
from returns.services.tasks import Task
from returns.tables import refund_components, refunds, replacements, returns
from returns.tables import tasks as task_rows
from returns.unit import Unit

OPEN, WON, LOST = "open", "won", "lost"


def open_claim(unit: Unit, case: Row[Any]) -> None:
    """Claim what was refunded, or the value of what was replaced, so far.

    Called whenever money left or goods were ordered; nothing without a line whose
    loss the supplier bears. A claim that staff closed stays as it is.
    """
    amount = _amount(unit.connection, case)
    known = history.get_return(unit.connection, case.return_id).claim
    if amount == 0 or (known is not None and known["state"] != OPEN):
        return
    currency = repository.get_order(unit.connection, case.order_number).currency
    claim = {
        "party": Recourse.SUPPLIER.value,
        "amount_minor": amount,
        "currency": currency,
        "state": OPEN,
    }
    if claim == known:
        return
    _keep(unit, case.return_id, claim)
    history.record(unit, case.return_id, "claim.opened", By.SYSTEM, amount=amount)
    facts = {"supplier": case.supplier, "rma_number": case.rma_number, **claim}
    tasks.open_task(unit, "supplier_claim", case.return_id, case, facts)
    unit.connection.execute(
        task_rows.update()
        .where(
            task_rows.c.kind == "supplier_claim",
            task_rows.c.subject_id == case.return_id,
            task_rows.c.done_at.is_(None),
        )
        .values(facts=facts)
    )


def close_claim(unit: Unit, task: Task, won: bool, by: str) -> None:
    """The supplier paid, or never will. Raises NotFound."""
    case = history.get_return(unit.connection, task.subject_id)
    state = WON if won else LOST
    _keep(unit, case.return_id, {**(case.claim or {}), "state": state})
    history.record(unit, case.return_id, f"claim.{state}", By.STAFF, by)


def _keep(unit: Unit, return_id: str, claim: dict[str, Any]) -> None:
    unit.connection.execute(
        returns.update().where(returns.c.return_id == return_id).values(claim=claim)
    )


def _amount(connection: Connection, case: Row[Any]) -> int:
    """Minor units; 0 when the supplier owes nothing yet."""
    lines = [
        line
        for line in lines_of(connection, case.return_id)
        if line.recourse == Recourse.SUPPLIER
    ]
    refunded = [ln.line_id for ln in lines if ln.resolution == Resolution.REFUND]
    replaced = [ln for ln in lines if ln.resolution in SENT_AGAIN]
    total = sum(_paid_for(connection, case.return_id, line) for line in refunded)
    if replaced and _is_ordered(connection, case.return_id):
        total += sum(line.refund_minor for line in replaced)
    return total


def _paid_for(connection: Connection, return_id: str, line_id: str) -> int:
    query = sa.select(
        sa.func.coalesce(sa.func.sum(refund_components.c.amount_minor), 0)
    )
    query = query.join_from(
        refund_components,
        refunds,
        refund_components.c.refund_id == refunds.c.refund_id,
    ).where(
        refunds.c.return_id == return_id,
        refunds.c.state == RefundState.PAID,
        refund_components.c.component.startswith(f"unit/{line_id}/", autoescape=True),
    )
    return int(connection.execute(query).scalar_one())


def _is_ordered(connection: Connection, return_id: str) -> bool:
    query = sa.select(replacements.c.state).where(replacements.c.return_id == return_id)
    return connection.execute(query).scalar() == ReplacementState.ORDERED
