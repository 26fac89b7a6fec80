"""F2, F10: twenty conversations while processes are killed and databases fail."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from returns.work import pending_count
from tests.faults.journeys import eventually
from tests.faults.shoppers import Books, load, must_be_in_order
from tests.faults.strikes import Killer, Outage, Striker
from tests.stack import Stack

CONVERSATIONS, FEW = 20, 5
KILLS, KILLS_IN_FULL = 3, 25
OUTAGES, OUTAGES_IN_FULL = 2, 15
SECONDS, SECONDS_IN_FULL = 3.0, 30.0

Record = Callable[[str, object], None]


def endure(stack: Stack, striker: Striker, strikes: int, crowd: int, seed: int) -> str:
    """Whole returns meanwhile; all must be well in the end. What there was to it."""
    print(f"BONRETOUR_SEED={seed}: {strikes} strikes", flush=True)
    with striker:
        bought = load(stack, crowd, seed, lambda: striker.strike(strikes))
        stack.wait_ready()
        engine = stack.house.engine
        eventually(lambda: pending_count(engine) == 0, "all work is done", 120)
    books = Books.of(stack)
    for one in bought:
        books.must_agree_with(stack, one)
        must_be_in_order(stack, one)
    longest = max(one.silence for one in bought)
    return (
        f"{len(bought)} returns; hit: {striker.told()}; "
        f"{books.repeated_mails()} mails twice; longest wait {longest:.0f} s"
    )


def kind_of(stack: Stack) -> Any:
    return stack.house.engine.dialect.name


@pytest.mark.fault("F2")
@pytest.mark.timeout(1800)
def test_random_kills_under_load(
    faulty: Stack,
    random_seed: int,
    pytestconfig: pytest.Config,
    record_property: Record,
) -> None:
    """kill -9 of one to three processes at once: nothing lost, nothing twice."""
    full = pytestconfig.getoption("--full")
    if not full and kind_of(faulty) != "sqlite":
        pytest.skip("on PostgreSQL with the full counts only")
    kills = KILLS_IN_FULL if full else KILLS
    record_property("seed", random_seed)
    record_property("trials", kills)
    killer = Killer(faulty, random.Random(random_seed))
    note = endure(faulty, killer, kills, CONVERSATIONS, random_seed)
    print(note, flush=True)
    record_property("note", note)


@pytest.mark.fault("F10")
@pytest.mark.timeout(1800)
def test_database_outages_under_load(
    faulty: Stack,
    random_seed: int,
    pytestconfig: pytest.Config,
    record_property: Record,
) -> None:
    """Databases locked, cut or refused: all finishes, once, and /livez answers."""
    full = pytestconfig.getoption("--full")
    if not full and kind_of(faulty) == "sqlite":
        pytest.skip("on SQLite with the full counts only")
    strikes = OUTAGES_IN_FULL if full else OUTAGES
    longest = SECONDS_IN_FULL if full else SECONDS
    record_property("seed", random_seed)
    record_property("trials", strikes)
    outage = Outage(faulty, random.Random(random_seed), longest)
    note = endure(faulty, outage, strikes, FEW, random_seed)
    note += f"; /livez {1000 * max(outage.live):.0f} ms at most"
    print(note, flush=True)
    record_property("note", note)
