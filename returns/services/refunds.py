"""Money: a refund's components, its due day, its one payment (rules X1 to X5)."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns import ids, repository
from returns.errors import WrongState
from returns.failpoints import failpoint
from returns.formats import Day, Money
from returns.gateways.payments import RefundOrder
from returns.model import By, Outcome, RefundState, Resolution, ReturnStatus, Say
from returns.services import history, notices, tasks
from returns.services.cases import lines_of, needs_goods_back
from returns.sql import insert_once, lock_row
from returns.tables import (
    confirmations,
    held_units,
    orders,
    refund_components,
    refunds,
)
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

MERCHANT_KEY = "bonretour"
PAYABLE = (RefundState.DUE, RefundState.IN_FLIGHT, RefundState.FAILED)


def start(house: House, return_id: str) -> Row[Any] | None:
    """Reserve what the confirmed return gives back; again changes nothing.

    None when the return gives no money back. What needs no goods is due at once.
    """
    with writing(house) as unit:
        return start_in(unit, return_id)


def start_in(unit: Unit, return_id: str) -> Row[Any] | None:
    known = of_return(unit.connection, return_id)
    case = history.get_return(unit.connection, return_id)
    lines = [
        line
        for line in lines_of(unit.connection, return_id)
        if line.resolution == Resolution.REFUND
    ]
    if known is not None or not lines or case.outcome != Outcome.ALLOW:
        return known
    lock_row(unit.connection, orders, orders.c.order_number == case.order_number)
    parts = _parts(unit, case, lines)
    refund_id = _reserve(unit, case, parts)
    history.record(unit, return_id, "refund.started", By.SYSTEM, refund_id=refund_id)
    if not needs_goods_back(lines):
        fall_due(unit, refund_id)
    return of_return(unit.connection, return_id)


def of_return(connection: sa.Connection, return_id: str) -> Row[Any] | None:
    query = sa.select(refunds).where(refunds.c.return_id == return_id)
    return connection.execute(query).first()


def fall_due(unit: Unit, refund_id: str) -> None:
    """The customer's part is done: pay now (automatic) or by a person (manual)."""
    row = _get(unit, refund_id)
    if row.due_at is not None or row.state != RefundState.DUE:
        return
    values: dict[str, Any] = {"due_at": unit.now}
    if row.method == "manual":
        values["state"] = RefundState.MANUAL
        case = history.get_return(unit.connection, row.return_id)
        facts = {
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "payment_reference": row.payment_reference,
        }
        tasks.open_task(
            unit, "pay_refund", refund_id, case, facts, due_at=case.refund_by
        )
    else:
        unit.will(WorkKind.PAY_REFUND, refund_id)
    unit.connection.execute(
        refunds.update().where(refunds.c.refund_id == refund_id).values(**values)
    )


def pay(house: House, refund_id: str) -> None:
    """Pay once: read the bank's book first, then send with the stored key (X2, X3).

    Raises PartnerError; the sweep tries again, a given-up payment becomes a task.
    """
    order = _take(house, refund_id)
    if order is None:
        return
    failpoint("refund.taken")
    bank = house.gateways.payments()
    paid = bank.find(order.refund_id)
    if paid is None:
        failpoint("refund.before_call")
        paid = bank.refund(order)
        failpoint("refund.after_call")
    settle(house, refund_id, paid.reference, By.SYSTEM)
    failpoint("refund.settled")


def settle(
    house: House, refund_id: str, reference: str, by: By, who: str | None = None
) -> None:
    """The money is on its way: note it, tell the customer, free nothing again.

    Raises WrongState when the refund is neither in flight nor manual.
    """
    with writing(house) as unit:
        row = _get(unit, refund_id)
        if row.state == RefundState.PAID:
            return
        if row.state not in (RefundState.IN_FLIGHT, RefundState.MANUAL):
            raise WrongState(f"refund {refund_id} is {row.state}")
        unit.connection.execute(
            refunds.update()
            .where(refunds.c.refund_id == refund_id, refunds.c.state == row.state)
            .values(state=RefundState.PAID, paid_at=unit.now, paid_reference=reference)
        )
        finish_work(unit.connection, WorkKind.PAY_REFUND, refund_id)
        case = history.get_return(unit.connection, row.return_id)
        history.record(unit, row.return_id, "refund.paid", by, who, reference=reference)
        _tell_paid(unit, case, row)
        close_if_finished(unit, row.return_id)


def close_if_finished(unit: Unit, return_id: str) -> None:
    """Close the return when nothing of it is open any more."""
    case = history.get_return(unit.connection, return_id)
    lines = lines_of(unit.connection, return_id)
    money = of_return(unit.connection, return_id)
    if money is not None and money.state != RefundState.PAID:
        return
    wants_goods = needs_goods_back(lines) and case.status != ReturnStatus.RECEIVED
    waits = any(line.resolution == Resolution.REPLACEMENT for line in lines)
    if wants_goods or (waits and not _replaced(unit, return_id)):
        return
    if case.status in (ReturnStatus.AUTHORISED, ReturnStatus.RECEIVED):
        history.move(unit, return_id, (ReturnStatus(case.status),), ReturnStatus.CLOSED)
        history.record(unit, return_id, "return.closed", By.SYSTEM)
        _release_replaced(unit, return_id, lines)


