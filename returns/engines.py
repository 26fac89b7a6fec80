"""The only place that makes database engines."""

import sqlite3
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine, event

from returns.one_writer import OneWriter

BUSY_TIMEOUT_MS = 5000
# PostgreSQL takes 100 connections as it comes, and every process has a pool. No thread
# holds two connections of one pool, so that waiting for one always ends.
CONNECTIONS = 10
KEPT_CONNECTIONS = 5
FEW_CONNECTIONS = 3  # where one is held for a statement or two
ONE_WRITER = "one_writer"
POOL_SECONDS = 8.0
CONNECT_SECONDS = 3
UNACKNOWLEDGED_MS = 5000
ROWS_LOOKED_AT = 1000  # of an index
OLDEST_SQLITE = (3, 42, 0)


def make_engine(
    url: str, begins: bool = True, connections: int = CONNECTIONS
) -> Engine:
    """An engine for SQLite or PostgreSQL; every writing transaction is immediate.

    A connection of `reading(engine)` begins deferred and takes no write lock.
    begins False: the caller begins its SQLite transactions itself.
    connections: the most at a time to PostgreSQL; five of them are kept when idle.
    """
    if not url.startswith("sqlite"):
        kept = min(KEPT_CONNECTIONS, connections)
        return sa.create_engine(
            _psycopg(url),
            pool_pre_ping=True,
            pool_size=kept,
            max_overflow=connections - kept,
            pool_timeout=POOL_SECONDS,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "tcp_user_timeout": UNACKNOWLEDGED_MS,
            },
            hide_parameters=True,
        )
    engine = sa.create_engine(
        url,
        pool_size=20,
        max_overflow=100,
        hide_parameters=True,  # they are personal; errors end up in logs (P3)
        execution_options={
            ONE_WRITER: OneWriter(_queue_of(url), BUSY_TIMEOUT_MS / 1000)
        },
        module=sqlite_module(),
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    if begins:
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _let_others_write)
    return engine


def reading(engine: Engine) -> Engine:
    """The same engine for reads only."""
    return engine.execution_options(read_only=True)


def snapshot(engine: Engine) -> Engine:
    """The same engine for reads that all see the database as at the first of them."""
    if engine.dialect.name == "sqlite":
        return reading(engine)
    return engine.execution_options(isolation_level="REPEATABLE READ")


def learn(engine: Engine) -> None:
    """Tell SQLite how its values are spread; PostgreSQL finds out by itself.

    Within a limit it counts and keeps no sample of a value, which an erasure (P2)
    would leave behind.
    """
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA analysis_limit={ROWS_LOOKED_AT}")
            connection.exec_driver_sql("ANALYZE")


def _psycopg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _queue_of(url: str) -> Path:
    return Path(f"{sa.make_url(url).database}-queue")


def sqlite_module() -> ModuleType:
    """Python's own, or a newer one where that is too old. Of two in one process neither
    sees the other's locks.
    """
    if sqlite3.sqlite_version_info >= OLDEST_SQLITE:
        return sqlite3
    import pysqlite3.dbapi2 as newer

    return newer  # type: ignore[no-any-return]


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is erased is overwritten (P2)
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def one_writer(engine: Engine) -> AbstractContextManager[object]:
    """To wait for the write lock before a connection is in hand; nothing to wait for
    on PostgreSQL.
    """
    found: OneWriter | None = engine.get_execution_options().get(ONE_WRITER)
    return found or nullcontext()


def _begin_sqlite(connection: sa.Connection) -> None:
    """A writing transaction begins immediate, in its turn among all processes."""
    options = connection.get_execution_options()
    if options.get("read_only"):
        connection.exec_driver_sql("BEGIN")
        return
    held = connection.connection.record_info
    if held is not None and ONE_WRITER not in held:
        options[ONE_WRITER].acquire()
        held[ONE_WRITER] = options[ONE_WRITER]
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _let_others_write(_dbapi_connection: object, record: Any) -> None:
    writer = record.record_info.pop(ONE_WRITER, None)
    if writer is not None:
        writer.release()
