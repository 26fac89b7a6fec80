"""SQLite's one write lock in turns: a queue in front of it, for threads and processes.

Who finds SQLite locked sleeps up to 100 ms before asking again, and beside a process
that writes all the time finds it locked again, for seconds. Here nobody writes twice
while another waits: whoever holds the first place is the next to write, and who has
written must queue for that place again. It is manners and no more: SQLite's own lock
decides, also for what goes past this queue, and after some patience one goes on to it.
"""

import fcntl
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

FIRST_PLACE, WRITING = 0, 1  # a byte of the file for each
LOOK_SECONDS = 0.001


class OneWriter:
    """One per engine; a thread that has it may enter again.

    file: stays empty; the system frees what a dead process held. patience: seconds, of
    all its waiting. in_turn: whether the last wait ended because its turn had come.
    """

    def __init__(self, file: Path, patience: float) -> None:
        self._path, self.patience = file, patience
        self._threads = threading.RLock()
        self._depth = 0
        self.in_turn = False
        self._file: int | None = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """In vain only behind other threads of this process.

        Raises sqlalchemy.exc.TimeoutError: while somebody holds the database, who
        stands behind others must not wait for all of their time as well as its own.
        """
        until = time.monotonic() + self.patience
        if not self._threads.acquire(timeout=self.patience):
            raise sa.exc.TimeoutError("too many wait to write")
        self._depth += 1
        if self._depth == 1:
            first = self._take(FIRST_PLACE, until)
            self.in_turn = self._take(WRITING, until) and first
            self._leave(FIRST_PLACE)

    def release(self) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._leave(WRITING)
        self._threads.release()

    def _take(self, place: int, until: float) -> bool:
        while not (taken := self._taken(place)) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        return taken

    def _taken(self, place: int) -> bool:
        """Also when there is no queue, such as on a full disk."""
        try:
            if self._file is None:
                flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
                self._file = os.open(self._path, flags, 0o600)
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def _leave(self, place: int) -> None:
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
