"""The desk in one process: its web application, and a Rasa that obeys."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import sqlalchemy as sa
from starlette.applications import Starlette

from desk import inbox
from desk.app import create_app
from desk.rasa import RasaClient, RasaUnavailable
from desk.tables import conversations, inbound_messages, messages
from tests.houses import TestHouse


def reply(text: str, **more: Any) -> dict[str, Any]:
    """One bot message as bot/turns.py answers it."""
    plain: dict[str, Any] = {
        "images": [],
        "buttons": [],
        "choose": "one",
        "expects": None,
    }
    return {"response": "utter_test", "text": text, **plain, **more}


def answer(
    *replies: dict[str, Any],
    handoff: dict[str, Any] | None = None,
    language: str | None = None,
) -> dict[str, Any]:
    """A whole turn's answer."""
    entities = [{"entity": "language", "value": language}] if language else []
    parse = {"intent": "inform", "entities": entities}
    told = list(replies)
    return {"replies": told, "handoff": handoff, "parse": parse, "events": []}


class FakeRasa(RasaClient):
    """Repeats what was said, or does what `answers` says; remembers the calls.

    down: it cannot be reached.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.forgotten: list[str] = []
        self.down = False
        self.answers: Callable[[dict[str, Any]], dict[str, Any]] = _echo

    @property
    def texts(self) -> list[str]:
        return [body["text"] for body in self.asked]

    def take_turn(self, body: dict[str, Any], patience: float) -> dict[str, Any]:
        if self.down:
            raise RasaUnavailable("down")
        self.asked.append(body)
        return self.answers(body)

    def forget(self, conversation_id: str) -> None:
        if self.down:
            raise RasaUnavailable("down")
        self.forgotten.append(conversation_id)

    def is_ready(self) -> bool:
        return not self.down

    def close(self) -> None:
        """Nothing is open."""


def _echo(body: dict[str, Any]) -> dict[str, Any]:
    return answer(reply(f"vous dites : {body['text']}"))


class WebClient:
    """Calls an ASGI application in this process, one request after the other."""

    def __init__(self, app: Starlette, runner: asyncio.Runner) -> None:
        self.app = app
        self._runner = runner
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://desk.test",
        )
        self.headers = self._client.headers

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def let_it_push(self) -> None:
        """What is handed over after an answer went out."""
        self._runner.run(self.app.state.storing.pushed())

    def forget_cookies(self) -> None:
        """Tests that have several browsers keep each one's cookies themselves."""
        self._client.cookies.clear()

    def close(self) -> None:
        self._runner.run(self._client.aclose())


@contextmanager
def calling(app: Starlette) -> Iterator[WebClient]:
    """A client of this application."""
    with asyncio.Runner() as runner:
        client = WebClient(app, runner)
        yield client
        client.close()


@contextmanager
def web(house: TestHouse, rasa: FakeRasa) -> Iterator[WebClient]:
    """The desk's application, without a session."""
    app = create_app(house)
    app.state.rasa.close()
    app.state.rasa = rasa
    with calling(app) as client:
        yield client


def enter(client: WebClient, language: str = "fr") -> dict[str, Any]:
    """Open a session; the client carries its token from now on. What it was told."""
    opened = client.post("/chat/sessions", json={"language": language})
    assert opened.status_code == 201, opened.text
    told: dict[str, Any] = opened.json()
    client.headers["Authorization"] = f"Bearer {told['token']}"
    return told


def say(client: WebClient, text: str, message_id: str | None = None) -> dict[str, Any]:
    """What the desk answers."""
    body = {"message_id": message_id or str(uuid4()), "text": text}
    got = client.post("/chat/messages", json=body)
    assert got.status_code == 200, got.text
    told: dict[str, Any] = got.json()
    return told


def press(client: WebClient, *button_ids: str) -> dict[str, Any]:
    """What the desk answers to these buttons."""
    body = {"message_id": str(uuid4()), "button_ids": list(button_ids)}
    got = client.post("/chat/messages", json=body)
    assert got.status_code == 200, got.text
    told: dict[str, Any] = got.json()
    return told


def hear(house: TestHouse, conversation_id: str, text: str) -> str:
    """Store a message and answer it not; its inbound id."""
    incoming = inbox.Incoming(str(uuid4()), text)
    return inbox.receive(house, conversation_id, incoming).inbound_id


def told(house: TestHouse, conversation_id: str) -> list[str]:
    """Every text of the bot in this conversation, but for its first."""
    query = sa.select(messages.c.text).where(
        messages.c.conversation_id == conversation_id,
        messages.c.author == "bot",
        messages.c.seq > 1,
    )
    with house.reader.connect() as connection:
        return list(connection.execute(query.order_by(messages.c.seq)).scalars())


def state_of(house: TestHouse, inbound_id: str) -> str:
    """received, in_turn or answered."""
    query = sa.select(inbound_messages.c.state).where(
        inbound_messages.c.inbound_id == inbound_id
    )
    with house.reader.connect() as connection:
        return str(connection.execute(query).scalar_one())


def conversation(house: TestHouse, conversation_id: str) -> Any:
    """The conversation's row."""
    query = sa.select(conversations).where(
        conversations.c.conversation_id == conversation_id
    )
    with house.reader.connect() as connection:
        return connection.execute(query).one()
