"""The desk's web application. `python -m desk` serves it."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
import sqlalchemy as sa
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from desk import (
    chat,
    crashes,
    health,
    hooks,
    metrics,
    openapi,
    origins,
    pace,
    pages,
    plain_paths,
    product_pictures,
    texts,
    uploads,
    widget,
    withdraw_api,
    withdraw_page,
    withdrawals,
)
from desk.channels import webhooks
from desk.channels.storing import Storing
from desk.console import routes as console
from desk.demo import shop
from desk.problems import Problem
from desk.rasa import RasaClient
from desk.safe_headers import SafeHeaders
from returns.wiring import House

THREADS = 120
NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT)
_log = structlog.get_logger()


def create_app(house: House) -> Starlette:
    """The public application over an open house."""
    allowed = list(house.shop.embed_origins)
    app = Starlette(
        routes=_routes(house),
        middleware=[
            Middleware(SafeHeaders, https=house.settings.public_url[:8] == "https://"),
            Middleware(origins.OnlyAllowedOrigins, allowed=allowed, house=house),
            Middleware(
                CORSMiddleware,
                allow_origins=allowed,
                allow_methods=["GET", "POST", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
                expose_headers=["Retry-After"],
            ),
            Middleware(crashes.Answered),  # inside CORS: a shop's page reads it too
            Middleware(pace.AtAPace, house=house),
            Middleware(plain_paths.PlainPaths),
        ],
        exception_handlers={
            Problem: _problem,
            HTTPException: _not_served,
            sa.exc.OperationalError: _unavailable,
            sa.exc.InterfaceError: _unavailable,
            sa.exc.InternalError: _unavailable,  # PostgreSQL: read-only for now
            sa.exc.TimeoutError: _unavailable,
            OSError: _no_room,
        },
        lifespan=_lifespan,
    )
    _apology(house)  # read now: it is said when no file opens any more
    app.state.house = house
    app.state.rasa = RasaClient(house.settings)
    app.state.withdrawals = withdrawals.pace_of(house)
    app.state.storing = Storing(house)
    app.state.redrawing = anyio.CapacityLimiter(uploads.AT_ONCE)
    return app


def _routes(house: House) -> list[BaseRoute]:
    return [
        *chat.routes(),
        *uploads.routes(),
        *product_pictures.routes(),
        *hooks.routes(),
        *webhooks.routes(),
        *health.routes(),
        *metrics.routes(),
        *console.routes(),
        *withdraw_api.routes(),
        *withdraw_page.routes(),
        *pages.routes(),
        *widget.routes(),
        Route("/openapi.json", openapi.document),
        *_start(house),
    ]


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    app.state.closing = asyncio.Event()
    yield
    app.state.closing.set()
    await app.state.storing.pushed()
    app.state.rasa.close()


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101
    return error.response()


async def _not_served(_request: Request, error: Exception) -> Response:
    """No such path (404), or not with this method (405)."""
    assert isinstance(error, HTTPException)  # noqa: S101
    detail = "See /openapi.json for what there is."
    headers = dict(error.headers or {})
    return Problem(error.status_code, error.detail, detail, headers).response()


async def _unavailable(request: Request, error: Exception) -> Response:
    """The database cannot be written: nothing was acknowledged, send it again."""
    _log.error("desk.database.unavailable", error=type(error).__name__)
    return _later(request)


async def _no_room(request: Request, error: Exception) -> Response:
    """The disk is full, or no file may be opened any more: as for the database."""
    number = error.errno if isinstance(error, OSError) else None
    if number not in NO_ROOM:
        raise error
    _log.error("desk.out_of_room", error=errno.errorcode[number])
    return _later(request)


def _later(request: Request) -> Response:
    house: House = request.app.state.house
    return Problem(503, "Unavailable", _apology(house), {"Retry-After": "5"}).response()


def _apology(house: House) -> str:
    return texts.say(house, "utter_desk_unavailable", house.shop.languages[0])


async def _pointer(request: Request) -> Response:
    """In production a shop has its own start page; this one leads there."""
    house: House = request.app.state.house
    if "text/html" not in request.headers.get("accept", "text/html"):
        return JSONResponse({"shop": house.shop.name, "api": "/openapi.json"})
    language = pages.language_of(request)
    told = {
        "language": language,
        "shop": house.shop,
        "to_shop": texts.say(house, "utter_withdraw_to_shop", language),
        "withdraw": texts.say(house, "utter_withdraw_title", language),
    }
    return pages.render("pointer.html", told)


def _start(house: House) -> list[BaseRoute]:
    return [Route("/", _pointer)] if house.settings.production else shop.routes()
