"""Nothing that is typed or forged is heard as a command, on any channel (E8, F13)."""

import random
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from desk.tables import buttons, inbound_messages
from returns.tables import grants, returns
from tests import slashes
from tests.channels.talkers import Platforms, Talker
from tests.faults.journeys import eventually

# Of a thousand: typed texts, buttons that nobody was offered, and spent or others'.
TYPED, FORGED, STALE = 850, 100, 50
EACH = 10  # texts of one person, who may end with a human being after a few more
COMMANDED = {"restart", "rewind", "undo", "resume", "pause", "reset_slots"}


class OnTheWeb:
    """Somebody in the chat, where each thing waits for its answer."""

    def __init__(self, platforms: Platforms) -> None:
        self._customer = platforms.stack.customer()
        self.conversation_id: str | None = self._customer.conversation_id

    def type(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._customer.say(text)

    def press(self, token: str) -> None:
        body = {"message_id": str(uuid.uuid4()), "button_ids": [token]}
        assert self._customer.post(body).status_code == 200

    def wait(self) -> None:
        """Nothing is open."""


class OnAPlatform:
    """Somebody who does not wait for answers."""

    def __init__(self, platforms: Platforms, channel: str) -> None:
        self._talker: Talker = platforms.somebody(channel)

    @property
    def conversation_id(self) -> str | None:
        return self._talker.conversation_id

    def type(self, texts: Sequence[str]) -> None:
        person = self._talker.person
        self._talker.bring(*[person.text(text) for text in texts], batch=EACH)

    def press(self, token: str) -> None:
        kind = "postback" if self._talker.channel == "messenger" else "list_reply"
        self._talker.bring(self._talker.person.press(token, kind=kind))

    def wait(self) -> None:
        eventually(self._talker.is_quiet, "all is answered", 300)


type Somebody = OnTheWeb | OnAPlatform


@pytest.mark.fault("F13")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("channel", ("web", "messenger", "whatsapp"))
def test_typed_commands(
    platforms: Platforms, channel: str, pytestconfig: pytest.Config
) -> None:
    """A thousand texts and tokens: 0 events parsed from a payload, nothing granted."""
    share = 1.0 if pytestconfig.getoption("--full") else 0.025
    rng = random.Random(13)
    texts = slashes.typed(rng, round(TYPED * share))
    people = [_somebody(platforms, channel) for _ in texts[::EACH]]
    for place, somebody in enumerate(people):
        somebody.type(texts[place * EACH : (place + 1) * EACH])
    _wait(people)
    turns = _turns(platforms, people)
    assert len(turns) == len(texts)
    assert sum(bool(events) for events in turns) > len(texts) * 0.8  # the bot's own
    commanded = [events for events in turns if _is_commanded(events)]
    assert [e["parse_data"] for events in commanded for e in events[:1]] == []
    forged = slashes.tokens(rng, round(FORGED * share))
    for place, token in enumerate([*forged, *_stale(platforms, round(STALE * share))]):
        people[place % len(people)].press(token)
    _wait(people)
    assert len(_turns(platforms, people)) == len(turns)  # a spent button is no turn
    assert _made(platforms, people) == [0, 0]


def _somebody(platforms: Platforms, channel: str) -> Somebody:
    if channel == "web":
        return OnTheWeb(platforms)
    return OnAPlatform(platforms, channel)


def _wait(people: Iterable[Somebody]) -> None:
    for somebody in people:
        somebody.wait()


def _turns(platforms: Platforms, people: list[Somebody]) -> list[list[dict[str, Any]]]:
    """Rasa's events of every message that was taken for one."""
    query = sa.select(inbound_messages.c.events).where(
        inbound_messages.c.conversation_id.in_([one.conversation_id for one in people])
    )
    with platforms.stack.house.reader.connect() as connection:
        return [events or [] for events in connection.execute(query).scalars()]


def _is_commanded(events: list[dict[str, Any]]) -> bool:
    """What Rasa reads off a payload has one intent in its ranking, and no second.

    Of most payloads no text is left, and then nothing may be known.
    """
    for event in events:
        if event["event"] in COMMANDED:
            return True
        if event["event"] == "user":
            parse = event["parse_data"]
            known = {entity.get("extractor") for entity in parse["entities"]}
            if "RegexMessageHandler" in known or "Button" in known:
                return True
            if not parse["text"] and parse["entities"]:
                return True
            if parse["text"] and len(parse.get("intent_ranking") or "none") == 1:
                return True
    return False


def _stale(platforms: Platforms, count: int) -> list[str]:
    """Buttons of other people, live ones too, and spent ones."""
    query = sa.select(buttons.c.button_id).order_by(buttons.c.button_id).limit(count)
    with platforms.stack.house.reader.connect() as connection:
        found = list(connection.execute(query).scalars())
    assert found
    return (found * count)[:count]


def _made(platforms: Platforms, people: list[Somebody]) -> list[int]:
    mine = [one.conversation_id for one in people]
    with platforms.stack.house.reader.connect() as connection:
        return [
            connection.execute(
                sa.select(sa.func.count()).where(table.c.conversation_id.in_(mine))
            ).scalar_one()
            for table in (grants, returns)
        ]
