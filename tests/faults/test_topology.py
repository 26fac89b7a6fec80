"""Two desks, two Rasas, two action servers, two workers; any of them may die."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk.tables import inbound_messages, messages
from returns.tables import refunds
from tests.databases import three_databases
from tests.fault_counts import Record
from tests.faults.journeys import Journey, eventually
from tests.topology import PAIRS, Topology, needs_redis

pytestmark = [pytest.mark.full, pytest.mark.fault("F2")]

FEW, MANY = 3, 12
ROUNDS = 25  # with --full


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    """Everything twice, on PostgreSQL and Redis."""
    needs_redis()
    folder: Path = tmp_path_factory.mktemp("pairs")
    with (
        three_databases("postgresql", folder) as databases,
        Topology(databases) as pairs,
    ):
        pairs.start_all()
        yield pairs


def walk(pairs: Topology, begun: threading.Event) -> Journey:
    """From the first word to the money."""
    journey = Journey(pairs).to_the_recap()
    begun.set()
    journey.say_yes_until_answered()
    journey.must_be_whole()
    journey.must_be_paid_once()
    return journey


def must_be_in_order(pairs: Topology, journey: Journey) -> None:
    """Every message was answered once, and none before an earlier one (I-4, I-7)."""
    talk = journey.customer.conversation_id
    asked = (
        sa.select(inbound_messages.c.inbound_id)
        .where(inbound_messages.c.conversation_id == talk)
        .order_by(inbound_messages.c.seq)
    )
    answers = (
        sa.select(messages.c.inbound_id)
        .where(messages.c.conversation_id == talk, messages.c.n >= 0)
        .order_by(messages.c.seq)
    )
    with pairs.house.reader.connect() as connection:
        wanted = list(connection.execute(asked).scalars())
        told = list(dict.fromkeys(connection.execute(answers).scalars()))
    assert told == wanted


def books_must_agree(pairs: Topology) -> None:
    """Our ledger has what the bank has (I-3)."""
    query = sa.select(refunds.c.refund_id, refunds.c.amount_minor).where(
        refunds.c.state == "paid"
    )
    with pairs.house.reader.connect() as connection:
        ours = sorted(tuple(row) for row in connection.execute(query))
    book = pairs.sandbox.book()
    assert ours == sorted((row["refund_id"], row["amount_minor"]) for row in book)


def test_one_of_each_kind_is_killed_under_load(pairs: Topology) -> None:
    """kill -9 of four at once: the others answer, nothing is lost or paid twice."""
    begun = threading.Event()
    with ThreadPoolExecutor(FEW) as pool:
        walks = [pool.submit(walk, pairs, begun) for _ in range(FEW)]
        assert begun.wait(60)
        for kind in PAIRS:
            pairs.kill(kind)
        somebody = pairs.customer()
        assert "automatique" in somebody.say("bonjour, êtes-vous un robot ?")
        pairs.start_one("worker")  # as the orchestrator does, under the same name
        journeys = [done(one) for one in walks]
    for journey in journeys:
        must_be_in_order(pairs, journey)
        assert pairs.told_of(journey.customer.conversation_id) == set(PAIRS)
    books_must_agree(pairs)
    for balancer in pairs.balancers.values():
        assert set(balancer.served) == set(balancer.ports), "each one had its part"


@pytest.mark.timeout(3600)
def test_random_kills_of_random_processes(
    pairs: Topology, pytestconfig: pytest.Config, record_property: Record
) -> None:
    """One to three of the eight at a time, again and again (F2); with --full."""
    if not pytestconfig.getoption("--full"):
        pytest.skip("a long one: make test-full")
    pairs.start_all()
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance, begun = random.Random(seed), threading.Event()
    names = [*PAIRS, *(f"{kind}#2" for kind in PAIRS)]
    with ThreadPoolExecutor(MANY) as pool:
        for _ in range(ROUNDS):
            walks = [pool.submit(walk, pairs, begun) for _ in range(MANY // 2)]
            time.sleep(chance.uniform(0.2, 2.0))
            dead = chance.sample(names, chance.randint(1, 3))
            for name in dead:
                pairs.kill(name)
            time.sleep(chance.uniform(0.0, 2.0))
            for name in dead:
                pairs.start_one(name)
            for one in walks:
                must_be_in_order(pairs, done(one))
    books_must_agree(pairs)
    record_property("trials", ROUNDS)


def test_a_dead_worker_s_work_is_taken_over(
    pairs: Topology, pytestconfig: pytest.Config
) -> None:
    """Nobody starts it again: after a minute the other one has its work; --full."""
    if not pytestconfig.getoption("--full"):
        pytest.skip("a minute and more: make test-full")
    pairs.start_all()
    journey = Journey(pairs).to_the_recap()
    journey.say_yes()
    journey.must_be_whole()
    pairs.kill("worker#2")
    pairs.kill("worker")
    pairs.start("worker", failpoint="refund.after_call:kill")
    journey.goods_arrive()
    pairs.wait_dead("worker")
    pairs.start_one("worker#2")
    eventually(lambda: journey.status() == "closed", "taken over", 180)
    assert len(journey.payments()) == 1


def done(one: "Future[Journey]") -> Journey:
    return one.result(timeout=240)
