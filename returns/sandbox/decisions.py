"""What a supplier does with a request: keep it once, decide it, show it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from returns.sandbox.faults import take_fault
from returns.sandbox.profiles import authorise, moment
from returns.sandbox.state import Refusal, Sandbox, as_json
from returns.sandbox.store import first, insert, requests


def keep_request(
    sandbox: Sandbox, slug: str, kind: str, key: str, asked: dict[str, Any]
) -> sa.RowMapping:
    """The row of this request, new or known. Raises Refusal (409) for a clash."""
    same = sa.or_(requests.c.reference == asked["reference"], requests.c.key == key)
    known = sa.select(requests).filter_by(supplier=slug, kind=kind).where(same)
    with sandbox.engine.begin() as connection:
        row = first(connection, known)
        if row is None:
            _create(connection, sandbox.clock.now(), slug, kind, key, asked)
            row = first(connection, known)
    if row is None or row["request"] != asked:
        raise Refusal(409, "reference_or_key_already_used")
    return row


def _create(
    connection: sa.Connection,
    now: datetime,
    slug: str,
    kind: str,
    key: str,
    asked: dict[str, Any],
) -> None:
    fault = take_fault(connection, slug, "POST", decisions=True)
    number = insert(
        connection,
        requests,
        supplier=slug,
        kind=kind,
        reference=asked["reference"],
        key=key,
        request=asked,
        state="pending",
        reads_left=fault and fault.number,
        created_at=now,
    )
    if fault is None:
        _decide(connection, number, now)
    elif fault.kind == "refuse":
        refused = {"state": "refused", "reason": "outside_supplier_terms"}
        _update(connection, number, refused)


def _decide(connection: sa.Connection, number: int, now: datetime) -> None:
    """Grant what was asked, with the numbers and the address of this supplier."""
    row = _row(connection, number)
    if row["kind"] == "replacement":
        order = f"{row['supplier'].upper()}-SO-{number:06d}"
        _update(connection, number, {"state": "ordered", "number": order})
        return
    rma, grant = authorise(row["supplier"], number, now)
    granted = {"state": "authorised", "number": rma, "grant": grant}
    _update(connection, number, granted)


def find_request(
    sandbox: Sandbox, slug: str, kind: str, reference: str
) -> list[dict[str, Any]]:
    """What the supplier holds under a reference, as its API shows it."""
    wanted = {"supplier": slug, "kind": kind, "reference": reference}
    with sandbox.engine.begin() as connection:
        row = first(connection, sa.select(requests).filter_by(**wanted))
        if row is None:
            return []
        _count_read(connection, row, sandbox.clock.now())
        return [stored_reply(_row(connection, row["request_no"]))]


def stored_reply(row: sa.RowMapping) -> dict[str, Any]:
    """A request as the supplier API shows it."""
    number = "rma_number" if row["kind"] == "return" else "order_reference"
    return as_json(
        {
            "reference": row["reference"],
            "status": row["state"],
            "reason": row["reason"],
            number: row["number"],
            **(row["grant"] or {}),
            "received_at": row["received_at"] and moment(row["received_at"]),
        }
    )


def _count_read(connection: sa.Connection, row: sa.RowMapping, now: datetime) -> None:
    left = row["reads_left"]
    if row["state"] != "pending" or left is None:
        return
    if left == 0:
        _decide(connection, row["request_no"], now)
    else:
        _update(connection, row["request_no"], {"reads_left": left - 1})


def _row(connection: sa.Connection, number: int) -> sa.RowMapping:
    query = sa.select(requests).filter_by(request_no=number)
    return connection.execute(query).mappings().one()


def _update(connection: sa.Connection, number: int, values: dict[str, Any]) -> None:
    this = requests.c.request_no == number
    connection.execute(requests.update().where(this).values(values))
