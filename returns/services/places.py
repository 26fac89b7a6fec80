"""From where a conversation was opened: a keyed hash, never the address (I3, P3)."""

import hashlib
import hmac

import sqlalchemy as sa
from sqlalchemy import Connection

from returns.sql import insert_once
from returns.tables import identity_failures, identity_places
from returns.unit import Unit
from returns.wiring import House

LENGTH = 32


def note(house: House, unit: Unit, conversation_id: str, network: str) -> None:
    """network: of the client address, such as "203.0.113.0/24"."""
    key = house.settings.secret("codes").encode()
    digest = hmac.new(key, f"place/{network}".encode(), hashlib.sha256).hexdigest()
    insert_once(
        unit.connection,
        identity_places,
        conversation_id=conversation_id,
        place=digest[:LENGTH],
        at=unit.now,
    )


def of_conversation(connection: Connection, conversation_id: str) -> str | None:
    """None: it was not opened on the web."""
    here = identity_places.c.conversation_id == conversation_id
    query = sa.select(identity_places.c.place).where(here)
    return connection.execute(query).scalar()


def erase(connection: Connection, conversation_id: str) -> None:
    """Erasing a talk erases no failed proof: else guesses would not count."""
    here = identity_places.c.conversation_id == conversation_id
    connection.execute(identity_places.delete().where(here))
    connection.execute(
        identity_failures.update()
        .where(identity_failures.c.conversation_id == conversation_id)
        .values(conversation_id="")
    )
