"""A desk whose answers are made up, for what a real one seldom or never says."""

import json
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Route

from tests.browser.visitor import Visitor


def said(text: str, author: str = "bot", name: str | None = None) -> dict[str, Any]:
    return {
        "at": "2026-11-22T10:00:00Z",
        "author": author,
        "author_name": name,
        "text": text,
        "images": [],
        "buttons": [],
        "choose": "one",
        "expects": None,
    }


def pretend(somebody: Visitor, messages: list[dict[str, Any]]) -> None:
    """The desk's answers, made up: it opens a session with these messages."""
    opened = {"token": "t", "conversation_id": "c", "messages": messages, "mode": "bot"}
    cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
    quiet = {**cors, "Content-Type": "text/event-stream"}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/chat/events":
            body = 'event: mode\ndata: {"mode":"bot"}\n\n'
            route.fulfill(status=200, headers=quiet, body=body)
        elif path == "/chat/sessions":
            route.fulfill(status=201, headers=cors, body=json.dumps(opened))
        else:
            route.fulfill(status=404, headers=cors, body="{}")

    somebody.page.route(f"{somebody.stack.url}/**", answer)
    somebody.page.route(
        f"{somebody.stack.url}/widget/**", lambda route: route.continue_()
    )
