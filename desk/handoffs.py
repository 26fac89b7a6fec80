"""A person in the conversation: who waits, what was answered, when the bot returns."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from desk import transcript
from desk.tables import conversations
from returns.errors import WrongState
from returns.unit import writing
from returns.wiring import House


@dataclass(frozen=True)
class Handoff:
    """reason: why the bot handed over. summary: facts, not sentences."""

    conversation_id: str
    channel: str
    language: str
    mode: str
    waiting_since: datetime
    reason: str
    summary: dict[str, Any]


def waiting(house: House) -> list[Handoff]:
    """Every conversation that waits for or is with a person, longest waiting first."""
    query = (
        sa.select(conversations)
        .where(conversations.c.mode != "bot")
        .order_by(conversations.c.waiting_since)
    )
    with house.reader.connect() as connection:
        return [
            Handoff(
                conversation_id=row.conversation_id,
                channel=row.channel,
                language=row.language,
                mode=row.mode,
                waiting_since=row.waiting_since,
                reason=row.handoff["reason"],
                summary=row.handoff["summary"],
            )
            for row in connection.execute(query)
        ]


def reply(house: House, conversation_id: str, text: str, by: str) -> None:
    """A person speaks; the bot stays silent until the conversation is released.

    by: the first name that the customer sees. Raises NotFound, WrongState.
    """
    with writing(house) as unit:
        conversation = transcript.get_conversation(unit.connection, conversation_id)
        if conversation.mode == "bot":
            raise WrongState("this conversation is with the bot")
        shown = by if house.shop.staff.shown_as == "name" else house.shop.name
        line = transcript.Line("staff", text, author_name=shown)
        transcript.add(unit, conversation_id, line)
        _set_mode(unit.connection, conversation_id, "human")


def release(house: House, conversation_id: str) -> None:
    """Give the conversation back to the bot. Raises NotFound, WrongState."""
    with writing(house) as unit:
        conversation = transcript.get_conversation(unit.connection, conversation_id)
        if conversation.mode == "bot":
            raise WrongState("this conversation is with the bot already")
        _set_mode(unit.connection, conversation_id, "bot")
        transcript.add_own_word(house, unit, conversation, "utter_back_with_bot")


def _set_mode(connection: sa.Connection, conversation_id: str, mode: str) -> None:
    values: dict[str, Any] = {"mode": mode}
    if mode == "bot":
        values.update(handoff=None, waiting_since=None)
    connection.execute(
        conversations.update()
        .where(conversations.c.conversation_id == conversation_id)
        .values(**values)
    )
