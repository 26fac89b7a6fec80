"""The queue over DBOS, and the private parts of DBOS that we rely on."""

import inspect
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dbos
import pytest
import sqlalchemy as sa
from dbos._queue import queue_worker_thread
from structlog.testing import capture_logs

from returns.queue import DbosQueue
from returns.queue_engine import make_dbos_engine
from returns.settings import Settings, load_settings
from returns.work import Progress, WorkItem, WorkKind
from tests.databases import KINDS, throwaway
from tests.integration.toy_worker import house_without_shop
from worker import dbos_host
from worker.attempts import Handler
from worker.dbos_host import ATTEMPTS_AT_ONCE, THREADS, DbosHost


@pytest.fixture(params=KINDS)
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    with throwaway(request.param, tmp_path) as url:
        monkeypatch.setenv("BONRETOUR_VAR", str(tmp_path))
        monkeypatch.setenv("BONRETOUR_DATABASE_URL", url)
        work_url = url.replace("bonretour.db", "work.db")
        monkeypatch.setenv("BONRETOUR_DBOS_URL", work_url)
        yield load_settings()


@pytest.fixture
def queue(settings: Settings) -> Iterator[DbosQueue]:
    engine = make_dbos_engine(settings.dbos_url)
    yield DbosQueue(engine)
    engine.dispose()


def item(number: int = 1) -> WorkItem:
    subject_id = f"r{number}"
    work_id = f"pay_refund:{subject_id}"
    return WorkItem(work_id, WorkKind.PAY_REFUND, subject_id, 1, datetime.now(UTC))


@contextmanager
def dbos_running(
    settings: Settings, handlers: Mapping[WorkKind, Handler] | None = None
) -> Iterator[DbosHost]:
    """DBOS launched and stopped; handlers: None: nobody does the work."""
    house = house_without_shop(replace(settings, worker="nobody"))
    host = DbosHost(house, handlers or {})
    host.start()
    yield host
    host.stop(0)
    house.engine.dispose()


def make_tables(settings: Settings) -> None:
    with dbos_running(settings):
        pass


def delete(settings: Settings) -> None:
    if settings.dbos_url.startswith("sqlite"):
        for path in settings.var.glob("work.db*"):
            path.unlink()
        return
    engine = make_dbos_engine(settings.dbos_url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA dbos CASCADE"))
    engine.dispose()


def test_building_a_queue_connects_to_nothing(tmp_path: Path) -> None:
    """No file appears before the first push."""
    engine = make_dbos_engine(f"sqlite:///{tmp_path / 'work.db'}")
    DbosQueue(engine)
    assert list(tmp_path.iterdir()) == []


def test_push_before_there_is_a_database(settings: Settings, queue: DbosQueue) -> None:
    """A push that finds no tables is logged by id; the same queue works later."""
    with capture_logs() as logs:
        queue.push(item())
    assert [(log["event"], log["workflow_id"]) for log in logs] == [
        ("work.push.failed", "pay_refund:r1:1")
    ]
    make_tables(settings)
    queue.push(item())
    assert queue.progress(item()) is Progress.RUNNING


def test_database_deleted_under_an_open_queue(
    settings: Settings, queue: DbosQueue
) -> None:
    """The queue forgets the old database, does not raise, and finds the new one."""
    make_tables(settings)
    queue.push(item())
    delete(settings)
    with capture_logs() as logs:
        queue.push(item(2))
    assert [log["event"] for log in logs] == ["work.push.failed"]
    make_tables(settings)
    assert queue.progress(item()) is Progress.UNKNOWN
    queue.push(item(2))
    assert queue.progress(item(2)) is Progress.RUNNING


def test_unreachable_server() -> None:
    """A push to a server that refuses connections is logged, not raised."""
    engine = make_dbos_engine("postgresql://postgres@127.0.0.1:1/none")
    with capture_logs() as logs:
        DbosQueue(engine).push(item())
    assert [log["event"] for log in logs] == ["work.push.failed"]


def test_same_attempt_twice_is_one(settings: Settings, queue: DbosQueue) -> None:
    """Pushing an attempt again adds no second workflow; its argument is plain JSON."""
    make_tables(settings)
    queue.push(item())
    queue.push(item())
    engine = make_dbos_engine(settings.dbos_url)
    table = "workflow_input" if engine.name == "sqlite" else "dbos.workflow_input"
    with engine.connect() as connection:
        inputs = sa.text(f"SELECT inputs FROM {table}")
        rows = connection.execute(inputs).scalars().all()
    engine.dispose()
    assert [json.loads(row)["args"] for row in rows] == [["r1"]]


def test_threads_do_not_grow_with_the_work(settings: Settings) -> None:
    """DBOS's own pool keeps a thread of every eighth attempt, for ever."""
    done = threading.Semaphore(0)
    with dbos_running(settings, _counted_by(done)) as host:
        for first in range(0, 600, 20):
            host.queue.push_all([item(n) for n in range(first, first + 20)])
            _wait_for(done, 20)
        names = [one.name for one in threading.enumerate()]
    assert sum(name.startswith("dbos-executor") for name in names) <= THREADS


def test_a_backlog_does_not_wait_for_the_next_look(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than can be tried at once: each attempt that ends makes room at once."""
    monkeypatch.setattr(dbos_host, "RARE_POLL_SECONDS", 3600)
    done = threading.Semaphore(0)
    with dbos_running(settings, _counted_by(done)) as host:
        host.queue.push_all([item(n) for n in range(5 * ATTEMPTS_AT_ONCE)])
        _wait_for(done, 5 * ATTEMPTS_AT_ONCE)


def test_private_parts_of_dbos() -> None:
    """What worker/dbos_host.py uses of DBOS 3.4 still has the shape it had."""
    recover = inspect.signature(dbos.DBOS._recover_pending_workflows)
    assert list(recover.parameters) == ["executor_ids"]
    thread = inspect.signature(queue_worker_thread)
    assert list(thread.parameters) == ["stop_event", "dbos", "queue"]
    source = inspect.getsource(queue_worker_thread)
    assert "stop_event.wait(timeout=" in source


def test_recovery_of_a_dead_name(settings: Settings, queue: DbosQueue) -> None:
    """Recovery queues again exactly the workflows the dead executor was running."""
    make_tables(settings)
    for number in (1, 2, 3):
        queue.push(item(number))
    _pretend_running(settings, "pay_refund:r1:1", "dead")
    _pretend_running(settings, "pay_refund:r2:1", "living")
    with dbos_running(settings) as host:
        host.stop_dequeuing()
        assert host.recover("dead") == 1
        assert host.recover("dead") == 0


def _pretend_running(settings: Settings, workflow_id: str, executor: str) -> None:
    engine = make_dbos_engine(settings.dbos_url)
    table = "workflow_status" if engine.name == "sqlite" else "dbos.workflow_status"
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                f"UPDATE {table} SET status = 'PENDING', executor_id = :executor,"
                " application_version = '1' WHERE workflow_uuid = :id"
            ),
            {"executor": executor, "id": workflow_id},
        )
    engine.dispose()


def _counted_by(done: threading.Semaphore) -> dict[WorkKind, Handler]:
    return {WorkKind.PAY_REFUND: lambda _: done.release()}


def _wait_for(done: threading.Semaphore, many: int) -> None:
    for _ in range(many):
        assert done.acquire(timeout=60)
