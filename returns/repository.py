"""Rows to returns/model.py's types and back."""

import re
from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import Connection, Row

from returns import earlier_returns as earlier
from returns import keys
from returns.model import (
    Address,
    Customer,
    Draft,
    Order,
    OrderLine,
    OrderStatus,
    PriorRefund,
    Product,
    Variant,
)
from returns.policy import History
from returns.tables import (
    drafts,
    grants,
    held_units,
    order_lines,
    orders,
    product_pictures,
    products,
    refund_components,
)

DRAFTS = TypeAdapter(Draft)
# What a draft keeps in columns; the rest lies in `facts`.
DRAFT_COLUMNS = (
    "draft_id",
    "conversation_id",
    "language",
    "channel",
    "created_at",
    "order_number",
    "email",
    "revision",
)
# The line's own picture, else its product's: as the import names it.
IMAGE = sa.func.coalesce(order_lines.c.image, products.c.image)
# Built once, for every turn runs them: that takes longer than to run them.
ORDER = sa.select(orders).where(orders.c.order_number == sa.bindparam("number"))
LINES = (
    sa.select(order_lines, IMAGE.label("source"), product_pictures.c.sha256)
    .outerjoin(products, products.c.product_id == order_lines.c.product_id)
    .outerjoin(product_pictures, product_pictures.c.source == IMAGE)
    .where(order_lines.c.order_number == sa.bindparam("number"))
    .order_by(order_lines.c.position)
)
OPEN_DRAFT = sa.select(drafts).where(
    drafts.c.conversation_id == sa.bindparam("talk"), drafts.c.state == "open"
)
SAVE_DRAFT = drafts.update().where(drafts.c.draft_id == sa.bindparam("this"))
_HERE = sa.and_(
    grants.c.conversation_id == sa.bindparam("talk"),
    grants.c.order_number == sa.bindparam("number"),
)
GRANT, USE_GRANT = sa.select(grants).where(_HERE), grants.update().where(_HERE)
# The demo shop draws its own pictures.
OWN_DRAWING = re.compile(r"/demo/pictures/[A-Z]{3}-\d\d\.svg")
LINE_FIELDS = [name for name in OrderLine.__dataclass_fields__ if name in order_lines.c]


def find_order(connection: Connection, order_number: str) -> Order | None:
    row = connection.execute(ORDER, {"number": order_number}).first()
    return _order(connection, row) if row else None


def get_order(connection: Connection, order_number: str) -> Order:
    """For callers that hold a grant or a case, so that the order must exist."""
    order = find_order(connection, order_number)
    if order is None:
        raise LookupError(f"order {order_number} has vanished")
    return order


def orders_called(connection: Connection, order_number: str) -> list[Row[Any]]:
    """Orders that the number may mean, however it is typed ("1042" for FR-1042).

    Rows of order_number, email_key and customer, for proof only.
    """
    key, digits = keys.order_key(order_number), keys.order_digits(order_number)
    alike: sa.ColumnElement[bool] = orders.c.order_key.in_({key, digits} - {""})
    if key == digits and len(digits) >= keys.SHORTEST_BARE_NUMBER:
        alike = sa.or_(alike, orders.c.order_digits == digits)
    proving = [orders.c[name] for name in ("order_number", "email_key", "customer")]
    query = sa.select(*proving).where(alike).order_by(orders.c.order_number)
    rows = connection.execute(query).all()
    return [row for row in rows if keys.same_order(row.order_number, order_number)]


def _order(connection: Connection, row: Row[Any]) -> Order:
    line_rows = connection.execute(LINES, {"number": row.order_number}).all()
    facts = row._mapping
    plain = [
        "order_number",
        "placed_at",
        "promised_at",
        "dispatched_at",
        "delivered_at",
        "language",
        "currency",
        "withdrawal_informed",
        "payment_method",
        "payment_reference",
        "captured_minor",
        "shipping_paid_minor",
        "shipping_standard_minor",
    ]
    return Order(
        status=OrderStatus(row.status),
        customer=_customer(row.customer),
        lines=tuple(_line(line) for line in line_rows),
        refunded=tuple(
            PriorRefund(
                prior["amount_minor"], prior.get("line_id"), prior.get("quantity")
            )
            for prior in row.refunded
        ),
        **{name: facts[name] for name in plain},
    )


def picture_path(source: str | None, sha256: str | None) -> str | None:
    """Where the desk shows a line's picture; None: there is no copy of it."""
    if source and OWN_DRAWING.fullmatch(source):
        return source
    return f"/chat/pictures/{sha256}" if sha256 else None


def _line(row: Row[Any]) -> OrderLine:
    facts = {name: row._mapping[name] for name in LINE_FIELDS}
    return OrderLine(**{**facts, "image": picture_path(row.source, row.sha256)})


def _customer(stored: dict[str, Any]) -> Customer:
    known = {k: v for k, v in stored.items() if k in Customer.__dataclass_fields__}
    return Customer(**{**known, "address": address_from(stored["address"])})


