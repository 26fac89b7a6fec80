"""The action server: rasa_sdk's executor behind a key, a size limit and plain errors.

`python -m actions.server`. Loopback only; errors never echo the request (E11).
"""

import hmac
import json
import uuid
from typing import Any

import structlog
import uvicorn
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from actions.base import house
from returns.errors import place_of
from returns.logs import quiet_logs

LONGEST_BODY = 1024 * 1024
_log = structlog.get_logger()


def create_app() -> Starlette:
    """The app; importing and registering the actions does no I/O."""
    executor = ActionExecutor()
    executor.register_package("actions")
    app = Starlette(
        routes=[
            Route("/webhook", _run_action, methods=["POST"]),
            Route("/health", _health, methods=["GET"]),
        ]
    )
    app.state.executor = executor
    return app


async def _health(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def _run_action(request: Request) -> JSONResponse:
    if not _authorised(request):
        return JSONResponse({"error": "not authorised"}, 401)
    if "content-encoding" in request.headers:
        return JSONResponse({"error": "compressed bodies are not accepted"}, 415)
    body = await _read_at_most(request, LONGEST_BODY)
    if body is None:
        return JSONResponse({"error": "body too long"}, 413)
    call = _call_in(body)
    if call is None:
        return JSONResponse({"error": "malformed call"}, 422)
    try:
        answer = await request.app.state.executor.run(call)
    except ActionExecutionRejection as rejection:
        told = {"error": "rejected", "action_name": rejection.action_name}
        return JSONResponse(told, 400)
    except ActionNotFoundException as unknown:
        return JSONResponse(
            {"error": "unknown", "action_name": unknown.action_name}, 404
        )
    except Exception as error:
        return _incident(error)
    return JSONResponse(
        answer.model_dump() if hasattr(answer, "model_dump") else answer
    )


def _call_in(body: bytes) -> dict[str, Any] | None:
    """What Rasa asks for; None if it is no call of Rasa's."""
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
        return None
    return call if isinstance(call.get("next_action"), str) else None


def _incident(error: Exception) -> JSONResponse:
    incident = uuid.uuid4().hex
    name, place = type(error).__name__, place_of(error)
    _log.error("action.crashed", incident=incident, error=name, at=place)
    return JSONResponse({"error": "incident", "incident": incident}, 500)


def _authorised(request: Request) -> bool:
    given = request.headers.get("authorization", "")
    wanted = f"Bearer {house().settings.private_secret}"
    return hmac.compare_digest(given.encode(), wanted.encode())


async def _read_at_most(request: Request, limit: int) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return body


def main() -> None:
    quiet_logs()
    settings = house().settings
    uvicorn.run(
        create_app(),
        host=settings.private_host,
        port=settings.actions_port,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
