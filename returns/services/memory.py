"""What was already answered for a message: a killed turn runs again (design: turns)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from returns.model import Heard
from returns.sql import insert_once
from returns.tables import heard_messages
from returns.unit import Unit


def recall(connection: Connection, heard: Heard, act: str) -> dict[str, Any] | None:
    """The answer kept for this act on this message; None the first time."""
    return answer_to(connection, heard.conversation_id, heard.message_id, act)


def answer_to(
    connection: Connection, conversation_id: str, message_id: str, act: str
) -> dict[str, Any] | None:
    """As `recall`, for callers that know the message by its ids only."""
    query = sa.select(heard_messages.c.answer).where(
        heard_messages.c.conversation_id == conversation_id,
        heard_messages.c.message_id == message_id,
        heard_messages.c.act == act,
    )
    answer: dict[str, Any] | None = connection.execute(query).scalar()
    return answer


def keep(unit: Unit, heard: Heard, act: str, answer: dict[str, Any]) -> None:
    insert_once(
        unit.connection,
        heard_messages,
        conversation_id=heard.conversation_id,
        message_id=heard.message_id,
        act=act,
        answer=answer,
        at=unit.now,
    )