def address_from(stored: dict[str, Any]) -> Address:
    known = {k: v for k, v in stored.items() if k in Address.__dataclass_fields__}
    return Address(**known)


def products_of(connection: Connection, order: Order) -> dict[str, Product]:
    """The products of the order's lines by product_id; unknown ones are left out."""
    wanted = {line.product_id for line in order.lines}
    rows = connection.execute(
        sa.select(products).where(products.c.product_id.in_(sorted(wanted)))
    )
    return {row.product_id: _product(row) for row in rows}


def _product(row: Row[Any]) -> Product:
    return Product(
        product_id=row.product_id,
        title=row.title,
        supplier=row.supplier,
        description=row.description,
        supplier_description=row.supplier_description,
        variants=tuple(
            Variant(one["sku"], one["options"], one["price_minor"], one["available"])
            for one in row.variants
        ),
    )


def history_of(connection: Connection, order_number: str) -> History:
    """What is gone or held, given back or replaced, and the customer's past."""
    gone: dict[str, set[int]] = defaultdict(set)
    held = connection.execute(
        sa.select(held_units).where(held_units.c.order_number == order_number)
    )
    for row in held:
        gone[row.line_id].add(row.unit_no)
    paid, delivery, shares, goodwill = 0, False, 0, 0
    for component, amount in ledger_of(connection, order_number):
        paid += amount
        delivery = delivery or component == "delivery"
        kind, _, rest = component.partition("/")
        line_id, _, unit = rest.rpartition("/")
        goodwill += kind == "goodwill"
        if kind == "unit" and unit.isdigit():
            gone[line_id].add(int(unit))
        elif kind == "unit" and unit == "delivery":
            shares += amount
    return History(
        gone={line: frozenset(units) for line, units in gone.items()},
        refunded_minor=paid,
        delivery_refunded=delivery,
        delivery_minor=shares,
        replaced=earlier.replaced_lines(connection, order_number),
        not_received_before=earlier.not_received_before(connection, order_number),
        goodwill_order=goodwill,
        goodwill_customer=earlier.goodwill_of_customer(connection, order_number),
    )


def ledger_of(connection: Connection, order_number: str) -> list[tuple[str, int]]:
    """(component, amount in minor units) of everything given back or reserved."""
    rows = connection.execute(
        sa.select(refund_components.c.component, refund_components.c.amount_minor)
        .where(refund_components.c.order_number == order_number)
        .order_by(refund_components.c.component)
    )
    return [(row.component, row.amount_minor) for row in rows]


def average_line_values(connection: Connection) -> dict[str, dict[str, int]]:
    """What customers paid for an order line, by supplier and currency, minor units."""
    query = (
        sa.select(
            order_lines.c.supplier,
            orders.c.currency,
            sa.func.avg(order_lines.c.paid_minor).label("average"),
        )
        .join_from(order_lines, orders)
        .group_by(order_lines.c.supplier, orders.c.currency)
        .order_by(order_lines.c.supplier, orders.c.currency)
    )
    averages: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(query):
        averages[row.supplier][row.currency] = round(row.average)
    return dict(averages)


def open_draft(connection: Connection, conversation_id: str) -> Draft | None:
    row = connection.execute(OPEN_DRAFT, {"talk": conversation_id}).first()
    return _draft(row) if row else None


def get_draft(connection: Connection, draft_id: str) -> Draft:
    query = sa.select(drafts).where(drafts.c.draft_id == draft_id)
    return _draft(connection.execute(query).one())


def save_draft(connection: Connection, draft: Draft, now: datetime) -> None:
    """Insert or update the open draft of a conversation."""
    values = _draft_values(draft, now)
    changed = connection.execute(SAVE_DRAFT, {"this": draft.draft_id, **values})
    if changed.rowcount == 0:
        new = {
            "draft_id": draft.draft_id,
            "conversation_id": draft.conversation_id,
            "channel": draft.channel,
            "state": "open",
            "created_at": draft.created_at,
        }
        connection.execute(drafts.insert(), {**new, **values})


def set_draft_state(connection: Connection, draft_id: str, state: str) -> None:
    """state: confirmed or dropped; only an open draft moves."""
    connection.execute(
        drafts.update()
        .where(drafts.c.draft_id == draft_id, drafts.c.state == "open")
        .values(state=state)
    )


def _draft_values(draft: Draft, now: datetime) -> dict[str, Any]:
    return {
        "language": draft.language,
        "order_number": draft.order_number,
        "email": draft.email,
        "revision": draft.revision + 1,
        "updated_at": now,
        "facts": DRAFTS.dump_python(draft, mode="json", exclude=set(DRAFT_COLUMNS)),
    }


def _draft(row: Row[Any]) -> Draft:
    columns = {name: row._mapping[name] for name in DRAFT_COLUMNS}
    return DRAFTS.validate_python({**row.facts, **columns})
