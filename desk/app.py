"""The desk's web application. `python -m desk` serves it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
import sqlalchemy as sa
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from desk import chat, health, hooks, openapi, origins
from desk.problems import Problem
from desk.rasa import RasaClient
from returns.wiring import House

THREADS = 120
_log = structlog.get_logger()


def create_app(house: House) -> Starlette:
    """The public application over an open house."""
    allowed = list(house.shop.embed_origins)
    app = Starlette(
        routes=[
            *chat.routes(),
            *hooks.routes(),
            *health.routes(),
            Route("/openapi.json", openapi.document),
            Route("/", _welcome),
        ],
        middleware=[
            Middleware(origins.OnlyAllowedOrigins, allowed=allowed, house=house),
            Middleware(
                CORSMiddleware,
                allow_origins=allowed,
                allow_methods=["GET", "POST", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            ),
        ],
        exception_handlers={
            Problem: _problem,
            sa.exc.OperationalError: _unavailable,
            sa.exc.TimeoutError: _unavailable,
            Exception: _crashed,
        },
        lifespan=_lifespan,
    )
    app.state.house = house
    app.state.rasa = RasaClient(house.settings)
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    app.state.closing = asyncio.Event()
    yield
    app.state.closing.set()
    app.state.rasa.close()


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101
    return error.response()


async def _unavailable(request: Request, error: Exception) -> Response:
    """The database cannot be written: nothing was acknowledged, send it again."""
    _log.error("desk.database.unavailable", error=type(error).__name__)
    from desk import texts

    house: House = request.app.state.house
    detail = texts.say(house, "utter_desk_unavailable", house.shop.languages[0])
    return Problem(503, "Unavailable", detail, {"Retry-After": "5"}).response()


async def _crashed(_request: Request, error: Exception) -> Response:
    _log.error("desk.crashed", error=type(error).__name__)
    return Problem(500, "Our fault", "This is our fault. Please try again.").response()


async def _welcome(request: Request) -> Response:
    house: House = request.app.state.house
    if "text/html" not in request.headers.get("accept", "text/html"):
        return JSONResponse({"shop": house.shop.name, "api": "/openapi.json"})
    return HTMLResponse(WELCOME)


WELCOME = """<!doctype html>
<html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Bonretour</title>
<h1>The returns desk is running</h1>
<p>Talk to it with <code>./bonretour chat</code>, or over the
<a href="/openapi.json">chat API</a>. Is every part <a href="/readyz">ready</a>?</p>
</html>
"""
