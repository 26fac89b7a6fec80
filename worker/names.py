"""A worker's name: who holds it, who is alive, whose work may be taken over.

SQLite: a file lock beside the database. PostgreSQL: a session advisory lock on a
connection of its own. A stalled holder keeps either; a dead one loses it.
"""

import fcntl
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from returns.errors import ConfigurationError
from returns.tables import worker_names
from returns.wiring import House

ASK_AGAIN_SECONDS = 0.2


class NameLock(Protocol):
    """An exclusive hold on one worker's name."""

    def held(self) -> bool:
        """False once the lock was lost; then another may already have it."""

    def release(self) -> None:
        """Give the name back."""


class FileLock:
    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path

    def held(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        os.close(self._descriptor)


class AdvisoryLock:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def held(self) -> bool:
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except DBAPIError:
            return False
        return True

    def release(self) -> None:
        self._connection.close()


def try_lock(house: House, name: str) -> NameLock | None:
    """The name's lock, or None while somebody else holds it."""
    if house.engine.dialect.name == "sqlite":
        return _lock_file(house.settings.var / "locks", name)
    return _lock_session(house, name)


def wait_for_name(
    house: House, name: str, seconds: float, stop: threading.Event
) -> NameLock | None:
    """The lock as soon as it is free; None when the time is over or stop is set.

    Raises ConfigurationError for a name that could not be a file's.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name):
        raise ConfigurationError(
            f"BONRETOUR_WORKER={name!r}: expected letters, digits, '.', '_' or '-'"
        )
    until = time.monotonic() + seconds
    while (lock := try_lock(house, name)) is None:
        if stop.wait(ASK_AGAIN_SECONDS) or time.monotonic() >= until:
            return None
    return lock


def take_over(
    house: House, name: str, stale: timedelta, recover: Callable[[str], int]
) -> list[str]:
    """Recover the work of silent workers whose lock is free; returns their names."""
    taken = []
    for other, seen in _silent(house, name, stale):
        lock = try_lock(house, other)
        if lock is None:
            continue
        try:
            recover(other)
            _forget(house, other, seen)
            taken.append(other)
        finally:
            lock.release()
    return taken


def _lock_file(folder: Path, name: str) -> FileLock | None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return FileLock(descriptor, path)


def _lock_session(house: House, name: str) -> AdvisoryLock | None:
    connection = house.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    asked = sa.select(sa.func.pg_try_advisory_lock(_key(name)))
    if connection.execute(asked).scalar_one():
        return AdvisoryLock(connection)
    connection.close()
    return None


def _key(name: str) -> int:
    digest = hashlib.sha256(f"bonretour/worker/{name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _silent(house: House, name: str, stale: timedelta) -> list[tuple[str, datetime]]:
    query = sa.select(worker_names.c.worker, worker_names.c.heartbeat_at).where(
        worker_names.c.worker != name,
        worker_names.c.heartbeat_at < house.clock.now() - stale,
    )
    with house.reader.connect() as connection:
        return [(row.worker, row.heartbeat_at) for row in connection.execute(query)]


def _forget(house: House, other: str, seen: datetime) -> None:
    with house.engine.begin() as connection:
        connection.execute(
            worker_names.delete().where(
                worker_names.c.worker == other, worker_names.c.heartbeat_at == seen
            )
        )
