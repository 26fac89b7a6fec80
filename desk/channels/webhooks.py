"""The two doors that Meta knocks on. Stored first, acknowledged only then (E6)."""

import hmac
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from desk.channels import accounts, messenger, signatures, whatsapp
from desk.channels.events import Events
from desk.channels.storing import Storing
from desk.problems import Problem
from desk.requests import house_of, json_object
from returns.wiring import House

LONGEST_BODY = 3_670_016  # 3.5 MB; Meta says that it sends 3 at most
READERS = {messenger.CHANNEL: messenger.read, whatsapp.CHANNEL: whatsapp.read}

_log = structlog.get_logger()


def routes() -> list[Route]:
    path = "/webhooks/{channel:str}"
    return [
        Route(path, _verify, methods=["GET"]),
        Route(path, _take, methods=["POST"]),
    ]


async def _verify(request: Request) -> Response:
    """Meta asks once, when the address is typed in there (M1)."""
    house, asked = house_of(request), request.query_params
    _channel(request)
    token = asked.get("hub.verify_token", "").encode("utf-8", "replace")
    known = hmac.compare_digest(token, accounts.verify_token(house).encode())
    if not known or asked.get("hub.mode") != "subscribe":
        raise Problem(403, "Not known here", "The verify token does not fit.")
    headers = {"X-Content-Type-Options": "nosniff"}
    return PlainTextResponse(asked.get("hub.challenge", "")[:200], headers=headers)


async def _take(request: Request) -> Response:
    house, channel = house_of(request), _channel(request)
    body = await _body(request)
    header = request.headers.get(signatures.HEADER)
    if not signatures.is_signed(accounts.app_secrets(house), header, body):
        raise Problem(401, "Not signed", "The signature does not fit.")
    events = _events(house, channel, body)
    storing: Storing = request.app.state.storing
    await storing.store(events)
    return PlainTextResponse("EVENT_RECEIVED")


def _channel(request: Request) -> str:
    channel = str(request.path_params["channel"])
    if not accounts.is_on(house_of(request), channel):
        raise Problem(404, "Not Found", "This channel is not set up.")
    return channel


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise Problem(413, "Body too long", f"At most {LONGEST_BODY} bytes.")
    return bytes(body)


def _events(house: House, channel: str, body: bytes) -> Events:
    """What is ours in it. Raises Problem for a signed body that is no JSON object."""
    told = READERS[channel](_object(body, house.shop.limits.json_depth))
    events = told.of_account(house.shop.channels.account(channel) or "")
    foreign = len(told.arrivals) - len(events.arrivals)
    if foreign:
        _log.warning("webhook.foreign_account", channel=channel, events=foreign)
    return events


def _object(body: bytes, deepest: int) -> dict[str, Any]:
    try:
        return json_object(body, deepest)
    except (ValueError, TypeError, RecursionError) as error:
        raise Problem(422, "Not understood", "The body is no JSON of ours.") from error
