"""Whose turn it is: the oldest open message of a conversation, for so many seconds."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from desk import turn_sql
from desk.tables import inbound_messages
from returns import ids
from returns.sql import claim_row
from returns.unit import Unit, writing
from returns.wiring import House

CLAIM = timedelta(seconds=15)


def claim_oldest(house: House, inbound_id: str) -> Row[Any] | None:
    """The oldest open message of the conversation, now ours; None: wait.

    Looks before it takes the write lock: most who wait have nothing to claim.
    """
    with house.reader.connect() as connection:
        seen = _oldest(connection, inbound_id)
    if seen is None or not _claimable(seen, house.clock.now()):
        return None
    with writing(house) as unit:
        return claim(unit, inbound_id)


def claim(unit: Unit, inbound_id: str) -> Row[Any] | None:
    """As `claim_oldest`, in the caller's transaction."""
    oldest = _oldest(unit.connection, inbound_id)
    if oldest is None or not _claimable(oldest, unit.now):
        return None
    return _claimed(unit, oldest)


def _oldest(connection: Connection, inbound_id: str) -> Row[Any] | None:
    return connection.execute(turn_sql.OLDEST, {"inbound": inbound_id}).first()


def _claimable(row: Row[Any], now: datetime) -> bool:
    return bool(row.state == "received" or row.claim_until <= now)


def _claimed(unit: Unit, row: Row[Any]) -> Row[Any] | None:
    here = inbound_messages.c.inbound_id == row.inbound_id
    taken = {"state": "in_turn", "claim": ids.new_id(), "claim_until": unit.now + CLAIM}
    if not claim_row(unit.connection, inbound_messages, here, row, **taken):
        return None
    mine = {"inbound": row.inbound_id}
    return unit.connection.execute(turn_sql.INBOUND, mine).one()


def release(house: House, row: Row[Any]) -> None:
    """Its turn failed: the next may begin."""
    with writing(house) as unit:
        unit.connection.execute(
            inbound_messages.update()
            .where(
                inbound_messages.c.inbound_id == row.inbound_id,
                inbound_messages.c.claim == row.claim,
                inbound_messages.c.state == "in_turn",
            )
            .values(state="received", claim=None, claim_until=None)
        )
