"""A token opens one conversation, for as long as it is needed, and leaves no trace."""

import hashlib

import pytest
import sqlalchemy as sa

from desk import sessions
from desk.tables import (
    buttons,
    chat_sessions,
    conversations,
    inbound_messages,
    messages,
)
from returns.services import drafts as talks
from returns.tables import drafts, work
from tests.desks import FakeRasa, WebClient, enter, say
from tests.houses import TestHouse, heard
from tests.orders import new_order
from tests.unit.returns.test_money import count, open_one

TALK = (conversations, messages, inbound_messages, buttons, chat_sessions)


def test_a_token_is_kept_as_its_hash(house: TestHouse) -> None:
    """Who reads the database cannot speak for a customer."""
    token, talk = sessions.open_session(house, "fr")
    with house.reader.connect() as connection:
        (row,) = connection.execute(sa.select(chat_sessions)).all()
        everything = str(connection.execute(sa.select(conversations)).all()) + str(row)
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in everything
    assert sessions.conversation_of(house, token) == talk


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer no-such-token", "Basic x", "token"]
)
def test_without_a_valid_token_nothing_is_told(client: WebClient, header: str) -> None:
    """401 on every path, with the scheme that is wanted."""
    enter(client)
    client.headers["Authorization"] = header
    for method, path in (
        ("POST", "/chat/messages"),
        ("GET", "/chat/messages"),
        ("GET", "/chat/events"),
        ("DELETE", "/chat/sessions/current"),
    ):
        refused = client.request(method, path, json={})
        assert refused.status_code == 401, path
        assert refused.headers["www-authenticate"] == "Bearer"


def test_a_session_ends_a_day_after_its_last_use(house: TestHouse) -> None:
    """Use keeps it alive; a day of silence ends it."""
    token, _talk = sessions.open_session(house, "fr")
    for _ in range(3):
        house.clock.move(hours=23)
        sessions.conversation_of(house, token)
    house.clock.move(hours=24, seconds=1)
    with pytest.raises(sessions.UnknownToken):
        sessions.conversation_of(house, token)


def test_a_return_keeps_its_session(house: TestHouse) -> None:
    """News must find its customer: a session with an open return outlives a day."""
    token, talk = sessions.open_session(house, "fr")
    open_one(house, new_order(house), talk)
    house.clock.move(days=9)
    assert sessions.conversation_of(house, token) == talk


def test_ending_a_session_erases_the_talk(
    house: TestHouse, client: WebClient, rasa: FakeRasa
) -> None:
    """Messages, drafts, open work and Rasa's memory are gone, and so is the token."""
    talk = enter(client)["conversation_id"]
    say(client, "bonjour")
    talks.hear(house, heard("m1", conversation_id=talk, order_number="FR-1"))
    assert count(house, drafts) == 1
    ended = client.request("DELETE", "/chat/sessions/current")
    assert ended.json() == {"ended": True, "erased": True}
    left = {t.name: count(house, t) for t in (*TALK, drafts, work)}
    assert left == dict.fromkeys(left, 0)
    assert rasa.forgotten == [talk]
    assert client.get("/chat/messages").status_code == 401


def test_a_conversation_with_a_return_is_kept(
    house: TestHouse, client: WebClient
) -> None:
    """The session ends; what the return needs stays."""
    talk = enter(client)["conversation_id"]
    open_one(house, new_order(house), talk)
    ended = client.request("DELETE", "/chat/sessions/current")
    assert ended.json() == {"ended": True, "erased": False}
    assert count(house, messages) == 1
    assert client.get("/chat/messages").status_code == 401


def test_when_not_all_can_be_erased_the_customer_may_ask_again(
    house: TestHouse, client: WebClient, rasa: FakeRasa
) -> None:
    """Rasa down: 503, and the same token still works for the second try."""
    talk = enter(client)["conversation_id"]
    rasa.down = True
    refused = client.request("DELETE", "/chat/sessions/current")
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    rasa.down = False
    again = client.request("DELETE", "/chat/sessions/current")
    assert again.json() == {"ended": True, "erased": True}
    assert rasa.forgotten == [talk]
    assert count(house, conversations) == 0


def test_a_session_opens_in_the_language_asked_for(client: WebClient) -> None:
    """The body's wish, else the browser's, else the shop's first language."""
    notices = {}
    for wanted, accepted in ((None, "de"), (None, "en-GB,fr"), ("fr", "en")):
        body = {"language": wanted} if wanted else {}
        headers = {"Accept-Language": accepted}
        told = client.post("/chat/sessions", json=body, headers=headers).json()
        notices[wanted, accepted] = told["messages"][0]["text"][:7]
    assert list(notices.values()) == ["Bonjour", "Hello, ", "Bonjour"]
