"""Rows of work and the sweep over them, with a queue that only remembers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event

from returns import waits
from returns.clock import FixedClock
from returns.engines import make_engine
from returns.errors import ConfigurationError
from returns.heartbeats import ALIVE, beat, workers_alive
from returns.tables import metadata, work, worker_names
from returns.waits import (
    SCALE_VARIABLE,
    SETTLE,
    refuse_scale_in_production,
    wait_seconds,
)
from returns.work import (
    MAX_AGE,
    MAX_ATTEMPTS,
    Progress,
    WorkItem,
    WorkKind,
    WorkQueue,
    add_work,
    finish_work,
    mark_given_up,
    note_error,
    pending_count,
    retry_now,
    sweep,
)

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
KIND = WorkKind.PAY_REFUND


class RememberingQueue(WorkQueue):
    def __init__(self) -> None:
        self.pushed: list[tuple[str, int]] = []
        self.answer = Progress.UNKNOWN

    def push(self, item: WorkItem) -> None:
        self.pushed.append((item.subject_id, item.attempt))

    def progress(self, item: WorkItem) -> Progress:
        return self.answer


class Bench:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.queue = RememberingQueue()
        self.clock = FixedClock(START)
        self.told: list[str] = []

    def add(self, subject_id: str = "r1") -> WorkItem:
        with self.engine.begin() as connection:
            return add_work(connection, KIND, subject_id, self.clock.now())

    def sweep(self) -> list[WorkItem]:
        return sweep(self.engine, self.queue, self.clock.now(), self.tell)

    def tell(self, item: WorkItem) -> None:
        self.told.append(item.subject_id)

    def row(self, subject_id: str = "r1") -> sa.Row[tuple[object, ...]]:
        query = sa.select(work).where(work.c.subject_id == subject_id)
        with self.engine.connect() as connection:
            return connection.execute(query).one()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    engine = make_engine(f"sqlite:///{tmp_path / 'work.db'}")
    metadata.create_all(engine, [work, worker_names])
    yield Bench(engine)
    engine.dispose()


def test_same_work_twice_is_one(bench: Bench) -> None:
    """Work added twice is one row that keeps its attempt."""
    assert bench.add() == bench.add()
    assert pending_count(bench.engine) == 1


def test_rolled_back_change_needs_no_work(bench: Bench) -> None:
    """Work disappears with the transaction that wanted it."""
    with pytest.raises(ZeroDivisionError), bench.engine.begin() as connection:
        add_work(connection, KIND, "r1", START)
        _ = 1 / 0
    assert pending_count(bench.engine) == 0


def test_young_work_is_left_alone(bench: Bench) -> None:
    """The sweep does not push what was added a moment ago."""
    bench.add()
    bench.clock.move(seconds=SETTLE.total_seconds() - 0.1)
    bench.sweep()
    assert bench.queue.pushed == []


def test_unknown_attempt_is_pushed_again(bench: Bench) -> None:
    """What the engine never heard of is pushed with the same attempt, not at once."""
    bench.add()
    bench.clock.move(seconds=5)
    bench.sweep()
    bench.sweep()
    assert bench.queue.pushed == [("r1", 1)]
    bench.clock.move(seconds=5)
    bench.sweep()
    assert bench.queue.pushed == [("r1", 1), ("r1", 1)]


def test_running_attempt_is_left_alone(bench: Bench) -> None:
    """A running attempt is neither pushed nor raised."""
    bench.add()
    bench.queue.answer = Progress.RUNNING
    bench.clock.move(hours=30)
    assert bench.sweep() == []
    assert (bench.queue.pushed, bench.row().attempt) == ([], 1)


def test_ended_attempt_is_raised_after_a_wait(bench: Bench) -> None:
    """An attempt that ended without moving its row is followed by the next one."""
    bench.add()
    bench.queue.answer = Progress.ENDED
    bench.clock.move(seconds=5)
    bench.sweep()
    waits = bench.row().next_at - bench.clock.now()
    assert bench.row().attempt == 2
    assert timedelta(seconds=1) <= waits <= timedelta(seconds=4)
    bench.queue.answer = Progress.UNKNOWN
    bench.clock.move(seconds=4)
    bench.sweep()
    assert bench.queue.pushed == [("r1", 2)]


def test_finished_work_is_forgotten(bench: Bench) -> None:
    """Finished work is not looked at again."""
    bench.add()
    with bench.engine.begin() as connection:
        finish_work(connection, KIND, "r1")
    bench.clock.move(hours=1)
    bench.sweep()
    assert (bench.queue.pushed, pending_count(bench.engine)) == ([], 0)


def test_a_partner_may_ask_for_a_longer_wait(bench: Bench) -> None:
    """Retry-After keeps the sweep away until then, and never shortens a wait."""
    bench.add()
    with bench.engine.begin() as connection:
        note_error(connection, KIND, "r1", "busy", START + timedelta(hours=1))
        note_error(connection, KIND, "r1", "busy", START + timedelta(minutes=1))
    bench.clock.move(minutes=59)
    bench.sweep()
    assert bench.queue.pushed == []
    assert bench.row().last_error == "busy"


def test_retry_after_during_the_sweep_wins(bench: Bench) -> None:
    """An attempt that puts its row off while the sweep looks at it is obeyed."""
    bench.add()
    later = START + timedelta(hours=1)

    class Busy(RememberingQueue):
        def progress(self, item: WorkItem) -> Progress:
            with bench.engine.begin() as connection:
                note_error(connection, KIND, "r1", "busy", later)
            return Progress.RUNNING

    bench.queue = Busy()
    bench.clock.move(seconds=5)
    bench.sweep()
    assert bench.row().next_at == later


def test_behind_a_flood_the_sweep_commits_once(bench: Bench) -> None:
    """Hundreds that are under way are looked at again later, in one commit."""
    for n in range(300):
        bench.add(f"r{n}")
    commits: list[object] = []
    event.listen(bench.engine, "commit", commits.append)
    bench.clock.move(seconds=5)
    bench.sweep()
    with bench.engine.connect() as connection:
        waits = set(connection.execute(sa.select(work.c.next_at)).scalars())
    assert waits == {bench.clock.now() + SETTLE}
    assert len(commits) == 1


@pytest.mark.parametrize("why", ["tries", "age"])
def test_hopeless_work_is_given_up_once(bench: Bench, why: str) -> None:
    """After 12 tries, or 24 hours, a person is told and the row says so (X6)."""
    bench.add()
    bench.queue.answer = Progress.ENDED
    with bench.engine.begin() as connection:
        attempt = MAX_ATTEMPTS if why == "tries" else 2
        connection.execute(work.update().values(attempt=attempt))
    bench.clock.move(seconds=5 if why == "tries" else MAX_AGE.total_seconds() + 1)
    assert [item.subject_id for item in bench.sweep()] == ["r1"]
    bench.clock.move(hours=1)
    assert bench.sweep() == []
    assert (bench.told, bench.row().state) == (["r1"], "given_up")


def test_nothing_is_given_up_unseen(bench: Bench) -> None:
    """When telling a person fails, the row stays pending and is told of later."""
    bench.add()
    bench.queue.answer = Progress.ENDED
    bench.clock.move(days=2)

    def fail(item: WorkItem) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        sweep(bench.engine, bench.queue, bench.clock.now(), fail)
    assert bench.row().state == "pending"
    assert bench.sweep() == []
    bench.clock.move(seconds=5)
    bench.sweep()
    assert (bench.told, bench.row().state) == (["r1"], "given_up")


def test_giving_up_with_the_task(bench: Bench) -> None:
    """Whoever marks an attempt given up first may tell; nobody after."""
    item = bench.add()
    marks = []
    for _ in range(2):
        with bench.engine.begin() as connection:
            marks.append(mark_given_up(connection, item))
    assert marks == [True, False]


def test_a_person_tries_again(bench: Bench) -> None:
    """Given-up work tried again gets a new attempt and a fresh age."""
    item = bench.add()
    with bench.engine.begin() as connection:
        mark_given_up(connection, item)
    bench.clock.move(days=3)
    with bench.engine.begin() as connection:
        retry_now(connection, KIND, "r1", bench.clock.now())
    bench.sweep()
    assert bench.queue.pushed == [("r1", 2)]
    assert bench.row().created_at == bench.clock.now()


def test_only_given_up_work_is_tried_again(bench: Bench) -> None:
    """Trying again changes nothing for work that is still under way."""
    bench.add()
    with bench.engine.begin() as connection:
        retry_now(connection, KIND, "r1", bench.clock.now())
    assert bench.row().attempt == 1


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(1, 4), (2, 8), (8, 512), (9, 900), (12, 900)]
)
def test_waits_grow_to_a_quarter_of_an_hour(attempt: int, ceiling: float) -> None:
    """min(15 min, 2 s * 2^n) with jitter (X11)."""
    found = [wait_seconds(attempt) for _ in range(200)]
    assert ceiling / 4 <= min(found) < ceiling / 2 < max(found) <= ceiling


def test_an_answer_that_a_customer_waits_for_is_tried_all_day(bench: Bench) -> None:
    """At most a minute lies between two tries, and no number of them ends it."""
    kind = WorkKind.ANSWER_MESSAGE
    with bench.engine.begin() as connection:
        add_work(connection, kind, "m1", bench.clock.now())
        connection.execute(work.update().values(attempt=MAX_ATTEMPTS + 100))
    bench.queue.answer = Progress.ENDED
    bench.clock.move(seconds=5)
    assert bench.sweep() == []
    with bench.engine.connect() as connection:
        next_at = connection.execute(sa.select(work.c.next_at)).scalar_one()
    assert next_at <= bench.clock.now() + timedelta(minutes=1)
    bench.clock.move(seconds=MAX_AGE.total_seconds() + 1)
    assert [item.subject_id for item in bench.sweep()] == ["m1"]


def test_short_waits_are_for_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable scales every wait, and production refuses it."""
    monkeypatch.setenv(SCALE_VARIABLE, "0.01")
    assert wait_seconds(12) <= 9
    assert waits.settle() == timedelta(milliseconds=50)
    refuse_scale_in_production(False)
    with pytest.raises(ConfigurationError):
        refuse_scale_in_production(True)


def test_who_is_alive(bench: Bench) -> None:
    """A worker counts as alive while its last beat is fresh."""
    beat(bench.engine, "worker-0", START)
    beat(bench.engine, "worker-1", START)
    bench.clock.move(seconds=ALIVE.total_seconds())
    beat(bench.engine, "worker-1", bench.clock.now())
    assert workers_alive(bench.engine, bench.clock.now()) == ["worker-1"]
