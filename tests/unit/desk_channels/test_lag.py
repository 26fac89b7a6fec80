"""Whoever looks after the shop sees that a platform is behind, and why."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from cli import checking
from desk.channels.lag import Lag, lags
from desk.channels.sending import PAIR_BURST
from tests.platforms import Desk

CHANNELS = ("messenger", "whatsapp")


def told(desk: Desk) -> dict[str, Any]:
    body: dict[str, Any] = desk.client.get("/readyz").json()
    return body


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_waits_to_be_answered(any_desk: Desk, channel: str) -> None:
    """Not yet taken, and taken while Rasa is away; two minutes are too long."""
    desk, other = any_desk, next(c for c in CHANNELS if c != channel)
    assert lags(desk.house) == {"messenger": Lag(0, 0), "whatsapp": Lag(0, 0)}
    person = desk.person(channel)
    desk.courier.bring(channel, person.text("bonjour"))
    desk.house.clock.move(seconds=30)
    assert lags(desk.house)[channel].unanswered == 30
    desk.rasa.down = True
    desk.wrote(person)
    desk.work()
    desk.house.clock.move(seconds=60)
    assert lags(desk.house) == {channel: Lag(90, 0), other: Lag(0, 0)}
    assert told(desk)["channels"] is True
    desk.house.clock.move(seconds=60)
    assert told(desk)["channels"] is False
    assert told(desk)["lag"][channel] == {"unanswered": 150, "unsent": 0}


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_waits_to_be_sent(any_desk: Desk, channel: str) -> None:
    """Told with its age; what Meta does not take does not make the desk unwell."""
    desk = any_desk
    person = desk.person(channel)
    desk.wrote(person)
    desk.meta.faults += [190] * PAIR_BURST
    desk.courier.bring(channel, person.text("bonjour"))
    assert desk.try_work() is not None
    desk.house.clock.move(minutes=10)
    assert lags(desk.house)[channel].unsent == 600


def test_off_is_not_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of platforms that are not set up."""
    monkeypatch.setattr("desk.channels.accounts.is_on", lambda *_: False)
    assert not {"lag", "channels"} & told(desk).keys()


def test_check_says_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line for each platform that is on."""
    person = desk.person("whatsapp")
    desk.courier.bring("whatsapp", person.text("bonjour"))
    desk.house.clock.move(seconds=45)
    monkeypatch.setattr(checking, "open_house", lambda: desk.house)
    reply = SimpleNamespace(json=lambda: json.loads(json.dumps(told(desk))))
    monkeypatch.setattr(checking.httpx, "get", lambda *_a, **_b: reply)
    checking.check(SimpleNamespace())  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert "whatsapp: oldest unanswered message 45 s, oldest unsent reply 0 s" in said
    assert "messenger: oldest unanswered message 0 s" in said
    assert "lag" not in said.splitlines()[-1]
