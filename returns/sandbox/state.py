"""What every part of the sandbox shares, and how its answers say no."""

import asyncio
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from returns.clock import Clock
from returns.settings import Settings

PAGE = 100


@dataclass
class Sandbox:
    """wake: set when a webhook has become due."""

    settings: Settings
    clock: Clock
    engine: Engine
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Refusal(HTTPException):
    """A no with a reason, as the partners' APIs say it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)


class Body(BaseModel):
    """A request's body: strict, as a real partner would be."""

    model_config = ConfigDict(strict=True, extra="ignore")


def sandbox_of(request: Request) -> Sandbox:
    return cast(Sandbox, request.app.state.sandbox)


def refuse(_request: Request, error: Exception) -> JSONResponse:
    """The answer for a Refusal or any other HTTPException."""
    failure = cast(HTTPException, error)
    own = isinstance(error, Refusal)
    reason = failure.detail if own else f"http_{failure.status_code}"
    return JSONResponse({"reason": reason}, failure.status_code)


def require(request: Request, secret_name: str) -> None:
    """Raises Refusal (401) unless the bearer token is this secret."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    wanted = sandbox_of(request).settings.secret(secret_name)
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Refusal(401, "unauthorised")


def require_admin(request: Request) -> None:
    """Raises Refusal (401) unless the caller knows the private secret."""
    require(request, "private")


def idempotency_key(request: Request) -> str:
    """Raises Refusal (400) when the caller sent none."""
    key = request.headers.get("idempotency-key", "")
    if not 0 < len(key) <= 255:
        raise Refusal(400, "idempotency_key_missing")
    return key


def page_of(request: Request) -> tuple[datetime, int]:
    """since, and the number after which the page begins. Raises Refusal (400)."""
    asked = request.query_params
    try:
        since = datetime.fromisoformat(asked.get("since", ""))
        after = int(asked.get("after", "0"))
    except ValueError as error:
        raise Refusal(400, "since_or_after_unreadable") from error
    if since.tzinfo is None:
        raise Refusal(400, "since_or_after_unreadable")
    return since, after


async def parse[B: Body](request: Request, model: type[B]) -> B:
    """The body as a model. Raises Refusal (422)."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise Refusal(422, "invalid_request") from error


def as_json(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is None, as partners leave out what they do not have."""
    return {name: value for name, value in values.items() if value is not None}
