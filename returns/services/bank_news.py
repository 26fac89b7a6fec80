"""What a bank tells later of a refund: its word is a hint, its book is read (X7)."""

import sqlalchemy as sa

from returns.errors import PartnerUnknown, PaymentDiffers, PaymentReturned
from returns.gateways.payments import RefundOrder
from returns.model import By, RefundState
from returns.services import falling_due, history, refund_news, refunds
from returns.tables import refunds as rows
from returns.tables import tasks
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work, work_id_of

UNSETTLED = (RefundState.IN_FLIGHT, RefundState.FAILED)


def work_subject(refund_id: str, event_id: str) -> str:
    """Each piece of news is work of its own: an earlier one may be done already."""
    return f"{refund_id}/{event_id}"


def read(house: House, subject: str) -> None:
    """Make the refund what the bank's book says it is; again changes nothing.

    subject: of `work_subject`. Raises PartnerError; PartnerUnknown also when the book
    does not hold the refund (yet).
    """
    refund_id = subject.partition("/")[0]
    with house.reader.connect() as connection:
        row = connection.execute(
            sa.select(rows).where(rows.c.refund_id == refund_id)
        ).first()
    if row is not None and row.first_sent_at is not None:
        _compare(house, refunds.order_of(row))
    with writing(house) as unit:
        finish_work(unit.connection, WorkKind.READ_PAYMENT, subject)


def _compare(house: House, order: RefundOrder) -> None:
    try:
        paid = house.gateways.payments().find(order)
    except PaymentDiffers:
        refunds.hand_to_person(house, order.refund_id)
    except PaymentReturned as news:
        returned(house, order.refund_id, news.reference)
    else:
        if paid is None:
            raise PartnerUnknown("not_in_its_book")
        refunds.settle(house, order.refund_id, paid.reference, By.SYSTEM)
        with writing(house) as unit:
            _drop_tasks(unit, order.refund_id, "paid by the bank")


def returned(house: House, refund_id: str, reference: str) -> None:
    """The money came back: a person pays it another way, nothing is sent by itself.

    reference: of the payment that came back. Nothing changes once the refund was paid
    another way, however late the bank speaks of the first one.
    """
    with writing(house) as unit:
        row = refunds.lock(unit, refund_id)
        if row is None:
            return
        ours = row.state == RefundState.PAID and row.paid_reference == reference
        if not ours and row.state not in UNSETTLED:
            return
        nothing_paid = {"paid_at": None, "paid_reference": None}
        unit.connection.execute(
            rows.update()
            .where(rows.c.refund_id == refund_id)
            .values(state=RefundState.MANUAL, **nothing_paid)
        )
        finish_work(unit.connection, WorkKind.PAY_REFUND, refund_id)
        _drop_tasks(unit, refund_id, "the bank got the money back")
        told = {"reference": reference}
        history.record(unit, row.return_id, refund_news.RETURNED, By.SYSTEM, **told)
        falling_due.by_person(unit, row, "pay_refund", returned=reference)
        case = history.get_return(unit.connection, row.return_id)
        refund_news.tell_returned(unit, case, row)


def _drop_tasks(unit: Unit, refund_id: str, why: str) -> None:
    """Nobody need pay, check or retry what the bank has decided itself."""
    paying = sa.and_(
        tasks.c.kind.in_(("pay_refund", "check_payment")),
        tasks.c.subject_id == refund_id,
    )
    retrying = tasks.c.subject_id.startswith(
        f"{work_id_of(WorkKind.PAY_REFUND, refund_id)}:", autoescape=True
    )
    unit.connection.execute(
        tasks.update()
        .where(tasks.c.done_at.is_(None), sa.or_(paying, retrying))
        .values(done_at=unit.now, done_by="system", result={"dropped": why})
    )
