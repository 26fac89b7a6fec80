"""The mailbox: a real SMTP server that keeps every mail it accepted."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast
from urllib.parse import unquote

import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session

from returns.sandbox.faults import Fault, reset, take_fault
from returns.sandbox.state import Sandbox
from returns.sandbox.store import insert, mails

SIZE_LIMIT = 5_000_000
REPLIES = {
    "500": "451 4.3.0 Internal error, try again",
    "503": "421 4.3.2 Service not available, try again",
    "429": "450 4.7.1 Too many mails, try again",
    "refuse": "550 5.1.1 No such mailbox",
    "unauthorised": "535 5.7.8 Authentication required",
    "garbage": "it works!",
}
# The mail is kept, but the sender is not told so in words that it can read.
KEPT_UNTOLD = {"truncated", "wrong_schema"}


class Mailbox:
    """aiosmtpd's handler."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        fault = await asyncio.to_thread(self._take_fault)
        kind = fault.kind if fault else None
        if kind in REPLIES:
            return REPLIES[kind or ""]
        if kind == "down":
            return _hang_up(server)
        if kind == "timeout_before":
            await _hang()
        if fault and kind == "slow":
            await asyncio.sleep((fault.number or 1000) / 1000)
        await asyncio.to_thread(self._keep, envelope)
        if kind == "timeout_after":
            await _hang()
        return "it works!" if kind in KEPT_UNTOLD else "250 2.0.0 Kept"

    def _take_fault(self) -> Fault | None:
        with self._sandbox.engine.begin() as connection:
            wire = take_fault(connection, "mail", "DATA", decisions=False)
            return wire or take_fault(connection, "mail", "DATA", decisions=True)

    def _keep(self, envelope: Envelope) -> None:
        for recipient in envelope.rcpt_tos:
            row = _read(envelope.original_content or b"")
            same = sa.select(sa.func.count()).where(
                mails.c.message_id == row["message_id"], mails.c.to == recipient
            )
            with self._sandbox.engine.begin() as connection:
                copies = connection.scalar(same) or 0
                row |= {"to": recipient, "copy_no": copies + 1}
                insert(connection, mails, at=self._sandbox.clock.now(), **row)


async def open_mailbox(sandbox: Sandbox) -> asyncio.Server:
    """Listen on the port after the sandbox's. Raises OSError when it is taken."""
    loop = asyncio.get_running_loop()

    def serve() -> SMTP:
        return SMTP(
            Mailbox(sandbox),
            hostname="sandbox",
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            loop=loop,
        )

    port = sandbox.settings.sandbox_port + 1
    return await loop.create_server(serve, "127.0.0.1", port)


async def _hang() -> None:
    """Until the caller leaves: aiosmtpd then cancels this."""
    await asyncio.Event().wait()


def _hang_up(server: SMTP) -> str:
    if server.transport is not None:
        reset(cast(asyncio.Transport, server.transport))
    return "421 4.3.2 Gone"


def _read(content: bytes) -> dict[str, Any]:
    message = message_from_bytes(content, policy=default)
    own_id = str(message["Message-ID"] or "").strip("<> ").rpartition("@")[0]
    return {
        "message_id": unquote(own_id),
        "subject": str(message["Subject"] or ""),
        "text": _part(message, "plain") or "",
        "html": _part(message, "html"),
    }


def _part(message: EmailMessage, subtype: str) -> str | None:
    part = message.get_body((subtype,))
    return None if part is None else str(part.get_content())
