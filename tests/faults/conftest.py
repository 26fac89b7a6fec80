"""A stack of its own for each kind of database: these tests kill its parts."""

import os
import random
from collections.abc import Iterator

import pytest

from tests.databases import KINDS, three_databases
from tests.stack import Stack, without_limits

# Of test_random_kills.py; each is run again whenever the full counts are.
SEEDS_THAT_FAILED: tuple[int, ...] = ()
FRESH_SEEDS = 10
# Of test_kills.py, with the full counts only.
SELDOM = (
    "postgresql",
    "turn.before_commit",
    "authorise.before_call",
    "authorise.before_commit",
    "refund.before_call",
    "replacement.before_call",
    "replacement.before_commit",
    "evidence.before_call",
)


@pytest.fixture(scope="package", params=KINDS)
def faulty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Everything running; a test that breaks a part mends it again."""
    kind: str = request.param
    folder = tmp_path_factory.mktemp(kind)
    shop = without_limits(folder)
    with three_databases(kind, folder) as databases, Stack(databases, shop) as stack:
        stack.start()
        yield stack.wait_ready()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In `make test` most commits are killed one by one only (test_commits)."""
    for item in items:
        seldom = any(name in item.name for name in SELDOM)
        if item.path.name == "test_kills.py" and seldom:
            item.add_marker(pytest.mark.full)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One trial on each database in `make test`, ten in `make test-full`.

    Of a partner's fault one or, in `make test-full`, twenty: with the reading spoilt
    as well and without. Of random kills one run by a seed that stays, or by new ones
    (BONRETOUR_SEED repeats one) and by those that failed once.
    """
    full = metafunc.config.getoption("--full")
    if "random_seed" in metafunc.fixturenames:
        metafunc.parametrize("random_seed", random_seeds(full), ids=str)
    if "partner_trial" in metafunc.fixturenames:
        trials = 20 if full else 1
        metafunc.parametrize("partner_trial", range(trials))
    if "trial" in metafunc.fixturenames:
        trials = 10 if full else 1
        metafunc.parametrize("trial", range(trials))


def random_seeds(full: bool) -> list[int]:
    told = os.environ.get("BONRETOUR_SEED")
    if told:
        return [int(told)]
    fresh = [random.randrange(10**6) for _ in range(FRESH_SEEDS)]
    return [*SEEDS_THAT_FAILED, *fresh] if full else [1]
