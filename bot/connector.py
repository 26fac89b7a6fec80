"""The only way into Rasa: three private routes, signed by the desk (E3)."""

import asyncio
import hashlib
import hmac
import json
import logging
import os
import re
import sys
import time
from contextlib import suppress
from typing import Any, Awaitable, Callable, Dict, Optional, Text

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.lock_store import LockError
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import turns
from bot.action_calls import ActionsUnavailable
from bot.plain_text import without_commands

LONGEST_BODY = 64 * 1024
LONGEST_TEXT = 10_000  # a quarter of a second for the model, or two of emoji
# As the tables have it: Rasa's own, and those that the actions write to.
LONGEST_INTENT = 255
LONGEST_ID = 64
LONGEST_CHANNEL, LONGEST_LANGUAGE, LONGEST_QUESTION = 20, 2, 30
SIGNATURE_SECONDS = 60
MOMENT = re.compile(r"[0-9]{1,11}")

UNAVAILABLE = (ActionsUnavailable, asyncio.TimeoutError, LockError, turns.NotReady)

logger = logging.getLogger(__name__)


class Connector(InputChannel):
    """Serves `POST /turns`, `DELETE /conversations/{id}` and `GET /ready`."""

    def __init__(self, secret: Text) -> None:
        if len(secret) < 32:
            raise ValueError("credentials.yml: the connector's secret is too short")
        self._secret = secret.encode()

    @classmethod
    def name(cls) -> Text:
        return "bonretour"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "Connector":
        return cls(str((credentials or {}).get("secret", "")))

    def url_prefix(self) -> Text:
        """Routes lie at the root, not under /webhooks/."""
        return "/"

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """Sanic's routes."""
        routes = Blueprint("bonretour")

        @routes.post("/turns")
        async def take_turn(request: Request) -> HTTPResponse:
            return self._refusal(request) or await _take_turn(request)

        @routes.delete("/conversations/<conversation_id>")
        async def forget(request: Request, conversation_id: Text) -> HTTPResponse:
            return self._refusal(request) or await _forget(request, conversation_id)

        @routes.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            return _readiness(request)

        @routes.listener("before_server_start")
        async def limit(app: Sanic, _loop: Any) -> None:
            app.config.REQUEST_MAX_SIZE = LONGEST_BODY  # else 100 MB are read first

        @routes.listener("after_server_start")
        async def prepare(app: Sanic, _loop: Any) -> None:
            turns.prepare(app.ctx.agent)

        @routes.listener("after_server_stop")
        async def leave(app: Sanic, _loop: Any) -> None:
            await turns.leave(app.ctx.agent)

        return routes

    def _refusal(self, request: Request) -> Optional[HTTPResponse]:
        if not self._signed(request):
            return response.json({"error": "not signed"}, status=401)
        return None

    def _signed(self, request: Request) -> bool:
        moment = request.headers.get("bonretour-time", "")
        given = request.headers.get("bonretour-signature", "")
        if not MOMENT.fullmatch(moment):
            return False
        fresh = abs(time.time() - int(moment)) <= SIGNATURE_SECONDS
        signed = b"\n".join(
            [moment.encode(), request.method.encode(), request.path.encode()]
        )
        wanted = hmac.new(self._secret, signed + b"\n" + request.body, hashlib.sha256)
        told = given.encode("utf-8", "replace")
        alike = hmac.compare_digest(wanted.hexdigest().encode(), told)
        return alike and fresh


async def _take_turn(request: Request) -> HTTPResponse:
    try:
        turn = _read_turn(json.loads(request.body))
    except (AttributeError, ValueError, KeyError, TypeError, RecursionError):
        return response.json({"error": "malformed turn"}, status=422)
    began = time.monotonic()
    try:
        answer = await turns.take_turn(_agent(request), turn)
        _tell_path(turn, time.monotonic() - began)
    except UNAVAILABLE as error:
        logger.error("turn.failed %s %s", type(error).__name__, error)
        return response.json({"error": type(error).__name__}, status=503)
    return response.json(answer)


def _tell_path(turn: turns.Turn, seconds: float) -> None:
    """One line of ids; Rasa's own lines below an error hold customers' words."""
    if os.environ.get("BONRETOUR_LOG_LEVEL") == "info":
        ids = {"conversation_id": turn.conversation_id, "message_id": turn.message_id}
        line = {"event": "rasa.turn", **ids, "seconds": round(seconds, 3)}
        with suppress(OSError):  # a full disk of logs costs no turn
            print(json.dumps({**line, "level": "info"}), file=sys.stderr, flush=True)


async def _forget(request: Request, conversation_id: Text) -> HTTPResponse:
    try:
        await turns.forget(_agent(request), _name(conversation_id))
    except ValueError:
        return response.json({"error": "malformed name"}, status=422)
    except LockError as error:
        return response.json({"error": type(error).__name__}, status=503)
    return response.json({"forgotten": conversation_id})


def _readiness(request: Request) -> HTTPResponse:
    agent = _agent(request)
    ready = agent is not None and agent.is_ready() and turns.has_locks(agent)
    return response.json({"ready": ready}, status=200 if ready else 503)


def _agent(request: Request) -> Agent:
    agent: Agent = request.app.ctx.agent
    return agent


def _read_turn(body: Dict[Text, Any]) -> turns.Turn:
    payload, expects = body.get("payload"), body.get("expects")
    if payload is not None:
        _name(payload["intent"], LONGEST_INTENT)
    return turns.Turn(
        conversation_id=_name(body["conversation_id"]),
        message_id=_name(body["message_id"]),
        channel=_name(body["channel"], LONGEST_CHANNEL),
        language=_name(body["language"], LONGEST_LANGUAGE),
        text=without_commands(_said(body["text"])),
        payload=payload,
        expects=None if expects is None else _name(expects, LONGEST_QUESTION),
        said_meanwhile=[_text(said) for said in body.get("said_meanwhile", [])],
        upload_ids=[_name(one) for one in body.get("upload_ids", [])],
    )


def _said(value: Any) -> Text:
    """Longer than shop.yml lets a customer write would hold up all the others."""
    said = _text(value)
    if len(said) > LONGEST_TEXT:
        raise ValueError("too long")
    return said


def _name(value: Any, longest: int = LONGEST_ID) -> Text:
    """What has a column of its own somewhere."""
    name = _text(value)
    if not name.isprintable() or not 0 < len(name) <= longest:
        raise ValueError("expected a name")
    return name


def _text(value: Any) -> Text:
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value
