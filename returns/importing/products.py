"""Puts a product file into the database."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from returns.importing.models import ProductIn
from returns.importing.reading import (
    Chunk,
    Entries,
    ImportReport,
    chunks,
    read_json_lines,
)
from returns.tables import products

CHUNK = 500


def import_products(
    engine: Engine, lines: Iterable[str], now: datetime
) -> ImportReport:
    """Store the products of JSON Lines.

    Raises ImportRefused when the lines are no JSON Lines at all.
    """
    return store_products(engine, read_json_lines(lines, ProductIn), now)


def store_products(
    engine: Engine, entries: Entries[ProductIn], now: datetime
) -> ImportReport:
    """Insert or update each product; the same file twice changes nothing."""
    report = ImportReport()
    for chunk in chunks(entries, "product_id", CHUNK):
        with engine.begin() as connection:
            report += _store(connection, chunk, now)
    return report


def _store(
    connection: Connection, chunk: Chunk[ProductIn], now: datetime
) -> ImportReport:
    wanted = {
        read.value.product_id: read.value.model_dump(mode="json") for read in chunk.good
    }
    known = _known(connection, list(wanted))
    new = [row for key, row in wanted.items() if key not in known]
    changed = [row for key, row in wanted.items() if key in known and row != known[key]]
    if new:
        connection.execute(
            sa.insert(products), [{**row, "updated_at": now} for row in new]
        )
    for row in changed:
        connection.execute(
            sa.update(products)
            .where(products.c.product_id == row["product_id"])
            .values({**row, "updated_at": now})
        )
    unchanged = len(wanted) - len(new) - len(changed)
    return ImportReport(len(new), len(changed), unchanged, chunk.problems)


def _known(connection: Connection, ids: list[str]) -> dict[str, dict[str, Any]]:
    columns = [column for column in products.c if column.name != "updated_at"]
    found = connection.execute(
        sa.select(*columns).where(products.c.product_id.in_(ids)).with_for_update()
    )
    return {row.product_id: dict(row._mapping) for row in found}
