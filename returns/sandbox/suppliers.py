"""The suppliers' routes of the supplier API, and the goods that arrive."""

import re
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from returns.sandbox.decisions import find_request, keep_request, stored_reply
from returns.sandbox.hooks import announce_received
from returns.sandbox.state import (
    PAGE,
    Body,
    Refusal,
    as_json,
    idempotency_key,
    page_of,
    parse,
    require,
    require_admin,
    sandbox_of,
)
from returns.sandbox.store import evidence, first, insert, requests

SLUG = re.compile(r"[a-z0-9_-]{1,40}")
EVIDENCE_LIMIT = 10_000_000
REPLY_STATUS = {"pending": 202, "refused": 422}

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Quantity = Annotated[int, Field(ge=1, le=999)]


class AskedLine(Body):
    sku: Text
    quantity: Quantity


class ReturnLine(AskedLine):
    return_reason: Text
    detail: Annotated[str, StringConstraints(max_length=4000)] | None = None


class Asked(Body):
    reference: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    supplier_order_reference: Text


class AskedReturn(Asked):
    order_number: Text
    lines: Annotated[list[ReturnLine], Field(min_length=1, max_length=100)]


class ShipTo(Body):
    name: Text
    line1: Text
    line2: Text | None = None
    postcode: Text
    city: Text
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class AskedReplacement(Asked):
    lines: Annotated[list[AskedLine], Field(min_length=1, max_length=100)]
    ship_to: ShipTo
    check_note: Annotated[str, StringConstraints(max_length=2000)]


async def ask_return(request: Request) -> JSONResponse:
    """POST /suppliers/{slug}/returns"""
    return await _ask(request, "return", AskedReturn)


async def ask_replacement(request: Request) -> JSONResponse:
    """POST /suppliers/{slug}/replacements"""
    return await _ask(request, "replacement", AskedReplacement)


async def find_returns(request: Request) -> JSONResponse:
    """GET /suppliers/{slug}/returns?reference="""
    return JSONResponse({"returns": await _find(request, "return")})


async def find_replacements(request: Request) -> JSONResponse:
    """GET /suppliers/{slug}/replacements?reference="""
    return JSONResponse({"replacements": await _find(request, "replacement")})


async def read_return(request: Request) -> JSONResponse:
    """GET /suppliers/{slug}/returns/{rma}"""
    slug = _supplier(request)

    def read() -> dict[str, Any]:
        with sandbox_of(request).engine.begin() as connection:
            row = _by_rma(connection, slug, request)
            kept = sa.select(evidence).filter_by(request_no=row["request_no"])
            pictures = connection.execute(kept).mappings()
            return {
                **stored_reply(row),
                "evidence": [_stored_evidence(picture) for picture in pictures],
            }

    return JSONResponse(await run_in_threadpool(read))


async def list_returns(request: Request) -> JSONResponse:
    """GET /suppliers/{slug}/book?since=&after="""
    slug = _supplier(request)
    since, after = page_of(request)
    fresh = sa.or_(requests.c.created_at >= since, requests.c.received_at >= since)
    query = (
        sa.select(requests)
        .filter_by(supplier=slug, kind="return")
        .where(fresh, requests.c.request_no > after)
        .order_by(requests.c.request_no)
        .limit(PAGE)
    )
    shown = ("reference", "status", "rma_number", "received_at")

    def read() -> dict[str, Any]:
        with sandbox_of(request).engine.begin() as connection:
            rows = connection.execute(query).mappings().all()
        held = [stored_reply(row) for row in rows]
        told = [{k: v for k, v in one.items() if k in shown} for one in held]
        last = str(rows[-1]["request_no"]) if len(rows) == PAGE else None
        return as_json({"returns": told, "next": last})

    return JSONResponse(await run_in_threadpool(read))


