"""Small statements that SQLite and PostgreSQL spell alike but SQLAlchemy does not."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert unless a unique key already has it; True if this call inserted."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    counted = {"preserve_rowcount": True}  # else unknown for an INSERT
    done = connection.execute(statement, execution_options=counted)
    return bool(done.rowcount == 1)


def lock_row(
    connection: Connection, table: Table, *where: sa.ColumnElement[bool]
) -> None:
    """Hold the row until commit; on SQLite BEGIN IMMEDIATE already holds all."""
    if connection.dialect.name != "sqlite":
        connection.execute(
            sa.select(sa.literal(1)).select_from(table).where(*where).with_for_update()
        )
