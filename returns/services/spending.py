"""What was already paid back, against the limits of shop.yml (X10)."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.refund_limits import Exceeded, Spent, exceeded
from returns.shop import Shop
from returns.tables import orders, refunds
from returns.unit import Unit

A_MONTH, AN_HOUR = timedelta(days=30), timedelta(hours=1)


def passed(shop: Shop, unit: Unit, row: Row[Any]) -> tuple[Exceeded, ...]:
    """The limits that paying this refund would pass; none once it was first sent."""
    if row.first_sent_at is not None:
        return ()
    before = Spent(
        on_order=_sent(unit, row, refunds.c.order_number == row.order_number),
        on_customer_in_30_days=_sent(unit, row, _same_customer(row), A_MONTH),
        in_last_hour=_sent(unit, row, sa.true(), AN_HOUR),
    )
    return exceeded(shop.refund_limits, row.amount_minor, row.currency, before)


def in_last_hour(connection: Connection, currency: str, now: datetime) -> int:
    """Minor units sent to the bank in all, against `per_hour`."""
    query = sa.select(sa.func.coalesce(sa.func.sum(refunds.c.amount_minor), 0)).where(
        refunds.c.currency == currency, refunds.c.first_sent_at >= now - AN_HOUR
    )
    return int(connection.execute(query).scalar_one())


def _same_customer(row: Row[Any]) -> sa.ColumnElement[bool]:
    mine = sa.select(orders.c.email_key).where(
        orders.c.order_number == row.order_number
    )
    theirs = sa.select(orders.c.order_number).where(
        orders.c.email_key == mine.scalar_subquery()
    )
    return refunds.c.order_number.in_(theirs)


def _sent(
    unit: Unit,
    row: Row[Any],
    whose: sa.ColumnElement[bool],
    lately: timedelta | None = None,
) -> int:
    """Minor units sent to the bank, other than this refund. lately None: ever."""
    since: datetime | None = unit.now - lately if lately else None
    query = sa.select(sa.func.coalesce(sa.func.sum(refunds.c.amount_minor), 0)).where(
        refunds.c.first_sent_at.is_not(None),
        refunds.c.refund_id != row.refund_id,
        refunds.c.currency == row.currency,
        whose,
        refunds.c.first_sent_at >= since if since else sa.true(),
    )
    return int(unit.connection.execute(query).scalar_one())
