"""The transcript of record: every message of a conversation, in order, once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk import facts, index, texts, turn_sql
from desk.channels import outbox
from desk.tables import buttons, conversations, messages
from returns import ids
from returns.errors import NotFound
from returns.unit import Unit
from returns.wiring import House

BUTTON_LIFE = timedelta(hours=24)
DESK_WORD = -1
ANY_SEQ = 2**31 - 1


@dataclass(frozen=True)
class Line:
    """One message to add. n: its place in the answer to inbound_id.

    id: made of a key that the sender repeats; None: a new one.
    """

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
    id: str | None = None


def get_conversation(connection: Connection, conversation_id: str) -> Row[Any]:
    """Raises NotFound."""
    row = connection.execute(turn_sql.GET, {"talk": conversation_id}).first()
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
            last_at=unit.now,
        )
    )
    return conversation_id


def add(unit: Unit, conversation_id: str, line: Line) -> int:
    """Append; its seq. A customer's message spends all buttons shown so far."""
    conversation = _next_place(unit, conversation_id)
    seq: int = conversation.last_seq
    if line.author == "customer":
        spend_buttons(unit.connection, conversation_id)
    offered = _live(unit, conversation_id, seq, line.buttons)
    unit.connection.execute(
        turn_sql.ADD,
        {
            "conversation_id": conversation_id,
            "seq": seq,
            "id": line.id or ids.new_id(),
            "at": unit.now,
            "author": line.author,
            "author_name": line.author_name,
            "text": line.text,
            "images": line.images,
            "buttons": offered,
            "choose": line.choose,
            "expects": line.expects,
            "response": line.response,
            "variation": line.variation,
            "inbound_id": line.inbound_id,
            "n": line.n,
            "message_id": line.message_id,
            "notice_id": line.notice_id,
        },
    )
    index.add_message(unit, conversation_id, seq, line.text, line.response)
    if line.author != "customer" and conversation.channel in outbox.CHANNELS:
        _post(unit, conversation, seq, line, offered)
    return seq


def _next_place(unit: Unit, conversation_id: str) -> Row[Any]:
    """The conversation, with one message more; held until commit."""
    here = {"talk": conversation_id, "now": unit.now}
    row = unit.connection.execute(turn_sql.NEXT_PLACE, here).first()
    if row is None:
        raise NotFound(f"no conversation {conversation_id}")
    return row


def _post(
    unit: Unit,
    conversation: Row[Any],
    seq: int,
    line: Line,
    offered: list[dict[str, Any]],
) -> None:
    """A platform does not read the transcript, as a widget does: it must be told."""
    said = outbox.Said(
        conversation.conversation_id,
        conversation.channel,
        conversation.language,
        seq,
        outbox.signed(line.text, line.author_name),
        offered,
        line.choose,
        line.notice_id,
    )
    outbox.post(unit, said)


def add_own_word(
    house: House,
    unit: Unit,
    conversation: Row[Any],
    response: str,
    params: dict[str, Any] | None = None,
    inbound_id: str | None = None,
    notice_id: str | None = None,
    buttons: Sequence[dict[str, Any]] = (),
    expects: str | None = None,
) -> None:
    """The desk says a response by itself, once per inbound message or notice.

    buttons: titles and payloads, as in `Line`.
    """
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
        buttons=list(buttons),
        expects=expects,
    )
    add(unit, conversation_id, line)


def first_time(column: str, unit: Unit) -> sa.ColumnElement[Any]:
    """For an update of a conversation's moment: what was there first stays."""
    moment = conversations.c[column]
    return sa.func.coalesce(moment, sa.literal(unit.now, moment.type))


def spend_buttons(connection: Connection, conversation_id: str) -> None:
    """All of a conversation's buttons are used up together."""
    connection.execute(turn_sql.SPEND, {"talk": conversation_id})


def after(connection: Connection, conversation_id: str, seq: int) -> list[Row[Any]]:
    """All messages after this seq, oldest first."""
    query = sa.select(messages).where(
        messages.c.conversation_id == conversation_id, messages.c.seq > seq
    )
    return list(connection.execute(query.order_by(messages.c.seq)).all())


def answer_to(connection: Connection, inbound_id: str) -> list[Row[Any]]:
    """What was said in answer to one inbound message."""
    return list(connection.execute(turn_sql.ANSWER, {"inbound": inbound_id}).all())


def last_question(connection: Connection, conversation_id: str) -> list[Row[Any]]:
    """The message that holds the open question, also if news came after it."""
    query = (
        sa.select(messages)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.seq.desc())
    )
    latest: list[Row[Any]] = []
    for row in connection.execute(query):
        if row.author == "customer" and latest:
            break
        if row.author != "customer" and (row.expects or row.buttons):
            return [row]
        if row.author != "customer":
            latest = latest or [row]
    return latest


def renew_buttons(unit: Unit, shown_again: list[Row[Any]]) -> None:
    """A question that is shown again can be answered again, however old it is."""
    for row in shown_again:
        unit.connection.execute(
            buttons.update()
            .where(
                buttons.c.conversation_id == row.conversation_id,
                buttons.c.seq == row.seq,
                buttons.c.state == "live",
                buttons.c.expires_at <= unit.now,
            )
            .values(expires_at=unit.now + BUTTON_LIFE)
        )


def open_question(
    connection: Connection, conversation_id: str, before: int
) -> str | None:
    """What the customer's message with this seq may answer; None: nothing was asked.

    A question is closed by the customer's next message, whatever it says.
    """
    here = {"talk": conversation_id, "before": before}
    found: str | None = connection.execute(turn_sql.QUESTION, here).scalar()
    return found


def shown(connection: Connection, rows: list[Row[Any]]) -> list[dict[str, Any]]:
    """Messages as the chat API gives them; what the customer answered is closed."""
    if not rows:
        return []
    talk = rows[0].conversation_id
    here = {"talk": talk, "before": ANY_SEQ}
    answered = connection.execute(turn_sql.LAST_OF_CUSTOMER, here).scalar() or 0
    told = facts.of_messages(connection, talk, rows)
    return [_shown(row, row.seq > answered, told.get(row.seq, [])) for row in rows]


def _shown(row: Row[Any], is_open: bool, told: list[facts.Fact]) -> dict[str, Any]:
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
        "asked": row.expects,
        "facts": told,
    }


def _live(
    unit: Unit, conversation_id: str, seq: int, offered: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Give each button an id that only this conversation can spend."""
    public = []
    for button in offered:
        button_id = ids.new_id()
        unit.connection.execute(
            turn_sql.OFFER,
            {
                "button_id": button_id,
                "conversation_id": conversation_id,
                "seq": seq,
                "title": button["title"],
                "payload": button["payload"],
                "state": "live",
                "expires_at": unit.now + BUTTON_LIFE,
            },
        )
        extra = {key: button[key] for key in ("image", "detail") if button.get(key)}
        public.append({"id": button_id, "title": button["title"], **extra})
    return public
