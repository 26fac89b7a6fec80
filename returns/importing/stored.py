"""What the database holds of the orders in a chunk, in a few statements for all."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from returns.importing.ledger import Component, Ledger
from returns.model import RefundState
from returns.tables import (
    drafts,
    held_units,
    order_lines,
    orders,
    refund_components,
    refunds,
    return_lines,
)

type Row = dict[str, Any]


@dataclass(frozen=True)
class StoredOrder:
    """An order as stored.

    committed: lines that a return or the ledger relies on.
    drafted: a conversation is or was about this order, so none of its lines goes.
    """

    row: Row
    lines: dict[str, Row]
    ledger: Ledger
    committed: frozenset[str]
    drafted: bool

    @property
    def used(self) -> frozenset[str]:
        """Lines that must not be removed."""
        return frozenset(self.lines) if self.drafted else self.committed


def load(connection: Connection, numbers: list[str]) -> dict[str, StoredOrder]:
    """The stored ones of these orders, locked until commit."""
    rows = _order_rows(connection, numbers)
    known = list(rows)
    if not known:
        return {}
    lines = _line_rows(connection, known)
    components = _components(connection, known)
    held = _held(connection, known)
    returned = _returned(connection, known)
    drafted = _drafted(connection, known)
    return {
        number: StoredOrder(
            row,
            lines[number],
            Ledger(tuple(components[number]), frozenset(held[number])),
            frozenset(_committed(components[number], held[number], returned[number])),
            number in drafted,
        )
        for number, row in rows.items()
    }


def _committed(
    components: list[Component], held: set[tuple[str, int]], returned: set[str]
) -> Iterator[str]:
    yield from returned
    yield from (line_id for line_id, _ in held)
    for component in components:
        kind, _, rest = component.name.removesuffix("/delivery").partition("/")
        if kind == "unit":
            yield rest.rpartition("/")[0]


def _order_rows(connection: Connection, numbers: list[str]) -> dict[str, Row]:
    columns = [column for column in orders.c if column.name != "updated_at"]
    found = connection.execute(
        sa.select(*columns).where(orders.c.order_number.in_(numbers)).with_for_update()
    )
    return {row.order_number: dict(row._mapping) for row in found}


def _line_rows(connection: Connection, numbers: list[str]) -> dict[str, dict[str, Row]]:
    lines: dict[str, dict[str, Row]] = defaultdict(dict)
    found = connection.execute(
        sa.select(order_lines)
        .where(order_lines.c.order_number.in_(numbers))
        .order_by(order_lines.c.position)
    )
    for row in found:
        lines[row.order_number][row.line_id] = dict(row._mapping)
    return lines


def _components(
    connection: Connection, numbers: list[str]
) -> dict[str, list[Component]]:
    components: dict[str, list[Component]] = defaultdict(list)
    elsewhere = refund_components.c.refund_id.is_(None)
    found = connection.execute(
        sa.select(
            refund_components.c.order_number,
            refund_components.c.component,
            refund_components.c.amount_minor,
            sa.or_(elsewhere, refunds.c.state == RefundState.PAID.value).label("paid"),
        )
        .outerjoin(refunds, refunds.c.refund_id == refund_components.c.refund_id)
        .where(refund_components.c.order_number.in_(numbers))
    )
    for row in found:
        component = Component(row.component, row.amount_minor, bool(row.paid))
        components[row.order_number].append(component)
    return components


def _held(
    connection: Connection, numbers: list[str]
) -> dict[str, set[tuple[str, int]]]:
    held: dict[str, set[tuple[str, int]]] = defaultdict(set)
    found = connection.execute(
        sa.select(held_units).where(held_units.c.order_number.in_(numbers))
    )
    for row in found:
        held[row.order_number].add((row.line_id, row.unit_no))
    return held


def _returned(connection: Connection, numbers: list[str]) -> dict[str, set[str]]:
    returned: dict[str, set[str]] = defaultdict(set)
    found = connection.execute(
        sa.select(return_lines.c.order_number, return_lines.c.line_id).where(
            return_lines.c.order_number.in_(numbers)
        )
    )
    for row in found:
        returned[row.order_number].add(row.line_id)
    return returned


def _drafted(connection: Connection, numbers: list[str]) -> frozenset[str]:
    found = connection.execute(
        sa.select(drafts.c.order_number)
        .where(drafts.c.order_number.in_(numbers), drafts.c.state != "dropped")
        .distinct()
    )
    return frozenset(row.order_number for row in found)
