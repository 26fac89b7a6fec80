"""Signed webhooks of suppliers and banks: stored once, acted on only after reading
their book."""

import json
from typing import Annotated

import sqlalchemy as sa
from pydantic import BaseModel, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk.problems import Problem
from desk.tables import supplier_events
from returns.failpoints import failpoint
from returns.gateways.signatures import HEADER, is_signed
from returns.services import bank_news
from returns.sql import insert_once
from returns.tables import refunds, returns
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind

LONGEST_BODY = 64 * 1024
BANK_EVENTS = ("refund.succeeded", "refund.failed")

type Name = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]


class Event(BaseModel):
    """reference: our return_id or refund_id."""

    event_id: Name
    type: Name
    reference: Name


def routes() -> list[Route]:
    return [
        Route("/hooks/suppliers/{slug}", _from_supplier, methods=["POST"]),
        Route("/hooks/payments/{name}", _from_bank, methods=["POST"]),
    ]


async def _from_supplier(request: Request) -> Response:
    house: House = request.app.state.house
    slug = request.path_params["slug"]
    supplier = house.shop.supplier_by_slug(slug)
    event = await _event(request, f"webhook_{slug}" if supplier else None)
    await run_in_threadpool(_goods, house, slug, event)
    return JSONResponse({"taken": True})


async def _from_bank(request: Request) -> Response:
    house: House = request.app.state.house
    name = request.path_params["name"]
    known = name in house.settings.banks
    event = await _event(request, f"payments_{name}" if known else None)
    await run_in_threadpool(_money, house, name, event)
    return JSONResponse({"taken": True})


async def _event(request: Request, secret_name: str | None) -> Event:
    """secret_name: None for a sender that we do not know. Raises Problem."""
    house: House = request.app.state.house
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise Problem(413, "Body too long", f"At most {LONGEST_BODY} bytes.")
    signature = request.headers.get(HEADER, "")
    # In a thread: a demo's clock asks the database, which may keep it waiting.
    if not await run_in_threadpool(_is_ours, house, secret_name, body, signature):
        raise Problem(401, "Not signed", "The signature does not fit.")
    try:
        return Event(**json.loads(body))
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        raise Problem(
            422, "Not understood", "The event does not fit the API."
        ) from error


def _is_ours(house: House, secret_name: str | None, body: bytes, given: str) -> bool:
    secret = house.settings.secret(secret_name) if secret_name else None
    return secret is not None and is_signed(secret, given, body, house.clock.now())


def _goods(house: House, slug: str, event: Event) -> None:
    supplier = house.shop.supplier_by_slug(slug)
    name = supplier.name if supplier else None
    with writing(house) as unit:
        this = sa.and_(
            returns.c.return_id == event.reference, returns.c.supplier == name
        )
        known = _is_known(unit, returns.c.return_id, this)
        fresh = _is_fresh(unit, event, slug)
        if fresh and known and event.type == "return.received":
            unit.will(WorkKind.CONFIRM_RECEIPT, event.reference)
        failpoint("hook.before_commit")
    failpoint("hook.after_commit")


def _money(house: House, name: str, event: Event) -> None:
    """Whatever it says of a refund of ours, its book is read."""
    with writing(house) as unit:
        this = refunds.c.refund_id == event.reference
        known = _is_known(unit, refunds.c.refund_id, this)
        fresh = _is_fresh(unit, event, f"payments/{name}")
        if fresh and known and event.type in BANK_EVENTS:
            subject = bank_news.work_subject(event.reference, event.event_id)
            unit.will(WorkKind.READ_PAYMENT, subject)


def _is_known(unit: Unit, column: sa.Column[str], this: sa.ColumnElement[bool]) -> bool:
    found = unit.connection.execute(sa.select(column).where(this))
    return found.first() is not None


def _is_fresh(unit: Unit, event: Event, sender: str) -> bool:
    """sender: of whose events this is one, for they all count alike."""
    return insert_once(
        unit.connection,
        supplier_events,
        event_id=f"{event.event_id}/{sender}"[:120],
        supplier=sender,
        received_at=unit.now,
    )
