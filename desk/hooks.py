"""Signed webhooks of suppliers: stored once, acted on only after reading their book."""

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
from returns.gateways.signatures import HEADER, is_signed
from returns.sql import insert_once
from returns.tables import returns
from returns.unit import writing
from returns.wiring import House
from returns.work import WorkKind

LONGEST_BODY = 64 * 1024


type Name = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]


class SupplierEvent(BaseModel):
    """reference: our return_id."""

    event_id: Name
    type: Name
    reference: Name


def routes() -> list[Route]:
    return [Route("/hooks/suppliers/{slug}", _take, methods=["POST"])]


async def _take(request: Request) -> Response:
    house: House = request.app.state.house
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise Problem(413, "Body too long", f"At most {LONGEST_BODY} bytes.")
    slug = request.path_params["slug"]
    if not _is_ours(house, slug, body, request.headers.get(HEADER, "")):
        raise Problem(401, "Not signed", "The signature does not fit.")
    try:
        event = SupplierEvent(**json.loads(body))
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        raise Problem(
            422, "Not understood", "The event does not fit the API."
        ) from error
    await run_in_threadpool(_store, house, slug, event)
    return JSONResponse({"taken": True})


def _is_ours(house: House, slug: str, body: bytes, signature: str) -> bool:
    if house.shop.supplier_by_slug(slug) is None:
        return False
    secret = house.settings.secret(f"webhook_{slug}")
    return is_signed(secret, signature, body, house.clock.now())


def _store(house: House, slug: str, event: SupplierEvent) -> None:
    supplier = house.shop.supplier_by_slug(slug)
    with writing(house) as unit:
        known = unit.connection.execute(
            sa.select(returns.c.return_id).where(
                returns.c.return_id == event.reference,
                returns.c.supplier == (supplier.name if supplier else None),
            )
        ).first()
        fresh = insert_once(
            unit.connection,
            supplier_events,
            event_id=f"{event.event_id}/{slug}"[:120],  # suppliers count alike
            supplier=slug,
            received_at=unit.now,
        )
        if fresh and known is not None and event.type == "return.received":
            unit.will(WorkKind.CONFIRM_RECEIPT, event.reference)
