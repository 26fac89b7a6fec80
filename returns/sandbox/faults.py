"""Faults to switch on: which call is spoilt, and how the wire spoils it.

Nothing happened at the partner: down, timeout_before, 400, 409, 429, 500, 503,
garbage, redirect, unauthorised. It did happen: timeout_after, truncated, wrong_schema,
wrong_values, huge, drip, slow:<ms>.
`refuse` and `pending[:<reads>]` are decisions of the partner, not of the wire.
"""

import asyncio
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from returns.sandbox.store import faults, first, insert, requests

DECISIONS = frozenset({"refuse", "pending"})
RETRY_AFTER_SECONDS = 2
HUGE_BYTES = 10 * 1024 * 1024
TARGET = re.compile(r"/suppliers/([a-z0-9_-]{1,40})/(?!.*/receive$)")


@dataclass(frozen=True)
class Fault:
    """number: what stands behind the colon, such as milliseconds; None if nothing."""

    kind: str
    number: int | None


def parse_kind(text: str) -> Fault:
    """`slow:200` as a Fault. Raises ValueError for an unknown kind."""
    kind, _, number = text.partition(":")
    if kind not in ON_THE_WIRE.keys() | DECISIONS or not (number or "0").isdecimal():
        raise ValueError(f"unknown fault {text!r}")
    return Fault(kind, int(number) if number else None)


def add_fault(
    connection: sa.Connection,
    target: str,
    fault: Fault,
    times: int | None,
    method: str | None,
) -> None:
    """Spoil the target's next calls; times None: until cleared."""
    insert(
        connection,
        faults,
        target=target,
        kind=fault.kind,
        number=fault.number,
        method=method,
        remaining=times,
    )


def take_fault(
    connection: sa.Connection, target: str, method: str, *, decisions: bool
) -> Fault | None:
    """The oldest fault that this call meets, used up once."""
    everyone = [target] if target in {"bank", "mail"} else [target, "*"]
    is_decision = faults.c.kind.in_(DECISIONS)
    query = (
        sa.select(faults)
        .where(faults.c.target.in_(everyone))
        .where(sa.func.coalesce(faults.c.method, method) == method)
        .where(is_decision if decisions else ~is_decision)
        .order_by(faults.c.fault_no)
    )
    row = first(connection, query)
    if row is None:
        return None
    this = faults.c.fault_no == row["fault_no"]
    if row["remaining"] is not None and row["remaining"] <= 1:
        connection.execute(faults.delete().where(this))
    elif row["remaining"] is not None:
        connection.execute(
            faults.update().where(this).values(remaining=row["remaining"] - 1)
        )
    return Fault(row["kind"], row["number"])


def clear_faults(connection: sa.Connection) -> None:
    """Switch all off; what is pending is decided at its next read."""
    connection.execute(faults.delete())
    waiting = requests.c.state == "pending"
    connection.execute(requests.update().where(waiting).values(reads_left=0))


class FaultLayer:
    """ASGI middleware that spoils calls to suppliers and the bank."""

    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self._app = app
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = _target(scope)
        fault = await asyncio.to_thread(self._take, target, scope.get("method", ""))
        if fault is None:
            await self._app(scope, receive, send)
            return
        call = _Call(self._app, scope, receive, send, fault.number)
        await ON_THE_WIRE[fault.kind](call)

    def _take(self, target: str | None, method: str) -> Fault | None:
        if target is None:
            return None
        with self._engine.begin() as connection:
            return take_fault(connection, target, method, decisions=False)


