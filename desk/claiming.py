"""Who answers a conversation: one person at a time, by account or by first name.

The console knows accounts; the command line only a name, which is taken for the account
of that name if there is one. People are told apart as `second_person` does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.console.tables import conversation_claims, staff
from returns.errors import WrongState
from returns.services.second_person import are_one
from returns.unit import Unit
from returns.wiring import House

NAME = sa.func.coalesce(staff.c.name, conversation_claims.c.by_name)


@dataclass(frozen=True)
class Claim:
    """Who answers a conversation, and since when last. staff_id None: no account."""

    staff_id: str | None
    name: str
    at: datetime


def claim_of(connection: Connection, conversation_id: str) -> Claim | None:
    """None: nobody answers it, or it is with the bot."""
    row = connection.execute(
        sa.select(
            conversation_claims.c.staff_id,
            NAME.label("name"),
            conversation_claims.c.at,
        )
        .outerjoin(staff, staff.c.staff_id == conversation_claims.c.staff_id)
        .where(conversation_claims.c.conversation_id == conversation_id)
    ).first()
    return Claim(row.staff_id, row.name, row.at) if row else None


def claim_life(house: House) -> timedelta:
    """After a person's last sign of life; then others may take over."""
    return timedelta(minutes=house.shop.staff.bot_returns_after_minutes)


def take(house: House, unit: Unit, conversation_id: str, staff_id: str) -> None:
    """Raises WrongState while somebody else answers it."""
    held = _fresh(house, unit, conversation_id)
    if held is not None and held.staff_id != staff_id:
        raise WrongState(f"{held.name} answers this conversation")
    hold(unit, conversation_id, staff_id)


def take_by_name(house: House, unit: Unit, conversation_id: str, name: str) -> None:
    """Raises WrongState while somebody of another name answers it."""
    held = _fresh(house, unit, conversation_id)
    if held is not None and not are_one(held.name, name):
        raise WrongState(f"{held.name} answers this conversation")
    account = held.staff_id if held else _account_of(unit.connection, name)
    hold(unit, conversation_id, account, name)


def hold(
    unit: Unit, conversation_id: str, staff_id: str | None, name: str | None = None
) -> None:
    """A sign of life of whoever answers, who may be another one than before."""
    here = conversation_claims.c.conversation_id == conversation_id
    unit.connection.execute(conversation_claims.delete().where(here))
    unit.connection.execute(
        conversation_claims.insert().values(
            conversation_id=conversation_id,
            staff_id=staff_id,
            by_name=None if staff_id else name,
            at=unit.now,
        )
    )


def _fresh(house: House, unit: Unit, conversation_id: str) -> Claim | None:
    held = claim_of(unit.connection, conversation_id)
    alive = held is not None and unit.now - held.at < claim_life(house)
    return held if alive else None


def _account_of(connection: Connection, name: str) -> str | None:
    """None: no account, or several, are called so."""
    query = sa.select(staff.c.staff_id, staff.c.name).where(
        staff.c.disabled_at.is_(None)
    )
    found = [
        row.staff_id for row in connection.execute(query) if are_one(row.name, name)
    ]
    return found[0] if len(found) == 1 else None
