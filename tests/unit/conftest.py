"""What several rooms' tests share; a module may have a house of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS
from tests.desks import FakeRasa, WebClient, web
from tests.houses import TestHouse, opened


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.fixture(params=KINDS)
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield house


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture
def client(house: TestHouse, rasa: FakeRasa) -> Iterator[WebClient]:
    with web(house, rasa) as client:
        yield client
