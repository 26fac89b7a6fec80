"""The one pattern of durable work (there is no other outbox).

1. `add_work` commits a row together with the change that needs the work, attempt 1.
2. After the commit `WorkQueue.push` hands `<work_id>:<attempt>` to the engine.
3. `sweep` pushes again, same id, what has not moved; only when the engine says that
   the attempt ended and the row is still pending does it raise the attempt, after
   X11's wait, until X6's end; then the row is given up and becomes a staff task.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from returns.sql import insert_new, insert_once
from returns.tables import work
from returns.waits import (
    LONGEST_WAIT_SECONDS,
    SHORT_WAIT_SECONDS,
    settle,
    wait_seconds,
)

MAX_ATTEMPTS = 12
MAX_AGE = timedelta(hours=24)


class WorkKind(StrEnum):
    """Each value is also the name of the workflow that does it."""

    AUTHORISE_RETURN = "authorise_return"
    SETTLE_RETURN = "settle_return"
    ORDER_REPLACEMENT = "order_replacement"
    SEND_EVIDENCE = "send_evidence"
    CONFIRM_RECEIPT = "confirm_receipt"
    PAY_REFUND = "pay_refund"
    READ_PAYMENT = "read_payment"
    DELIVER_NOTICE = "deliver_notice"
    SEND_CODE = "send_code"
    SETTLE_WITHDRAWAL = "settle_withdrawal"
    ANSWER_MESSAGE = "answer_message"
    FORGET_CONVERSATION = "forget_conversation"
    KEEP_PERIODS = "keep_periods"
    TAKE_ARRIVAL = "take_arrival"
    SEND_OUTBOUND = "send_outbound"
    RECONCILE = "reconcile"


# However long Rasa was gone, the answer comes soon after: for a day it is tried again.
WITH_A_CUSTOMER = frozenset({WorkKind.ANSWER_MESSAGE})


FINISH = (
    work.update()
    .where(work.c.work_id == sa.bindparam("this"))
    .values(state="done", last_error=None)
)


@dataclass(frozen=True)
class WorkItem:
    work_id: str
    kind: WorkKind
    subject_id: str
    attempt: int
    created_at: datetime


class Progress(StrEnum):
    """What the engine knows of one attempt."""

    UNKNOWN = "unknown"
    RUNNING = "running"
    ENDED = "ended"


class WorkQueue(Protocol):
    """Where attempts are handed over; DBOS in the product."""

    def push(self, item: WorkItem) -> None:
        """Enqueue this attempt; the same attempt twice runs once."""

    def push_all(self, items: Sequence[WorkItem]) -> None:
        """As `push` for each of them."""
        for item in items:
            self.push(item)

    def progress(self, item: WorkItem) -> Progress:
        """Whether this attempt is unknown, under way or ended."""

    def progress_of(self, items: Sequence[WorkItem]) -> list[Progress]:
        """As `progress` for each of them."""
        return [self.progress(item) for item in items]


def work_id_of(kind: WorkKind, subject_id: str) -> str:
    return f"{kind.value}:{subject_id}"


def add_work(
    connection: Connection, kind: WorkKind, subject_id: str, now: datetime
) -> WorkItem:
    """Write down, in the caller's transaction, that this must happen. Idempotent."""
    work_id = work_id_of(kind, subject_id)
    if insert_once(connection, work, **_fresh_row(kind, subject_id, now)):
        return WorkItem(work_id, kind, subject_id, 1, now)
    row = connection.execute(sa.select(work).where(work.c.work_id == work_id)).one()
    return _item(row)


def add_works(
    connection: Connection, kind: WorkKind, subject_ids: Sequence[str], now: datetime
) -> list[WorkItem]:
    """As `add_work` for many subjects; those that are new."""
    rows = [_fresh_row(kind, subject_id, now) for subject_id in subject_ids]
    fresh = insert_new(connection, work, rows, work.c.work_id)
    return [
        WorkItem(work_id_of(kind, subject_id), kind, subject_id, 1, now)
        for subject_id in subject_ids
        if work_id_of(kind, subject_id) in fresh
    ]


def work_known(connection: Connection, kind: WorkKind, subject_id: str) -> bool:
    """Whether it was ever written down, done or not."""
    query = sa.select(work.c.state).where(
        work.c.work_id == work_id_of(kind, subject_id)
    )
    return connection.execute(query).first() is not None


def finish_work(connection: Connection, kind: WorkKind, subject_id: str) -> None:
    """The work is done; in the transaction that makes it so."""
    connection.execute(FINISH, {"this": work_id_of(kind, subject_id)})


def note_error(
    connection: Connection,
    kind: WorkKind,
    subject_id: str,
    reason: str,
    not_before: datetime | None = None,
) -> None:
    """Keep why the attempt failed, and the partner's Retry-After as a moment."""
    row = work.c.work_id == work_id_of(kind, subject_id)
    connection.execute(work.update().where(row).values(last_error=reason[:200]))
    if not_before is not None:
        connection.execute(
            work.update()
            .where(row, work.c.next_at < not_before)
            .values(next_at=not_before)
        )


