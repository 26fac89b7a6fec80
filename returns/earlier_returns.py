"""What earlier returns tell of an order and of its customer, for policy's History."""

import sqlalchemy as sa
from sqlalchemy import Connection

from returns.model import Resolution, ReturnReason, ReturnStatus
from returns.tables import orders, refund_components, return_lines, returns


def replaced_lines(connection: Connection, order_number: str) -> frozenset[str]:
    """Lines of which a replacement was sent before (C05)."""
    query = (
        sa.select(return_lines.c.line_id)
        .join_from(returns, return_lines)
        .where(
            returns.c.order_number == order_number,
            returns.c.status == ReturnStatus.CLOSED,
            return_lines.c.resolution == Resolution.REPLACEMENT,
        )
    )
    return frozenset(connection.execute(query).scalars())


def not_received_before(connection: Connection, order_number: str) -> int:
    """How often the customer denied the delivery of another order (D08)."""
    query = (
        sa.select(sa.func.count())
        .select_from(orders)
        .join(returns, returns.c.order_number == orders.c.order_number)
        .join(return_lines, return_lines.c.return_id == returns.c.return_id)
        .where(
            orders.c.email_key == _email_key(order_number),
            orders.c.order_number != order_number,
            return_lines.c.return_reason == ReturnReason.DELIVERED_NOT_RECEIVED,
        )
    )
    return int(connection.execute(query).scalar_one())


def goodwill_of_customer(connection: Connection, order_number: str) -> int:
    """How many gestures the customer of this order got, for whatever order (S04)."""
    parts = refund_components
    query = (
        sa.select(sa.func.count())
        .select_from(orders)
        .join(parts, parts.c.order_number == orders.c.order_number)
        .where(
            orders.c.email_key == _email_key(order_number),
            parts.c.component.startswith("goodwill/"),
        )
    )
    return int(connection.execute(query).scalar_one())


def _email_key(order_number: str) -> sa.ScalarSelect[str]:
    query = sa.select(orders.c.email_key).where(orders.c.order_number == order_number)
    return query.scalar_subquery()
