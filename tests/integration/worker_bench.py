"""One installation with a toy worker, for test_worker.py."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from returns.engines import make_engine
from returns.heartbeats import workers_alive
from returns.queue import DbosQueue
from returns.queue_engine import make_dbos_engine
from returns.tables import metadata, work, worker_names
from returns.work import WorkKind, add_work
from tests.integration.toy_worker import effects

ROOT = Path(__file__).resolve().parents[2]
TOY = Path(__file__).with_name("toy_worker.py")
PATIENCE_SECONDS = 30.0


def wait_until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, f"still not: {what}"
        time.sleep(0.02)


class Bench:
    """One installation with a toy worker, as tests see it from outside."""

    def __init__(self, url: str, var: Path) -> None:
        self.var = var
        self.postgresql = url.startswith("postgresql")
        self.dbos_url = url if self.postgresql else f"sqlite:///{var / 'work.db'}"
        self.toy = TOY
        self.url = url
        self.engine = make_engine(url)
        self.dbos_engine = make_dbos_engine(self.dbos_url)
        self.queue = DbosQueue(self.dbos_engine)
        self.processes: list[subprocess.Popen[str]] = []
        metadata.create_all(self.engine)
        effects.create(self.engine)

    def start(
        self,
        name: str = "worker-0",
        name_wait: float = 10,
        stale: float = 60,
        drain: float = 5,
    ) -> subprocess.Popen[str]:
        numbers = [str(number) for number in (name_wait, stale, drain)]
        process = subprocess.Popen(
            [sys.executable, str(self.toy), *numbers],
            env=self.environment(name),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.processes.append(process)
        return process

    def environment(self, name: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return kept | {
            "PYTHONPATH": str(ROOT),
            "BONRETOUR_VAR": str(self.var),
            "BONRETOUR_DATABASE_URL": self.url,
            "BONRETOUR_DBOS_URL": self.dbos_url,
            "BONRETOUR_WORKER": name,
        }

    def ready(self, name: str = "worker-0", **times: float) -> subprocess.Popen[str]:
        """A worker started and beating anew."""
        self.execute(worker_names.delete().where(worker_names.c.worker == name))
        process = self.start(name, **times)

        def up_or_ended() -> bool:
            return name in self.alive() or process.poll() is not None

        wait_until(up_or_ended, f"{name} is alive")
        assert process.poll() is None, process.communicate()[0]
        return process

    def alive(self) -> list[str]:
        return workers_alive(self.engine, datetime.now(UTC))

    def add(self, subject_id: str) -> None:
        with self.engine.begin() as connection:
            item = add_work(
                connection, WorkKind.PAY_REFUND, subject_id, datetime.now(UTC)
            )
        self.queue.push(item)

    def count(self, subject_id: str, what: str) -> int:
        query = sa.select(sa.func.count()).where(
            effects.c.subject_id == subject_id, effects.c.what == what
        )
        return int(self.scalar(query) or 0)

    def state(self, subject_id: str) -> str:
        query = sa.select(work.c.state).where(work.c.subject_id == subject_id)
        return str(self.scalar(query))

    def scalar(self, query: sa.Select[tuple[object]]) -> object:
        with self.engine.connect() as connection:
            return connection.execute(query).scalar()

    def execute(self, statement: sa.Executable) -> None:
        with self.engine.begin() as connection:
            connection.execute(statement)

    def hold(self) -> None:
        (self.var / "hold").touch()

    def go_on(self) -> None:
        (self.var / "hold").unlink()

    def wait_begun(self, subject_id: str, times: int = 1) -> None:
        begun = lambda: self.count(subject_id, "begun") >= times  # noqa: E731
        wait_until(begun, f"{subject_id} begun {times} times")

    def wait_state(self, subject_id: str, state: str) -> None:
        wait_until(lambda: self.state(subject_id) == state, f"{subject_id} {state}")

    def delete_dbos(self) -> None:
        if not self.postgresql:
            for path in self.var.glob("work.db*"):
                path.unlink()
            return
        self.execute(sa.text("DROP SCHEMA dbos CASCADE"))

    def wait_beats(self, name: str, times: int) -> None:
        beat = sa.select(worker_names.c.heartbeat_at)
        seen: set[object] = set()

        def beaten() -> bool:
            seen.add(self.scalar(beat.where(worker_names.c.worker == name)))
            return len(seen) > times

        wait_until(beaten, f"{name} beat {times} times")

    def stall(self, process: subprocess.Popen[str]) -> None:
        """Stop the process at a moment when it holds no lock of SQLite's."""
        for _ in range(20):
            process.send_signal(signal.SIGSTOP)
            try:
                self.execute(worker_names.delete().where(sa.false()))
            except sa.exc.OperationalError:
                process.send_signal(signal.SIGCONT)
            else:
                return

    def rob_of_name(self) -> None:
        if not self.postgresql:
            (self.var / "locks" / "worker-0.lock").unlink()
            return
        self.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self.engine.dispose()
        self.dbos_engine.dispose()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
