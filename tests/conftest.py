"""Options of the whole test run, and the one running product that tests share."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the issues' full counts")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Every part running; each test brings an order of its own."""
    with Stack() as running:
        running.start()
        yield running.wait_ready()
