"""What comes in counts once, and a button only where and while it is live."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from desk import inbox, sessions, transcript
from desk.inbox import Incoming, OtherBody, SpentButton
from desk.tables import inbound_messages, messages
from returns.unit import writing
from tests.houses import TestHouse, opened


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.fixture
def talk(house: TestHouse) -> str:
    return sessions.open_session(house, "fr")[1]


def line(line_id: str) -> dict[str, Any]:
    payload = {"intent": "inform", "entities": {"order_line": [line_id]}}
    return {"title": line_id, "payload": payload}


def offer(house: TestHouse, talk: str, *buttons: dict[str, Any]) -> list[str]:
    """Show the buttons; their ids."""
    with writing(house) as unit:
        seq = transcript.add(
            unit, talk, transcript.Line("bot", "?", buttons=list(buttons))
        )
        shown = transcript.after(unit.connection, talk, seq - 1)[0]
    return [button["id"] for button in shown.buttons]


def stored(house: TestHouse, inbound_id: str) -> Any:
    query = sa.select(inbound_messages).where(
        inbound_messages.c.inbound_id == inbound_id
    )
    with house.reader.connect() as connection:
        return connection.execute(query).one()


def test_the_same_message_counts_once(house: TestHouse, talk: str) -> None:
    """Same id, same body: the first is known, nothing is stored twice."""
    first = inbox.receive(house, talk, Incoming("m1", "bonjour"))
    again = inbox.receive(house, talk, Incoming("m1", "bonjour"))
    assert (first.known, again.known) == (False, True)
    assert first.inbound_id == again.inbound_id
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).where(messages.c.author == "customer")
        assert connection.execute(query).scalar_one() == 1


def test_the_same_id_with_other_words_is_refused(house: TestHouse, talk: str) -> None:
    """An id stands for one body; another body, also of buttons, is OtherBody."""
    inbox.receive(house, talk, Incoming("m1", "bonjour"))
    for other in (Incoming("m1", "bonsoir"), Incoming("m1", button_ids=("b",))):
        with pytest.raises(OtherBody):
            inbox.receive(house, talk, other)


def test_two_conversations_may_use_the_same_id(house: TestHouse, talk: str) -> None:
    """Message ids are the client's own, so they are told apart by conversation."""
    other = sessions.open_session(house, "fr")[1]
    inbox.receive(house, talk, Incoming("m1", "bonjour"))
    assert not inbox.receive(house, other, Incoming("m1", "bonsoir")).known


def test_several_lines_are_one_statement(house: TestHouse, talk: str) -> None:
    """Chosen lines become one message, in the order in which they were chosen."""
    one, two, three = offer(house, talk, line("L1"), line("L2"), line("L3"))
    got = inbox.receive(house, talk, Incoming("m1", button_ids=(three, one)))
    row = stored(house, got.inbound_id)
    assert row.payload == {
        "intent": "inform",
        "entities": {"order_line": ["L3", "L1"]},
    }
    assert row.text == "L3, L1"
    with pytest.raises(SpentButton):
        inbox.receive(house, talk, Incoming("m2", button_ids=(two,)))


def test_a_resent_button_is_known_not_spent(house: TestHouse, talk: str) -> None:
    """A lost acknowledgement and a second try: the same message, no error."""
    (one,) = offer(house, talk, line("L1"))
    pressed = Incoming("m1", button_ids=(one,))
    assert not inbox.receive(house, talk, pressed).known
    assert inbox.receive(house, talk, pressed).known


def test_a_foreign_button_is_refused(house: TestHouse, talk: str) -> None:
    """A button belongs to one conversation; an unknown one to none."""
    other = sessions.open_session(house, "fr")[1]
    (foreign,) = offer(house, other, line("L1"))
    for button in (foreign, "no-such-button"):
        with pytest.raises(SpentButton):
            inbox.receive(house, talk, Incoming("m1", button_ids=(button,)))


def test_a_typed_message_spends_the_buttons(house: TestHouse, talk: str) -> None:
    """Who answers with words cannot press the old question's button later."""
    (one,) = offer(house, talk, line("L1"))
    inbox.receive(house, talk, Incoming("m1", "la robe"))
    with pytest.raises(SpentButton):
        inbox.receive(house, talk, Incoming("m2", button_ids=(one,)))


def test_a_button_dies_after_a_day(house: TestHouse, talk: str) -> None:
    """24 hours after it was shown a button means nothing any more."""
    (one,) = offer(house, talk, line("L1"))
    house.clock.move(hours=24, seconds=1)
    with pytest.raises(SpentButton):
        inbox.receive(house, talk, Incoming("m1", button_ids=(one,)))


def test_other_buttons_cannot_be_combined(house: TestHouse, talk: str) -> None:
    """Only lines are chosen together: a yes with a line is refused and nothing kept."""
    yes = {"title": "oui", "payload": {"intent": "affirm", "entities": {}}}
    quantity = {"intent": "inform", "entities": {"quantity": [2]}}
    two = {"title": "2", "payload": quantity}
    one, agreed, count = offer(house, talk, line("L1"), yes, two)
    for pair in ((one, agreed), (one, count), (count, one)):
        with pytest.raises(SpentButton):
            inbox.receive(house, talk, Incoming("m1", button_ids=pair))
    assert not inbox.receive(house, talk, Incoming("m1", button_ids=(agreed,))).known


def test_typed_commands_are_disarmed(house: TestHouse, talk: str) -> None:
    """Rasa gets the words without the slash, the transcript what was typed."""
    got = inbox.receive(house, talk, Incoming("m1", " \u200b/restart"))
    assert stored(house, got.inbound_id).text == "restart"
    with house.reader.connect() as connection:
        said = transcript.after(connection, talk, 0)[-1].text
    assert said == " \u200b/restart"
