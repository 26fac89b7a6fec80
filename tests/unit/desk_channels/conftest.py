"""Both platforms on, over a house whose clock stands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.channels import taking
from tests.databases import KINDS
from tests.desks import FakeRasa, web
from tests.houses import opened
from tests.platforms import Desk, platforms


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    yield from _desk("sqlite", tmp_path, monkeypatch)


@pytest.fixture
def any_desk(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    yield from _desk(kind, tmp_path, monkeypatch)


def _desk(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(taking.time, "sleep", lambda _seconds: None)
    rasa = FakeRasa()
    with (
        opened(kind, folder) as house,
        web(house, rasa) as client,
        platforms(house, rasa, client, monkeypatch) as desk,
    ):
        yield desk
