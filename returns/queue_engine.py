"""The engine for DBOS's own tables, which may be deleted while we run."""

import os
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from returns.engines import FEW_CONNECTIONS, make_engine


def make_dbos_engine(url: str, connections: int = FEW_CONNECTIONS) -> Engine:
    """An engine that sees at once when its SQLite file was deleted or replaced.

    Here only writes lock SQLite: DBOS polls, and begins its migration for itself. No
    commit waits for the disk: what a power cut takes, the sweep hands over again.
    connections: as for make_engine; a few are enough where work is only handed over.
    """
    engine = make_engine(url, begins=False, connections=connections)
    engine.hide_parameters = True
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _remember_file)
        event.listen(engine, "connect", _begin_before_writes)
        event.listen(engine, "connect", _leave_to_the_disk)
        event.listen(engine, "checkout", _refuse_other_file)
    return engine


def _begin_before_writes(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = "IMMEDIATE"


def _leave_to_the_disk(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.execute("PRAGMA synchronous=NORMAL")


def _remember_file(dbapi_connection: Any, record: Any) -> None:
    path = dbapi_connection.execute("PRAGMA database_list").fetchone()[2]
    record.info["file"] = path, _identity(path)


def _refuse_other_file(_dbapi: object, record: Any, _proxy: object) -> None:
    path, identity = record.info["file"]
    if path and _identity(path) != identity:
        raise DisconnectionError("the file was deleted or replaced")


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
