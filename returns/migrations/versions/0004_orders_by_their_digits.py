"""orders by their digits."""

import sqlalchemy as sa
from alembic import op

from returns.keys import order_digits

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROWS_AT_ONCE = 5000


def upgrade() -> None:
    column = sa.Column(
        "order_digits", sa.String(length=64), nullable=False, server_default=""
    )
    op.add_column("orders", column)
    _fill()
    op.create_index("ix_orders_order_digits", "orders", ["order_digits"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_orders_order_digits", "orders")
    op.drop_column("orders", "order_digits")


def _fill() -> None:
    orders = sa.table("orders", sa.column("order_number"), sa.column("order_digits"))
    fill = (
        sa.update(orders)
        .where(orders.c.order_number == sa.bindparam("number"))
        .values(order_digits=sa.bindparam("digits"))
    )
    connection = op.get_bind()
    numbers = connection.execute(sa.select(orders.c.order_number)).scalars().all()
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        some = numbers[start : start + ROWS_AT_ONCE]
        rows = [{"number": number, "digits": order_digits(number)} for number in some]
        connection.execute(fill, rows)