@dataclass(frozen=True)
class _Call:
    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    number: int | None

    async def unspoilt(self) -> tuple[Message, bytes]:
        """Let it happen and keep the answer: its start and its body."""
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self.app(self.scope, self.receive, keep)
        return sent[0], b"".join(part.get("body", b"") for part in sent[1:])

    async def hang(self) -> None:
        """Say nothing until the caller leaves."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def reply(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        wire = [(name.encode(), value.encode()) for name, value in headers]
        wire.append((b"content-length", str(len(body)).encode()))
        start = {"type": "http.response.start", "status": status, "headers": wire}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})


def _target(scope: Scope) -> str | None:
    if scope["type"] != "http":
        return None
    if scope["path"].startswith("/bank/"):
        return "bank"
    found = TARGET.match(scope["path"])
    return found.group(1) if found else None


async def _down(call: _Call) -> None:
    reset(call.scope["transport"])
    await call.hang()


async def _timeout_before(call: _Call) -> None:
    await call.hang()


async def _timeout_after(call: _Call) -> None:
    await call.unspoilt()
    await call.hang()


async def _slow(call: _Call) -> None:
    await asyncio.sleep((call.number or 1000) / 1000)
    await call.app(call.scope, call.receive, call.send)


async def _garbage(call: _Call) -> None:
    page = b"<!doctype html><title>Welcome</title><p>It works!"
    await call.reply(200, page, ("content-type", "text/html"))


async def _truncated(call: _Call) -> None:
    start, body = await call.unspoilt()
    await call.send(start)
    half = body[: len(body) // 2]
    await call.send({"type": "http.response.body", "body": half, "more_body": True})
    call.scope["transport"].close()
    await call.hang()


async def _wrong_schema(call: _Call) -> None:
    start, _ = await call.unspoilt()
    body = json.dumps({"ok": True, "data": [1, 2, 3]}).encode()
    await call.reply(start["status"], body, ("content-type", "application/json"))


async def _wrong_values(call: _Call) -> None:
    """Another amount, currency and number than what was done."""
    start, body = await call.unspoilt()
    lies = json.dumps(_lie(json.loads(body or b"null"))).encode()
    await call.reply(start["status"], lies, ("content-type", "application/json"))


def _lie(value: Any) -> Any:
    match value:
        case dict():
            return {name: _lie(inner) for name, inner in value.items()}
        case list():
            return [_lie(inner) for inner in value]
        case bool() | None:
            return value
        case int():
            return value + 1
        case "EUR":
            return "USD"
    return value


async def _huge(call: _Call) -> None:
    start, _ = await call.unspoilt()
    body = b" " * HUGE_BYTES
    await call.reply(start["status"], body, ("content-type", "application/json"))


async def _drip(call: _Call) -> None:
    """A byte a second, until the caller has had enough."""
    start, body = await call.unspoilt()
    await call.send(start)
    for n in range(len(body)):
        part = body[n : n + 1]
        await call.send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(1)


async def _redirect(call: _Call) -> None:
    await call.reply(307, b"", ("location", "http://169.254.169.254/latest/meta-data"))


def _status(status: int, *, retry_after: bool = False) -> "Spoiler":
    async def spoil(call: _Call) -> None:
        headers = [("content-type", "application/json")]
        if retry_after:
            seconds = RETRY_AFTER_SECONDS if call.number is None else call.number
            headers.append(("retry-after", str(seconds)))
        await call.reply(status, b'{"reason": "fault"}', *headers)

    return spoil


def reset(transport: asyncio.Transport) -> None:
    """Break the connection with a reset, not a polite end."""
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


type Spoiler = Callable[[_Call], Awaitable[None]]

ON_THE_WIRE: dict[str, Spoiler] = {
    "down": _down,
    "timeout_before": _timeout_before,
    "timeout_after": _timeout_after,
    "slow": _slow,
    "drip": _drip,
    "garbage": _garbage,
    "huge": _huge,
    "redirect": _redirect,
    "truncated": _truncated,
    "wrong_schema": _wrong_schema,
    "wrong_values": _wrong_values,
    "400": _status(400),
    "409": _status(409),
    "500": _status(500),
    "503": _status(503, retry_after=True),
    "429": _status(429, retry_after=True),
    "unauthorised": _status(401),
}