def promise(row: Row[Any], lines: list[Row[Any]]) -> Say:
    """How much comes back and when, without claiming what has not happened."""
    params = {"amount": Money(row.amount_minor, row.currency)}
    if row.state == RefundState.PAID:
        return Say("utter_refund_paid", params)
    if needs_goods_back(lines):
        return Say("utter_refund_when_received", params)
    if row.state == RefundState.MANUAL:
        return Say("utter_refund_by_hand", params)
    return Say("utter_refund_under_way", params)


def _replaced(unit: Unit, return_id: str) -> bool:
    from returns.tables import replacements

    query = sa.select(replacements.c.state).where(replacements.c.return_id == return_id)
    return unit.connection.execute(query).scalar() == "ordered"


def _release_replaced(unit: Unit, return_id: str, lines: list[Row[Any]]) -> None:
    """A replaced unit may once more be returned; a refunded one stays out."""
    for line in lines:
        if line.resolution == Resolution.REPLACEMENT:
            unit.connection.execute(
                held_units.delete().where(
                    held_units.c.return_id == return_id,
                    held_units.c.line_id == line.line_id,
                )
            )


def _parts(unit: Unit, case: Row[Any], lines: list[Row[Any]]) -> list[tuple[str, int]]:
    """Ledger components with their amounts in minor units."""
    order = repository.get_order(unit.connection, case.order_number)
    held = unit.connection.execute(
        sa.select(held_units).where(held_units.c.return_id == case.return_id)
    ).all()
    wanted = {line.line_id for line in lines}
    parts = [
        (
            f"unit/{row.line_id}/{row.unit_no}",
            order.line(row.line_id).unit_amounts()[row.unit_no - 1],
        )
        for row in held
        if row.line_id in wanted
    ]
    delivery = _delivery_part(unit, case)
    return parts + ([("delivery", delivery)] if delivery else [])


def _delivery_part(unit: Unit, case: Row[Any]) -> int:
    """The delivery that the confirmed decision gives back, if no one took it yet."""
    decision = unit.connection.execute(
        sa.select(confirmations.c.decision).where(
            confirmations.c.draft_id == case.draft_id
        )
    ).scalar_one()
    taken = unit.connection.execute(
        sa.select(refund_components.c.component).where(
            refund_components.c.order_number == case.order_number,
            refund_components.c.component == "delivery",
        )
    ).first()
    return 0 if taken else int(decision["delivery_refund_minor"])


def _reserve(unit: Unit, case: Row[Any], parts: list[tuple[str, int]]) -> str:
    order = repository.get_order(unit.connection, case.order_number)
    refund_id = ids.new_id()
    amount = sum(minor for _, minor in parts)
    spent = sum(m for _, m in repository.ledger_of(unit.connection, order.order_number))
    if spent + amount > order.captured_minor:
        raise WrongState(f"refund of {case.return_id} exceeds what was captured")
    unit.connection.execute(
        refunds.insert().values(
            refund_id=refund_id,
            return_id=case.return_id,
            order_number=order.order_number,
            amount_minor=amount,
            currency=order.currency,
            method=order.payment_method,
            payment_reference=order.payment_reference,
            payment_key=_payment_key(order.order_number, parts, order.currency),
            state=RefundState.DUE,
            created_at=unit.now,
        )
    )
    for component, minor in parts:
        reserved = insert_once(
            unit.connection,
            refund_components,
            order_number=order.order_number,
            component=component,
            refund_id=refund_id,
            amount_minor=minor,
        )
        if not reserved:
            raise WrongState(f"{order.order_number} {component} was refunded before")
    return refund_id


def _payment_key(order_number: str, parts: list[tuple[str, int]], currency: str) -> str:
    """X2: from what is paid, so that it cannot differ between attempts."""
    facts = ["refund/1", MERCHANT_KEY, order_number, sorted(parts), currency, 1]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _get(unit: Unit, refund_id: str) -> Row[Any]:
    query = sa.select(refunds).where(refunds.c.refund_id == refund_id)
    return unit.connection.execute(query).one()


def _take(house: House, refund_id: str) -> RefundOrder | None:
    """Mark the payment in flight before the first call; None when it is settled."""
    with writing(house) as unit:
        row = _get(unit, refund_id)
        if row.state not in PAYABLE:
            return None
        unit.connection.execute(
            refunds.update()
            .where(refunds.c.refund_id == refund_id)
            .values(
                state=RefundState.IN_FLIGHT,
                first_sent_at=sa.func.coalesce(refunds.c.first_sent_at, unit.now),
            )
        )
    return RefundOrder(
        refund_id=row.refund_id,
        key=row.payment_key,
        payment_reference=row.payment_reference,
        amount_minor=row.amount_minor,
        currency=row.currency,
    )


def _tell_paid(unit: Unit, case: Row[Any], row: Row[Any]) -> None:
    params = {
        "return_id": case.return_id,
        "order_number": case.order_number,
        "amount": Money(row.amount_minor, row.currency),
        "day": Day(unit.now),
    }
    notices.in_chat(unit, case, "utter_news_refund_paid", params)
    notices.by_mail(unit, case, "utter_mail_refund_paid", params)
