"""Small statements that SQLite and PostgreSQL spell alike but SQLAlchemy does not."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

ROWS_AT_ONCE = 500  # SQLite takes 32,766 values in a statement


def insert_once(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert unless a unique key already has it; True if this call inserted."""
    statement = _insert_once(connection.dialect.name, table)
    counted = {"preserve_rowcount": True}  # else unknown for an INSERT
    done = connection.execute(statement, values, execution_options=counted)
    return bool(done.rowcount == 1)


@cache
def _insert_once(dialect: str, table: Table) -> sa.Insert:
    """To build it takes longer than to run it."""
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def insert_new(
    connection: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    key: Column[str],
) -> set[str]:
    """Insert all that no unique key has, in few statements; the keys of the new."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    fresh: set[str] = set()
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = list(rows[start : start + ROWS_AT_ONCE])
        statement = dialect.insert(table).values(some).on_conflict_do_nothing()
        fresh.update(connection.execute(statement.returning(key)).scalars())
    return fresh


def lock_row(
    connection: Connection, table: Table, *where: sa.ColumnElement[bool]
) -> None:
    """Hold the row until commit; on SQLite BEGIN IMMEDIATE already holds all."""
    if connection.dialect.name != "sqlite":
        connection.execute(
            sa.select(sa.literal(1)).select_from(table).where(*where).with_for_update()
        )


def claim_row(
    connection: Connection,
    table: Table,
    where: sa.ColumnElement[bool],
    seen: Row[Any],
    **values: Any,
) -> bool:
    """Change the row if its claim and state are still as seen; False: another was
    quicker, or a unique key says that something else goes first.
    """
    same = table.c.claim.is_not_distinct_from(seen.claim)
    try:
        with _outliving_a_refusal(connection):
            claimed = connection.execute(
                table.update()
                .where(where, same, table.c.state == seen.state)
                .values(**values)
            )
    except IntegrityError:
        return False
    return bool(claimed.rowcount == 1)


def _outliving_a_refusal(connection: Connection) -> AbstractContextManager[object]:
    """PostgreSQL gives up the whole transaction, SQLite only the statement."""
    sqlite_s = connection.dialect.name == "sqlite"
    return nullcontext() if sqlite_s else connection.begin_nested()


def each_value(column: Column[str]) -> sa.Select[Any]:
    """Every value of an indexed column once, in their order.

    It jumps from value to value in the index, where DISTINCT would look at each row.
    """
    first = sa.select(sa.func.min(column).label("value"))
    jumps = first.cte("jumps", recursive=True)
    following = sa.select(sa.func.min(column)).where(column > jumps.c.value)
    found = jumps.union_all(
        sa.select(following.scalar_subquery()).where(jumps.c.value.is_not(None))
    )
    return sa.select(found.c.value).where(found.c.value.is_not(None))


def one_of(
    connection: Connection, column: sa.ColumnElement[Any], values: Sequence[str]
) -> sa.ColumnElement[bool]:
    """IN with one parameter: with a hundred, psycopg reads the statement anew."""
    if connection.dialect.name == "sqlite":
        listed = sa.func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.any_(sa.literal(list(values), postgresql.ARRAY(sa.String)))


def are_few(connection: Connection, ids: sa.Select[Any], most: int) -> bool:
    """Fewer rows than so many, by looking at no more of them."""
    some = ids.limit(most).subquery()
    count = sa.select(sa.func.count()).select_from(some)
    return int(connection.execute(count).scalar_one()) < most


def few(connection: Connection, ids: sa.Select[Any], most: int) -> set[str] | None:
    """These ids, where `are_few`, else None.

    As values of the next statement they tell PostgreSQL how few there are.
    """
    if not are_few(connection, ids, most):
        return None
    return set(connection.execute(ids).scalars())


def seconds_between(
    connection: Connection,
) -> Callable[[sa.ColumnElement[Any], sa.ColumnElement[Any]], sa.ColumnElement[Any]]:
    """How to tell the time from one moment's column to another's."""
    if connection.dialect.name == "sqlite":
        return lambda start, end: (
            (sa.func.julianday(end) - sa.func.julianday(start)) * 86_400
        )
    return lambda start, end: sa.cast(sa.extract("epoch", end - start), sa.Float)
