"""The sandbox's application and its server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from returns.clock import Clock
from returns.sandbox import admin, bank, suppliers
from returns.sandbox.faults import FaultLayer
from returns.sandbox.hooks import deliver_forever
from returns.sandbox.mailbox import open_mailbox
from returns.sandbox.state import Sandbox, refuse
from returns.sandbox.store import open_store
from returns.settings import Settings

GRACE_SECONDS = 1


def create_app(settings: Settings, clock: Clock) -> Starlette:
    """Suppliers, bank and admin over HTTP; its lifespan holds mailbox and webhooks."""
    engine = open_store(settings.var / "sandbox.db")
    app = Starlette(
        routes=[*suppliers.ROUTES, *bank.ROUTES, *admin.ROUTES],
        middleware=[Middleware(FaultLayer, engine=engine)],
        exception_handlers={HTTPException: refuse},
        lifespan=_lifespan,
    )
    app.state.sandbox = Sandbox(settings, clock, engine)
    return app


def make_server(settings: Settings, clock: Clock) -> uvicorn.Server:
    """A quiet server on loopback; `run()` serves until it is told to stop."""
    config = uvicorn.Config(
        create_app(settings, clock),
        host="127.0.0.1",
        port=settings.sandbox_port,
        loop="asyncio",
        http=_FaultyProtocol,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    sandbox: Sandbox = app.state.sandbox
    mailbox = await open_mailbox(sandbox)
    delivery = asyncio.create_task(deliver_forever(sandbox))
    yield
    delivery.cancel()
    mailbox.close()
    with suppress(asyncio.CancelledError):
        await delivery
    sandbox.engine.dispose()


class _FaultyProtocol(H11Protocol):
    """Gives the application its transport, so that a fault can break it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app = _with_transport(self.app, transport)


def _with_transport(app: Any, transport: asyncio.Transport) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "transport": transport}, receive, send)

    return call
