"""How far each platform is behind: what has waited longest, to be answered or sent.

Looked up among pending work, which is little, not among all that was ever said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.channels import accounts
from desk.channels.tables import arrivals, outbound
from desk.tables import inbound_messages
from returns.tables import work
from returns.wiring import House
from returns.work import WorkKind

UNANSWERED_WELL = timedelta(minutes=2)


@dataclass(frozen=True)
class Lag:
    """Seconds; 0 when nothing waits."""

    unanswered: int
    unsent: int

    @property
    def is_well(self) -> bool:
        """Whether customers are heard; what Meta does not take is Meta's affair."""
        return self.unanswered <= UNANSWERED_WELL.total_seconds()


def lags(house: House) -> dict[str, Lag]:
    """By platform that is on. Raises sqlalchemy.exc.SQLAlchemyError."""
    on = [channel for channel in accounts.CHANNELS if accounts.is_on(house, channel)]
    if not on:
        return {}
    now = house.clock.now()
    with house.reader.connect() as connection:
        taken = _oldest(connection, _untaken())
        answered = _oldest(connection, _unanswered())
        sent = _oldest(connection, _unsent())
    behind = {}
    for channel in on:
        heard = min(taken.get(channel, now), answered.get(channel, now))
        behind[channel] = Lag(_age(heard, now), _age(sent.get(channel, now), now))
    return behind


def _untaken() -> sa.Select[Any]:
    pending = _pending(WorkKind.TAKE_ARRIVAL, arrivals.c.arrival_id)
    return sa.select(arrivals.c.channel, arrivals.c.received_at).join(work, pending)


def _unanswered() -> sa.Select[Any]:
    pending = _pending(WorkKind.ANSWER_MESSAGE, inbound_messages.c.inbound_id)
    came = arrivals.c.arrival_id == inbound_messages.c.message_id
    query = sa.select(arrivals.c.channel, arrivals.c.received_at)
    return query.join(inbound_messages, came).join(work, pending)


def _unsent() -> sa.Select[Any]:
    pending = _pending(WorkKind.SEND_OUTBOUND, outbound.c.outbound_id)
    return sa.select(outbound.c.channel, outbound.c.created_at).join(work, pending)


def _pending(kind: WorkKind, subject: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(
        work.c.state == "pending",
        work.c.kind == kind.value,
        work.c.subject_id == subject,
    )


def _oldest(connection: Connection, waiting: sa.Select[Any]) -> dict[str, datetime]:
    """By platform."""
    channel, since = waiting.subquery().c
    query = sa.select(channel, sa.func.min(since)).group_by(channel)
    return {row[0]: row[1] for row in connection.execute(query)}


def _age(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()))
