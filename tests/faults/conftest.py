"""A stack of its own for each kind of database: these tests kill its parts."""

from collections.abc import Iterator

import pytest

from tests.databases import KINDS, throwaway
from tests.stack import Stack

DATABASES = (
    "BONRETOUR_DATABASE_URL",
    "BONRETOUR_DBOS_URL",
    "BONRETOUR_RASA_DATABASE_URL",
)


@pytest.fixture(scope="package", params=KINDS)
def faulty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Everything running; a test that breaks a part mends it again."""
    kind: str = request.param
    folder = tmp_path_factory.mktemp(kind)
    if kind == "sqlite":
        with Stack() as stack:
            stack.start()
            yield stack.wait_ready()
        return
    with (
        throwaway(kind, folder) as desk,
        throwaway(kind, folder) as dbos,
        throwaway(kind, folder) as rasa,
        Stack(dict(zip(DATABASES, (desk, dbos, rasa), strict=True))) as stack,
    ):
        stack.start()
        yield stack.wait_ready()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One trial on each database in `make test`, ten in `make test-full`."""
    if "trial" in metafunc.fixturenames:
        trials = 10 if metafunc.config.getoption("--full") else 1
        metafunc.parametrize("trial", range(trials))