async def add_evidence(request: Request) -> JSONResponse:
    """POST /suppliers/{slug}/returns/{rma}/evidence"""
    slug, key = _supplier(request), idempotency_key(request)
    async with request.form(max_files=1) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile) or not upload.size:
            raise Refusal(422, "file_missing")
        if not (upload.content_type or "").startswith("image/"):
            raise Refusal(422, "not_an_image")
        if upload.size > EVIDENCE_LIMIT:
            raise Refusal(413, "too_big")
        picture = {
            "filename": (upload.filename or "")[:300],
            "content_type": upload.content_type,
            "size": upload.size,
        }

    def keep() -> dict[str, Any]:
        with sandbox_of(request).engine.begin() as connection:
            number = _by_rma(connection, slug, request)["request_no"]
            same = sa.select(evidence).filter_by(request_no=number, key=key)
            if first(connection, same) is None:
                insert(connection, evidence, request_no=number, key=key, **picture)
            return _stored_evidence(connection.execute(same).mappings().one())

    return JSONResponse(await run_in_threadpool(keep), 201)


async def receive(request: Request) -> JSONResponse:
    """POST /suppliers/{slug}/returns/{rma}/receive (admin): the goods arrived."""
    require_admin(request)
    sandbox, slug = sandbox_of(request), _slug(request)

    def arrive() -> dict[str, Any]:
        with sandbox.engine.begin() as connection:
            row = _by_rma(connection, slug, request)
            if row["state"] == "authorised":
                announce_received(connection, row, sandbox.clock.now())
            return stored_reply(_by_rma(connection, slug, request))

    reply = await run_in_threadpool(arrive)
    sandbox.wake.set()
    return JSONResponse(reply)


async def _ask(request: Request, kind: str, model: type[Asked]) -> JSONResponse:
    slug, key = _supplier(request), idempotency_key(request)
    asked = (await parse(request, model)).model_dump(mode="json")
    sandbox = sandbox_of(request)
    row = await run_in_threadpool(keep_request, sandbox, slug, kind, key, asked)
    status = REPLY_STATUS.get(row["state"], 201)
    return JSONResponse(stored_reply(row), status)


async def _find(request: Request, kind: str) -> list[dict[str, Any]]:
    slug = _supplier(request)
    reference = request.query_params.get("reference")
    if not reference:
        raise Refusal(400, "reference_missing")
    sandbox = sandbox_of(request)
    return await run_in_threadpool(find_request, sandbox, slug, kind, reference)


def _stored_evidence(row: sa.RowMapping) -> dict[str, Any]:
    return {"evidence_id": f"EV-{row['evidence_no']}", "key": row["key"]}


def _by_rma(connection: sa.Connection, slug: str, request: Request) -> sa.RowMapping:
    """Raises Refusal (404)."""
    wanted = {"supplier": slug, "kind": "return", "number": request.path_params["rma"]}
    row = first(connection, sa.select(requests).filter_by(**wanted))
    if row is None:
        raise Refusal(404, "unknown_rma")
    return row


def _slug(request: Request) -> str:
    """Raises Refusal (404) for what cannot be a supplier's name."""
    slug: str = request.path_params["slug"]
    if not SLUG.fullmatch(slug):
        raise Refusal(404, "unknown_supplier")
    return slug


def _supplier(request: Request) -> str:
    """The supplier called, its token checked. Raises Refusal."""
    slug = _slug(request)
    require(request, f"supplier_{slug}")
    return slug


_RETURNS = "/suppliers/{slug}/returns"
_REPLACEMENTS = "/suppliers/{slug}/replacements"

ROUTES = [
    Route("/suppliers/{slug}/book", list_returns),
    Route(_RETURNS, ask_return, methods=["POST"]),
    Route(_RETURNS, find_returns),
    Route(_RETURNS + "/{rma:path}/evidence", add_evidence, methods=["POST"]),
    Route(_RETURNS + "/{rma:path}/receive", receive, methods=["POST"]),
    Route(_RETURNS + "/{rma:path}", read_return),
    Route(_REPLACEMENTS, ask_replacement, methods=["POST"]),
    Route(_REPLACEMENTS, find_replacements),
]
