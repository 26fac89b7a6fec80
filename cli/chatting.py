"""`chat`: talk to the desk in the terminal, over its public API."""

import argparse
import time
import uuid
from typing import Any

import httpx

from cli.commands import Commands
from returns.settings import load_settings

WAIT_SECONDS = 30.0
NEWS_SECONDS = 1.0


def add_commands(commands: Commands) -> None:
    chatting = commands.add_parser("chat", help="talk to the desk in this terminal")
    chatting.add_argument("--language", choices=["fr", "en"], default=None)
    chatting.set_defaults(run=chat)


class Conversation:
    """One chat session, as a widget would hold it."""

    def __init__(self, base_url: str, language: str | None) -> None:
        self._http = httpx.Client(
            base_url=base_url, timeout=WAIT_SECONDS, trust_env=False
        )
        opened = self._http.post("/chat/sessions", json={"language": language})
        opened.raise_for_status()
        body = opened.json()
        self.conversation_id: str = body["conversation_id"]
        self._http.headers["Authorization"] = f"Bearer {body['token']}"
        self.seq = 0
        self.buttons: list[dict[str, Any]] = []
        self.first = self._taken(body["messages"])

    def say(self, text: str) -> list[dict[str, Any]]:
        """The answer's messages. A number presses a button of the last question."""
        body: dict[str, Any] = {"message_id": str(uuid.uuid4())}
        if text.isdigit() and 0 < int(text) <= len(self.buttons):
            body["button_ids"] = [self.buttons[int(text) - 1]["id"]]
        else:
            body["text"] = text
        reply = self._http.post("/chat/messages", json=body)
        if reply.status_code != httpx.codes.OK:
            return [{"author": "desk", "text": reply.json()["detail"], "buttons": []}]
        return self._taken(reply.json()["messages"])

    def news(self) -> list[dict[str, Any]]:
        """What was said since, unasked."""
        reply = self._http.get("/chat/messages", params={"after": self.seq})
        fresh = [m for m in reply.json()["messages"] if m["author"] != "customer"]
        return self._taken(fresh)

    def _taken(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for message in messages:
            self.seq = max(self.seq, message["seq"])
            if message["buttons"]:
                self.buttons = message["buttons"]
        return messages


def chat(asked: argparse.Namespace) -> int:
    settings = load_settings()
    try:
        talk = Conversation(f"http://127.0.0.1:{settings.port}", asked.language)
    except httpx.HTTPError:
        print("The desk is not running here (start it with: make run).")
        return 1
    _show(talk.first)
    while True:
        try:
            text = input("› ").strip()
        except EOFError:
            print()
            return 0
        if text:
            talk.buttons = talk.buttons if text.isdigit() else []
            _show(talk.say(text))
        time.sleep(NEWS_SECONDS if not text else 0)
        _show(talk.news())


def _show(messages: list[dict[str, Any]]) -> None:
    for message in messages:
        name = message.get("author_name") or message["author"]
        print(f"\n{name}: {message['text']}")
        for number, button in enumerate(message["buttons"], 1):
            print(f"   [{number}] {button['title']}")
    if messages:
        print()
