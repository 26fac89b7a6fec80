"""The transcript of record: every message of a conversation, in order, once."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk import texts
from desk.tables import buttons, conversations, messages
from returns import ids
from returns.errors import NotFound
from returns.sql import lock_row
from returns.unit import Unit
from returns.wiring import House

BUTTON_LIFE = timedelta(hours=24)
DESK_WORD = -1


@dataclass(frozen=True)
class Line:
    """One message to add. n: its place in the answer to inbound_id."""

    author: str
    text: str
    author_name: str | None = None
    images: list[str] = field(default_factory=list)
    buttons: list[dict[str, Any]] = field(default_factory=list)
    choose: str = "one"
    expects: str | None = None
    response: str | None = None
    variation: int | None = None
    inbound_id: str | None = None
    n: int | None = None
    message_id: str | None = None
    notice_id: str | None = None


def get_conversation(connection: Connection, conversation_id: str) -> Row[Any]:
    """Raises NotFound."""
    row = connection.execute(
        sa.select(conversations).where(
            conversations.c.conversation_id == conversation_id
        )
    ).first()
    if row is None:
        raise NotFound(f"no conversation {conversation_id}")
    return row


def start(unit: Unit, channel: str, channel_user_id: str, language: str) -> str:
    """A new conversation's id."""
    conversation_id = ids.new_id()
    unit.connection.execute(
        conversations.insert().values(
            conversation_id=conversation_id,
            channel=channel,
            channel_user_id=channel_user_id,
            language=language,
            mode="bot",
            last_seq=0,
            told_rasa_seq=0,
            created_at=unit.now,
        )
    )
    return conversation_id


def add(unit: Unit, conversation_id: str, line: Line) -> int:
    """Append; its seq. A customer's message spends all buttons shown so far."""
    here = conversations.c.conversation_id == conversation_id
    lock_row(unit.connection, conversations, here)
    seq: int = (
        1
        + unit.connection.execute(
            sa.select(conversations.c.last_seq).where(here)
        ).scalar_one()
    )
    unit.connection.execute(conversations.update().where(here).values(last_seq=seq))
    if line.author == "customer":
        spend_buttons(unit.connection, conversation_id)
    unit.connection.execute(
        messages.insert().values(
            conversation_id=conversation_id,
            seq=seq,
            id=ids.new_id(),
            at=unit.now,
            author=line.author,
            author_name=line.author_name,
            text=line.text,
            images=line.images,
            buttons=_live(unit, conversation_id, seq, line.buttons),
            choose=line.choose,
            expects=line.expects,
            response=line.response,
            variation=line.variation,
            inbound_id=line.inbound_id,
            n=line.n,
            message_id=line.message_id,
            notice_id=line.notice_id,
        )
    )
    return seq


def add_own_word(
    house: House,
    unit: Unit,
    conversation: Row[Any],
    response: str,
    params: dict[str, Any] | None = None,
    inbound_id: str | None = None,
    notice_id: str | None = None,
) -> None:
    """The desk says a response by itself, once per inbound message or notice."""
    conversation_id = conversation.conversation_id
    last = texts.last_variation(unit.connection, conversation_id, response)
    spoken = texts.words(house, response, conversation.language, params, last)
    line = Line(
        "bot",
        spoken.text,
        response=response,
        variation=spoken.variation,
        inbound_id=inbound_id,
        n=None if inbound_id is None else DESK_WORD,
        notice_id=notice_id,
    )
    add(unit, conversation_id, line)


def spend_buttons(connection: Connection, conversation_id: str) -> None:
    """All of a conversation's buttons are used up together."""
    connection.execute(
        buttons.update()
        .where(buttons.c.conversation_id == conversation_id, buttons.c.state == "live")
        .values(state="spent")
    )


def after(connection: Connection, conversation_id: str, seq: int) -> list[Row[Any]]:
    """All messages after this seq, oldest first."""
    query = sa.select(messages).where(
        messages.c.conversation_id == conversation_id, messages.c.seq > seq
    )
    return list(connection.execute(query.order_by(messages.c.seq)).all())


def answer_to(connection: Connection, inbound_id: str) -> list[Row[Any]]:
    """What was said in answer to one inbound message."""
    query = sa.select(messages).where(
        messages.c.inbound_id == inbound_id, messages.c.author != "customer"
    )
    return list(connection.execute(query.order_by(messages.c.seq)).all())


def last_question(connection: Connection, conversation_id: str) -> list[Row[Any]]:
    """The bot's latest message, which holds the open question."""
    query = (
        sa.select(messages)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.author != "customer",
        )
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    return list(connection.execute(query).all())


def shown(connection: Connection, rows: list[Row[Any]]) -> list[dict[str, Any]]:
    """Messages as the chat API gives them; what the customer answered is closed."""
    if not rows:
        return []
    query = sa.select(sa.func.max(messages.c.seq)).where(
        messages.c.conversation_id == rows[0].conversation_id,
        messages.c.author == "customer",
    )
    answered = connection.execute(query).scalar() or 0
    return [_shown(row, row.seq > answered) for row in rows]


def _shown(row: Row[Any], is_open: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "seq": row.seq,
        "at": row.at.isoformat().replace("+00:00", "Z"),
        "message_id": row.message_id,
        "author": row.author,
        "author_name": row.author_name,
        "text": row.text,
        "images": row.images,
        "buttons": row.buttons if is_open else [],
        "choose": row.choose,
        "expects": row.expects if is_open else None,
    }


def _live(
    unit: Unit, conversation_id: str, seq: int, offered: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Give each button an id that only this conversation can spend."""
    public = []
    for button in offered:
        button_id = ids.new_id()
        unit.connection.execute(
            buttons.insert().values(
                button_id=button_id,
                conversation_id=conversation_id,
                seq=seq,
                title=button["title"],
                payload=button["payload"],
                state="live",
                expires_at=unit.now + BUTTON_LIFE,
            )
        )
        extra = {key: button[key] for key in ("image", "detail") if button.get(key)}
        public.append({"id": button_id, "title": button["title"], **extra})
    return public
