"""Writing millions of made-up rows in minutes."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.console.tables import message_stems
from desk.tables import conversations
from returns.tables import drafts, order_lines, orders, returns

type Rows = dict[sa.Table, list[dict[str, Any]]]


def hurry(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA synchronous = OFF")
    driver.execute("PRAGMA cache_size = -400000")
    driver.execute("PRAGMA temp_store = FILE")
    driver.execute("CREATE TEMP TABLE loose (stem, conversation_id, seq)")


def write(connection: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """rows: of the same columns."""
    if connection.dialect.name == "sqlite" or not rows:
        connection.execute(table.insert(), rows)
        return
    cursor: Any = connection.connection.cursor()
    names = list(rows[0])
    are_json = {name for name in names if isinstance(table.c[name].type, sa.JSON)}
    columns = ", ".join(f'"{name}"' for name in names)
    with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(
                json.dumps(value) if name in are_json and value is not None else value
                for name, value in row.items()
            )


def add_words(connection: Connection, words: list[dict[str, Any]]) -> None:
    if connection.dialect.name != "sqlite":
        write(connection, message_stems, words)
        return
    driver: Any = connection.connection.driver_connection
    driver.executemany(
        "INSERT INTO loose VALUES (:stem, :conversation_id, :seq)", words
    )


def sort_in(connection: Connection) -> None:
    """Millions of words in the order of their index: minutes less on SQLite."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "INSERT INTO message_stems (stem, conversation_id, seq)"
            " SELECT stem, conversation_id, seq FROM loose ORDER BY 1, 2, 3"
        )


def in_order(rows: Rows) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
    """Parents before children."""
    first = (conversations, orders, order_lines, drafts, returns)
    rest = [table for table in rows if table not in first]
    for table in (*first, *rest):
        for found in _alike(rows[table]):
            yield table, found


def _alike(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows of the same columns: what is absent becomes NULL, never a JSON null."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[len(row)].append(row)
    return list(found.values())
