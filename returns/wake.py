"""What wakes a worker: PostgreSQL notifies; beside SQLite's file lies a named pipe.

Only a hint: who hears nothing looks by himself every two seconds.
"""

import os
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

CHANNEL = "bonretour_work"


def notify(connection: Connection) -> None:
    """With the commit of what there is to do; on SQLite nothing, see `ring`."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


def ring(engine: Engine) -> None:
    """After the commit; without effect where no worker runs, and on PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return
    with suppress(OSError):  # nobody reads it, or it is full: somebody wakes anyway
        pipe = os.open(pipe_of(engine), os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(pipe, b"!")
        finally:
            os.close(pipe)


def pipe_of(engine: Engine) -> Path:
    """Where the workers of this SQLite file listen."""
    return Path(f"{engine.url.database}-wake")
