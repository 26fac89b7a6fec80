"""Ending a session erases the talk in every memory of it: the desk's and Rasa's."""

import sqlite3
from contextlib import closing

from tests.stack import Customer, Stack

CANARY = "Zorglub"


def rasa_events(stack: Stack, customer: Customer) -> int:
    """How many events Rasa's own database has of this conversation."""
    path = stack.settings.rasa_database_url.removeprefix("sqlite:///")
    query = "SELECT count(*) FROM events WHERE sender_id = ?"
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute(query, [customer.conversation_id]).fetchone()[0]
    return found


def test_an_ended_conversation_is_gone_everywhere(stack: Stack) -> None:
    """No event is left at Rasa, and the token opens nothing."""
    customer = stack.customer()
    customer.say(f"bonjour, je m'appelle {CANARY}")
    assert rasa_events(stack, customer) > 0
    ended = customer.http.delete("/chat/sessions/current")
    assert (ended.status_code, ended.json()["erased"]) == (200, True)
    assert rasa_events(stack, customer) == 0
    assert customer.http.get("/chat/messages").status_code == 401
