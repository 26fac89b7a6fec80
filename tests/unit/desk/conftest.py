"""An open conversation."""

import pytest

from desk import sessions
from tests.houses import TestHouse


@pytest.fixture
def talk(house: TestHouse) -> str:
    return sessions.open_session(house, "fr")[1]
