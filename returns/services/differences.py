"""What our ledger and a partner's book do not agree on, and what explains it (X9)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.model import By
from returns.sql import ROWS_AT_ONCE
from returns.tables import return_history, tasks, work
from returns.work import WorkKind, work_id_of


class What(StrEnum):
    """In the partner's book, against ours.

    unknown_payment: it paid what we never asked for. missing_payment: we call paid what
    it has not. paid_twice: it has several, or one beside a person's. paid_but_open: it
    paid what we still mean to pay. came_back: the money came back, and we call it paid.
    unknown_return, missing_return, other_number: the same of a supplier's RMAs.
    cancelled_there_open: the customer cancelled what it still waits for.
    receipt_unheard: it has the goods. stuck: in flight, and no work moves it.
    """

    UNKNOWN_PAYMENT = "unknown_payment"
    MISSING_PAYMENT = "missing_payment"
    AMOUNT_DIFFERS = "amount_differs"
    PAID_TWICE = "paid_twice"
    PAID_BUT_OPEN = "paid_but_open"
    CAME_BACK = "came_back"
    UNKNOWN_RETURN = "unknown_return"
    MISSING_RETURN = "missing_return"
    OTHER_NUMBER = "other_number"
    CANCELLED_THERE_OPEN = "cancelled_there_open"
    RECEIPT_UNHEARD = "receipt_unheard"
    STUCK = "stuck"


class Because(StrEnum):
    """Why a difference is none to worry about."""

    IN_FLIGHT = "in_flight"
    ASKED = "asked"  # our next read of the book settles it
    BY_HAND = "by_hand"
    WITH_A_PERSON = "with_a_person"
    ERASED = "erased"
    TOLD = "told"  # a person tells the supplier, or has
    LOOKED_AT = "looked_at"  # a person finished the task about it


@dataclass(frozen=True)
class Difference:
    """subject: a refund_id, or a supplier's reference. because: None: unexplained.

    Amounts in minor units, None where they are not what differs.
    """

    book: str
    what: What
    subject: str
    return_id: str | None = None
    ours: int | None = None
    theirs: int | None = None
    currency: str | None = None
    because: Because | None = None


def recent_and_named(
    connection: Connection,
    recent: sa.Select[Any],
    key: sa.Column[Any],
    named: Iterable[str],
) -> dict[str, Row[Any]]:
    """Our rows of a book by key: of `recent`, and whatever the other side names."""
    found = list(connection.execute(recent).all())
    wanted = sorted(named)
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        some = key.in_(wanted[start : start + ROWS_AT_ONCE])
        found += connection.execute(sa.select(key.table).where(some)).all()
    return {row._mapping[key.name]: row for row in found}


@dataclass
class Compared:
    """One book. entries: its own. agreed: subjects on which both say the same.

    unread: why it could not be read. to_confirm: returns whose arrival it knows of.
    """

    book: str
    entries: int = 0
    agreed: int = 0
    unread: str | None = None
    differences: list[Difference] = field(default_factory=list)
    to_confirm: list[str] = field(default_factory=list)

    def note(self, found: Difference | None) -> None:
        if found is None:
            self.agreed += 1
        else:
            self.differences.append(found)


def is_pending(connection: Connection, kind: WorkKind, subject_id: str) -> bool:
    """Whether this work still moves."""
    state = work_state(connection, kind, subject_id)
    return state == "pending"


def work_state(connection: Connection, kind: WorkKind, subject_id: str) -> str | None:
    query = sa.select(work.c.state).where(
        work.c.work_id == work_id_of(kind, subject_id)
    )
    state: str | None = connection.execute(query).scalar()
    return state


def reading_pending(connection: Connection, refund_id: str) -> bool:
    """Whether the bank's news of this refund are being looked up."""
    stem = work_id_of(WorkKind.READ_PAYMENT, f"{refund_id}/")
    query = sa.select(work.c.work_id).where(
        work.c.work_id.startswith(stem, autoescape=True), work.c.state == "pending"
    )
    return connection.execute(query).first() is not None


def waits_for_person(
    connection: Connection, subject_id: str, kinds: Collection[str]
) -> bool:
    """Whether a person has such a task about it, still to do."""
    query = sa.select(tasks.c.task_id).where(
        tasks.c.subject_id == subject_id,
        tasks.c.kind.in_(kinds),
        tasks.c.done_at.is_(None),
    )
    return connection.execute(query).first() is not None


def by_staff(connection: Connection, return_id: str, event: str) -> bool:
    """Whether a person did this to the return."""
    query = sa.select(return_history.c.entry_id).where(
        return_history.c.return_id == return_id,
        return_history.c.event == event,
        return_history.c.by == By.STAFF,
    )
    return connection.execute(query).first() is not None
