"""The worker's life: get its name, launch DBOS, beat, sweep, stop."""

import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from returns.heartbeats import beat
from returns.waits import refuse_scale_in_production
from returns.wiring import House
from returns.work import WorkItem, WorkKind, sweep
from worker.attempts import Handler
from worker.dbos_host import DbosHost
from worker.names import NameLock, take_over, wait_for_name

STOPPED, NAME_TAKEN, NAME_LOST, DATABASE_LOST = 0, 3, 4, 5

_log = structlog.get_logger()


@dataclass(frozen=True)
class Duties:
    """What the rooms below give the worker to do.

    on_given_up: makes a staff task of an item, before its row says given_up; may be
    called twice. ticks: called once per loop; what they raise is logged.
    """

    handlers: Mapping[WorkKind, Handler]
    on_given_up: Callable[[WorkItem], None]
    ticks: Sequence[Callable[[], None]] = ()


@dataclass(frozen=True)
class Timing:
    """Seconds."""

    name_wait: float = 60
    stale: float = 60
    beat: float = 5
    loop: float = 1
    drain: int = 5


@dataclass
class Stop:
    """Asked for by a signal or by whatever makes going on impossible."""

    event: threading.Event = field(default_factory=threading.Event)
    code: int = STOPPED

    def because(self, code: int, line: str) -> None:
        """End with this code; without effect once an end was asked for."""
        if self.event.is_set():  # what breaks now breaks by the ending
            return
        self.code = self.code or code
        with suppress(OSError):  # a full disk of logs must not keep a worker alive
            print(f"worker: {line}", file=sys.stderr, flush=True)
        self.event.set()  # at last: the process ends at once then


def run(house: House, duties: Duties, timing: Timing | None = None) -> int:
    """Work until SIGTERM or SIGINT; returns the exit code.

    The caller must end the process at once with that code: an attempt that did not
    end in time still has a thread, and the name is no longer ours.
    Raises ConfigurationError for a bad name or tests' waits in production.
    """
    refuse_scale_in_production(house.settings.production)
    timing = timing or Timing()
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.event.set())
    name = house.settings.worker
    try:
        lock = wait_for_name(house, name, timing.name_wait, stop.event)
        if lock is not None:
            _work(house, duties, timing, stop, lock)
        elif not stop.event.is_set():
            stop.because(NAME_TAKEN, f"another process works as {name}; not started")
    except DBAPIError as error:
        if stop.event.is_set():  # it ends anyway, and with it its connections
            _log.warning("worker.stop.failed", error=type(error).__name__)
        else:
            stop.because(DATABASE_LOST, f"a database cannot be used: {error.orig}")
    return stop.code


def _work(
    house: House, duties: Duties, timing: Timing, stop: Stop, lock: NameLock
) -> None:
    host = DbosHost(house, duties.handlers)
    host.start()
    guard = _Guard(house, timing, stop, lock)
    loop = _Loop(house, duties, timing, stop, host)
    for part in (guard.run, loop.run):
        threading.Thread(target=part, daemon=True).start()
    stop.event.wait()
    if stop.code == STOPPED:
        host.stop(timing.drain)
        lock.release()


class _Guard:
    """Beats, and ends the process when its name is lost."""

    def __init__(
        self, house: House, timing: Timing, stop: Stop, lock: NameLock
    ) -> None:
        self._house, self._timing, self._stop, self._lock = house, timing, stop, lock

    def run(self) -> None:
        name = self._house.settings.worker
        looks = max(1, round(self._timing.beat / self._timing.loop))
        turn = 0
        while True:
            if not self._lock.held():
                self._stop.because(NAME_LOST, f"lost the name {name}")
                return
            if turn % looks == 0:
                self._beat(name)
            turn += 1
            if self._stop.event.wait(self._timing.loop):
                return

    def _beat(self, name: str) -> None:
        try:
            beat(self._house.engine, name, self._house.clock.now())
        except DBAPIError as error:
            _log.warning("worker.beat.failed", error=type(error).__name__)


class _Loop:
    """Sweeps, takes over silent workers' work and calls the ticks."""

    def __init__(
        self,
        house: House,
        duties: Duties,
        timing: Timing,
        stop: Stop,
        host: DbosHost,
    ) -> None:
        self._house, self._duties, self._timing = house, duties, timing
        self._stop, self._host = stop, host
        self._parts = (self._sweep, self._take_over, *duties.ticks)

    def run(self) -> None:
        while not self._stop.event.wait(self._timing.loop):
            if self._dbos_is_lost():
                line = "DBOS's database is gone; start again to make it anew"
                self._stop.because(DATABASE_LOST, line)
                return
            for part in self._parts:
                self._call(part)

    def _call(self, part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as error:
            _log.error(
                "worker.tick.failed",
                part=getattr(part, "__name__", repr(part)),
                error=type(error).__name__,
            )

    def _dbos_is_lost(self) -> bool:
        try:
            self._host.queue.check()
        except DBAPIError:
            return True
        return not self._host.alive()

    def _sweep(self) -> None:
        given_up = self._duties.on_given_up
        now = self._house.clock.now()
        for item in sweep(self._house.engine, self._host.queue, now, given_up):
            _log.warning("work.given_up", work_id=item.work_id, attempt=item.attempt)

    def _take_over(self) -> None:
        name, stale = self._house.settings.worker, timedelta(seconds=self._timing.stale)
        for other in take_over(self._house, name, stale, self._host.recover):
            _log.warning("worker.name.taken_over", worker=other)
