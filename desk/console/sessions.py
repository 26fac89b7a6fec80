"""Staff sessions: server-side, hashed at rest, 30 min idle, 12 h in all (C2)."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from desk.console import accounts, audit
from desk.console.accounts import Member
from desk.console.tables import staff_sessions
from returns import ids
from returns.unit import writing
from returns.wiring import House

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """csrf: what every act of this session must bring along (C3).

    proved: a second factor was given, too.
    """

    session_id: str
    member: Member
    csrf: str
    proved: bool = False


def start(house: House, member: Member, agent: str, proved: bool = False) -> str:
    """The cookie's value. proved: with a second factor."""
    token = secrets.token_urlsafe(32)
    with writing(house) as unit:
        unit.connection.execute(
            staff_sessions.delete().where(
                staff_sessions.c.created_at < unit.now - LONGEST
            )
        )
        unit.connection.execute(
            staff_sessions.insert().values(
                token_hash=_hash(token),
                session_id=ids.new_id(),
                staff_id=member.staff_id,
                created_at=unit.now,
                last_used_at=unit.now,
                agent=agent[:200],
                second_factor_at=unit.now if proved else None,
            )
        )
    return token


def find(house: House, token: str, touch: bool = True) -> Session | None:
    """None when it is unknown, over, or its account is switched off.

    touch False: this use does not keep it alive.
    """
    now = house.clock.now()
    here = staff_sessions.c.token_hash == _hash(token)
    with house.reader.connect() as connection:
        row = connection.execute(sa.select(staff_sessions).where(here)).first()
        if row is None or now - row.last_used_at > IDLE:
            return None
        member = accounts.member(connection, row.staff_id)
    if member is None or now - row.created_at > LONGEST:
        return None
    if touch and now - row.last_used_at >= NOTED_EVERY:
        with writing(house) as unit:
            unit.connection.execute(
                staff_sessions.update().where(here).values(last_used_at=unit.now)
            )
    proved = row.second_factor_at is not None
    return Session(row.session_id, member, csrf_of(token), proved)


def of_member(house: House, staff_id: str) -> list[Row[Any]]:
    """Their sessions that still live, newest first."""
    now = house.clock.now()
    query = (
        sa.select(staff_sessions)
        .where(
            staff_sessions.c.staff_id == staff_id,
            staff_sessions.c.last_used_at > now - IDLE,
            staff_sessions.c.created_at > now - LONGEST,
        )
        .order_by(staff_sessions.c.created_at.desc())
    )
    with house.reader.connect() as connection:
        return list(connection.execute(query).all())


def revoke(house: House, session_id: str, staff_id: str, by: Member) -> None:
    """End one session of this person; one that is over already is no error."""
    with writing(house) as unit:
        unit.connection.execute(
            staff_sessions.delete().where(
                staff_sessions.c.session_id == session_id,
                staff_sessions.c.staff_id == staff_id,
            )
        )
        audit.note(house, unit, by.email, "staff.session_ended", staff_id)


def drop(house: House, session_id: str) -> None:
    """End it because another one takes its place."""
    with writing(house) as unit:
        this = staff_sessions.c.session_id == session_id
        unit.connection.execute(staff_sessions.delete().where(this))


def csrf_of(token: str) -> str:
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
