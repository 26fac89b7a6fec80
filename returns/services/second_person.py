"""Sums that nobody moves alone: one person asks, another one does it (X10).

The sum is shop.yml's refund_limits.two_people_above. People are told apart by the name
they act under; two of the same name count as one, so that no right is won by it.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from returns.errors import WrongState
from returns.model import By
from returns.services import history
from returns.services.tasks import Task
from returns.shop_values import in_minor_units
from returns.sql import insert_once
from returns.tables import (
    adjustments,
    orders,
    refunds,
    return_lines,
    task_requests,
    tasks,
)
from returns.unit import Unit, writing
from returns.wiring import House

PAYING = frozenset({"pay_refund", "check_payment"})
DECIDING = frozenset({"review_return", "check_proof"})
ADJUSTING = frozenset({"confirm_adjustment", "pay_compensation"})
# Whose sum is what a person read on a receipt.
ENTERED = frozenset({"pay_postage"})


class SecondPersonNeeded(WrongState):
    """Whoever asked for it cannot also do it, and nobody does it unasked."""


@dataclass(frozen=True)
class Request:
    """A task over the limit. asked_by: None while nobody has asked."""

    asked_by: str | None

    def is_from(self, name: str) -> bool:
        return self.asked_by is not None and are_one(self.asked_by, name)


def request_of(house: House, task: Task) -> Request | None:
    """None: one person is enough."""
    with house.reader.connect() as connection:
        return _request(house, connection, task)


def requests_of(house: House, found: Iterable[Task]) -> dict[str, Request]:
    """By task_id; those for which one person is enough are left out."""
    with house.reader.connect() as connection:
        asked = {task.task_id: _request(house, connection, task) for task in found}
    return {task_id: request for task_id, request in asked.items() if request}


def ask_if_needed(house: House, task: Task, decision: str, by: str) -> bool:
    """True: it is asked for now, and waits for somebody else.

    decision: empty where there is none; what refuses moves no money. Raises
    SecondPersonNeeded when this person asked for it before.
    """
    decided = task.kind in DECIDING or task.kind == "confirm_adjustment"
    if task.done_at is not None or (decided and decision != "allow"):
        return False
    request = request_of(house, task)
    if request is None:
        return False
    if request.asked_by is None and _ask(house, task, by):
        return True
    require(house, task, by)
    return False


def require(house: House, task: Task, by: str) -> None:
    """Raises SecondPersonNeeded unless somebody else has asked for this."""
    request = request_of(house, task)
    if request is not None and (request.asked_by is None or request.is_from(by)):
        raise SecondPersonNeeded(
            f"a task of this sum needs two people: {request.asked_by or 'nobody'}"
            " asked, somebody else must do it"
        )


def ask_anew(unit: Unit, task: Task) -> None:
    """Its sum is another one: what was asked about the old one counts no more."""
    mine = task_requests.c.task_id == task.task_id
    unit.connection.execute(task_requests.delete().where(mine))


def is_too_much(
    house: House, connection: Connection, kind: str, subject_id: str
) -> bool:
    """Whether a task of this kind about this would need two people."""
    amount = _amount_adjusted(connection, subject_id) if kind in ADJUSTING else None
    return _is_over(house, amount)


def note_asked(unit: Unit, task: Task, by: str) -> bool:
    """False: somebody asked before."""
    asked = insert_once(
        unit.connection,
        task_requests,
        task_id=task.task_id,
        asked_by=by,
        asked_at=unit.now,
    )
    if asked and task.return_id is not None:
        told = {"task": task.kind}
        history.record(unit, task.return_id, "staff.asked", By.STAFF, by, **told)
    return asked


def _ask(house: House, task: Task, by: str) -> bool:
    with writing(house) as unit:
        return note_asked(unit, task, by)


def _is_over(house: House, amount: tuple[int, str] | None) -> bool:
    if amount is None:
        return False
    most = in_minor_units(house.shop.refund_limits.two_people_above, amount[1])
    return most is not None and amount[0] > most


def _request(house: House, connection: Connection, task: Task) -> Request | None:
    if not _is_over(house, _amount(connection, task)):
        return None
    query = sa.select(task_requests.c.asked_by).where(
        task_requests.c.task_id == task.task_id
    )
    return Request(connection.execute(query).scalar())


def _amount(connection: Connection, task: Task) -> tuple[int, str] | None:
    """Minor units and currency of what the task pays or decides on, else None."""
    if task.kind in ADJUSTING:
        return _amount_adjusted(connection, task.subject_id)
    if task.kind in ENTERED:
        return _amount_entered(connection, task)
    if task.kind in PAYING:
        query = sa.select(refunds.c.amount_minor, refunds.c.currency).where(
            refunds.c.refund_id == task.subject_id
        )
    elif task.kind in DECIDING:
        query = (
            sa.select(sa.func.sum(return_lines.c.refund_minor), orders.c.currency)
            .join(orders, orders.c.order_number == return_lines.c.order_number)
            .where(return_lines.c.return_id == task.return_id)
            .group_by(orders.c.currency)
        )
    else:
        return None
    row = connection.execute(query).first()
    return (int(row[0]), str(row[1])) if row else None


def _amount_adjusted(
    connection: Connection, adjustment_id: str
) -> tuple[int, str] | None:
    """All of its kind in this return together, so that no splitting helps."""
    mine = sa.select(adjustments.c.return_id, adjustments.c.kind).where(
        adjustments.c.adjustment_id == adjustment_id
    )
    row = connection.execute(mine).first()
    if row is None:
        return None
    query = (
        sa.select(sa.func.sum(adjustments.c.amount_minor), adjustments.c.currency)
        .where(
            adjustments.c.return_id == row.return_id,
            adjustments.c.kind == row.kind,
            adjustments.c.state != "declined",
        )
        .group_by(adjustments.c.currency)
    )
    total = connection.execute(query).first()
    return (int(total[0]), str(total[1])) if total else None


def _amount_entered(connection: Connection, task: Task) -> tuple[int, str] | None:
    query = sa.select(tasks.c.facts).where(tasks.c.task_id == task.task_id)
    facts = connection.execute(query).scalar() or {}
    if "amount_minor" not in facts:
        return None
    return int(facts["amount_minor"]), str(facts["currency"])


def are_one(name: str, other: str) -> bool:
    """Whether two names are taken for the same person."""
    return _key(name) == _key(other)


def _key(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(plain.split())
