"""One running stack for all conversations; each has an order of its own."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with Stack() as running:
        running.start()
        yield running.wait_ready()
