"""Who speaks on the web: a random token, kept hashed, of one conversation (E5)."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from desk import index, transcript, turn_sql
from desk.channels import people
from desk.channels.tables import channel_aliases, channel_people, outbound
from desk.tables import (
    buttons,
    chat_sessions,
    conversations,
    inbound_messages,
    messages,
)
from returns.errors import ReturnsError
from returns.services import places, uploads
from returns.tables import (
    drafts,
    grants,
    heard_messages,
    identity_codes,
    proven_phones,
    returns,
    work,
)
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, work_id_of

IDLE = timedelta(hours=24)
NOTED_EVERY = timedelta(minutes=1)  # a write for each request would stand in the way
AFTER_LAST_RETURN = timedelta(days=14)
OPEN_STATUSES = ("requested", "needs_review", "authorised", "in_transit", "received")


class UnknownToken(ReturnsError):
    """No session has this token, or it is over."""


def open_session(
    house: House, language: str, network: str | None = None
) -> tuple[str, str]:
    """(token, conversation_id) of a new web conversation with its first message.

    network: from which it is opened; None when that is not known.
    """
    token = secrets.token_urlsafe(32)
    with writing(house) as unit:
        conversation_id = transcript.start(unit, "web", _hash(token), language)
        unit.connection.execute(
            chat_sessions.insert().values(
                token_hash=_hash(token),
                conversation_id=conversation_id,
                created_at=unit.now,
                last_used_at=unit.now,
            )
        )
        if network is not None:
            places.note(house, unit, conversation_id, network)
        conversation = transcript.get_conversation(unit.connection, conversation_id)
        transcript.add_own_word(
            house,
            unit,
            conversation,
            "utter_ai_notice",
            {"shop": house.shop.name},
        )
    return token, conversation_id


def conversation_of(house: House, token: str) -> str:
    """The conversation this token belongs to. Raises UnknownToken."""
    now = house.clock.now()
    mine = {"token": _hash(token)}
    with house.reader.connect() as connection:
        row = connection.execute(turn_sql.SESSION, mine).first()
        if row is None:
            raise UnknownToken
        idle = now - row.last_used_at
        if idle > IDLE and not _kept_by_return(connection, row.conversation_id, now):
            raise UnknownToken
    if idle >= NOTED_EVERY:
        _note_use(house, chat_sessions.c.token_hash == _hash(token))
    return str(row.conversation_id)


def is_open(house: House, conversation_id: str) -> bool:
    """Whether anybody may still follow this conversation."""
    mine = chat_sessions.c.conversation_id == conversation_id
    with house.reader.connect() as connection:
        found = connection.execute(sa.select(chat_sessions.c.token_hash).where(mine))
        return found.first() is not None


def _note_use(house: House, here: sa.ColumnElement[bool]) -> None:
    with writing(house) as unit:
        unit.connection.execute(
            chat_sessions.update().where(here).values(last_used_at=unit.now)
        )


def end(house: House, conversation_id: str) -> bool:
    """End every session; erase the talk unless a return needs it. True if erased."""
    with writing(house) as unit:
        unit.connection.execute(
            chat_sessions.delete().where(
                chat_sessions.c.conversation_id == conversation_id
            )
        )
        if _has_returns(unit.connection, conversation_id):
            return False
        _erase(unit, conversation_id)
        uploads.erase(house, unit, conversation_id)
        return True


def _kept_by_return(
    connection: Connection, conversation_id: str, now: datetime
) -> bool:
    """A session lives on while a return of it is open, and two weeks longer."""
    query = sa.select(returns.c.return_id).where(
        returns.c.conversation_id == conversation_id,
        sa.or_(
            returns.c.status.in_(OPEN_STATUSES),
            returns.c.updated_at > now - AFTER_LAST_RETURN,
        ),
    )
    return connection.execute(query).first() is not None


def _has_returns(connection: Connection, conversation_id: str) -> bool:
    query = sa.select(returns.c.return_id).where(
        returns.c.conversation_id == conversation_id
    )
    return connection.execute(query).first() is not None


def _erase(unit: Unit, conversation_id: str) -> None:
    """A withdrawal that was stated stays: it counts from that moment (N1)."""
    mine = sa.select(inbound_messages.c.inbound_id).where(
        inbound_messages.c.conversation_id == conversation_id
    )
    open_work = [
        work_id_of(WorkKind.ANSWER_MESSAGE, inbound_id)
        for inbound_id in unit.connection.execute(mine).scalars()
    ]
    unit.connection.execute(work.delete().where(work.c.work_id.in_(open_work)))
    unit.connection.execute(
        drafts.delete().where(
            drafts.c.conversation_id == conversation_id,
            drafts.c.state != "confirmed",
            sa.not_(_states_withdrawal()),
        )
    )
    index.erase(unit.connection, conversation_id)
    places.erase(unit.connection, conversation_id)
    people.erase_arrivals(unit.connection, conversation_id)
    for table in (
        messages,
        inbound_messages,
        buttons,
        grants,
        identity_codes,
        heard_messages,
        proven_phones,
        outbound,
        channel_aliases,
        channel_people,
        conversations,
    ):
        unit.connection.execute(
            table.delete().where(table.c.conversation_id == conversation_id)
        )


def _states_withdrawal() -> sa.ColumnElement[bool]:
    stated: sa.ColumnElement[bool] = (
        drafts.c.facts["withdrawal_at"].as_string().is_not(None)
    )
    return stated


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
