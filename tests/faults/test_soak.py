"""F19: an hour of whole returns beside one very long conversation, with restarts.

`BONRETOUR_SOAK_SECONDS` says how long; an hour of messages every 3.2 s is 1,000.
"""

import itertools
import os
import random
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from returns.work import pending_count
from tests.databases import KINDS, three_databases
from tests.fault_counts import Record
from tests.faults.agreeing import unexplained
from tests.faults.journeys import eventually
from tests.faults.shoppers import (
    Books,
    Bought,
    Shopper,
    load,
    must_be_in_order,
    persist,
)
from tests.stack import Stack

pytestmark = pytest.mark.fault("F19")

SECONDS = float(os.environ.get("BONRETOUR_SOAK_SECONDS", "3600"))
MESSAGES = min(1000, int(SECONDS / 3.6))
CROWD, PAUSE_SECONDS = 3, 5.0
PARTS = ("desk", "actions", "rasa", "worker")
LOOK_SECONDS = 2.0
# Generous: what an hour may add to a process after its warm-up. A leak adds for ever.
MOST_GROWTH_MB = 60.0
WARM_UP = 0.3  # of a process's life
SAID = (
    "bonjour",
    "quels sont vos délais de remboursement ?",
    "qui paie le retour ?",
    "merci",
    "can I exchange for another size?",
    "ok",
    "et si le colis est perdu ?",
    "je ne sais pas encore",
)


@dataclass
class Life:
    """One process from its start to its end: its memory, MB by seconds."""

    part: str
    seen: list[tuple[float, float]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.seen[-1][0] - self.seen[0][0]

    def warm(self) -> list[tuple[float, float]]:
        begun = self.seen[0][0] + WARM_UP * self.seconds
        return [one for one in self.seen if one[0] >= begun]

    def growth(self) -> float:
        """By the straight line through all that was seen once it was warm."""
        warm = self.warm()
        line = statistics.linear_regression(*zip(*warm, strict=True))
        return line.slope * (warm[-1][0] - warm[0][0])

    def an_hour(self) -> float:
        warm = self.warm()
        return self.growth() / (warm[-1][0] - warm[0][0]) * 3600


class Scales(threading.Thread):
    """Weighs every process until told to stop."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True)
        self.lives: dict[int, Life] = {}
        self._stack, self._over = stack, threading.Event()

    def run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for part in PARTS:
                process = self._stack.processes.get(part)
                weight = _megabytes(process.pid) if process else None
                if process and weight:
                    life = self.lives.setdefault(process.pid, Life(part))
                    life.seen.append((time.monotonic(), weight))

    def stop(self) -> list[Life]:
        """The longest life of each part."""
        self._over.set()
        self.join()
        by_part = defaultdict(list)
        for life in self.lives.values():
            by_part[life.part].append(life)
        return [max(by_part[part], key=lambda one: one.seconds) for part in PARTS]


class Steady(Shopper):
    """Rests after each return."""

    def shop(self, go_on: Callable[[], bool]) -> list[Bought]:
        def rested() -> bool:
            time.sleep(self.dice.uniform(0, 2 * PAUSE_SECONDS))
            return go_on()

        return super().shop(rested)


class Talker(Shopper):
    """One conversation, message after message, to the last."""

    def talk(self) -> Bought:
        bought = Bought({"order_number": "-"}, "fr")
        bought.customer = persist(self._enter, "a session")
        for _, text in zip(range(MESSAGES), itertools.cycle(SAID), strict=False):
            began = time.monotonic()
            self._say(bought, text)
            time.sleep(max(0.0, 0.8 * SECONDS / MESSAGES - time.monotonic() + began))
        return bought


@pytest.fixture(params=KINDS)
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    with three_databases(request.param, tmp_path) as databases, Stack(databases) as own:
        own.start()
        yield own.wait_ready()


@pytest.mark.full
@pytest.mark.timeout(int(SECONDS) + 1800)
def test_an_hour_of_returns(stack: Stack, record_property: Record) -> None:
    """Whole returns, one conversation of 1,000 messages, each process restarted: none
    lost, none twice, the books agree; no process grows without end.
    """
    scales = Scales(stack)
    scales.start()
    talker = Talker(stack, "fr", random.Random(1))
    with ThreadPoolExecutor(1) as pool:
        talking = pool.submit(talker.talk)
        bought = load(stack, CROWD, 1, lambda: _wait(stack), Steady)
        talk = talking.result()
    lives = scales.stop()
    stack.wait_ready()
    eventually(lambda: pending_count(stack.house.engine) == 0, "all is done", 120)
    books = Books.of(stack)
    for one in bought:
        books.must_agree_with(stack, one)
        must_be_in_order(stack, one)
    must_be_in_order(stack, talk)
    assert len(talk.said) == MESSAGES
    assert unexplained(stack.house) == []
    note = _note(bought, talk.took, lives)
    print(note, flush=True)
    record_property("trials", len(bought) + MESSAGES)
    record_property("note", note)
    assert {
        life.part: life.growth() for life in lives if life.growth() > MOST_GROWTH_MB
    } == {}


def _wait(stack: Stack) -> None:
    """Restarts spread over the first half: the lives after them are the longest."""
    began = time.monotonic()
    for number, part in enumerate(PARTS, 1):
        _sleep_until(began + SECONDS * 0.1 * number)
        stack.kill(part, 15)
        stack.start(part)
    _sleep_until(began + SECONDS)


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def _note(bought: list[Bought], talk: list[float], lives: list[Life]) -> str:
    others = [took for one in bought for took in one.took]
    part = max(1, len(talk) // 10)
    weights = ", ".join(
        f"{life.part} {life.seen[-1][1]:.0f} MB {life.an_hour():+.1f} MB/h"
        for life in lives
    )
    return (
        f"{SECONDS / 60:.0f} min, {len(bought)} returns, {len(talk)} messages in one "
        f"talk; p95 of an answer {_p95(others):.1f} s; the talk's first tenth "
        f"{_p95(talk[:part]):.1f} s, its last {_p95(talk[-part:]):.1f} s; {weights}"
    )


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


def _megabytes(pid: int) -> float | None:
    """Resident; None once it is gone."""
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    lines = [line for line in told.splitlines() if line.startswith("VmRSS:")]
    return int(lines[0].split()[1]) / 1024 if lines else None
