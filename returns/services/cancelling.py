"""Taking a confirmed return back, while nothing was sent, paid or ordered.

Each part is compared and set (X4), so that a payment or an order that starts at the
same moment either wins, and nothing is cancelled, or finds nothing to do any more.
"""

from typing import Any

from sqlalchemy import Connection, Row

from returns.errors import WrongState
from returns.model import By, Choice, Question, RefundState, ReturnStatus, Say
from returns.services import (
    history,
    known,
    notices,
    refunds,
    replacements,
    tasks,
)
from returns.tables import held_units
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

STOPPABLE = (
    ReturnStatus.REQUESTED,
    ReturnStatus.NEEDS_REVIEW,
    ReturnStatus.AUTHORISED,
)
OVER = (ReturnStatus.CLOSED, ReturnStatus.DECLINED, ReturnStatus.CANCELLED)


def ask(house: House, conversation_id: str, return_id: str | None) -> Question | None:
    """Which return, then one explicit yes; None when there is none to cancel.

    return_id None: not chosen yet. Raises NotFound.
    """
    with house.reader.connect() as connection:
        mine = known.returns_of(connection, conversation_id, house.clock.now())
        open_ones = [case for case in mine if case.status not in OVER]
        if return_id is not None:
            open_ones = [known.one_of(mine, return_id)]
        if not open_ones:
            return None
        if len(open_ones) > 1:
            return _which(open_ones)
        return _confirmation(connection, open_ones[0])


def cancel(house: House, conversation_id: str, return_id: str) -> Question:
    """Cancel it in one transaction, or say that it is too late; again: the same words.

    Raises NotFound.
    """
    with house.reader.connect() as connection:
        mine = known.returns_of(connection, conversation_id, house.clock.now())
        case = known.one_of(mine, return_id)
    try:
        with writing(house) as unit:
            _cancel(unit, case)
    except WrongState:
        return _too_late(case)
    return Question((_done(case),), None)


def _cancel(unit: Unit, case: Row[Any]) -> None:
    return_id = case.return_id
    before = history.lock_return(unit, return_id)
    if before.status == ReturnStatus.CANCELLED:
        return
    if _said_to_be_sent(unit.connection, return_id):
        raise WrongState(f"the parcel of {return_id} is said to be sent")
    history.move(unit, return_id, STOPPABLE, ReturnStatus.CANCELLED)
    _stop_money(unit, return_id)
    goods = replacements.of_return(unit.connection, return_id)
    if goods is not None and not replacements.withdraw(unit, goods.replacement_id):
        raise WrongState(f"the replacement of {return_id} is {goods.state}")
    unit.connection.execute(
        held_units.delete().where(held_units.c.return_id == return_id)
    )
    # AUTHORISE_RETURN stays: its next run looks whether the supplier knows of it.
    finish_work(unit.connection, WorkKind.SETTLE_RETURN, return_id)
    tasks.drop_open(unit, return_id, "cancelled")
    if before.rma_number is not None:
        facts = {"rma_number": before.rma_number, "supplier": before.supplier}
        tasks.open_task(unit, "tell_supplier_cancelled", return_id, before, facts)
    history.record(unit, return_id, "customer.cancelled", By.CUSTOMER)
    params = {"return_id": return_id, "order_number": before.order_number}
    notices.by_mail(unit, before, "utter_mail_return_cancelled", params)


def _stop_money(unit: Unit, return_id: str) -> None:
    money = refunds.of_return(unit.connection, return_id)
    if money is not None and not refunds.release(unit, money.refund_id):
        raise WrongState(f"the refund of {return_id} is {money.state}")


def _said_to_be_sent(connection: Connection, return_id: str) -> bool:
    checked = tasks.of_return(connection, return_id, "check_proof")
    return checked is not None and checked.done_at is None


def _may_stop(connection: Connection, case: Row[Any]) -> bool:
    money = refunds.of_return(connection, case.return_id)
    goods = replacements.of_return(connection, case.return_id)
    unpaid = money is None or money.state == RefundState.DUE
    unordered = goods is None or goods.state == "due"
    sent = _said_to_be_sent(connection, case.return_id)
    return case.status in STOPPABLE and unpaid and unordered and not sent


def _confirmation(connection: Connection, case: Row[Any]) -> Question:
    if case.status == ReturnStatus.CANCELLED:
        return Question((_done(case),), None)
    if not _may_stop(connection, case):
        return _too_late(case)
    means = {"intent": "cancel_return", "return_id": case.return_id}
    yes = Choice(Say("utter_button_cancel_yes"), {**means, "answer": "yes"})
    no = Choice(Say("utter_button_cancel_no"), {**means, "answer": "no"})
    say = Say("utter_ask_cancel", _names(case))
    return Question((say,), "confirmation", (yes, no), about=case.return_id)


def _which(open_ones: list[Row[Any]]) -> Question:
    choices = tuple(
        Choice(
            Say("utter_button_return_id", {"return_id": case.return_id}),
            {"intent": "cancel_return", "return_id": case.return_id},
            detail=Say("utter_button_order", {"order_number": case.order_number}),
        )
        for case in open_ones
    )
    return Question((Say("utter_ask_which_cancel"),), None, choices)


def _too_late(case: Row[Any]) -> Question:
    person = Choice(Say("utter_button_person"), {"intent": "talk_to_human"})
    return Question((Say("utter_cancel_by_person", _names(case)),), None, (person,))


def _done(case: Row[Any]) -> Say:
    return Say("utter_return_cancelled", _names(case))


def _names(case: Row[Any]) -> dict[str, Any]:
    return {"return_id": case.return_id, "order_number": case.order_number}
