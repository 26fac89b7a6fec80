"""One running stack for all conversations; it ends before other tests begin."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """Every part running; each conversation brings an order of its own."""
    with Stack() as running:
        running.start()
        yield running.wait_ready()
