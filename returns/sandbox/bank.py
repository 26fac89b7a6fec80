"""The bank: it pays what it is told, and its book says how often.

It knows a key for 24 hours. A new key pays again, whatever was paid before.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from returns.sandbox.faults import take_fault
from returns.sandbox.hooks import announce_refund
from returns.sandbox.profiles import moment
from returns.sandbox.state import (
    PAGE,
    Body,
    Refusal,
    Sandbox,
    as_json,
    idempotency_key,
    page_of,
    parse,
    require,
    require_admin,
    sandbox_of,
)
from returns.sandbox.store import book, came_back, first, insert

KEY_LIFETIME = timedelta(hours=24)

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class AskedRefund(Body):
    refund_id: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    payment_reference: Text
    amount_minor: Annotated[int, Field(gt=0, le=100_000_000)]
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


async def refund(request: Request) -> JSONResponse:
    """POST /bank/refunds"""
    require(request, "bank")
    key = idempotency_key(request)
    asked = await parse(request, AskedRefund)
    sandbox = sandbox_of(request)
    return JSONResponse(await run_in_threadpool(_pay, sandbox, key, asked), 201)


async def find_refunds(request: Request) -> JSONResponse:
    """GET /bank/refunds?refund_id=, or ?since=&after="""
    require(request, "bank")
    if "since" in request.query_params:
        return await _list(request)
    refund_id = request.query_params.get("refund_id")
    if not refund_id:
        raise Refusal(400, "refund_id_missing")
    engine = sandbox_of(request).engine
    query = sa.select(book).filter_by(refund_id=refund_id).order_by(book.c.entry_no)

    def find() -> list[dict[str, Any]]:
        with engine.begin() as connection:
            rows = connection.execute(query).mappings().all()
            return [_reply(connection, row) for row in rows]

    return JSONResponse({"refunds": await run_in_threadpool(find)})


async def _list(request: Request) -> JSONResponse:
    since, after = page_of(request)
    query = (
        sa.select(book)
        .where(book.c.at >= since, book.c.entry_no > after)
        .order_by(book.c.entry_no)
        .limit(PAGE)
    )
    engine = sandbox_of(request).engine

    def read() -> dict[str, Any]:
        with engine.begin() as connection:
            rows = connection.execute(query).mappings().all()
            told = [_reply(connection, row) for row in rows]
        last = str(rows[-1]["entry_no"]) if len(rows) == PAGE else None
        return as_json({"refunds": told, "next": last})

    return JSONResponse(await run_in_threadpool(read))


def _pay(sandbox: Sandbox, key: str, asked: AskedRefund) -> dict[str, Any]:
    """Raises Refusal when the key is known for something else, or by a fault."""
    now, order = sandbox.clock.now(), asked.model_dump()
    known = (
        sa.select(book)
        .where(book.c.key == key, book.c.at > now - KEY_LIFETIME)
        .order_by(book.c.entry_no.desc())
    )
    with sandbox.engine.begin() as connection:
        row = first(connection, known)
        if row is None and not take_fault(connection, "bank", "POST", decisions=True):
            _write(connection, now, key, order)
            row = first(connection, known)
        if row is None:
            raise Refusal(422, "refund_refused")
        if any(row[name] != value for name, value in order.items()):
            raise Refusal(400, "key_used_for_another_refund")
        return _reply(connection, row)


def _write(
    connection: sa.Connection, now: datetime, key: str, order: dict[str, Any]
) -> None:
    count = connection.scalar(sa.select(sa.func.count()).select_from(book)) or 0
    reference = f"BK{now:%y%m%d}{count + 1:06d}"
    insert(connection, book, at=now, key=key, reference=reference, **order)


def _reply(connection: sa.Connection, row: sa.RowMapping) -> dict[str, Any]:
    shown = ("reference", "refund_id", "payment_reference", "amount_minor", "currency")
    query = sa.select(came_back).filter_by(entry_no=row["entry_no"])
    state = "succeeded" if first(connection, query) is None else "failed"
    paid_at = moment(row["at"])
    return {name: row[name] for name in shown} | {"paid_at": paid_at, "state": state}


async def tell(request: Request) -> JSONResponse:
    """POST /payments/{reference}/{news} (admin): how a payment stands, by webhook.

    news failed: the money came back, from now on its book says so.
    """
    require_admin(request)
    sandbox, news = sandbox_of(request), request.path_params["news"]
    paid = sa.select(book).filter_by(reference=request.path_params["reference"])
    if news not in ("failed", "succeeded"):
        raise Refusal(404, "unknown_news")

    def note() -> None:
        with sandbox.engine.begin() as connection:
            row = first(connection, paid)
            if row is None:
                raise Refusal(404, "unknown_payment")
            entry, now = row["entry_no"], sandbox.clock.now()
            known = first(connection, sa.select(came_back).filter_by(entry_no=entry))
            if news == "failed" and known is None:
                insert(connection, came_back, entry_no=entry, at=now)
            announce_refund(connection, row, news == "failed", now)

    await run_in_threadpool(note)
    sandbox.wake.set()
    return JSONResponse({})


ROUTES = [
    Route("/payments/{reference}/{news}", tell, methods=["POST"]),
    Route("/bank/refunds", refund, methods=["POST"]),
    Route("/bank/refunds", find_refunds),
]
