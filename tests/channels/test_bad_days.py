"""Rasa away, kill -9: each message is answered, at most one answer twice."""

import signal
import time
from collections import Counter

import pytest

from tests.channels.talkers import Platforms, Talker
from tests.faults.journeys import eventually

CHANNELS = ("messenger", "whatsapp")
OFTEN = ("arrival.after_commit", "outbound.after_call")
SELDOM = (
    "arrival.before_commit",
    "turn.claimed",
    "turn.before_commit",
    "turn.after_commit",
    "outbound.before_call",
)
WORKER = (*OFTEN, *(pytest.param(point, marks=pytest.mark.full) for point in SELDOM))
MINUTE = 60.0


@pytest.mark.fault("F3")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("channel", CHANNELS)
def test_rasa_is_away(
    platforms: Platforms, channel: str, pytestconfig: pytest.Config
) -> None:
    """For a minute: people are told, and all is answered afterwards, in order."""
    full = pytestconfig.getoption("--full")
    people = [platforms.somebody(channel) for _ in range(10 if full else 1)]
    for one in people:
        one.say("bonjour")
    platforms.stack.kill("rasa")
    over = time.monotonic() + (MINUTE if full else 0.0)
    said = [f"bonjour encore {n}" for n in range(6)]
    for text in said:
        for one in people:
            one.bring(one.person.text(text))
        time.sleep(max(0.0, over - time.monotonic()) / len(said))
    for one in people:
        eventually(lambda one=one: len(one.sent) > 2, "an honest sentence", 60)
    time.sleep(max(0.0, over - time.monotonic()))
    platforms.stack.start("rasa")
    platforms.stack.wait_ready()
    for one in people:
        eventually(
            lambda one=one: one.is_quiet() and len(one.turns()) == 7, "answered", 240
        )
        assert one.turns() == ["bonjour", *said]


@pytest.mark.fault("F1")
@pytest.mark.parametrize("failpoint", WORKER)
def test_the_worker_is_killed(platforms: Platforms, failpoint: str, trial: int) -> None:
    """Between acknowledgement and reply: nothing lost, at most one repeat."""
    stack = platforms.stack
    somebody = platforms.somebody("whatsapp")
    somebody.say("bonjour")
    stack.kill("worker")
    stack.start("worker", failpoint=f"{failpoint}:kill")
    stack.wait_ready()
    somebody.bring(somebody.person.text("bonjour, il y a quelqu'un ?"))
    stack.wait_dead("worker")
    stack.start("worker")
    stack.wait_ready()
    eventually(
        lambda: somebody.is_quiet() and len(somebody.turns()) == 2, "answered", 90
    )
    _at_most_one_repeat(somebody)


@pytest.mark.fault("F1")
@pytest.mark.parametrize("channel", CHANNELS)
def test_the_desk_is_killed_after_it_acknowledged(
    platforms: Platforms, channel: str, trial: int
) -> None:
    """What was acknowledged is answered without the desk."""
    stack = platforms.stack
    somebody = platforms.somebody(channel)
    somebody.bring(somebody.person.text("bonjour"))
    stack.kill("desk", signal.SIGKILL)
    eventually(lambda: somebody.is_quiet() and len(somebody.turns()) == 1, "answered")
    stack.start("desk")
    stack.wait_ready()
    _at_most_one_repeat(somebody)


def _at_most_one_repeat(somebody: Talker) -> None:
    """By the desk's own ids: which of its messages the platform got twice."""
    counts = Counter(sent.outbound_id for sent in somebody.sent)
    repeats = sum(count - 1 for count in counts.values())
    assert repeats <= 1, counts
