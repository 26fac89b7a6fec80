"""What the platform says became of our messages: accepted is not delivered (M9)."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Row

from desk.channels import elsewhere, graph
from desk.channels.events import Receipt
from desk.channels.tables import channel_aliases, outbound
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

# Only ever forwards, whatever order receipts come in.
ORDER = ("waiting", "sending", "accepted", "sent", "delivered", "read")
ON_ITS_WAY = ("accepted", "sent")
# Meta keeps a message for a phone that is off; news do not wait longer than this.
DELIVERED_WITHIN = timedelta(hours=24)
MOST_AT_ONCE = 100

_log = structlog.get_logger()


def note(house: House, unit: Unit, receipt: Receipt) -> None:
    """One receipt, also of a call whose own answer never came."""
    if receipt.read_until is not None:
        _note_read(unit, receipt)
        return
    row = _row(unit, receipt)
    if row is None:
        return
    if receipt.state == "failed":
        _note_failed(house, unit, row, receipt.code)
        return
    _forwards(unit, row, receipt)


def overdue(house: House) -> None:
    """News that the platform took but never delivered go out by mail, once."""
    since = house.clock.now() - DELIVERED_WITHIN
    query = (
        sa.select(outbound)
        .where(
            outbound.c.state.in_(ON_ITS_WAY),
            outbound.c.accepted_at < since,
            outbound.c.notice_id.is_not(None),
        )
        .limit(MOST_AT_ONCE)
    )
    with house.reader.connect() as connection:
        late = connection.execute(query).all()
    for row in late:
        with writing(house) as unit:
            elsewhere.settle(house, unit, row, "not_delivered")


def _row(unit: Unit, receipt: Receipt) -> Row[Any] | None:
    ours = [outbound.c.provider_id == receipt.provider_id]
    if receipt.outbound_id is not None:
        ours.append(outbound.c.outbound_id == receipt.outbound_id)
    query = sa.select(outbound).where(
        outbound.c.channel == receipt.channel, sa.or_(*ours)
    )
    return unit.connection.execute(query.limit(1)).first()


def _forwards(unit: Unit, row: Row[Any], receipt: Receipt) -> None:
    if row.state not in ORDER or ORDER.index(receipt.state) <= ORDER.index(row.state):
        return
    unit.connection.execute(
        outbound.update()
        .where(outbound.c.outbound_id == row.outbound_id)
        .values(
            state=receipt.state,
            provider_id=receipt.provider_id,
            accepted_at=row.accepted_at or unit.now,
            claim=None,
            claim_until=None,
        )
    )
    finish_work(unit.connection, WorkKind.SEND_OUTBOUND, row.outbound_id)


def _note_failed(house: House, unit: Unit, row: Row[Any], code: str | None) -> None:
    if row.state not in ("waiting", "sending", *ON_ITS_WAY):
        return
    _log.warning("outbound.failed", outbound_id=row.outbound_id, code=code)
    closed = graph.fate(f"{graph.PREFIX}{code}") is graph.Fate.CLOSED
    why = elsewhere.CLOSED if closed else f"{graph.PREFIX}{code}"[:60]
    elsewhere.settle(house, unit, row, why)


def _note_read(unit: Unit, receipt: Receipt) -> None:
    """Messenger names a moment: all that was sent before it has been seen."""
    mine = sa.select(channel_aliases.c.conversation_id).where(
        channel_aliases.c.channel == receipt.channel,
        channel_aliases.c.alias == receipt.sender,
    )
    unit.connection.execute(
        outbound.update()
        .where(
            outbound.c.conversation_id.in_(mine),
            outbound.c.state.in_((*ON_ITS_WAY, "delivered")),
            outbound.c.accepted_at <= receipt.read_until,
        )
        .values(state="read")
    )
