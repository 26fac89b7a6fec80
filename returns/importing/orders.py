"""Puts an order file into the database: facts are updated, cases are never harmed."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from returns.failpoints import failpoint
from returns.importing import stored
from returns.importing.ledger import Additions, Bought, Ledger, missing_components
from returns.importing.models import LineIn, OrderIn
from returns.importing.reading import (
    Chunk,
    Entries,
    ImportReport,
    Problem,
    Read,
    chunks,
    read_json_lines,
)
from returns.importing.stored import StoredOrder
from returns.keys import email_key, order_digits, order_key
from returns.model import PriorRefund
from returns.tables import order_lines, orders, refund_components

CHUNK = 500

type Row = dict[str, Any]


type LeftOut = Callable[[Connection, list[OrderIn]], set[str]]


def nothing_left_out(_connection: Connection, _given: list[OrderIn]) -> set[str]:
    """Of a shop in which nobody was erased."""
    return set()


def import_orders(
    engine: Engine,
    lines: Iterable[str],
    now: datetime,
    left_out: LeftOut = nothing_left_out,
) -> ImportReport:
    """Store the orders of JSON Lines; left_out: the numbers of the erased.

    Raises ImportRefused when the lines are no JSON Lines at all.
    """
    return store_orders(engine, read_json_lines(lines, OrderIn), now, left_out)


def store_orders(
    engine: Engine,
    entries: Entries[OrderIn],
    now: datetime,
    left_out: LeftOut = nothing_left_out,
) -> ImportReport:
    """Insert or update each order; the same file twice changes nothing.

    A line that a case uses stays, and neither it nor the ledger is lowered.
    """
    report = ImportReport()
    for chunk in chunks(entries, "order_number", CHUNK):
        with engine.begin() as connection:
            erased = left_out(connection, [read.value for read in chunk.good])
            report += _ChunkStore(connection, now).store(chunk, erased)
            failpoint("import.before_commit")
        failpoint("import.after_commit")
    return report


class _ChunkStore:
    """Stores one chunk with one statement for each kind of row."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._problems: list[Problem] = []
        self._counts: Counter[str] = Counter()
        self._new_orders: list[Row] = []
        self._new_lines: list[Row] = []
        self._new_components: list[Row] = []

    def store(self, chunk: Chunk[OrderIn], erased: set[str]) -> ImportReport:
        good = [read for read in chunk.good if read.value.order_number not in erased]
        numbers = [read.value.order_number for read in good]
        known = stored.load(self._connection, numbers)
        for read in good:
            outcome = self._place(read, known.get(read.value.order_number))
            self._counts[outcome] += 1
        self._insert()
        return ImportReport(
            self._counts["imported"],
            self._counts["changed"],
            self._counts["unchanged"],
            chunk.problems + self._problems,
            len(erased),
        )

    def _insert(self) -> None:
        for table, rows in (
            (orders, self._new_orders),
            (order_lines, self._new_lines),
            (refund_components, self._new_components),
        ):
            if rows:
                self._connection.execute(sa.insert(table), rows)

    def _place(self, read: Read[OrderIn], known: StoredOrder | None) -> str:
        order, lines = _order_row(read.value), _line_rows(read.value)
        if known is None:
            self._new_orders.append({**order, "updated_at": self._now})
            self._new_lines.extend(lines)
            self._add_to_ledger(read.line_no, order, lines, Ledger())
            return "imported"
        for fact in _protect(order, lines, known):
            self._tell(read.line_no, order, fact)
        changed = self._update(order, lines, known)
        grown = self._add_to_ledger(read.line_no, order, lines, known.ledger)
        return "changed" if changed or grown else "unchanged"

    def _update(self, order: Row, lines: list[Row], known: StoredOrder) -> bool:
        wanted = {line["line_id"]: line for line in lines}
        gone = known.lines.keys() - wanted.keys()
        changed = [
            line
            for line_id, line in wanted.items()
            if line_id in known.lines and line != known.lines[line_id]
        ]
        new = [line for line_id, line in wanted.items() if line_id not in known.lines]
        if order == known.row and not (gone or changed or new):
            return False
        self._new_lines.extend(new)
        self._write(orders, {**order, "updated_at": self._now})
        for line in changed:
            self._write(order_lines, line)
        if gone:
            self._delete(order["order_number"], gone)
        return True

    def _write(self, table: sa.Table, row: Row) -> None:
        same = [column == row[column.name] for column in table.primary_key]
        self._connection.execute(sa.update(table).where(*same).values(row))

    def _delete(self, order_number: str, line_ids: Iterable[str]) -> None:
        self._connection.execute(
            sa.delete(order_lines).where(
                order_lines.c.order_number == order_number,
                order_lines.c.line_id.in_(line_ids),
            )
        )

    def _add_to_ledger(
        self, line_no: int, order: Row, lines: list[Row], ledger: Ledger
    ) -> bool:
        additions = _additions(order, lines, ledger)
        self._new_components.extend(
            {
                "order_number": order["order_number"],
                "component": component.name,
                "refund_id": None,
                "amount_minor": component.amount_minor,
            }
            for component in additions.components
        )
        for line_id in additions.doubtful:
            self._tell(
                line_no,
                order,
                f"line {line_id} was refunded elsewhere while a return of it is open:"
                " see that it is not paid twice",
            )
        return bool(additions.components)

    def _tell(self, line_no: int, order: Row, fact: str) -> None:
        self._problems.append((line_no, f"order {order['order_number']}: {fact}"))


