"""Personal data in clear: by a click with a reason, for a quarter of an hour (C4).

It holds for one conversation or case, in the session that asked, and is in the log.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from desk.console import audit
from desk.console.safety_tables import unmaskings
from desk.console.sessions import Session
from returns.errors import ReturnsError
from returns.unit import Unit, writing
from returns.wiring import House

LASTS = timedelta(minutes=15)
REASONS = ("answer", "decide", "quality", "request", "fraud")


class NoReason(ReturnsError):
    """Nobody looks without saying why."""


def unmask(house: House, session: Session, subject: str, reason: str) -> None:
    """subject: a conversation_id or return_id that exists. Raises NoReason."""
    if reason not in REASONS:
        raise NoReason(f"{reason!r} is no reason")
    with writing(house) as unit:
        _forget(unit, session, subject)
        unit.connection.execute(
            unmaskings.insert().values(
                session_id=session.session_id,
                subject=subject,
                reason=reason,
                until=unit.now + LASTS,
            )
        )
        who = session.member.email
        audit.note(house, unit, who, "personal.unmasked", subject, reason=reason)


def until(house: House, session: Session, subjects: Iterable[str]) -> datetime | None:
    """How long one of them is in clear here; None: masked."""
    query = sa.select(sa.func.max(unmaskings.c.until)).where(
        unmaskings.c.session_id == session.session_id,
        unmaskings.c.subject.in_(list(subjects)),
        unmaskings.c.until > house.clock.now(),
    )
    with house.reader.connect() as connection:
        found: datetime | None = connection.execute(query).scalar()
    return found


def _forget(unit: Unit, session: Session, subject: str) -> None:
    """What is over, anybody's, and this one, which begins anew."""
    again = sa.and_(
        unmaskings.c.session_id == session.session_id, unmaskings.c.subject == subject
    )
    over = unmaskings.c.until <= unit.now
    unit.connection.execute(unmaskings.delete().where(sa.or_(over, again)))
