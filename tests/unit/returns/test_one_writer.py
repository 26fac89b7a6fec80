"""Nobody writes twice while another process waits, and a dead one blocks nobody."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from returns.engines import make_engine
from returns.one_writer import FIRST_PLACE, OneWriter
from returns.settings import ROOT
from tests.faults.journeys import eventually

LONG = 60.0
# In a process of its own: writes down that its turn came, then does as it is told.
OTHER = """
import sys
from pathlib import Path
from returns.one_writer import OneWriter
with OneWriter(Path(sys.argv[1]), 60), open(sys.argv[2], "a") as book:
    print("other", file=book, flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process(queue: Path, book: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", OTHER, str(queue), str(book)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT)
    with other:
        yield other
        other.kill()


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    return tmp_path / "x.db-queue"


def test_who_waits_is_next(queue: Path, tmp_path: Path) -> None:
    """A process that lets go and asks again at once has its turn afterwards."""
    book = tmp_path / "book"
    mine, onlooker = OneWriter(queue, LONG), OneWriter(queue, LONG)
    mine.acquire()
    with other_process(queue, book) as other:
        eventually(lambda: _is_waited_for(onlooker), "the other waits")
        assert not book.exists()
        mine.release()
        assert other.stdin is not None
        other.stdin.close()
        with mine, book.open("a") as lines:
            lines.write("mine\n")
        other.wait(LONG)
    assert book.read_text().split() == ["other", "mine"]


def test_who_hangs_is_passed_and_who_dies_is_gone(queue: Path, tmp_path: Path) -> None:
    """After some patience SQLite's own lock decides; the system frees a dead one's."""
    book = tmp_path / "book"
    with other_process(queue, book) as other:
        eventually(lambda: book.exists() and book.read_text(), "the other writes")
        with OneWriter(queue, 0.05) as impatient:
            assert not impatient.in_turn
        other.kill()
        other.wait(LONG)
        with OneWriter(queue, LONG) as patient:
            assert patient.in_turn


def test_every_transaction_queues(tmp_path: Path) -> None:
    """Also one that goes by the engine alone; all threads of it are let in."""
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n)")

    def add() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                connection.exec_driver_sql("INSERT INTO t VALUES (1)")

    threads = [threading.Thread(target=add, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM t")).scalar() == 160
    engine.dispose()
    assert (tmp_path / "x.db-queue").exists()


def _is_waited_for(onlooker: OneWriter) -> bool:
    """Locks are a process's: the one that writes sees that the first place is taken."""
    free = onlooker._taken(FIRST_PLACE)
    if free:
        onlooker._leave(FIRST_PLACE)
    return not free
