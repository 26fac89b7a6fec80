"""Money: a refund's components, its one payment, its release (rules X1 to X5)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns import ids, repository
from returns.errors import PaymentDiffers, WrongState
from returns.failpoints import failpoint
from returns.gateways.payments import RefundOrder
from returns.model import By, Outcome, RefundState, ReturnStatus
from returns.services import (
    claims,
    closing,
    falling_due,
    history,
    ledger,
    refund_news,
    spending,
)
from returns.services.cases import lines_of, needs_goods_back
from returns.sql import insert_once
from returns.tables import refund_components, refunds
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

NOTHING_LEFT = "nothing left to pay"
PAYABLE = (RefundState.DUE, RefundState.IN_FLIGHT, RefundState.FAILED)
SENT = (RefundState.IN_FLIGHT, RefundState.FAILED, RefundState.MANUAL)


def start(house: House, return_id: str) -> Row[Any] | None:
    """Reserve what the confirmed return gives back; again changes nothing.

    None when the return gives no money back. What needs no goods is due at once.
    """
    with writing(house) as unit:
        return start_in(unit, return_id)


def start_in(unit: Unit, return_id: str) -> Row[Any] | None:
    case = history.lock_return(unit, return_id)
    known = of_return(unit.connection, return_id)
    lines = [
        line
        for line in lines_of(unit.connection, return_id)
        if line.resolution in ledger.PAID_BACK
    ]
    if known is not None or not lines or case.outcome != Outcome.ALLOW:
        return known
    if case.status == ReturnStatus.CANCELLED:
        return None
    parts = ledger.parts(unit, case, lines)
    if not parts:
        return None
    refund_id = _reserve(unit, case, parts)
    history.record(unit, return_id, "refund.started", By.SYSTEM, refund_id=refund_id)
    if not needs_goods_back(lines):
        falling_due.fall_due(unit, refund_id)
    return of_return(unit.connection, return_id)


def of_return(connection: sa.Connection, return_id: str) -> Row[Any] | None:
    query = sa.select(refunds).where(refunds.c.return_id == return_id)
    return connection.execute(query).first()


def release(unit: Unit, refund_id: str) -> bool:
    """Give up a reservation of which no payment was ever sent; False: too late.

    Its ledger components are free again, and so is its payment key (X2): the bank
    never saw it.
    """
    ours = refunds.c.refund_id == refund_id
    held = unit.connection.execute(
        refunds.update()
        .where(
            ours,
            refunds.c.state == RefundState.DUE,
            refunds.c.first_sent_at.is_(None),
        )
        .values(state=RefundState.NONE)
    )
    if held.rowcount != 1:
        return False
    unit.connection.execute(
        refund_components.delete().where(refund_components.c.refund_id == refund_id)
    )
    unit.connection.execute(refunds.delete().where(ours))
    finish_work(unit.connection, WorkKind.PAY_REFUND, refund_id)
    return True


def pay(house: House, refund_id: str) -> None:
    """Pay once: read the bank's book first, then send with the stored key (X2, X3).

    Raises PartnerError; the sweep tries again, a given-up payment becomes a task.
    Another amount in the bank's book is never paid over: a person looks.
    """
    order = _take(house, refund_id)
    if order is None:
        return
    failpoint("refund.taken")
    if order.amount_minor == 0:  # all of it was deducted: no bank pays nothing
        settle(house, refund_id, NOTHING_LEFT, By.SYSTEM)
        return
    bank = house.gateways.payments()
    try:
        paid = bank.find(order)
    except PaymentDiffers:
        hand_to_person(house, refund_id)
        return
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

    Raises WrongState when the refund is released, or was never sent.
    """
    with writing(house) as unit:
        row = lock(unit, refund_id)
        if row is None:
            raise WrongState(f"refund {refund_id} was released")
        if row.state == RefundState.PAID:
            return
        if row.state not in SENT:
            raise WrongState(f"refund {refund_id} is {row.state}")
        paid = unit.connection.execute(
            refunds.update()
            .where(refunds.c.refund_id == refund_id, refunds.c.state == row.state)
            .values(state=RefundState.PAID, paid_at=unit.now, paid_reference=reference)
        )
        if paid.rowcount != 1:  # another run settled it meanwhile (X4)
            return
        finish_work(unit.connection, WorkKind.PAY_REFUND, refund_id)
        case = history.get_return(unit.connection, row.return_id)
        history.record(unit, row.return_id, "refund.paid", by, who, reference=reference)
        claims.open_claim(unit, case)
        last = closing.close_if_finished(unit, row.return_id)
        refund_news.tell_paid(unit, case, row, last)
        failpoint("refund.before_commit")


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
            payment_key=ledger.payment_key(order.order_number, parts, order.currency),
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


def _find(unit: Unit, refund_id: str) -> Row[Any] | None:
    query = sa.select(refunds).where(refunds.c.refund_id == refund_id)
    return unit.connection.execute(query).first()


def lock(unit: Unit, refund_id: str) -> Row[Any] | None:
    """The refund once its order is ours; None: it was released (X4)."""
    row = _find(unit, refund_id)
    if row is None:
        return None
    history.lock_return(unit, row.return_id)
    return _find(unit, refund_id)


def _take(house: House, refund_id: str) -> RefundOrder | None:
    """Mark the payment in flight before the first call; None: settled or released."""
    with writing(house) as unit:
        row = lock(unit, refund_id)
        if row is None or _over_limit(house, unit, row):
            return None
        taken = unit.connection.execute(
            refunds.update()
            .where(refunds.c.refund_id == refund_id, refunds.c.state.in_(PAYABLE))
            .values(
                state=RefundState.IN_FLIGHT,
                first_sent_at=sa.func.coalesce(refunds.c.first_sent_at, unit.now),
            )
        )
        if taken.rowcount != 1:  # settled meanwhile (X4)
            return None
    return order_of(row)


def order_of(row: Row[Any]) -> RefundOrder:
    """The refund as the bank is asked for it, and asked about it."""
    return RefundOrder(
        refund_id=row.refund_id,
        key=row.payment_key,
        payment_reference=row.payment_reference,
        amount_minor=row.amount_minor,
        currency=row.currency,
    )


def _over_limit(house: House, unit: Unit, row: Row[Any]) -> bool:
    """More than the machine alone may pay (X10): a person pays it."""
    refund_id = row.refund_id
    if row.state != RefundState.DUE:
        return False
    limits = spending.passed(house.shop, unit, row)
    if not limits:
        return False
    unit.connection.execute(
        refunds.update()
        .where(refunds.c.refund_id == refund_id, refunds.c.state == RefundState.DUE)
        .values(state=RefundState.MANUAL)
    )
    finish_work(unit.connection, WorkKind.PAY_REFUND, refund_id)
    history.record(unit, row.return_id, "refund.over_limit", By.SYSTEM)
    passed = [limit.value for limit in limits]
    falling_due.by_person(unit, row, "pay_refund", limits=passed)
    return True


def hand_to_person(house: House, refund_id: str) -> None:
    """The bank has it with another amount: a person settles it (X9)."""
    with writing(house) as unit:
        row = lock(unit, refund_id)
        if row is None:
            return
        unit.connection.execute(
            refunds.update()
            .where(
                refunds.c.refund_id == refund_id,
                refunds.c.state == RefundState.IN_FLIGHT,
            )
            .values(state=RefundState.MANUAL)
        )
        finish_work(unit.connection, WorkKind.PAY_REFUND, refund_id)
        history.record(unit, row.return_id, "refund.differs", By.SYSTEM)
        falling_due.by_person(unit, row, "check_payment")
