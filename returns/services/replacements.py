"""The replacement: ordered once at the supplier, with a note to check it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns import ids, repository
from returns.errors import PartnerRefused, PartnerUnknown, WrongState
from returns.failpoints import failpoint
from returns.gateways.supplier import (
    Pending,
    ReplacementLine,
    ReplacementRequest,
)
from returns.model import SENT_AGAIN, By, Outcome, ReplacementState, ReturnStatus
from returns.services import cases, claims, closing, history, notices, ratings, tasks
from returns.sql import insert_once
from returns.tables import replacements
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

STILL_PENDING = "supplier_pending"


def start(house: House, return_id: str) -> Row[Any] | None:
    """Commit to the replacement of a confirmed return; again changes nothing.

    It is ordered once the return is authorised. None when nothing is replaced.
    """
    with writing(house) as unit:
        return start_in(unit, return_id)


def start_in(unit: Unit, return_id: str) -> Row[Any] | None:
    known = of_return(unit.connection, return_id)
    case = history.get_return(unit.connection, return_id)
    wanted = _lines(unit.connection, return_id)
    if not wanted or case.outcome != Outcome.ALLOW:
        return known
    if known is None and case.status != ReturnStatus.CANCELLED:
        known = _commit_to(unit, return_id)
    if known is not None and case.status in ("authorised", "in_transit", "received"):
        _set_going(unit, case, known)
    return known


def of_return(connection: Connection, return_id: str) -> Row[Any] | None:
    query = sa.select(replacements).where(replacements.c.return_id == return_id)
    return connection.execute(query).first()


def withdraw(unit: Unit, replacement_id: str) -> bool:
    """Forget a replacement that was not ordered yet; False: too late (X4)."""
    gone = unit.connection.execute(
        replacements.delete().where(
            replacements.c.replacement_id == replacement_id,
            replacements.c.state == ReplacementState.DUE,
        )
    )
    finish_work(unit.connection, WorkKind.ORDER_REPLACEMENT, replacement_id)
    return bool(gone.rowcount == 1)


def _commit_to(unit: Unit, return_id: str) -> Row[Any] | None:
    inserted = insert_once(
        unit.connection,
        replacements,
        replacement_id=ids.new_id(),
        return_id=return_id,
        state=ReplacementState.DUE,
        created_at=unit.now,
    )
    if inserted:
        history.record(unit, return_id, "replacement.started", By.SYSTEM)
    return of_return(unit.connection, return_id)


def order(house: House, replacement_id: str) -> None:
    """Order it at the supplier, reading its book first.

    Raises PartnerError; PartnerUnknown also while the supplier is still deciding.
    """
    with writing(house) as unit:
        row = _find(unit.connection, replacement_id)
        if row is None:  # withdrawn meanwhile (X4)
            return
        case = history.lock_return(unit, row.return_id)
        if not _take(unit, replacement_id):
            return
        request = _request(unit.connection, case, replacement_id)
    if request is None:
        _hand_to_person(house, replacement_id, "no_supplier_reference")
        return
    try:
        reference = _place(house, case, request)
    except PartnerRefused as refusal:
        _hand_to_person(house, replacement_id, refusal.reason)
        return
    failpoint("replacement.before_commit")
    ordered(house, replacement_id, reference, By.SUPPLIER)


def ordered(
    house: House,
    replacement_id: str,
    reference: str,
    by: By,
    who: str | None = None,
) -> None:
    """It is ordered: keep the reference, tell the customer. Raises WrongState."""
    with writing(house) as unit:
        row = _get(unit.connection, replacement_id)
        history.lock_return(unit, row.return_id)
        row = _get(unit.connection, replacement_id)
        if row.state == ReplacementState.ORDERED:
            return
        if row.state not in (ReplacementState.IN_FLIGHT, ReplacementState.MANUAL):
            raise WrongState(f"replacement {replacement_id} is {row.state}")
        _set_state(
            unit,
            replacement_id,
            ReplacementState.ORDERED,
            supplier_reference=reference,
            ordered_at=unit.now,
        )
        finish_work(unit.connection, WorkKind.ORDER_REPLACEMENT, replacement_id)
        case = history.get_return(unit.connection, row.return_id)
        history.record(
            unit, row.return_id, "replacement.ordered", by, who, reference=reference
        )
        params = {"return_id": case.return_id, "order_number": case.order_number}
        claims.open_claim(unit, case)
        last = closing.close_if_finished(unit, case.return_id)
        ratings.tell_and_ask(unit, case, "utter_news_replacement_ordered", params, last)
        notices.by_mail(unit, case, "utter_mail_replacement_ordered", params)


def give_up(unit: Unit, replacement_id: str) -> None:
    """The supplier did not take the order in time: a person orders it."""
    row = _get(unit.connection, replacement_id)
    _set_state(unit, replacement_id, ReplacementState.MANUAL)
    case = history.get_return(unit.connection, row.return_id)
    facts = {"refused": "no_answer"}
    tasks.open_task(unit, "order_replacement", replacement_id, case, facts)


def _set_going(unit: Unit, case: Row[Any], row: Row[Any]) -> None:
    if row.state == ReplacementState.DUE:
        unit.will(WorkKind.ORDER_REPLACEMENT, row.replacement_id)


def _lines(connection: Connection, return_id: str) -> list[Row[Any]]:
    return [
        line
        for line in cases.lines_of(connection, return_id)
        if line.resolution in SENT_AGAIN
    ]


def _request(
    connection: Connection, case: Row[Any], replacement_id: str
) -> ReplacementRequest | None:
    order_ = repository.get_order(connection, case.order_number)
    lines = _lines(connection, case.return_id)
    reference = order_.line(lines[0].line_id).supplier_order_reference
    if reference is None:
        return None
    reasons = sorted({line.return_reason for line in lines if line.return_reason})
    return ReplacementRequest(
        reference=replacement_id,
        supplier_order_reference=reference,
        lines=tuple(
            ReplacementLine(line.replacement_sku or line.sku, line.quantity)
            for line in lines
        ),
        ship_to=order_.customer.address,
        check_note=f"check before packing: {', '.join(reasons)}",
    )


def _place(house: House, case: Row[Any], request: ReplacementRequest) -> str:
    gateway = house.gateways.supplier(case.supplier)
    found = gateway.find_replacement(request.reference)
    if found is None:
        failpoint("replacement.before_call")
        found = gateway.request_replacement(request, key=request.reference)
        failpoint("replacement.after_call")
    if isinstance(found, Pending):
        raise PartnerUnknown(STILL_PENDING)
    return found.reference


def _hand_to_person(house: House, replacement_id: str, reason: str) -> None:
    with writing(house) as unit:
        row = _get(unit.connection, replacement_id)
        _set_state(unit, replacement_id, ReplacementState.MANUAL)
        finish_work(unit.connection, WorkKind.ORDER_REPLACEMENT, replacement_id)
        case = history.get_return(unit.connection, row.return_id)
        history.record(
            unit, row.return_id, "replacement.by_person", By.SYSTEM, reason=reason
        )
        facts = {"refused": reason}
        tasks.open_task(unit, "order_replacement", replacement_id, case, facts)


def _take(unit: Unit, replacement_id: str) -> bool:
    """False: ordered, with a person, or taken back meanwhile (X4)."""
    open_ones = (ReplacementState.DUE, ReplacementState.IN_FLIGHT)
    taken = unit.connection.execute(
        replacements.update()
        .where(
            replacements.c.replacement_id == replacement_id,
            replacements.c.state.in_(open_ones),
        )
        .values(state=ReplacementState.IN_FLIGHT)
    )
    return bool(taken.rowcount == 1)


def _find(connection: Connection, replacement_id: str) -> Row[Any] | None:
    query = sa.select(replacements).where(
        replacements.c.replacement_id == replacement_id
    )
    return connection.execute(query).first()


def _get(connection: Connection, replacement_id: str) -> Row[Any]:
    row = _find(connection, replacement_id)
    if row is None:
        raise WrongState(f"replacement {replacement_id} was withdrawn")
    return row


def _set_state(
    unit: Unit, replacement_id: str, state: ReplacementState, **values: Any
) -> None:
    unit.connection.execute(
        replacements.update()
        .where(replacements.c.replacement_id == replacement_id)
        .values(state=state, **values)
    )
