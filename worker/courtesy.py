"""Whom a customer waits for goes first: two attempts at once slow each other down."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from returns.queue import WAITED_FOR
from returns.work import WorkKind

# Long enough for those to begin that were taken at the same moment.
BEGIN_SECONDS = 0.005
# However many go first, nobody is held up longer.
PATIENCE_SECONDS = 0.1


class Courtesy:
    """Of the attempts of one worker."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waited_for = 0

    @contextmanager
    def turn(self, kind: WorkKind) -> Iterator[None]:
        """Around an attempt at this kind of work."""
        if kind not in WAITED_FOR:
            time.sleep(BEGIN_SECONDS)
            with self._changed:
                self._changed.wait_for(lambda: not self._waited_for, PATIENCE_SECONDS)
            yield
            return
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._changed:
            self._waited_for += change
            self._changed.notify_all()
