"""A person in the conversation: who waits, what was answered, when the bot returns."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from desk import claiming, transcript
from desk.console.tables import conversation_claims, staff
from desk.tables import conversations, inbound_messages, messages
from returns.errors import WrongState
from returns.failpoints import failpoint
from returns.sql import lock_row
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind

BY_HAND = "stepped_in"  # the reason of a conversation that the bot did not give


@dataclass(frozen=True)
class Handoff:
    """reason: why the bot handed over. summary: facts, not sentences.

    claimed_by: the first name of whoever answers it, None: nobody.
    """

    conversation_id: str
    channel: str
    language: str
    mode: str
    waiting_since: datetime
    reason: str
    summary: dict[str, Any]
    claimed_by: str | None = None


def waiting(house: House) -> list[Handoff]:
    """Every conversation that waits for or is with a person, longest waiting first."""
    query = (
        sa.select(conversations, claiming.NAME.label("claimed_by"))
        .select_from(
            conversations.outerjoin(
                conversation_claims,
                conversation_claims.c.conversation_id
                == conversations.c.conversation_id,
            ).outerjoin(staff, staff.c.staff_id == conversation_claims.c.staff_id)
        )
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
                claimed_by=row.claimed_by,
            )
            for row in connection.execute(query)
        ]


def claim(house: House, conversation_id: str, staff_id: str) -> None:
    """Only this person answers from now on; the bot is silent.

    Also a conversation that the bot has, if a person is to step in.
    Raises NotFound, WrongState while somebody else answers it.
    """
    with writing(house) as unit:
        conversation = transcript.get_conversation(unit.connection, conversation_id)
        here = conversations.c.conversation_id == conversation_id
        lock_row(unit.connection, conversations, here)
        claiming.take(house, unit, conversation_id, staff_id)
        values: dict[str, Any] = {"mode": "human"}
        if conversation.mode == "bot":
            stepped_in = {"reason": BY_HAND, "summary": {}}
            values.update(handoff=stepped_in, waiting_since=unit.now)
            values["handed_over_at"] = transcript.first_time("handed_over_at", unit)
        unit.connection.execute(conversations.update().where(here).values(**values))


def reply(
    house: House,
    conversation_id: str,
    text: str,
    by: str,
    staff_id: str | None = None,
    once: str = "",
) -> None:
    """A person speaks; the bot stays silent until the conversation is released.

    by: the first name that the customer sees. staff_id: of the console's account,
    which must hold the claim; None: the claim is taken in this name. once: the same
    again is the same answer, said once.
    Raises NotFound, WrongState.
    """
    if not text.strip():
        raise WrongState("there is nothing in this answer")
    with writing(house) as unit:
        conversation = transcript.get_conversation(unit.connection, conversation_id)
        lock_row(unit.connection, conversations, _is(conversation_id))
        message_id = _message_id(conversation_id, by, once) if once else None
        if message_id and _is_said(unit, message_id):
            return
        if conversation.mode == "bot":
            raise WrongState("this conversation is with the bot")
        if staff_id is None:
            claiming.take_by_name(house, unit, conversation_id, by)
        else:
            held = claiming.claim_of(unit.connection, conversation_id)
            if held is None or held.staff_id != staff_id:
                raise WrongState("somebody else answers this conversation")
            claiming.hold(unit, conversation_id, staff_id)
        shown = by if house.shop.staff.shown_as == "name" else house.shop.name
        line = transcript.Line("staff", text, author_name=shown, id=message_id)
        transcript.add(unit, conversation_id, line)
        first = transcript.first_time("person_answered_at", unit)
        set_mode(unit.connection, conversation_id, "human", person_answered_at=first)
        failpoint("reply.before_commit")
    failpoint("reply.after_commit")


def note_for_person(house: House, conversation_id: str, inbound_id: str) -> None:
    """Tell it once while nobody has taken over yet; a person then speaks for itself."""
    with writing(house) as unit:
        conversation = transcript.get_conversation(unit.connection, conversation_id)
        noted = unit.connection.execute(
            sa.select(messages.c.seq).where(
                messages.c.conversation_id == conversation_id,
                messages.c.response == "utter_waiting_noted",
                messages.c.at >= conversation.waiting_since,
            )
        ).first()
        if conversation.mode == "waiting" and noted is None:
            transcript.add_own_word(
                house, unit, conversation, "utter_waiting_noted", inbound_id=inbound_id
            )


def release(house: House, conversation_id: str, seen: int | None = None) -> None:
    """Give the conversation back to the bot. Raises NotFound, WrongState.

    seen: the seq of what the person has read, None: all. What the customer said
    after it is the bot's to answer.
    """
    with writing(house) as unit:
        conversation = _with_a_person(unit, conversation_id)
        after = conversation.last_seq if seen is None else seen
        give_back(house, unit, conversation, "utter_back_with_bot", after)


def give_back(
    house: House, unit: Unit, conversation: Row[Any], response: str, after: int
) -> None:
    """The bot says so, then answers what the customer said after this seq."""
    conversation_id = conversation.conversation_id
    set_mode(unit.connection, conversation_id, "bot")
    unit.connection.execute(
        conversation_claims.delete().where(
            conversation_claims.c.conversation_id == conversation_id
        )
    )
    transcript.add_own_word(house, unit, conversation, response)
    unheard = sa.and_(
        inbound_messages.c.conversation_id == conversation_id,
        inbound_messages.c.seq > after,
        inbound_messages.c.answered_at.is_(None),
        inbound_messages.c.state == "answered",  # by a person, it was thought
    )
    rows = unit.connection.execute(
        sa.select(inbound_messages.c.inbound_id).where(unheard)
    ).scalars()
    for inbound_id in list(rows):
        unit.connection.execute(
            inbound_messages.update()
            .where(inbound_messages.c.inbound_id == inbound_id)
            .values(state="received")
        )
        unit.will(WorkKind.ANSWER_MESSAGE, inbound_id)


def _with_a_person(unit: Unit, conversation_id: str) -> Row[Any]:
    conversation = locked(unit, conversation_id)
    if conversation.mode == "bot":
        raise WrongState("this conversation is with the bot already")
    return conversation


def locked(unit: Unit, conversation_id: str) -> Row[Any]:
    """As it is once nobody else can write to it. Raises NotFound."""
    lock_row(unit.connection, conversations, _is(conversation_id))
    return transcript.get_conversation(unit.connection, conversation_id)


def _message_id(conversation_id: str, by: str, once: str) -> str:
    told = "\x00".join((conversation_id, by, once)).encode("utf-8", "replace")
    return hashlib.sha256(told).hexdigest()


def _is_said(unit: Unit, message_id: str) -> bool:
    query = sa.select(messages.c.seq).where(messages.c.id == message_id)
    return unit.connection.execute(query).first() is not None


def keep_alive(house: House, conversation_id: str, staff_id: str) -> None:
    """Somebody who is typing has not left. Nothing when the claim is another's."""
    with writing(house) as unit:
        unit.connection.execute(
            conversation_claims.update()
            .where(
                conversation_claims.c.conversation_id == conversation_id,
                conversation_claims.c.staff_id == staff_id,
            )
            .values(at=unit.now)
        )


def _is(conversation_id: str) -> sa.ColumnElement[bool]:
    return conversations.c.conversation_id == conversation_id


def set_mode(
    connection: sa.Connection, conversation_id: str, mode: str, **more: Any
) -> None:
    """more: other columns of the conversation."""
    values: dict[str, Any] = {"mode": mode, **more}
    if mode == "bot":
        values.update(handoff=None, waiting_since=None)
    connection.execute(
        conversations.update().where(_is(conversation_id)).values(**values)
    )