def retry_now(
    connection: Connection, kind: WorkKind, subject_id: str, now: datetime
) -> None:
    """A person wants given-up work tried again, with a fresh age."""
    connection.execute(
        work.update()
        .where(
            work.c.work_id == work_id_of(kind, subject_id),
            work.c.state == "given_up",
        )
        .values(
            state="pending",
            attempt=work.c.attempt + 1,
            next_at=now,
            created_at=now,
            last_error=None,
        )
    )


def item_of(engine: Engine, kind: WorkKind, subject_id: str) -> WorkItem:
    """The work as it stands, with its present attempt."""
    query = sa.select(work).where(work.c.work_id == work_id_of(kind, subject_id))
    with engine.connect() as connection:
        return _item(connection.execute(query).one())


def pending_count(engine: Engine) -> int:
    with engine.connect() as connection:
        query = sa.select(sa.func.count()).where(work.c.state == "pending")
        return int(connection.execute(query).scalar_one())


def mark_given_up(connection: Connection, item: WorkItem) -> bool:
    """Give this attempt up, with the staff task; False if it has moved meanwhile."""
    given_up = connection.execute(
        work.update()
        .where(
            work.c.work_id == item.work_id,
            work.c.state == "pending",
            work.c.attempt == item.attempt,
        )
        .values(state="given_up")
    )
    return given_up.rowcount == 1


def sweep(
    engine: Engine,
    queue: WorkQueue,
    now: datetime,
    on_given_up: Callable[[WorkItem], None] | None = None,
) -> list[WorkItem]:
    """Push on what has not moved. Returns the items given up in this sweep.

    on_given_up: tells a person, and should mark_given_up in the same transaction;
    what it raises comes out of here after the row was put off.
    """
    due = _due(engine, now)
    known = dict(zip(due, queue.progress_of(list(due)), strict=True))
    queue.push_all([item for item in due if known[item] is Progress.UNKNOWN])
    ended = [item for item in due if known[item] is Progress.ENDED]
    _put_off(engine, [item for item in due if item not in ended], now)
    given_up = []
    for item in ended:
        if not _is_over(item, now):
            wait = timedelta(seconds=wait_seconds(item.attempt, _longest(item)))
            change = {"attempt": item.attempt + 1, "next_at": now + wait}
            _move(engine, item, due[item], **change)
        elif _move(engine, item, due[item], next_at=now + settle()):
            if on_given_up is not None:
                on_given_up(item)
            with engine.begin() as connection:
                mark_given_up(connection, item)
            given_up.append(item)
    return given_up


def _fresh_row(kind: WorkKind, subject_id: str, now: datetime) -> dict[str, object]:
    return {
        "work_id": work_id_of(kind, subject_id),
        "kind": kind.value,
        "subject_id": subject_id,
        "state": "pending",
        "attempt": 1,
        "next_at": now + settle(),
        "created_at": now,
    }


def _due(engine: Engine, now: datetime) -> dict[WorkItem, datetime]:
    """Each with the moment it was put off to."""
    query = (
        sa.select(work)
        .where(work.c.state == "pending", work.c.next_at <= now)
        .order_by(work.c.next_at)
        .limit(500)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return {_item(row): row.next_at for row in rows}


def _put_off(engine: Engine, items: Sequence[WorkItem], now: datetime) -> None:
    """Look at these again later, in one commit, but for what has moved meanwhile."""
    if not items:
        return
    with engine.begin() as connection:
        connection.execute(
            work.update()
            .where(
                work.c.work_id.in_([item.work_id for item in items]),
                work.c.state == "pending",
                work.c.next_at <= now,
            )
            .values(next_at=now + settle())
        )


def _item(row: sa.Row[tuple[object, ...]]) -> WorkItem:
    return WorkItem(
        row.work_id, WorkKind(row.kind), row.subject_id, row.attempt, row.created_at
    )


def _longest(item: WorkItem) -> float:
    waited_for = item.kind in WITH_A_CUSTOMER
    return SHORT_WAIT_SECONDS if waited_for else LONGEST_WAIT_SECONDS


def _is_over(item: WorkItem, now: datetime) -> bool:
    tried = item.attempt >= MAX_ATTEMPTS and item.kind not in WITH_A_CUSTOMER
    return tried or now - item.created_at > MAX_AGE


def _move(
    engine: Engine, item: WorkItem, seen_next_at: datetime, **change: object
) -> bool:
    """Change the row unless another sweep, or its own attempt, moved it meanwhile."""
    with engine.begin() as connection:
        moved = connection.execute(
            work.update()
            .where(
                work.c.work_id == item.work_id,
                work.c.state == "pending",
                work.c.attempt == item.attempt,
                work.c.next_at == seen_next_at,
            )
            .values(**change)
        )
    return moved.rowcount == 1
