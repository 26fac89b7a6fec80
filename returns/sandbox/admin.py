"""The sandbox's own door, for the command line and tests: books and faults."""

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from returns.sandbox.decisions import stored_reply
from returns.sandbox.faults import add_fault, clear_faults, parse_kind
from returns.sandbox.profiles import moment
from returns.sandbox.state import Body, Refusal, parse, require_admin, sandbox_of
from returns.sandbox.store import book, evidence, hooks, mails, requests


class AskedFault(Body):
    target: Annotated[str, StringConstraints(pattern=r"^([a-z0-9_-]{1,40}|\*)$")]
    kind: str
    times: Annotated[int, Field(ge=1)] | None = None
    method: str | None = None


async def ready(_request: Request) -> JSONResponse:
    """GET /ready"""
    return JSONResponse({"ready": True})


async def switch_on(request: Request) -> JSONResponse:
    """POST /faults"""
    require_admin(request)
    asked = await parse(request, AskedFault)
    try:
        fault = parse_kind(asked.kind)
    except ValueError as error:
        raise Refusal(422, "unknown_fault") from error
    with sandbox_of(request).engine.begin() as connection:
        add_fault(connection, asked.target, fault, asked.times, asked.method)
    return JSONResponse({}, 201)


async def switch_off(request: Request) -> JSONResponse:
    """DELETE /faults"""
    require_admin(request)
    with sandbox_of(request).engine.begin() as connection:
        clear_faults(connection)
    return JSONResponse({})


async def show_book(request: Request) -> JSONResponse:
    """GET /book"""
    return await _rows(request, sa.select(book).order_by(book.c.entry_no))


async def show_mails(request: Request) -> JSONResponse:
    """GET /mails"""
    return await _rows(request, sa.select(mails).order_by(mails.c.mail_no))


async def show_hooks(request: Request) -> JSONResponse:
    """GET /hooks"""
    return await _rows(request, sa.select(hooks).order_by(hooks.c.created_at))


async def show_returns(request: Request) -> JSONResponse:
    """GET /returns"""
    return await _asked(request, "return")


async def show_replacements(request: Request) -> JSONResponse:
    """GET /replacements"""
    return await _asked(request, "replacement")


async def _asked(request: Request, kind: str) -> JSONResponse:
    counted = sa.select(sa.func.count()).where(
        evidence.c.request_no == requests.c.request_no
    )
    pictures = counted.scalar_subquery().label("pictures")
    query = sa.select(requests, pictures).where(requests.c.kind == kind)
    rows = await run_in_threadpool(
        _read, request, query.order_by(requests.c.request_no)
    )
    shown = ("supplier", "key", "request", "created_at", "pictures")
    return JSONResponse(
        [
            stored_reply(row) | {name: _plain(row[name]) for name in shown}
            for row in rows
        ]
    )


async def _rows(request: Request, query: sa.Select[Any]) -> JSONResponse:
    rows = await run_in_threadpool(_read, request, query)
    return JSONResponse(
        [{name: _plain(value) for name, value in row.items()} for row in rows]
    )


def _read(request: Request, query: sa.Select[Any]) -> list[sa.RowMapping]:
    require_admin(request)
    with sandbox_of(request).engine.begin() as connection:
        return list(connection.execute(query).mappings())


def _plain(value: Any) -> Any:
    return moment(value) if isinstance(value, datetime) else value


ROUTES = [
    Route("/ready", ready),
    Route("/faults", switch_on, methods=["POST"]),
    Route("/faults", switch_off, methods=["DELETE"]),
    Route("/book", show_book),
    Route("/mails", show_mails),
    Route("/hooks", show_hooks),
    Route("/returns", show_returns),
    Route("/replacements", show_replacements),
]
