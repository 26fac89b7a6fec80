"""Duplicates, disorder, batches and forgeries: one turn a message, in its order."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from desk.channels.tables import arrivals
from desk.channels.taking import REORDER
from desk.tables import inbound_messages
from returns.clock import Clock
from tests.channels.talkers import Platforms, Talker
from tests.faults.journeys import eventually
from tests.graph import Item, body_of, forged
from tests.platforms import SECRET

CHANNELS = ("messenger", "whatsapp")
SAID = 5  # by each person
LONGEST = 50  # events in a webhook
WAIT = 600


@pytest.fixture
def rng() -> random.Random:
    return random.Random(6)


def share(pytestconfig: pytest.Config) -> float:
    return 1.0 if pytestconfig.getoption("--full") else 0.02


@pytest.mark.fault("F6")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("channel", CHANNELS)
def test_duplicates(
    platforms: Platforms, channel: str, pytestconfig: pytest.Config, rng: random.Random
) -> None:
    """Every webhook two to ten times, eight at once: 5,000 for both channels."""
    people, bodies = [], []
    while len(bodies) < 2_500 * share(pytestconfig):
        somebody = _somebody(platforms, channel)
        people.append(somebody)
        for event in _events(somebody):
            bodies += [body_of(channel, [event])] * rng.randint(2, 10)
    rng.shuffle(bodies)
    platforms.courier.bring_all(channel, bodies)
    for one in people:
        _wait(one)
        assert sorted(one.turns()) == _texts()


@pytest.mark.fault("F7")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("channel", CHANNELS)
def test_disorder(
    platforms: Platforms, channel: str, pytestconfig: pytest.Config, rng: random.Random
) -> None:
    """In webhooks of 1 to 50, shuffled, eight at once: 2,000 for both channels."""
    people = []
    while len(people) * SAID < 1_000 * share(pytestconfig):
        crowd = [_somebody(platforms, channel) for _ in range(10)]
        people += crowd
        events = [event for one in crowd for event in _events(one)]
        rng.shuffle(events)
        platforms.courier.bring_all(channel, _batches(channel, events, rng))
    for one in people:
        _wait(one)
        assert sorted(one.turns()) == _texts()
        _must_be_in_order(one)


@pytest.mark.fault("F7")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_batch_of_many_people(
    platforms: Platforms, channel: str, pytestconfig: pytest.Config
) -> None:
    """Fifty events of ten people in one webhook: none is lost, order is kept."""
    for _ in range(10 if pytestconfig.getoption("--full") else 1):
        people = [_somebody(platforms, channel) for _ in range(LONGEST // SAID)]
        talks = [_events(one) for one in people]
        together = [event for at_once in zip(*talks, strict=True) for event in at_once]
        platforms.courier.bring_all(channel, [body_of(channel, together)])
        for one in people:
            _wait(one)
            assert one.turns() == _texts()


@pytest.mark.fault("F8")
def test_forged_webhooks(
    platforms: Platforms, pytestconfig: pytest.Config, rng: random.Random
) -> None:
    """2,000: every one is 401, and none leaves a row."""
    rounds = 100 if pytestconfig.getoption("--full") else 2
    for channel in CHANNELS:
        somebody = platforms.somebody(channel)
        for _ in range(rounds):
            body = body_of(channel, [somebody.person.text("ouvrez")])
            for header in forged(SECRET, body, rng):
                assert platforms.courier.send(channel, body, header) == 401
        assert _arrived(somebody) == []


def _somebody(platforms: Platforms, channel: str) -> Talker:
    somebody = platforms.somebody(channel)
    somebody.bring()  # the platform knows that they wrote
    return somebody


def _texts() -> list[str]:
    return [f"bonjour {n}" for n in range(SAID)]


def _events(somebody: Talker) -> list[Item]:
    """One a second: WhatsApp tells no parts of it."""
    start = Clock().now() - timedelta(seconds=SAID)
    return [
        somebody.person.text(text, at=start + timedelta(seconds=n))
        for n, text in enumerate(_texts())
    ]


def _batches(channel: str, events: list[Item], rng: random.Random) -> list[bytes]:
    bodies = []
    while events:
        size = rng.randint(1, LONGEST)
        bodies.append(body_of(channel, events[:size]))
        events = events[size:]
    return bodies


def _wait(somebody: Talker) -> None:
    eventually(
        lambda: somebody.is_quiet() and len(somebody.turns()) >= SAID, "answered", WAIT
    )


def _must_be_in_order(somebody: Talker) -> None:
    """By the platform's clock, but for what came when later words had waited enough."""
    told = _arrived(somebody)
    for place, (at, received) in enumerate(told):
        for earlier_turn in told[:place]:
            if earlier_turn[0] > at:
                later = [came for said, came in told if said >= earlier_turn[0]]
                assert received - min(later) > REORDER, told


def _arrived(somebody: Talker) -> list[tuple[datetime, datetime]]:
    """When each was said and when it came, in the order of the turns."""
    query = (
        sa.select(arrivals.c.at, arrivals.c.received_at)
        .outerjoin(
            inbound_messages, inbound_messages.c.message_id == arrivals.c.arrival_id
        )
        .where(arrivals.c.sender == somebody.person.name)
        .order_by(inbound_messages.c.answered_at, inbound_messages.c.seq)
    )
    with somebody.platforms.stack.house.reader.connect() as connection:
        rows: list[Any] = list(connection.execute(query))
    return [(row.at, row.received_at) for row in rows]
