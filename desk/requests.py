"""What a request to the chat API carries: session, body, language; or a Problem."""

import json
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from desk import sessions
from desk.problems import Problem
from desk.rasa import RasaClient
from returns.wiring import House


async def conversation_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer" or not token:
            raise sessions.UnknownToken
        return await run_in_threadpool(
            sessions.conversation_of, house_of(request), token.strip()
        )
    except sessions.UnknownToken as error:
        raise Problem(
            401,
            "Unknown session",
            "Open a new chat session.",
            {"WWW-Authenticate": "Bearer"},
        ) from error


async def parsed[B: BaseModel](
    request: Request, model: Callable[..., B], optional: bool = False
) -> B:
    house = house_of(request)
    content = await body_of(request)
    if optional and not content.strip():
        return model()
    try:
        return model(**json_object(content, house.shop.limits.json_depth))
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        raise Problem(
            422, "Not understood", "The body does not fit the API."
        ) from error


async def body_of(request: Request) -> bytes:
    """The whole body, no longer than shop.yml allows. Raises Problem."""
    limit = house_of(request).shop.limits.body_kilobytes * 1024
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise Problem(413, "Body too long", f"At most {limit} bytes.")
    return content


def json_object(content: bytes, deepest: int) -> dict[str, Any]:
    """A body's object, its texts as a database can keep them.

    Raises ValueError, TypeError, RecursionError for what is none, or too deep.
    """
    loaded = json.loads(content)
    if not isinstance(loaded, dict):
        raise TypeError("expected an object")
    check_depth(loaded, deepest)
    storable: dict[str, Any] = _storable(loaded)
    return storable


def _storable(value: Any) -> Any:
    """Without null characters and lone surrogates, which no database keeps."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list) else value


def check_depth(loaded: dict[str, Any], deepest: int) -> None:
    """Brackets inside a text are a customer's own. Raises ValueError."""
    level: list[Any] = [loaded]
    for _depth in range(deepest):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise ValueError("too deep")


def _inside(value: Any) -> list[Any]:
    """The objects and lists that lie directly in this one."""
    inner = value.values() if isinstance(value, dict) else value
    return [one for one in inner if isinstance(one, dict | list)]


def seq(text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Problem(422, "Not a sequence number", "Expected a whole number.")
    return int(text)


def accepted_language(request: Request) -> str:
    accepted = request.headers.get("accept-language", "")
    spoken = house_of(request).shop.languages
    for part in accepted.split(","):
        wanted = part.split(";")[0].strip()[:2].lower()
        if wanted in spoken:
            return wanted
    return str(spoken[0])


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


def rasa_of(request: Request) -> RasaClient:
    rasa: RasaClient = request.app.state.rasa
    return rasa
