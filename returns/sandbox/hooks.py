"""The partners' signed webhooks to the desk, delivered until the desk took them."""

import asyncio
import json
import uuid
from datetime import datetime

import requests as http
import sqlalchemy as sa

from returns.gateways.signatures import HEADER, sign
from returns.sandbox.profiles import moment
from returns.sandbox.state import Sandbox
from returns.sandbox.store import hooks, insert, requests

TRIES = 60
PAUSE_SECONDS = 1.0
TIMEOUT = (1.0, 4.0)
BANK = "payments/sandbox"  # no supplier's slug holds a slash


def announce_received(
    connection: sa.Connection, row: sa.RowMapping, now: datetime
) -> None:
    """Mark the goods received and commit the webhook that says so."""
    this = requests.c.request_no == row["request_no"]
    arrived = {"state": "received", "received_at": now}
    connection.execute(requests.update().where(this).values(**arrived))
    told = {"reference": row["reference"], "rma_number": row["number"]}
    _announce(connection, row["supplier"], "return.received", now, told)


def announce_refund(
    connection: sa.Connection, row: sa.RowMapping, failed: bool, now: datetime
) -> None:
    """Commit the webhook that says how a payment of the book stands."""
    kind = "refund.failed" if failed else "refund.succeeded"
    told = {"reference": row["refund_id"], "bank_reference": row["reference"]}
    _announce(connection, BANK, kind, now, told)


def _announce(
    connection: sa.Connection,
    sender: str,
    kind: str,
    now: datetime,
    told: dict[str, str],
) -> None:
    event_id = uuid.uuid4().hex
    body = {"event_id": event_id, "type": kind, "occurred_at": moment(now), **told}
    insert(
        connection,
        hooks,
        event_id=event_id,
        supplier=sender,
        body=json.dumps(body),
        tries=0,
        created_at=now,
    )


async def deliver_forever(sandbox: Sandbox) -> None:
    """Send what is due, every second or when woken."""
    while True:
        sandbox.wake.clear()
        await asyncio.to_thread(deliver_due, sandbox)
        try:
            await asyncio.wait_for(sandbox.wake.wait(), PAUSE_SECONDS)
        except TimeoutError:
            continue


def deliver_due(sandbox: Sandbox) -> None:
    """One try for each webhook that the desk has not taken yet."""
    waiting = sa.select(hooks).where(
        hooks.c.delivered_at.is_(None), hooks.c.tries < TRIES
    )
    with sandbox.engine.begin() as connection:
        due = connection.execute(waiting).mappings().all()
    for row in due:
        taken = _deliver(sandbox, row["supplier"], row["body"].encode())
        outcome = {
            "tries": row["tries"] + 1,
            "delivered_at": sandbox.clock.now() if taken else None,
        }
        this = hooks.c.event_id == row["event_id"]
        with sandbox.engine.begin() as connection:
            connection.execute(hooks.update().where(this).values(**outcome))


def _deliver(sandbox: Sandbox, sender: str, body: bytes) -> bool:
    settings = sandbox.settings
    secret, path = f"webhook_{sender}", f"suppliers/{sender}"
    if sender == BANK:
        secret, path = "payments_sandbox", BANK
    signature = sign(settings.secret(secret), body, sandbox.clock.now())
    headers = {HEADER: signature, "Content-Type": "application/json"}
    with http.Session() as session:
        session.trust_env = False
        try:
            reply = session.post(
                f"{settings.public_url}/hooks/{path}",
                data=body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except http.RequestException:
            return False
    return 200 <= reply.status_code < 300
