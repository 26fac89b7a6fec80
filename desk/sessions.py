"""Who speaks on the web: a random token, kept hashed, of one conversation (E5)."""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from desk import transcript
from desk.tables import (
    buttons,
    chat_sessions,
    conversations,
    inbound_messages,
    messages,
)
from returns.errors import ReturnsError
from returns.tables import (
    drafts,
    grants,
    heard_messages,
    identity_failures,
    returns,
    work,
)
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, work_id_of

IDLE = timedelta(hours=24)
AFTER_LAST_RETURN = timedelta(days=14)
OPEN_STATUSES = ("requested", "needs_review", "authorised", "in_transit", "received")


class UnknownToken(ReturnsError):
    """No session has this token, or it is over."""


def open_session(house: House, language: str) -> tuple[str, str]:
    """(token, conversation_id) of a new web conversation with its first message."""
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
    with writing(house) as unit:
        here = chat_sessions.c.token_hash == _hash(token)
        row = unit.connection.execute(sa.select(chat_sessions).where(here)).first()
        if row is None:
            raise UnknownToken
        idle = unit.now - row.last_used_at
        if idle > IDLE and not _kept_by_return(unit, row.conversation_id):
            raise UnknownToken
        unit.connection.execute(
            chat_sessions.update().where(here).values(last_used_at=unit.now)
        )
        return str(row.conversation_id)


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
        return True


def _kept_by_return(unit: Unit, conversation_id: str) -> bool:
    """A session lives on while a return of it is open, and two weeks longer."""
    query = sa.select(returns.c.return_id).where(
        returns.c.conversation_id == conversation_id,
        sa.or_(
            returns.c.status.in_(OPEN_STATUSES),
            returns.c.updated_at > unit.now - AFTER_LAST_RETURN,
        ),
    )
    return unit.connection.execute(query).first() is not None


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
    for table in (
        messages,
        inbound_messages,
        buttons,
        grants,
        identity_failures,
        heard_messages,
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
