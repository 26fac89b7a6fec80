"""The customer's parcel back: its tracking number, and the refund that it brings.

A refund waits for the goods or for proof of sending, whichever comes first (W12
L221-24, C08 L217-17): after proof the shop's waiting days run, never past the law's
day.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns import carriers
from returns.model import (
    By,
    Choice,
    Heard,
    Question,
    RefundState,
    ReturnStatus,
    Say,
)
from returns.services import cases, history, known, postage, refunds, statuses, tasks
from returns.sql import insert_once, lock_row
from returns.tables import parcels, return_history, returns
from returns.tables import refunds as refund_rows
from returns.unit import Unit, writing
from returns.wiring import House

EXPECTED = (ReturnStatus.REQUESTED, ReturnStatus.AUTHORISED)
UNREADABLE = "tracking.unreadable"
# The payment must have left before the law's day ends.
HEAD_START = timedelta(days=1)


def give_tracking_number(house: House, heard: Heard) -> Question:
    """Note the number for the return it is about, and what follows from it.

    Asks which return when several wait for a parcel, and for the number when none
    was said. A number that no carrier writes so is asked for once more, then kept
    for a person.
    """
    with writing(house) as unit:
        mine = known.returns_of(unit.connection, heard.conversation_id, unit.now)
        waiting = _waiting(unit.connection, mine)
        told_before = _told_before(unit, mine, heard.tracking_number)
        if told_before is not None:
            return told_before
        if heard.return_id is not None:
            case = known.one_of(mine, heard.return_id)
        elif len(waiting) == 1:
            case = waiting[0]
        elif waiting:
            return _which(waiting, heard.tracking_number)
        else:
            return _none_waits(house, unit, mine, heard.tracking_number)
        if heard.tracking_number is None:
            ask = Say("utter_ask_tracking_number", {"return_id": case.return_id})
            return Question((ask,), "tracking_number")
        return _note(house, unit, case, heard.tracking_number, heard.message_id)


def accept_proof(house: House, unit: Unit, case: Row[Any], number: str) -> None:
    """A person believes the proof: the parcel counts as sent from now on."""
    if number and known.parcel_of(unit.connection, case.return_id) is None:
        _keep(unit, case.return_id, carriers.compact(number)[:80], None)
    if case.status == ReturnStatus.AUTHORISED:
        _set_out(unit, case, By.STAFF)
    schedule_refund(house, unit, case)


def schedule_refund(
    house: House, unit: Unit, case: Row[Any], by_machine: bool = False
) -> None:
    """The parcel is proved to be sent: from now on the waiting days run.

    by_machine: no person looked at the proof, so a large amount needs one.
    """
    money = refunds.of_return(unit.connection, case.return_id)
    if money is None or money.state != RefundState.DUE or money.due_at is not None:
        return
    if by_machine and money.amount_minor > house.shop.proof_limit_minor(money.currency):
        facts = {"why": "amount", "amount_minor": money.amount_minor}
        _open_check(unit, case, facts)
        return
    days = house.shop.waiting_days_after_proof
    due_on = due_after_proof(unit.now, days, case.refund_by)
    unit.connection.execute(
        refund_rows.update()
        .where(
            refund_rows.c.refund_id == money.refund_id,
            refund_rows.c.due_at.is_(None),
        )
        .values(due_on=due_on)
    )


def due_after_proof(
    proof_at: datetime, waiting_days: int, refund_by: datetime | None
) -> datetime:
    """When a refund falls due after proof of sending; at once if the law's day is near.

    refund_by: the law's last moment, None when there is none.
    """
    waited = proof_at + timedelta(days=waiting_days)
    if refund_by is None:
        return waited
    return max(proof_at, min(waited, refund_by - HEAD_START))


def _told_before(
    unit: Unit, mine: list[Row[Any]], number: str | None
) -> Question | None:
    """The same number again is told as before; None when it is new."""
    told = carriers.compact(number or "")
    for case in mine:
        parcel = known.parcel_of(unit.connection, case.return_id)
        if parcel is not None and parcel.tracking_number == told:
            return _noted(unit, case, parcel)
    return None


def _waiting(connection: Connection, mine: list[Row[Any]]) -> list[Row[Any]]:
    """Returns whose parcel is expected and whose number is not known."""
    return [
        case
        for case in mine
        if case.status in EXPECTED
        and cases.needs_goods_back(cases.lines_of(connection, case.return_id))
    ]


def _which(waiting: list[Row[Any]], number: str | None) -> Question:
    choices = tuple(
        Choice(
            Say("utter_button_return_id", {"return_id": case.return_id}),
            {
                "intent": "give_tracking_number",
                "return_id": case.return_id,
                **({"tracking_number": number} if number else {}),
            },
            detail=Say("utter_button_order", {"order_number": case.order_number}),
        )
        for case in waiting
    )
    return Question((Say("utter_ask_which_parcel"),), None, choices)


def _none_waits(
    house: House, unit: Unit, mine: list[Row[Any]], number: str | None
) -> Question:
    """Another number for a parcel under way, a parcel that is back, or no return."""
    if not mine:
        return Question((Say("utter_no_return_for_parcel"),), None)
    newest = mine[0]
    if number is not None and newest.status == ReturnStatus.IN_TRANSIT:
        return _to_person(unit, newest, number, "another_number")
    return Question((statuses.of_case(house, unit.connection, newest, unit.now),), None)


def _note(
    house: House, unit: Unit, case: Row[Any], said: str, message_id: str
) -> Question:
    lock_row(unit.connection, returns, returns.c.return_id == case.return_id)
    case = history.get_return(unit.connection, case.return_id)
    parcel = known.parcel_of(unit.connection, case.return_id)
    number = carriers.read(said)
    if parcel is not None and parcel.tracking_number == carriers.compact(said):
        return _noted(unit, case, parcel)  # told by another message just now
    if parcel is not None:
        return _to_person(unit, case, said, "another_number")
    if case.status != ReturnStatus.AUTHORISED:
        return _to_person(unit, case, said, f"return_is_{case.status}")
    if number is None and not _asked_again(unit, case.return_id, message_id):
        ask = Say("utter_tracking_unreadable", {"number": said[:40]})
        return Question((ask,), "tracking_number")
    if number is None:
        return _to_person(unit, case, said, "unknown_format")
    if not _keep(unit, case.return_id, number.text, number.carrier):
        return _to_person(unit, case, said, "used_for_another_return")
    _set_out(unit, case, By.CUSTOMER)
    schedule_refund(house, unit, case, by_machine=True)
    parcel = known.parcel_of(unit.connection, case.return_id)
    return _noted(unit, history.get_return(unit.connection, case.return_id), parcel)


def _asked_again(unit: Unit, return_id: str, message_id: str) -> bool:
    """Whether an earlier message was asked for a better number; remembers this one."""
    query = sa.select(return_history.c.data).where(
        return_history.c.return_id == return_id, return_history.c.event == UNREADABLE
    )
    asked = [data["message_id"] for data in unit.connection.execute(query).scalars()]
    if not asked:
        history.record(unit, return_id, UNREADABLE, By.CUSTOMER, message_id=message_id)
    return any(earlier != message_id for earlier in asked)


def _keep(unit: Unit, return_id: str, number: str, carrier: str | None) -> bool:
    """False when the number belongs to another return."""
    return insert_once(
        unit.connection,
        parcels,
        tracking_number=number,
        return_id=return_id,
        carrier=carrier,
        proof_at=unit.now,
    )


def _set_out(unit: Unit, case: Row[Any], by: By) -> None:
    """Raises WrongState when the return is not authorised any more (X4)."""
    before = (ReturnStatus.AUTHORISED,)
    history.move(unit, case.return_id, before, ReturnStatus.IN_TRANSIT)
    history.record(unit, case.return_id, "parcel.sent", by)
    postage.owe(unit, case)


def _noted(unit: Unit, case: Row[Any], parcel: Row[Any] | None) -> Question:
    if parcel is None:
        raise LookupError(f"the parcel of {case.return_id} has vanished")
    params = {
        "return_id": case.return_id,
        "number": parcel.tracking_number,
        "next": statuses.promises_of(unit.connection, case, unit.now),
    }
    return Question((Say("utter_tracking_noted", params),), None)


def _to_person(unit: Unit, case: Row[Any], said: str, why: str) -> Question:
    number = said[:80]
    history.record(unit, case.return_id, "tracking.to_person", By.CUSTOMER, why=why)
    _open_check(unit, case, {"why": why, "number": number})
    params = {"return_id": case.return_id}
    return Question((Say("utter_tracking_by_person", params),), None)


def _open_check(unit: Unit, case: Row[Any], facts: dict[str, Any]) -> None:
    tasks.open_task(
        unit, "check_proof", case.return_id, case, facts, due_at=case.refund_by
    )
