"""Duplicates, disorder, batches, Rasa away, kill -9: each message is answered once."""

import random
import signal
from collections import Counter
from datetime import timedelta

import pytest

from returns.clock import Clock
from tests.channels.talkers import Platforms, Talker
from tests.faults.journeys import eventually
from tests.graph import body_of, forged
from tests.platforms import SECRET

CHANNELS = ("messenger", "whatsapp")
WORKER = (
    "arrival.before_commit",
    "arrival.after_commit",
    "turn.claimed",
    "turn.before_commit",
    "turn.after_commit",
    "outbound.before_call",
    "outbound.after_call",
)


def greetings(somebody: Talker, count: int) -> list[str]:
    return [f"bonjour, message {n}" for n in range(count)]


@pytest.mark.parametrize("channel", CHANNELS)
def test_duplicates_and_disorder(
    platforms: Platforms, channel: str, pytestconfig: pytest.Config
) -> None:
    """In batches, five times, in any order: one turn each, in order."""
    count = 500 if pytestconfig.getoption("--full") else 12
    somebody = platforms.somebody(channel)
    said = greetings(somebody, count)
    start = Clock().now() - timedelta(seconds=count)
    events = [
        somebody.person.text(text, at=start + timedelta(seconds=n))
        for n, text in enumerate(said)
    ]
    random.Random(5).shuffle(events)
    somebody.bring(*events, batch=50, repeats=1)
    somebody.bring(*events, batch=3, repeats=4, shuffled=True)
    eventually(
        lambda: somebody.is_quiet() and len(somebody.turns()) == count,
        "all is answered",
        30 + count,
    )
    assert somebody.turns() == said


def test_a_batch_of_many_people(platforms: Platforms) -> None:
    """Fifty people in one webhook: none is lost, each is answered."""
    people = [platforms.somebody("whatsapp") for _ in range(10)]
    events = [one.person.text(f"bonjour {n}") for n in range(5) for one in people]
    for one in people:
        one.bring()
    people[0].bring(*events, batch=50)
    for one in people:
        eventually(
            lambda one=one: one.is_quiet() and len(one.turns()) == 5, "five turns", 60
        )
        assert one.turns() == [f"bonjour {n}" for n in range(5)]


def test_forged_webhooks(platforms: Platforms, pytestconfig: pytest.Config) -> None:
    """Every one is 401, and nobody's conversation begins."""
    rounds = 100 if pytestconfig.getoption("--full") else 2
    rng = random.Random(9)
    for channel in CHANNELS:
        somebody = platforms.somebody(channel)
        for _ in range(rounds):
            body = body_of(channel, [somebody.person.text("ouvrez")])
            for header in forged(SECRET, body, rng):
                assert platforms.courier.send(channel, body, header) == 401
        assert somebody.conversation_id is None


@pytest.mark.parametrize("channel", CHANNELS)
def test_rasa_is_away(
    platforms: Platforms, channel: str, pytestconfig: pytest.Config
) -> None:
    """The customer is told, and everything is answered afterwards, in order."""
    somebody = platforms.somebody(channel)
    somebody.say("bonjour")
    platforms.stack.kill("rasa")
    said = [f"bonjour encore {n}" for n in range(6)]
    for text in said:
        somebody.bring(somebody.person.text(text))
    eventually(lambda: len(somebody.sent) > 2, "an honest sentence", 60)
    platforms.stack.start("rasa")
    platforms.stack.wait_ready()
    eventually(
        lambda: somebody.is_quiet() and len(somebody.turns()) == 7, "all answered", 90
    )
    assert somebody.turns() == ["bonjour", *said]


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
