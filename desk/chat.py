"""The public chat API (docs: /openapi.json)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from desk import handoffs, inbox, sessions, texts, transcript, turns
from desk.pace import place_of
from desk.problems import Problem
from desk.rasa import RasaClient, RasaUnavailable
from desk.requests import (
    accepted_language,
    conversation_of,
    house_of,
    parsed,
    rasa_of,
    seq,
)
from desk.tables import inbound_messages
from returns.errors import NotFound
from returns.unit import writing
from returns.wiring import House

POLL_SECONDS = 0.4
HEARTBEAT_POLLS = 36  # a comment about every 15 s


class NewSession(BaseModel):
    """Body of POST /chat/sessions."""

    model_config = ConfigDict(extra="ignore")
    language: Literal["fr", "en"] | None = None


class NewMessage(BaseModel):
    """Body of POST /chat/messages: text or button_ids, and pictures; or only these."""

    model_config = ConfigDict(extra="ignore")
    message_id: UUID
    text: str | None = None
    button_ids: list[str] | None = Field(default=None, max_length=200)
    upload_ids: list[str] | None = Field(default=None, max_length=4)


def routes() -> list[Route]:
    return [
        Route("/chat/sessions", _open, methods=["POST"]),
        Route("/chat/messages", _post, methods=["POST"]),
        Route("/chat/messages", _read, methods=["GET"]),
        Route("/chat/events", _events, methods=["GET"]),
        Route("/chat/sessions/current", _end, methods=["DELETE"]),
    ]


async def _open(request: Request) -> Response:
    body = await parsed(request, NewSession, optional=True)
    language = body.language or accepted_language(request)
    house = house_of(request)
    network = place_of(request, house.shop.limits)
    token, conversation_id = await run_in_threadpool(
        sessions.open_session, house, language, network
    )
    told = await run_in_threadpool(_messages_after, house, conversation_id, 0)
    return JSONResponse(
        {"token": token, "conversation_id": conversation_id, **told}, 201
    )


async def _post(request: Request) -> Response:
    house, rasa = house_of(request), rasa_of(request)
    conversation_id = await conversation_of(request)
    body = await parsed(request, NewMessage)
    incoming = _incoming(house, accepted_language(request), body)
    return JSONResponse(
        await run_in_threadpool(_answer, house, rasa, conversation_id, incoming)
    )


async def _read(request: Request) -> Response:
    conversation_id = await conversation_of(request)
    after = seq(request.query_params.get("after", "0"))
    house = house_of(request)
    told = await run_in_threadpool(_messages_after, house, conversation_id, after)
    return JSONResponse(told)


async def _events(request: Request) -> Response:
    conversation_id = await conversation_of(request)
    after = seq(request.headers.get("last-event-id", "0"))
    stream = _stream(request, conversation_id, after)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _end(request: Request) -> Response:
    house, rasa = house_of(request), rasa_of(request)
    conversation_id = await conversation_of(request)
    await run_in_threadpool(_forget, rasa, conversation_id)
    erased = await run_in_threadpool(sessions.end, house, conversation_id)
    return JSONResponse({"ended": True, "erased": erased})


def _forget(rasa: RasaClient, conversation_id: str) -> None:
    """First of all: while it fails, the token still works to ask again."""
    try:
        rasa.forget(conversation_id)
    except RasaUnavailable as error:
        raise Problem(
            503,
            "Not all erased yet",
            "Please ask again in a moment.",
            {"Retry-After": "5"},
        ) from error


def _answer(
    house: House, rasa: RasaClient, conversation_id: str, incoming: inbox.Incoming
) -> dict[str, Any]:
    """Everything that POST /chat/messages gives back; runs in a thread."""
    _check_pace(house, conversation_id, incoming)
    try:
        received, claimed = turns.receive(house, conversation_id, incoming)
    except inbox.OtherBody as error:
        raise Problem(
            409,
            "Message id used before",
            "This message_id was used with another body.",
        ) from error
    except inbox.NothingSaid:
        return _open_question(house, conversation_id)
    if received.mode == "bot":
        turns.answer_within_patience(house, rasa, received.inbound_id, claimed)
    elif not received.known:
        handoffs.note_for_person(house, conversation_id, received.inbound_id)
    with house.reader.connect() as connection:
        rows = transcript.answer_to(connection, received.inbound_id)
        mode = transcript.get_conversation(connection, conversation_id).mode
        return {"messages": transcript.shown(connection, rows), "mode": mode}


def _open_question(house: House, conversation_id: str) -> dict[str, Any]:
    with writing(house) as unit:
        rows = transcript.last_question(unit.connection, conversation_id)
        transcript.renew_buttons(unit, rows)
        mode = transcript.get_conversation(unit.connection, conversation_id).mode
        return {"messages": transcript.shown(unit.connection, rows), "mode": mode}


def _messages_after(house: House, conversation_id: str, seq: int) -> dict[str, Any]:
    with house.reader.connect() as connection:
        rows = transcript.after(connection, conversation_id, seq)
        mode = transcript.get_conversation(connection, conversation_id).mode
        return {"messages": transcript.shown(connection, rows), "mode": mode}


def _news(house: House, conversation_id: str, seq: int) -> dict[str, Any] | None:
    """What came after seq; None: the session is over."""
    if not sessions.is_open(house, conversation_id):
        return None
    with suppress(NotFound):
        return _messages_after(house, conversation_id, seq)
    return None


async def _stream(
    request: Request, conversation_id: str, after: int
) -> AsyncIterator[str]:
    """Server-sent events: each message once, each change of mode, a heartbeat.

    Ends with the session.
    """
    house, mode, polls = house_of(request), "", 0
    while not request.app.state.closing.is_set():
        told = await run_in_threadpool(_news, house, conversation_id, after)
        if told is None:
            return
        for message in told["messages"]:
            after = message["seq"]
            yield f"event: message\nid: {after}\ndata: {json.dumps(message)}\n\n"
        if told["mode"] != mode:
            mode = told["mode"]
            yield f"event: mode\ndata: {json.dumps({'mode': mode})}\n\n"
        polls += 1
        if polls % HEARTBEAT_POLLS == 0:
            yield ": still here\n\n"
        await asyncio.sleep(POLL_SECONDS)


def _incoming(house: House, language: str, body: NewMessage) -> inbox.Incoming:
    said = (body.text is not None) + bool(body.button_ids)
    if said > 1 or not (said or body.upload_ids):
        raise Problem(
            422,
            "Nothing to say",
            "Send text or button_ids, upload_ids or both.",
        )
    limit = house.shop.limits.text_characters
    if body.text is not None and len(body.text) > limit:
        raise Problem(
            413,
            "Text too long",
            texts.say(house, "utter_text_too_long", language, {"limit": limit}),
        )
    return inbox.Incoming(
        str(body.message_id),
        body.text,
        tuple(dict.fromkeys(body.button_ids or ())),
        tuple(dict.fromkeys(body.upload_ids or ())),
    )


def _check_pace(house: House, conversation_id: str, incoming: inbox.Incoming) -> None:
    """E13: so many messages a minute and a day; a repeat of a known one is free."""
    limits = house.shop.limits
    if not limits.enabled:
        return
    now = house.clock.now()
    with house.reader.connect() as connection:
        language = transcript.get_conversation(connection, conversation_id).language
        mine = inbound_messages.c.conversation_id == conversation_id
        known = sa.select(inbound_messages.c.seq).where(
            mine, inbound_messages.c.message_id == incoming.message_id
        )
        if connection.execute(known).first() is not None:
            return
        for seconds, most in (
            (60, limits.messages_per_minute),
            (86_400, limits.messages_per_day),
        ):
            query = sa.select(sa.func.count()).where(
                mine, inbound_messages.c.received_at > now - timedelta(seconds=seconds)
            )
            if connection.execute(query).scalar_one() >= most:
                detail = texts.say(house, "utter_too_many_messages", language)
                raise Problem(429, "Too many", detail, {"Retry-After": str(seconds)})
