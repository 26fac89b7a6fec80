"""What wakes the worker where the database is a file."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from returns import wake
from returns.queue_engine import make_dbos_engine
from worker.bell import Bell, ring_for_work


class Counted(Bell):
    def __init__(self) -> None:
        super().__init__()
        self.rung = threading.Semaphore(0)

    def ring(self) -> None:
        super().ring()
        self.rung.release()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_dbos_engine(f"sqlite:///{tmp_path / 'work.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def bells(engine: Engine) -> Iterator[list[Counted]]:
    """Of two workers that listen."""
    bells = [Counted(), Counted()]
    threads = [threading.Thread(target=ring_for_work, args=(engine, b)) for b in bells]
    for thread in threads:
        thread.start()
    for bell in bells:
        assert bell.rung.acquire(timeout=30), "each rings when it begins to listen"
    yield bells
    for bell in bells:
        bell.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_a_ring_wakes_who_waits(engine: Engine, bells: list[Counted]) -> None:
    """Two read one pipe, and one of them at least hears each ring."""
    for _ in range(50):
        wake.ring(engine)
        assert _somebody_hears(bells, 30)


def test_the_pipe_is_made_anew(engine: Engine, bells: list[Counted]) -> None:
    """Deleted with its database under those who listen, it is there again."""
    wake.pipe_of(engine).unlink()
    for _ in range(150):
        wake.ring(engine)
        if _somebody_hears(bells, 0.2):
            break
    assert wake.pipe_of(engine).is_fifo()


def test_nobody_listens(engine: Engine, tmp_path: Path) -> None:
    wake.ring(engine)
    assert list(tmp_path.iterdir()) == []


def test_an_end_of_an_attempt_rings_again_later() -> None:
    """Three waits end though nobody waits so long; the fourth is by its own time."""
    bell = Bell()
    bell.ring_repeatedly()
    for _ in range(3):
        assert not bell.wait(3600)
    waited = threading.Thread(target=bell.wait, args=(3600,), daemon=True)
    waited.start()
    waited.join(0.5)
    assert waited.is_alive()
    bell.ring()
    waited.join(30)
    assert not waited.is_alive()


def _somebody_hears(bells: list[Counted], seconds: float) -> bool:
    step = 0.01
    for _ in range(round(seconds / step)):
        if any([bell.rung.acquire(timeout=step / 2) for bell in bells]):
            return True
    return False
