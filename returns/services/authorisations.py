"""Asking the supplier for a return number and address; what its answer changes."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from returns import repository
from returns.errors import PartnerRefused, PartnerUnknown
from returns.failpoints import failpoint
from returns.gateways.supplier import (
    Authorisation,
    Pending,
    RequestedLine,
    ReturnRequest,
)
from returns.model import By, Order, ReturnStatus
from returns.services import (
    cases,
    closing,
    evidence,
    falling_due,
    history,
    notices,
    postage,
    ratings,
    refunds,
    replacements,
    tasks,
)
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

STILL_PENDING = "supplier_pending"


def authorise(house: House, return_id: str) -> None:
    """Get the supplier's authorisation, reading before writing.

    Raises PartnerError; PartnerUnknown also while the supplier is still deciding.
    """
    with house.reader.connect() as connection:
        case = history.get_return(connection, return_id)
        lines = cases.lines_of(connection, return_id)
        order = repository.get_order(connection, case.order_number)
    if case.status != ReturnStatus.REQUESTED:
        _look_after_cancelled(house, case)
        return
    try:
        answer = _ask_supplier(house, case, lines, order)
    except PartnerRefused as refusal:
        _refused(house, case, refusal.reason)
        return
    if isinstance(answer, Pending):
        raise PartnerUnknown(STILL_PENDING)
    failpoint("authorise.before_commit")
    record_authorisation(house, return_id, answer, By.SUPPLIER)
    failpoint("authorise.after_commit")


def record_authorisation(
    house: House,
    return_id: str,
    answer: Authorisation,
    by: By,
    who: str | None = None,
) -> None:
    """Number and address are there: keep them, tell the customer, set going the rest.

    Raises WrongState when the return waits for no authorisation.
    """
    with writing(house) as unit:
        history.lock_return(unit, return_id)
        history.move(
            unit,
            return_id,
            (ReturnStatus.REQUESTED,),
            ReturnStatus.AUTHORISED,
            rma_number=answer.rma_number,
            return_address=asdict(answer.return_address),
            ship_by=answer.ship_by,
            label_url=answer.label_url,
        )
        finish_work(unit.connection, WorkKind.AUTHORISE_RETURN, return_id)
        if by is By.SUPPLIER:
            tasks.drop_open(unit, return_id, "answered", "supplier_address")
        history.record(
            unit, return_id, "supplier.authorised", by, who, rma=answer.rma_number
        )
        case = history.get_return(unit.connection, return_id)
        say = cases.authorised_say(case)
        notices.in_chat(unit, case, "utter_news_return_authorised", say.params, False)
        evidence.send_all(house, unit, return_id)
        set_remedies_going(unit, return_id)
        notices.by_mail(unit, case, "utter_mail_return_authorised", say.params)


def set_remedies_going(unit: Unit, return_id: str) -> None:
    """The refund and the replacement of an authorised return; again changes nothing."""
    refunds.start_in(unit, return_id)
    replacements.start_in(unit, return_id)


def settle_without_goods(house: House, return_id: str) -> None:
    """A return whose goods are not wanted: nothing to ask, only remedies."""
    with writing(house) as unit:
        set_remedies_going(unit, return_id)
        finish_work(unit.connection, WorkKind.SETTLE_RETURN, return_id)


def receive_goods(house: House, return_id: str, by: By) -> None:
    """The goods are back: the refund falls due. A second report changes nothing."""
    with writing(house) as unit:
        case = history.lock_return(unit, return_id)
        before = (ReturnStatus.AUTHORISED, ReturnStatus.IN_TRANSIT)
        if case.status not in before:
            return
        history.move(unit, return_id, before, ReturnStatus.RECEIVED)
        history.record(unit, return_id, "goods.received", by)
        set_remedies_going(unit, return_id)
        money = refunds.of_return(unit.connection, return_id)
        if money is not None:
            falling_due.fall_due(unit, money.refund_id)
        postage.owe(unit, case)
        params = {"return_id": return_id, "order_number": case.order_number}
        last = closing.close_if_finished(unit, return_id)
        ratings.tell_and_ask(unit, case, "utter_news_goods_received", params, last)
        received = history.get_return(unit.connection, return_id)
        notices.by_mail(unit, received, "utter_mail_goods_received", params)
        failpoint("goods.before_commit")
    failpoint("goods.after_commit")


def confirm_receipt(house: House, return_id: str) -> None:
    """A supplier's webhook is only a hint: read its book, then act (X7).

    Raises PartnerError; PartnerUnknown also when its book says nothing arrived.
    """
    with house.reader.connect() as connection:
        case = history.get_return(connection, return_id)
    found = house.gateways.supplier(case.supplier).find_return(return_id)
    if not isinstance(found, Authorisation) or found.received_at is None:
        raise PartnerUnknown("not_received_by_its_book")
    receive_goods(house, return_id, By.SUPPLIER)
    with writing(house) as unit:
        finish_work(unit.connection, WorkKind.CONFIRM_RECEIPT, return_id)


def _ask_supplier(
    house: House, case: Row[Any], lines: list[Row[Any]], order: Order
) -> Authorisation | Pending:
    gateway = house.gateways.supplier(case.supplier)
    found = gateway.find_return(case.return_id)
    if found is not None:
        return found
    reference = order.line(lines[0].line_id).supplier_order_reference
    request = ReturnRequest(
        reference=case.return_id,
        supplier_order_reference=reference or "",
        order_number=case.order_number,
        lines=tuple(
            RequestedLine(
                line.sku, line.quantity, line.return_reason or "other", line.detail
            )
            for line in lines
        ),
    )
    failpoint("authorise.before_call")
    answer = gateway.request_return(request, key=case.return_id)
    failpoint("authorise.after_call")
    return answer


def _look_after_cancelled(house: House, case: Row[Any]) -> None:
    """A return cancelled while the supplier was asked: its book tells what it knows."""
    known = None
    if case.status == ReturnStatus.CANCELLED:
        known = house.gateways.supplier(case.supplier).find_return(case.return_id)
    with writing(house) as unit:
        if known is not None:
            rma = known.rma_number if isinstance(known, Authorisation) else None
            facts = {"rma_number": rma, "supplier": case.supplier}
            tasks.open_task(
                unit, "tell_supplier_cancelled", case.return_id, case, facts
            )
        finish_work(unit.connection, WorkKind.AUTHORISE_RETURN, case.return_id)


def _refused(house: House, case: Row[Any], reason: str) -> None:
    """The supplier's no is the merchant's loss, never the customer's: a person acts."""
    with writing(house) as unit:
        finish_work(unit.connection, WorkKind.AUTHORISE_RETURN, case.return_id)
        history.record(
            unit, case.return_id, "supplier.refused", By.SUPPLIER, reason=reason
        )
        tasks.open_task(
            unit, "supplier_address", case.return_id, case, {"refused": reason}
        )
        _tell_address_by_person(unit, case)


def give_up(unit: Unit, case: Row[Any]) -> None:
    """The supplier did not answer in time: a person gets the address."""
    tasks.open_task(
        unit, "supplier_address", case.return_id, case, {"refused": "no_answer"}
    )
    _tell_address_by_person(unit, case)


def _tell_address_by_person(unit: Unit, case: Row[Any]) -> None:
    params = {"return_id": case.return_id}
    notices.in_chat(unit, case, "utter_news_address_by_person", params)
    notices.by_mail(unit, case, "utter_mail_address_by_person", params)
