"""A return as outsiders see it (the contract's JSON), for lists and exports."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.services import adjustments, cases, known, ratings, refunds
from returns.tables import return_history, returns
from returns.wiring import House


def all_returns(house: House, order_number: str | None = None) -> list[dict[str, Any]]:
    """Oldest first; order_number None: of every order."""
    query = sa.select(returns).order_by(returns.c.created_at, returns.c.return_id)
    if order_number is not None:
        query = query.where(returns.c.order_number == order_number)
    with house.reader.connect() as connection:
        rows = connection.execute(query).all()
        return [as_json(connection, row) for row in rows]


def return_ids_of(connection: Connection, conversation_id: str) -> list[str]:
    """The returns that were opened in it."""
    query = sa.select(returns.c.return_id).where(
        returns.c.conversation_id == conversation_id
    )
    return list(connection.execute(query).scalars())


def as_json(connection: Connection, case: Row[Any]) -> dict[str, Any]:
    """One return; times in ISO 8601 UTC with Z, money in minor units."""
    parcel = known.parcel_of(connection, case.return_id)
    return {
        "return_id": case.return_id,
        "rma_number": case.rma_number,
        "supplier": case.supplier,
        "order_number": case.order_number,
        "status": case.status,
        "channel": case.channel,
        "conversation_id": case.conversation_id,
        "outcome": case.outcome,
        "decline_reason": case.decline_reason,
        "return_payer": case.return_payer,
        "return_address": case.return_address,
        "ship_by": _moment(case.ship_by),
        "lines": [_line(row) for row in cases.lines_of(connection, case.return_id)],
        "refund": _refund(connection, case.return_id),
        "adjustments": adjustments.as_json(connection, case.return_id),
        "claim": case.claim,
        "tracking_number": parcel.tracking_number if parcel else None,
        "rating": _rating(connection, case.return_id),
        "created_at": _moment(case.created_at),
        "history": _history(connection, case.return_id),
    }


def _line(row: Row[Any]) -> dict[str, Any]:
    names = [
        "line_id",
        "sku",
        "quantity",
        "return_reason",
        "other_reasons",
        "detail",
        "ground",
        "justified",
        "liable",
        "recourse",
        "resolution",
        "disposition",
        "replacement_sku",
        "rules",
    ]
    return {name: row._mapping[name] for name in names}


def _refund(connection: Connection, return_id: str) -> dict[str, Any]:
    row = refunds.of_return(connection, return_id)
    if row is None:
        return {"amount_minor": 0, "currency": None, "state": "none"}
    return {
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "state": row.state,
    }


def _rating(connection: Connection, return_id: str) -> dict[str, Any] | None:
    row = ratings.of_return(connection, return_id)
    return {"rating": row.rating, "comment": row.comment} if row else None


def _history(connection: Connection, return_id: str) -> list[dict[str, Any]]:
    query = sa.select(return_history).where(return_history.c.return_id == return_id)
    return [
        {"at": _moment(row.at), "event": row.event, "by": row.by}
        for row in connection.execute(query.order_by(return_history.c.entry_id))
    ]


def _moment(at: Any) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
