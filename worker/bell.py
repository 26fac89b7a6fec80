"""Wakes DBOS's dequeuing thread when work arrives, so that it need not poll fast.

One poll of DBOS costs 3 ms of CPU. Who pushes work wakes us (returns/wake.py), and so
does an attempt that ends: it makes room for what waits.
"""

import os
import select
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import cast

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from returns import wake

PATIENCE_SECONDS = 1.0
# DBOS counts an attempt's place as free only when it has written how it ended.
AGAIN_SECONDS = (0.02, 0.2)

_log = structlog.get_logger()


class Bell(threading.Event):
    """A stop event whose wait also ends, still unset, when the bell rings."""

    def __init__(self) -> None:
        super().__init__()
        self._rung = threading.Event()
        self._again: deque[float] = deque()

    def ring(self) -> None:
        self._rung.set()

    def ring_repeatedly(self) -> None:
        """Now and a little later."""
        self._again = deque(AGAIN_SECONDS)
        self._rung.set()

    def set(self) -> None:
        super().set()
        self._rung.set()

    def wait(self, timeout: float | None = None) -> bool:
        if not self._rung.is_set():
            again = self._again
            self._rung.wait(again.popleft() if again else timeout)
        self._rung.clear()
        return self.is_set()


def ring_for_work(engine: Engine, bell: Bell) -> None:
    """Ring when work was pushed, and each second while deaf; until bell is set."""
    listen = _listen_sqlite if engine.dialect.name == "sqlite" else _listen_postgresql
    while not bell.is_set():
        try:
            listen(engine, bell)
        except (DBAPIError, psycopg.Error, OSError) as error:
            _log.warning("worker.bell.lost", error=type(error).__name__)
            time.sleep(PATIENCE_SECONDS)
            bell.ring()


def _listen_sqlite(engine: Engine, bell: Bell) -> None:
    path = wake.pipe_of(engine)
    with suppress(FileExistsError):  # another worker listens as well
        os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        bell.ring()
        while not bell.is_set() and _is_at(path, pipe):
            if select.select([pipe], [], [], PATIENCE_SECONDS)[0]:
                with suppress(BlockingIOError):  # the other one has read it
                    os.read(pipe, 4096)
                bell.ring()
    finally:
        os.close(pipe)


def _is_at(path: Path, pipe: int) -> bool:
    """Raises FileNotFoundError when it was deleted."""
    return path.stat().st_ino == os.fstat(pipe).st_ino


def _listen_postgresql(engine: Engine, bell: Bell) -> None:
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(f"LISTEN {wake.CHANNEL}")
        listening = cast(psycopg.Connection, connection.connection.driver_connection)
        bell.ring()
        while not bell.is_set():
            for _ in listening.notifies(timeout=PATIENCE_SECONDS):
                bell.ring()
        connection.detach()
