"""Our authorisations beside a supplier's RMAs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.errors import PartnerRefused
from returns.gateways.books import HeldReturn
from returns.gateways.supplier import Authorisation
from returns.model import ReturnStatus
from returns.services.differences import (
    Because,
    Compared,
    Difference,
    What,
    by_staff,
    is_pending,
    recent_and_named,
    waits_for_person,
    work_state,
)
from returns.services.tombstones import ERASED
from returns.tables import returns, tasks
from returns.wiring import House
from returns.work import WorkKind

AWAITED = (ReturnStatus.AUTHORISED, ReturnStatus.IN_TRANSIT)


def compare(house: House, name: str, since: datetime, read_from: datetime) -> Compared:
    """A supplier without a list is asked about each of our returns by reference.

    Raises PartnerError.
    """
    gateway = house.gateways.supplier(name)
    try:
        held = {one.reference: one for one in gateway.since(read_from)}
    except PartnerRefused:
        held = {}
    found = Compared(name, entries=len(held))
    with house.reader.connect() as connection:
        ours = _ours(connection, name, since, held)
    for reference in sorted(ours.keys() | held.keys()):
        case, entry = ours.get(reference), held.get(reference)
        if entry is not None:
            with house.reader.connect() as connection:
                found.note(_judge(connection, found, case, entry))
        elif case is not None and case.rma_number is not None:
            found.note(_ask_about(house, found, case))
    return found


def _ours(
    connection: Connection, name: str, since: datetime, named: Iterable[str]
) -> dict[str, Row[Any]]:
    mine = returns.c.supplier == name
    recent = sa.select(returns).where(mine, returns.c.created_at >= since)
    found = recent_and_named(connection, recent, returns.c.return_id, named)
    return {key: case for key, case in found.items() if case.supplier == name}


def _judge(
    connection: Connection, found: Compared, case: Row[Any] | None, entry: HeldReturn
) -> Difference | None:
    """What the supplier holds, and what we make of it."""
    if case is None:
        refused = entry.status == "refused"
        return None if refused else _told(found, What.UNKNOWN_RETURN, entry.reference)
    if case.order_number.startswith(ERASED):
        return None
    if case.status == ReturnStatus.CANCELLED:
        return _judge_cancelled(connection, found, case, entry)
    if case.rma_number is None:
        return _judge_unheard(connection, found, case, entry)
    if case.rma_number != entry.rma_number:
        by_hand = by_staff(connection, case.return_id, "supplier.authorised")
        because = Because.BY_HAND if by_hand else None
        return _told(found, What.OTHER_NUMBER, case.return_id, case, because)
    if entry.status == "received" and case.status in AWAITED:
        return _judge_receipt(connection, found, case)
    return None


def _judge_cancelled(
    connection: Connection, found: Compared, case: Row[Any], entry: HeldReturn
) -> Difference | None:
    if entry.status == "refused":
        return None
    told = sa.select(tasks.c.task_id).where(
        tasks.c.kind == "tell_supplier_cancelled", tasks.c.subject_id == case.return_id
    )
    because = None
    if connection.execute(told).first() is not None:
        because = Because.TOLD
    elif is_pending(connection, WorkKind.AUTHORISE_RETURN, case.return_id):
        because = Because.IN_FLIGHT
    return _told(found, What.CANCELLED_THERE_OPEN, case.return_id, case, because)


def _judge_unheard(
    connection: Connection, found: Compared, case: Row[Any], entry: HeldReturn
) -> Difference | None:
    """It has what we have no number for: its answer is on the way, or got lost."""
    if entry.status == "refused":
        return None
    because = None
    if is_pending(connection, WorkKind.AUTHORISE_RETURN, case.return_id):
        because = Because.IN_FLIGHT
    elif waits_for_person(connection, case.return_id, ("supplier_address",)):
        because = Because.WITH_A_PERSON
    return _told(found, What.OTHER_NUMBER, case.return_id, case, because)


def _judge_receipt(
    connection: Connection, found: Compared, case: Row[Any]
) -> Difference:
    """Its webhook is on the way, or never came: then we look ourselves."""
    state = work_state(connection, WorkKind.CONFIRM_RECEIPT, case.return_id)
    because = None
    if state is None:
        found.to_confirm.append(case.return_id)
        because = Because.ASKED
    elif state == "pending":
        because = Because.IN_FLIGHT
    return _told(found, What.RECEIPT_UNHEARD, case.return_id, case, because)


def _ask_about(house: House, found: Compared, case: Row[Any]) -> Difference | None:
    """Ours, and not in its list."""
    with house.reader.connect() as connection:
        by_hand = by_staff(connection, case.return_id, "supplier.authorised")
    if by_hand:
        because = Because.BY_HAND
        return _told(found, What.MISSING_RETURN, case.return_id, case, because)
    try:
        held = house.gateways.supplier(case.supplier).find_return(case.return_id)
    except PartnerRefused:
        held = None
    if not isinstance(held, Authorisation):
        return _told(found, What.MISSING_RETURN, case.return_id, case)
    status = "authorised" if held.received_at is None else "received"
    entry = HeldReturn(case.return_id, status, held.rma_number)
    with house.reader.connect() as connection:
        return _judge(connection, found, case, entry)


def _told(
    found: Compared,
    what: What,
    reference: str,
    case: Row[Any] | None = None,
    because: Because | None = None,
) -> Difference:
    return_id = case.return_id if case else None
    return Difference(found.book, what, reference, return_id, because=because)
