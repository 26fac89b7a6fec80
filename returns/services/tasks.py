"""What only a person can do: rows that staff list and finish."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns import ids
from returns.errors import NotFound, WrongState
from returns.sql import insert_once
from returns.tables import evidence, tasks
from returns.unit import Unit
from returns.wiring import House

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Task:
    """kind: the README lists them all, with what finishes each.

    facts: with `pictures`, the upload_ids of the return, if it has any.
    subject_id: the return, refund, replacement, work row or draft it is about.
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


def open_tasks(house: House, after: str = "", most: int | None = None) -> list[Task]:
    """Oldest due first. after: the task that a page ended with; most: None: all."""
    due = sa.func.coalesce(
        tasks.c.due_at, sa.bindparam("never", NEVER, tasks.c.due_at.type)
    )
    order = (due, tasks.c.created_at, tasks.c.task_id)
    query = sa.select(tasks).where(tasks.c.done_at.is_(None)).order_by(*order)
    with house.reader.connect() as connection:
        if after:
            ended = sa.select(*order).where(tasks.c.task_id == after)
            key = connection.execute(ended).first()
            query = query.where(sa.tuple_(*order) > tuple(key)) if key else query
        rows = connection.execute(query.limit(most)).all()
        return [_task(connection, row) for row in rows]


def expect(task: Task, kind: str) -> None:
    """Raises WrongState."""
    if task.kind != kind:
        raise WrongState(f"task {task.task_id} is a {task.kind}, not a {kind}")


def find_task(house: House, task_id: str) -> Task:
    """Also by the first characters of its id. Raises NotFound."""
    with house.reader.connect() as connection:
        query = sa.select(tasks).where(tasks.c.task_id.startswith(task_id))
        rows = connection.execute(query).all()
        if len(rows) != 1:
            raise NotFound(f"no single task {task_id}")
        return _task(connection, rows[0])


def about(connection: Connection, kind: str, subject_id: str) -> Task | None:
    """Open or done."""
    query = sa.select(tasks).where(
        tasks.c.subject_id == subject_id, tasks.c.kind == kind
    )
    row = connection.execute(query).first()
    return _task(connection, row) if row else None


def of_return(connection: Connection, return_id: str, kind: str) -> Task | None:
    """The task of this kind about the return itself, open or done."""
    return about(connection, kind, return_id)


def drop_open(unit: Unit, return_id: str, why: str, *kinds: str) -> None:
    """Nobody need do these any more; no kinds: all of the return."""
    wanted = tasks.c.kind.in_(kinds) if kinds else sa.true()
    unit.connection.execute(
        tasks.update()
        .where(tasks.c.return_id == return_id, tasks.c.done_at.is_(None), wanted)
        .values(done_at=unit.now, done_by="system", result={"dropped": why})
    )


def finish_task(unit: Unit, task: Task, by: str, result: dict[str, Any]) -> None:
    """Raises WrongState when somebody finished it before."""
    done = unit.connection.execute(
        tasks.update()
        .where(tasks.c.task_id == task.task_id, tasks.c.done_at.is_(None))
        .values(done_at=unit.now, done_by=by, result=result)
    )
    if done.rowcount != 1:
        raise WrongState(f"task {task.task_id} is done already")


def _task(connection: Connection, row: Row[Any]) -> Task:
    stored = {name: row._mapping[name] for name in Task.__dataclass_fields__}
    query = sa.select(evidence.c.upload_id).where(evidence.c.return_id == row.return_id)
    ordered = query.order_by(evidence.c.added_at, evidence.c.upload_id)
    pictures = list(connection.execute(ordered).scalars())
    shown = {"pictures": pictures} if pictures else {}
    return Task(**{**stored, "facts": {**row.facts, **shown}})
