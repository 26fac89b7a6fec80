"""Which returns a conversation may speak of: its own, and those of orders it proved."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.errors import NotFound
from returns.services.identity import GRANT_IDLE, GRANT_LONGEST
from returns.tables import grants, parcels, returns


def orders_of(connection: Connection, conversation_id: str, now: datetime) -> list[str]:
    """Order numbers that this conversation proved lately (I1), the latest first."""
    query = (
        sa.select(grants.c.order_number)
        .where(
            grants.c.conversation_id == conversation_id,
            grants.c.last_used_at >= now - GRANT_IDLE,
            grants.c.granted_at >= now - GRANT_LONGEST,
        )
        .order_by(grants.c.last_used_at.desc())
    )
    return list(connection.execute(query).scalars())


def returns_of(
    connection: Connection, conversation_id: str, now: datetime
) -> list[Row[Any]]:
    """Newest first; also those that were opened in another conversation."""
    proved = orders_of(connection, conversation_id, now)
    query = sa.select(returns).where(
        sa.or_(
            returns.c.conversation_id == conversation_id,
            returns.c.order_number.in_(proved),
        )
    )
    newest = query.order_by(returns.c.created_at.desc(), returns.c.return_id)
    return list(connection.execute(newest).all())


def parcel_of(connection: Connection, return_id: str) -> Row[Any] | None:
    """The parcel on its way back; None while no number is known."""
    query = sa.select(parcels).where(parcels.c.return_id == return_id)
    return connection.execute(query).first()


def one_of(rows: list[Row[Any]], return_id: str) -> Row[Any]:
    """Raises NotFound when the conversation has no such return."""
    for row in rows:
        if row.return_id == return_id:
            return row
    raise NotFound(f"no return {return_id} in this conversation")