def _protect(order: Row, lines: list[Row], known: StoredOrder) -> Iterable[str]:
    """Keep what a case relies on, changing the rows; tells what differs by it."""
    wanted = {line["line_id"]: line for line in lines}
    for line_id, old in known.lines.items():
        if line_id not in wanted and line_id in known.used:
            lines.append(old)
            yield f"line {line_id} stays, because a return uses it"
    for line_id in known.committed & wanted.keys():
        line, old = wanted[line_id], known.lines[line_id]
        if line["sku"] != old["sku"]:
            line.update(old)
            yield f"line {line_id} stays what it was: a return uses it"
        elif _is_less(line, old):
            line.update(quantity=old["quantity"], paid_minor=old["paid_minor"])
            yield f"line {line_id} keeps its quantity and price: a return uses it"
    if order["captured_minor"] < known.ledger.total_minor:
        order["captured_minor"] = known.row["captured_minor"]
        yield "the captured amount stays, because more than the new one is refunded"
    if _total(order["refunded"]) < _total(known.row["refunded"]):
        order["refunded"] = known.row["refunded"]
        yield "the refunds told before stay"


def _is_less(line: Row, old: Row) -> bool:
    return bool(
        line["quantity"] < old["quantity"] or line["paid_minor"] < old["paid_minor"]
    )


def _total(refunded: list[Row]) -> int:
    return sum(entry["amount_minor"] for entry in refunded)


def _additions(order: Row, lines: list[Row], ledger: Ledger) -> Additions:
    bought = [
        Bought(line["line_id"], line["quantity"], line["paid_minor"]) for line in lines
    ]
    refunded = [PriorRefund(**entry) for entry in order["refunded"]]
    return missing_components(bought, refunded, order["captured_minor"], ledger)


def _order_row(order: OrderIn) -> Row:
    plain = order.model_dump(
        exclude={"customer", "payment", "shipping", "lines", "refunded"}
    )
    return {
        **plain,
        "order_key": order_key(order.order_number),
        "order_digits": order_digits(order.order_number),
        "email_key": email_key(order.customer.email),
        "status": order.status.value,
        "customer": order.customer.model_dump(),
        "payment_method": order.payment.method,
        "payment_reference": order.payment.reference,
        "captured_minor": order.payment.captured_minor,
        "shipping_paid_minor": order.shipping.paid_minor,
        "shipping_standard_minor": order.shipping.standard_minor,
        "refunded": [entry.model_dump() for entry in order.refunded],
    }


def _line_rows(order: OrderIn) -> list[Row]:
    return [
        _line_row(order.order_number, position, line)
        for position, line in enumerate(order.lines)
    ]


def _line_row(order_number: str, position: int, line: LineIn) -> Row:
    return {
        "order_number": order_number,
        "position": position,
        **line.model_dump(),
    }
