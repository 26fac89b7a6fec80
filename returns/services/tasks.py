"""What only a person can do: rows that staff list and finish."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns import ids
from returns.errors import NotFound, WrongState
from returns.sql import insert_once
from returns.tables import tasks
from returns.unit import Unit
from returns.wiring import House


@dataclass(frozen=True)
class Task:
    """kind: review_return, supplier_address, order_replacement, pay_refund, given_up.

    subject_id: the return, refund, replacement or work row it is about.
    """

    task_id: str
    kind: str
    subject_id: str
    return_id: str | None
    order_number: str | None
    facts: dict[str, Any]
    due_at: datetime | None
    created_at: datetime
    done_at: datetime | None
    done_by: str | None


def open_task(
    unit: Unit,
    kind: str,
    subject_id: str,
    case: Row[Any] | None,
    facts: dict[str, Any] | None = None,
    due_at: datetime | None = None,
) -> None:
    """Once per kind and subject, however often it is asked for."""
    insert_once(
        unit.connection,
        tasks,
        task_id=ids.new_id(),
        kind=kind,
        subject_id=subject_id,
        return_id=case.return_id if case else None,
        order_number=case.order_number if case else None,
        facts=facts or {},
        due_at=due_at,
        created_at=unit.now,
    )


def open_tasks(house: House) -> list[Task]:
    """Oldest due first."""
    query = (
        sa.select(tasks)
        .where(tasks.c.done_at.is_(None))
        .order_by(sa.nulls_last(tasks.c.due_at), tasks.c.created_at)
    )
    with house.reader.connect() as connection:
        return [_task(row) for row in connection.execute(query)]


def find_task(house: House, task_id: str) -> Task:
    """Also by the first characters of its id. Raises NotFound."""
    with house.reader.connect() as connection:
        query = sa.select(tasks).where(tasks.c.task_id.startswith(task_id))
        rows = connection.execute(query).all()
    if len(rows) != 1:
        raise NotFound(f"no single task {task_id}")
    return _task(rows[0])


def finish_task(unit: Unit, task: Task, by: str, result: dict[str, Any]) -> None:
    """Raises WrongState when somebody finished it before."""
    done = unit.connection.execute(
        tasks.update()
        .where(tasks.c.task_id == task.task_id, tasks.c.done_at.is_(None))
        .values(done_at=unit.now, done_by=by, result=result)
    )
    if done.rowcount != 1:
        raise WrongState(f"task {task.task_id} is done already")


def _task(row: Row[Any]) -> Task:
    return Task(**{name: row._mapping[name] for name in Task.__dataclass_fields__})
