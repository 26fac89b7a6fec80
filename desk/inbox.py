"""What comes in: stored first, acknowledged only then; the same message counts once."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from bot.plain_text import without_commands
from desk import transcript, turn_sql
from desk.tables import buttons, conversations
from returns import ids
from returns.errors import ReturnsError
from returns.failpoints import failpoint
from returns.services import uploads
from returns.sql import lock_row
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind


class OtherBody(ReturnsError):
    """This message id was used before with another body."""


class NothingSaid(ReturnsError):
    """All that was sent is not this conversation's, so that nothing was said."""


class SpentButton(NothingSaid):
    """A button that is not this conversation's, is spent, or does not fit."""


@dataclass(frozen=True)
class Incoming:
    """message_id: the client's own. text or button_ids, never both.

    upload_ids: pictures; one that is not the conversation's is left out.
    """

    message_id: str
    text: str | None = None
    button_ids: tuple[str, ...] = ()
    upload_ids: tuple[str, ...] = ()

    @property
    def body_hash(self) -> str:
        pictures = [list(self.upload_ids)] if self.upload_ids else []
        body = json.dumps([self.text, list(self.button_ids), *pictures])
        return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True)
class Received:
    """mode: who answers it. known: it came before and is not stored again."""

    inbound_id: str
    mode: str
    known: bool


def receive(house: House, conversation_id: str, incoming: Incoming) -> Received:
    """Store one customer message. Raises OtherBody, NothingSaid."""
    with receiving(house) as unit:
        return receive_in(unit, conversation_id, incoming)


@contextmanager
def receiving(house: House) -> Iterator[Unit]:
    """The transaction after which a message counts as received."""
    with writing(house) as unit:
        yield unit
        failpoint("inbox.before_commit")
    failpoint("inbox.after_commit")


def receive_in(unit: Unit, conversation_id: str, incoming: Incoming) -> Received:
    """As `receive`, in the caller's transaction."""
    here = conversations.c.conversation_id == conversation_id
    lock_row(unit.connection, conversations, here)  # the mode holds until commit
    known = _known(unit.connection, conversation_id, incoming)
    conversation = transcript.get_conversation(unit.connection, conversation_id)
    if known is not None:
        return Received(known.inbound_id, conversation.mode, True)
    inbound_id = _store(unit, conversation, incoming)
    if conversation.mode == "bot":
        unit.will(WorkKind.ANSWER_MESSAGE, inbound_id, at_once=False)
    return Received(inbound_id, conversation.mode, False)


def _known(
    connection: Connection, conversation_id: str, incoming: Incoming
) -> Row[Any] | None:
    row = connection.execute(
        turn_sql.KNOWN, {"talk": conversation_id, "message": incoming.message_id}
    ).first()
    if row is not None and row.body_hash != incoming.body_hash:
        raise OtherBody
    return row


def _store(unit: Unit, conversation: Row[Any], incoming: Incoming) -> str:
    inbound_id = ids.new_id()
    text, payload = _meaning(unit, conversation.conversation_id, incoming)
    pictures = uploads.of_conversation(
        unit.connection, conversation.conversation_id, incoming.upload_ids
    )
    if incoming.text is None and payload is None and not pictures:
        raise NothingSaid
    line = transcript.Line(
        "customer",
        text,
        images=[f"/chat/uploads/{upload_id}" for upload_id in pictures],
        inbound_id=inbound_id,
        message_id=incoming.message_id,
    )
    seq = transcript.add(unit, conversation.conversation_id, line)
    by_person = conversation.mode != "bot"
    unit.connection.execute(
        turn_sql.STORE,
        {
            "inbound_id": inbound_id,
            "conversation_id": conversation.conversation_id,
            "message_id": incoming.message_id,
            "body_hash": incoming.body_hash,
            "text": text if payload else without_commands(text),
            "payload": payload,
            "upload_ids": pictures,
            "language": conversation.language,
            "seq": seq,
            "state": "answered" if by_person else "received",
            "received_at": unit.now,
        },
    )
    return inbound_id


def _meaning(
    unit: Unit, conversation_id: str, incoming: Incoming
) -> tuple[str, dict[str, Any] | None]:
    """The words of the transcript and, for buttons, what they mean."""
    if not incoming.button_ids:
        return incoming.text or "", None
    ours = [one for one in incoming.button_ids if one.isascii() and one.isprintable()]
    rows = unit.connection.execute(
        sa.select(buttons).where(
            buttons.c.button_id.in_(ours),
            buttons.c.conversation_id == conversation_id,
            buttons.c.state == "live",
            buttons.c.expires_at > unit.now,
        )
    ).all()
    if len(rows) != len(set(incoming.button_ids)):
        raise SpentButton
    ordered = sorted(rows, key=lambda row: incoming.button_ids.index(row.button_id))
    return ", ".join(row.title for row in ordered), _merged(ordered)


def _merged(rows: Sequence[Row[Any]]) -> dict[str, Any]:
    """Several chosen lines are one statement; other buttons cannot be combined."""
    first: dict[str, Any] = rows[0].payload
    if len(rows) == 1:
        return first
    entities: dict[str, list[Any]] = {}
    for row in rows:
        if row.payload["intent"] != first["intent"]:
            raise SpentButton
        for name, values in row.payload["entities"].items():
            if name != "order_line":
                raise SpentButton
            entities.setdefault(name, []).extend(values)
    return {"intent": first["intent"], "entities": entities}
