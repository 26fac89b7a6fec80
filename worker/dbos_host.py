"""The only module that launches DBOS, and all that we use of its private parts.

Private in DBOS 3.4 and pinned by tests/integration/test_worker_dbos.py:
`DBOS._recover_pending_workflows` and `dbos._queue.queue_worker_thread`.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
from dbos import DBOS
from dbos._queue import queue_worker_thread

from returns import wake
from returns.queue import (
    APPLICATION,
    QUEUE,
    AttemptFailed,
    DbosQueue,
    PlainSerializer,
)
from returns.queue_engine import make_dbos_engine
from returns.wiring import House
from returns.work import WorkKind
from worker.attempts import Handler, as_workflow
from worker.bell import Bell, ring_for_work
from worker.courtesy import Courtesy

APPLICATION_VERSION = "1"
ATTEMPTS_AT_ONCE = 16
# One for each attempt, one for writing how it ended. DBOS's pool has no bound of its
# own: about every eighth attempt starts a thread that stays for good.
THREADS = 2 * ATTEMPTS_AT_ONCE
RARE_POLL_SECONDS = 2.0

_log = structlog.get_logger()


class DbosHost:
    """DBOS in this process, from start to stop; one per process."""

    def __init__(self, house: House, handlers: Mapping[WorkKind, Handler]) -> None:
        self._house = house
        self._handlers = handlers
        self._bell = Bell()
        self._courtesy = Courtesy()
        self._engine = make_dbos_engine(
            house.settings.dbos_url, house.settings.database_connections
        )
        self.queue = DbosQueue(self._engine)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Launch DBOS, recover this name's own work and begin to dequeue."""
        _quieten()
        dbos = DBOS(
            config={
                "name": APPLICATION,
                "application_version": APPLICATION_VERSION,
                "executor_id": self._house.settings.worker,
                "system_database_engine": self._engine,
                "serializer": PlainSerializer(),
                "use_listen_notify": False,
                "max_executor_threads": THREADS,
                "log_level": "WARNING",
            }
        )
        for kind, handler in self._handlers.items():
            workflow = as_workflow(self._house, kind, handler, self._around)
            DBOS.workflow(name=kind.value)(workflow)
        DBOS.listen_queues([])
        DBOS.launch()
        queue = DBOS.register_queue(
            QUEUE,
            worker_concurrency=ATTEMPTS_AT_ONCE,
            polling_interval_sec=RARE_POLL_SECONDS,
        )
        for target, arguments in (
            (queue_worker_thread, (self._bell, dbos, queue)),
            (ring_for_work, (self._engine, self._bell)),
        ):
            thread = threading.Thread(target=target, args=arguments, daemon=True)
            thread.start()
            self._threads.append(thread)

    @contextmanager
    def _around(self, kind: WorkKind) -> Iterator[None]:
        try:
            with self._courtesy.turn(kind):
                yield
        finally:
            self._bell.ring_repeatedly()

    def alive(self) -> bool:
        """Whether new work is still being dequeued."""
        return all(thread.is_alive() for thread in self._threads)

    def recover(self, worker: str) -> int:
        """Queue again what the dead worker of this name was running; how many."""
        return len(DBOS._recover_pending_workflows([worker]))

    def stop_dequeuing(self) -> None:
        self._bell.set()
        wake.ring(self._engine)
        for thread in self._threads:
            thread.join()

    def stop(self, seconds: int) -> None:
        """Take no more work and give running attempts this long to end."""
        self.stop_dequeuing()
        DBOS.destroy(workflow_completion_timeout_sec=seconds)
        self._engine.dispose()


class _ToStructlog(logging.Handler):
    """DBOS's warnings, without tracebacks, a repeated one once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(record.exc_info[1], AttemptFailed):
            return
        text = record.getMessage().splitlines()[0][:200]
        if text != self._last:
            self._last = text
            _log.warning("dbos.warned", text=text)


def _quieten() -> None:
    logger = logging.getLogger("dbos")
    logger.handlers = [_ToStructlog()]
    logger.propagate = False
