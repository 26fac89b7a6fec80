"""Which supplier and which product cause justified complaints: counts and rates."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from returns.model import Liable, ReturnStatus
from returns.tables import order_lines, orders, return_lines, returns
from returns.wiring import House

BY_PRODUCT = (order_lines.c.supplier, order_lines.c.product_id)
NOT_COUNTED = (ReturnStatus.CANCELLED, ReturnStatus.DECLINED)


def report(
    house: House,
    since: datetime | None = None,
    until: datetime | None = None,
    by_product: bool = True,
) -> list[dict[str, Any]]:
    """One row per supplier and product that was complained of, worst rate first.

    since, until (excluded): of returns opened and orders placed; None: ever.
    by_product False: one row per supplier. sold, faulty: units. returns: with at
    least one such line. rate: faulty of sold, in percent with one digit.
    """
    group = BY_PRODUCT if by_product else BY_PRODUCT[:1]
    with house.reader.connect() as connection:
        sold = _sold(connection, group, _between(orders.c.placed_at, since, until))
        opened = _between(returns.c.created_at, since, until)
        rows = connection.execute(_faulty(group).where(*opened)).all()
    found = []
    for row in rows:
        key = tuple(row[: len(group)])
        told = dict(zip(("supplier", "product_id"), key, strict=False))
        faulty, bought = int(row.faulty), sold.get(key, 0)
        counts = {"sold": bought, "faulty": faulty, "returns": int(row.returns)}
        rate = _percent(faulty, bought)
        found.append({**told, "title": row.title, **counts, "rate": rate})
    return sorted(found, key=lambda row: (-row["rate"], row["supplier"]))


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _between(
    at: sa.Column[Any], since: datetime | None, until: datetime | None
) -> list[sa.ColumnElement[bool]]:
    found = [at >= since] if since else []
    return [*found, at < until] if until else found


def _sold(
    connection: Connection,
    group: tuple[sa.Column[Any], ...],
    placed: list[sa.ColumnElement[bool]],
) -> dict[tuple[Any, ...], int]:
    query = sa.select(*group, sa.func.sum(order_lines.c.quantity))
    if placed:
        ours = orders.c.order_number == order_lines.c.order_number
        query = query.select_from(orders.join(order_lines, ours)).where(*placed)
    rows = connection.execute(query.group_by(*group))
    return {tuple(row[:-1]): int(row[-1]) for row in rows}


def _faulty(group: tuple[sa.Column[Any], ...]) -> sa.Select[Any]:
    line = sa.and_(
        order_lines.c.order_number == return_lines.c.order_number,
        order_lines.c.line_id == return_lines.c.line_id,
    )
    return (
        sa.select(
            *group,
            sa.func.max(order_lines.c.title).label("title"),
            sa.func.sum(return_lines.c.quantity).label("faulty"),
            sa.func.count(sa.distinct(return_lines.c.return_id)).label("returns"),
        )
        .select_from(return_lines)
        .join(order_lines, line)
        .join(returns, returns.c.return_id == return_lines.c.return_id)
        .where(
            return_lines.c.liable == Liable.SUPPLIER,
            return_lines.c.justified.is_(True),
            returns.c.status.not_in(NOT_COUNTED),
        )
        .group_by(*group)
    )
