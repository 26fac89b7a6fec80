"""What lists and searches need, written in the transaction that makes it so."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk.console.tables import (
    conversation_claims,
    conversation_labels,
    conversation_notes,
    conversation_presence,
    message_stems,
    reading_reasons,
    readings,
)
from desk.stems import stems
from desk.tables import conversations, inbound_messages, messages
from returns.sql import insert_once
from returns.unit import Unit, writing
from returns.wiring import House

GREETING = "utter_ai_notice"  # in every conversation: found, it would tell nothing
PIECE = 200  # conversations in one transaction of `catch_up`


def add_message(
    unit: Unit, conversation_id: str, seq: int, text: str, response: str | None
) -> None:
    """Make its words searchable, unless it is the greeting."""
    if response == GREETING:
        return
    rows = [
        {"stem": stem, "conversation_id": conversation_id, "seq": seq}
        for stem in stems(text)
    ]
    if rows:
        unit.connection.execute(message_stems.insert(), rows)


def add_reading(unit: Unit, inbound: Row[Any], parse: dict[str, Any]) -> None:
    """What was understood in typed words; a pressed button was never in doubt."""
    intent, confidence = parse.get("intent"), parse.get("confidence")
    if inbound.payload or not inbound.text or not intent or confidence is None:
        return
    runner_up = parse.get("runner_up") or {}
    margin = None
    if runner_up.get("confidence") is not None:
        margin = float(confidence) - float(runner_up["confidence"])
    reasons = [str(reason) for reason in parse.get("reasons") or []]
    fresh = insert_once(
        unit.connection,
        readings,
        inbound_id=inbound.inbound_id,
        conversation_id=inbound.conversation_id,
        seq=inbound.seq,
        at=inbound.received_at,
        intent=str(intent)[:60],
        confidence=float(confidence),
        margin=margin,
        reasons=reasons,
    )
    if reasons or not fresh:
        set_reasons(unit.connection, inbound, reasons)
    lowest = conversations.c.lowest_confidence
    unit.connection.execute(
        conversations.update()
        .where(
            conversations.c.conversation_id == inbound.conversation_id,
            sa.or_(lowest.is_(None), lowest > float(confidence)),
        )
        .values(lowest_confidence=float(confidence))
    )


def set_reasons(connection: Connection, reading: Row[Any], reasons: list[str]) -> None:
    """What the message is found by; reading: of readings or inbound_messages."""
    mine = sa.and_(
        reading_reasons.c.conversation_id == reading.conversation_id,
        reading_reasons.c.inbound_id == reading.inbound_id,
    )
    connection.execute(reading_reasons.delete().where(mine))
    for reason in dict.fromkeys(reasons):
        connection.execute(
            reading_reasons.insert().values(
                reason=reason[:40],
                conversation_id=reading.conversation_id,
                inbound_id=reading.inbound_id,
            )
        )


def erase(connection: Connection, conversation_id: str) -> None:
    """Everything the console knows of a conversation."""
    for table in (
        message_stems,
        readings,
        reading_reasons,
        conversation_notes,
        conversation_labels,
        conversation_claims,
        conversation_presence,
    ):
        connection.execute(
            table.delete().where(table.c.conversation_id == conversation_id)
        )


def catch_up(house: House) -> int:
    """Index what was said before there was an index; how many conversations."""
    indexed = sa.exists().where(
        message_stems.c.conversation_id == conversations.c.conversation_id
    )
    query = sa.select(conversations.c.conversation_id).where(
        ~indexed, conversations.c.last_seq > 1
    )
    with house.reader.connect() as connection:
        missing = list(connection.execute(query).scalars())
    for start in range(0, len(missing), PIECE):
        with writing(house) as unit:
            _index(unit, missing[start : start + PIECE])
    return len(missing)


def _index(unit: Unit, wanted: Iterable[str]) -> None:
    here = messages.c.conversation_id.in_(list(wanted))
    for row in unit.connection.execute(sa.select(messages).where(here)).all():
        add_message(unit, row.conversation_id, row.seq, row.text, row.response)
    answered = sa.select(inbound_messages).where(
        inbound_messages.c.conversation_id.in_(list(wanted)),
        inbound_messages.c.parse.is_not(None),
    )
    for row in unit.connection.execute(answered).all():
        add_reading(unit, row, row.parse or {})
