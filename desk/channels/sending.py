"""Sends a conversation's messages one after the other, paced, each once (M9).

A platform has no idempotency key: killed between the call and our commit, a message
goes out once more at most, unless its receipt came in between.
"""

import time
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Row

from desk.channels import elsewhere, people
from desk.channels.graph import PREFIX, Fate, Graph, fate
from desk.channels.tables import channel_people, outbound
from returns import ids
from returns.errors import (
    PartnerError,
    PartnerMisconfigured,
    PartnerRefused,
    PartnerUnknown,
)
from returns.failpoints import failpoint
from returns.services import tasks
from returns.sql import claim_row
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

CLAIM = timedelta(seconds=30)  # longer than a call may take
# Meta's rule for one customer: 45 at once, then one every six seconds.
PAIR_EVERY = timedelta(seconds=6)
PAIR_BURST = 45
UNSURE_SECONDS = 5.0  # for the receipt of a call that was not answered
STOPPED_SECONDS = 60.0
LONGEST_BACK_OFF = 3600.0
STOPPED_TASK = "channel_stopped"

_log = structlog.get_logger()


class Sender:
    """One per worker."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._graphs: dict[str, Graph] = {}
        self._stopped: dict[str, float] = {}

    def graph(self, channel: str) -> Graph:
        """Raises ConfigurationError when the channel is off."""
        if channel not in self._graphs:
            self._graphs[channel] = Graph(self._house, channel)
        return self._graphs[channel]

    def close(self) -> None:
        for graph in self._graphs.values():
            graph.close()

    def send(self, outbound_id: str) -> None:
        """Send what waits in this message's conversation. Raises PartnerError.

        While another sends there it goes on to this one, which it can see.
        """
        row = _open_row(self._house, outbound_id)
        if row is None:
            return
        while (claimed := self._next(row.conversation_id, row.channel)) is not None:
            self._call(claimed)

    def _next(self, conversation_id: str, channel: str) -> Row[Any] | None:
        """The oldest that waits, now ours. None: nothing waits, or another sends."""
        if time.monotonic() < self._stopped.get(channel, 0.0):
            raise PartnerMisconfigured("channel_stopped")
        while True:
            with writing(self._house) as unit:
                row = _oldest(unit, conversation_id)
                if row is None:
                    return None
                person = people.person(unit.connection, conversation_id)
                how = elsewhere.way(channel, person.last_inbound_at, unit.now)
                if row.template is None and how is not elsewhere.Way.FREE:
                    elsewhere.settle(self._house, unit, row, elsewhere.CLOSED)
                    continue
                paced = _paced(channel, person.paced_until, unit.now)
                return _claimed(unit, row, paced)

    def _call(self, row: Row[Any]) -> None:
        with self._house.reader.connect() as connection:
            person = people.person(connection, row.conversation_id)
        failpoint("outbound.before_call")
        try:
            graph = self.graph(row.channel)
            provider_id = graph.send(person.address, row.payload, row.outbound_id)
        except PartnerError as error:
            self._failed(row, error)
            return
        failpoint("outbound.after_call")
        with writing(self._house) as unit:
            unit.connection.execute(
                outbound.update()
                .where(
                    outbound.c.outbound_id == row.outbound_id,
                    outbound.c.state.in_(("waiting", "sending")),
                )
                .values(
                    state="accepted",
                    provider_id=provider_id,
                    accepted_at=unit.now,
                    claim=None,
                    claim_until=None,
                )
            )
            finish_work(unit.connection, WorkKind.SEND_OUTBOUND, row.outbound_id)

    def _failed(self, row: Row[Any], error: PartnerError) -> None:
        """Raises PartnerError for what is to be tried again."""
        _log.warning(
            "outbound.refused", outbound_id=row.outbound_id, reason=error.reason
        )
        meant = fate(error.reason)
        if isinstance(error, PartnerMisconfigured) and meant is not Fate.LATER:
            meant = Fate.STOPPED
        if meant is None and isinstance(error, PartnerRefused):
            meant = Fate.DEAD
        if meant in (Fate.CLOSED, Fate.DEAD):
            why = elsewhere.CLOSED if meant is Fate.CLOSED else error.reason
            with writing(self._house) as unit:
                elsewhere.settle(self._house, unit, row, why[:60])
            return
        self._release(row, error, meant)

    def _release(self, row: Row[Any], error: PartnerError, meant: Fate | None) -> None:
        with writing(self._house) as unit:
            unit.connection.execute(
                outbound.update()
                .where(
                    outbound.c.outbound_id == row.outbound_id,
                    outbound.c.claim == row.claim,
                    outbound.c.state == "sending",
                )
                .values(
                    state="waiting",
                    claim=None,
                    claim_until=None,
                    code=error.reason[:60],
                )
            )
            if meant is Fate.STOPPED:
                self._stopped[row.channel] = time.monotonic() + STOPPED_SECONDS
                _tell_operator(unit, row.channel, error.reason)
        if meant is Fate.STOPPED:
            raise PartnerMisconfigured(error.reason)
        raise PartnerUnknown(error.reason, _wait(row, error))


def give_up(house: House, unit: Unit, outbound_id: str) -> None:
    """Twelve tries or a day are over: another way, or a person."""
    row = unit.connection.execute(
        sa.select(outbound).where(outbound.c.outbound_id == outbound_id)
    ).first()
    if row is not None and row.state in ("waiting", "sending"):
        elsewhere.settle(house, unit, row, row.code or "given_up")


def _open_row(house: House, outbound_id: str) -> Row[Any] | None:
    """None, its work being finished, when it went out already."""
    query = sa.select(outbound).where(outbound.c.outbound_id == outbound_id)
    with house.reader.connect() as connection:
        row = connection.execute(query).first()
    if row is not None and row.state in ("waiting", "sending"):
        return row
    with writing(house) as unit:
        finish_work(unit.connection, WorkKind.SEND_OUTBOUND, outbound_id)
    return None


def _oldest(unit: Unit, conversation_id: str) -> Row[Any] | None:
    """None also while another process sends."""
    row = unit.connection.execute(
        sa.select(outbound)
        .where(
            outbound.c.conversation_id == conversation_id,
            outbound.c.state.in_(("waiting", "sending")),
        )
        .order_by(outbound.c.seq, outbound.c.part, outbound.c.created_at)
        .limit(1)
    ).first()
    if row is None or (row.state == "sending" and row.claim_until > unit.now):
        return None
    return row


def _paced(channel: str, until: datetime | None, now: datetime) -> datetime | None:
    """The person's new pace; until lies ahead by PAIR_EVERY for each recent message.

    Raises PartnerUnknown with the seconds to wait. Messenger has no such rule.
    """
    if channel != "whatsapp":
        return until
    start = max(until or now, now)
    ahead = start - now - PAIR_EVERY * (PAIR_BURST - 1)
    if ahead > timedelta(0):
        raise PartnerUnknown("paced", ahead.total_seconds())
    return start + PAIR_EVERY


def _claimed(unit: Unit, row: Row[Any], paced: datetime | None) -> Row[Any] | None:
    here = outbound.c.outbound_id == row.outbound_id
    claimed = claim_row(
        unit.connection,
        outbound,
        here,
        row,
        state="sending",
        claim=ids.new_id(),
        claim_until=unit.now + CLAIM,
        tries=outbound.c.tries + 1,
    )
    if not claimed:
        return None
    unit.connection.execute(
        channel_people.update()
        .where(channel_people.c.conversation_id == row.conversation_id)
        .values(paced_until=paced)
    )
    return unit.connection.execute(sa.select(outbound).where(here)).one()


def _wait(row: Row[Any], error: PartnerError) -> float:
    """Seconds: Meta's own 4^n for too many to one person, else a little."""
    told = error.retry_after if isinstance(error, PartnerUnknown) else None
    if error.reason == f"{PREFIX}131056":
        return max(told or 0.0, min(4.0 ** int(row.tries), LONGEST_BACK_OFF))
    return max(told or 0.0, UNSURE_SECONDS)


def _tell_operator(unit: Unit, channel: str, reason: str) -> None:
    """One task a day, not one for each message that waits (M11)."""
    subject = f"{channel}:{unit.now:%Y-%m-%d}"
    facts = {"channel": channel, "reason": reason}
    tasks.open_task(unit, STOPPED_TASK, subject, None, facts)
