"""Cases as staff see them: a list, one case with its timeline, and its tasks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk.console import audit, keyset, reasons
from desk.console.accounts import Member, Role
from desk.console.case_filters import (
    OF_LINE,
    OVER,
    CaseFilters,
    conditions,
    right_reason,
)
from desk.console.tables import line_reasons
from returns.errors import ReturnsError
from returns.services import cases, finishing, history, tasks, views
from returns.services.finishing import Given
from returns.services.tasks import Task
from returns.tables import (
    evidence,
    notices,
    order_lines,
    orders,
    refunds,
    return_history,
    return_lines,
    returns,
)
from returns.tables import tasks as task_rows
from returns.unit import writing
from returns.wiring import House

PAGE = 50
TASKS = 40  # on a page, each with its form
# Money leaves, or a customer's right is decided: not for everybody.
FOR_APPROVERS = frozenset(
    {
        "pay_refund",
        "check_payment",
        "check_value",
        "confirm_adjustment",
        "pay_compensation",
        "pay_postage",
        "review_return",
        "check_proof",
        "supplier_claim",
    }
)


@dataclass(frozen=True)
class Entry:
    """One row of the list. tasks: how many wait for a person."""

    case: Row[Any]
    customer: dict[str, Any]
    reasons: tuple[str, ...]
    refund: Row[Any] | None
    tasks: int


@dataclass(frozen=True)
class Page:
    entries: tuple[Entry, ...]
    older: str | None


@dataclass(frozen=True)
class Happening:
    """One line of a timeline. kind: event, notice or task; by: who did it."""

    at: datetime
    kind: str
    name: str
    by: str
    who: str | None
    data: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """deadline: the next one, None when nothing is due."""

    case: Row[Any]
    facts: dict[str, Any]
    order: Row[Any]
    lines: list[tuple[Row[Any], Row[Any]]]
    right_reasons: dict[str, Row[Any]]
    refund: Row[Any] | None
    pictures: list[str]
    timeline: list[Happening]
    open_tasks: list[Task]
    deadline: tuple[str, datetime] | None


def needed(kind: str) -> Role:
    return Role.APPROVER if kind in FOR_APPROVERS else Role.AGENT


def page(
    house: House, filters: CaseFilters, before: str = "", size: int = PAGE
) -> Page:
    """Newest first. before: the key of a page, as `Page.older` gave it."""
    at, return_id = returns.c.created_at, returns.c.return_id
    query = (
        sa.select(returns)
        .where(*conditions(house, filters), *keyset.before(at, return_id, before))
        .order_by(*keyset.newest_first(at, return_id))
        .limit(size + 1)
    )
    with house.reader.connect() as connection:
        rows = connection.execute(query).all()
        entries = _entries(connection, list(rows[:size]))
    last = rows[size - 1] if len(rows) > size else None
    older = keyset.key_of(last.created_at, last.return_id) if last else None
    return Page(entries, older)


def read(house: House, return_id: str) -> Case:
    """Raises NotFound."""
    with house.reader.connect() as connection:
        case = history.get_return(connection, return_id)
        order = connection.execute(
            sa.select(orders).where(orders.c.order_number == case.order_number)
        ).one()
        refund = _refunds(connection, [return_id]).get(return_id)
        pictures = sa.select(evidence.c.upload_id).where(
            evidence.c.return_id == return_id
        )
        waiting = _open_tasks(connection, return_id)
        return Case(
            case=case,
            facts=views.as_json(connection, case),
            order=order,
            lines=_lines(connection, case),
            right_reasons=reasons.of_case(connection, return_id),
            refund=refund,
            pictures=list(connection.execute(pictures).scalars()),
            timeline=_timeline(connection, return_id),
            open_tasks=waiting,
            deadline=_deadline(case, refund, waiting, house.clock.now()),
        )


def finish(house: House, task: Task, given: Given, by: Member) -> None:
    """As the command line does. Raises WrongState and what the services raise."""
    _note(house, by, "task.finishing", task)
    try:
        done = finishing.finish(house, task, given, by.name)
    except ReturnsError:
        _note(house, by, "task.not_finished", task)
        raise
    if not done:
        _note(house, by, "task.asked", task)


def _note(house: House, by: Member, act: str, task: Task) -> None:
    with writing(house) as unit:
        told = {"kind": task.kind, "return_id": task.return_id}
        audit.note(house, unit, by.email, act, task.task_id, **told)


def _entries(connection: Connection, rows: list[Row[Any]]) -> tuple[Entry, ...]:
    ids = [row.return_id for row in rows]
    numbers = {row.order_number for row in rows}
    bought = sa.select(orders.c.order_number, orders.c.customer).where(
        orders.c.order_number.in_(numbers)
    )
    people = {row.order_number: row.customer for row in connection.execute(bought)}
    why: dict[str, dict[str, None]] = {}
    told = (
        sa.select(return_lines.c.return_id, right_reason.label("reason"))
        .select_from(return_lines.outerjoin(line_reasons, OF_LINE))
        .where(return_lines.c.return_id.in_(ids))
    )
    for row in connection.execute(told):
        if row.reason:
            why.setdefault(row.return_id, {})[row.reason] = None
    counted = (
        sa.select(task_rows.c.return_id, sa.func.count().label("waiting"))
        .where(task_rows.c.return_id.in_(ids), task_rows.c.done_at.is_(None))
        .group_by(task_rows.c.return_id)
    )
    waiting = {row.return_id: row.waiting for row in connection.execute(counted)}
    paid = _refunds(connection, ids)
    return tuple(
        Entry(
            case=row,
            customer=people.get(row.order_number, {}),
            reasons=tuple(why.get(row.return_id, {})),
            refund=paid.get(row.return_id),
            tasks=waiting.get(row.return_id, 0),
        )
        for row in rows
    )


def _refunds(connection: Connection, ids: list[str]) -> dict[str, Row[Any]]:
    query = sa.select(refunds).where(refunds.c.return_id.in_(ids))
    return {row.return_id: row for row in connection.execute(query)}


def _lines(connection: Connection, case: Row[Any]) -> list[tuple[Row[Any], Row[Any]]]:
    bought = sa.select(order_lines).where(
        order_lines.c.order_number == case.order_number
    )
    by_id = {row.line_id: row for row in connection.execute(bought)}
    return [
        (line, by_id[line.line_id])
        for line in cases.lines_of(connection, case.return_id)
    ]


def _open_tasks(connection: Connection, return_id: str) -> list[Task]:
    query = sa.select(task_rows).where(
        task_rows.c.return_id == return_id, task_rows.c.done_at.is_(None)
    )
    names = Task.__dataclass_fields__
    return [
        Task(**{name: row._mapping[name] for name in names})
        for row in connection.execute(query.order_by(task_rows.c.created_at))
    ]


def _timeline(connection: Connection, return_id: str) -> list[Happening]:
    mine = return_history.c.return_id == return_id
    rows = connection.execute(
        sa.select(return_history).where(mine).order_by(return_history.c.entry_id)
    )
    found = [Happening(r.at, "event", r.event, r.by, r.who, r.data) for r in rows]
    told = sa.select(notices).where(notices.c.return_id == return_id)
    for row in connection.execute(told):
        data = {"response": row.response, "delivered": row.delivered_at is not None}
        at = row.delivered_at or row.created_at
        found.append(Happening(at, "notice", row.medium, "system", None, data))
    work = sa.select(task_rows).where(task_rows.c.return_id == return_id)
    for row in connection.execute(work):
        found.append(Happening(row.created_at, "task", row.kind, "system", None, {}))
    return sorted(found, key=lambda happening: happening.at)


def _deadline(
    case: Row[Any], refund: Row[Any] | None, waiting: list[Task], now: datetime
) -> tuple[str, datetime] | None:
    due = [(task.kind, task.due_at) for task in waiting if task.due_at]
    found = [(f"task_{kind}", at) for kind, at in due]
    if case.status == "authorised" and case.ship_by:
        found.append(("deadline_ship_by", case.ship_by))
    owed = refund is not None and refund.state not in ("paid", "none")
    if case.status not in OVER and owed and case.refund_by:
        found.append(("deadline_refund_by", case.refund_by))
    return min(found, key=lambda one: one[1]) if found else None


def open_tasks(house: House, after: str = "") -> tuple[list[Task], str | None]:
    """What waits for a person, oldest due first, and the key of the next page."""
    found = tasks.open_tasks(house, after, TASKS + 1)
    more = len(found) > TASKS
    return found[:TASKS], found[TASKS - 1].task_id if more else None
