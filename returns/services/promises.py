"""What a return still brings its customer: how much, when, who acts; as it is."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from returns.formats import Day, Money
from returns.model import RefundState, ReturnStatus, Say
from returns.services import cases, known, refunds, replacements, tasks

BY_PERSON = (RefundState.MANUAL, RefundState.FAILED)


def of_money(connection: Connection, case: Row[Any], now: datetime) -> Say | None:
    """How much comes back and when; None when this return gives no money back."""
    row = refunds.of_return(connection, case.return_id)
    if row is None:
        return None
    params: dict[str, Any] = {"amount": Money(row.amount_minor, row.currency)}
    if row.state == RefundState.PAID:
        return Say("utter_state_paid", {**params, "day": Day(row.paid_at)})
    if row.state in BY_PERSON:
        return Say("utter_refund_by_hand", params)
    if row.state == RefundState.IN_FLIGHT or row.due_at is not None:
        return Say("utter_refund_under_way", params)
    lines = cases.lines_of(connection, case.return_id)
    if not cases.needs_goods_back(lines):
        return Say("utter_refund_under_way", params)
    return _waiting(connection, case, row, params, now)


def of_goods(connection: Connection, case: Row[Any]) -> Say | None:
    """How the replacement stands; None when nothing is replaced."""
    row = replacements.of_return(connection, case.return_id)
    return Say(f"utter_state_replacement_{row.state}") if row else None


def of_postage(connection: Connection, case: Row[Any]) -> Say | None:
    """Postage that the customer advanced and a person still pays back (C09)."""
    task = tasks.of_return(connection, case.return_id, "pay_postage")
    if task is None:
        return None
    return Say("utter_state_postage_paid" if task.done_at else "utter_state_postage")


def _waiting(
    connection: Connection,
    case: Row[Any],
    row: Row[Any],
    params: dict[str, Any],
    now: datetime,
) -> Say:
    """The first of goods and proof of sending makes it due (W12, C08)."""
    if row.due_on is not None:
        return Say("utter_refund_after_proof", {**params, "by": Day(row.due_on)})
    checked = tasks.of_return(connection, case.return_id, "check_proof")
    if checked is not None and checked.done_at is None:
        return Say("utter_refund_proof_checked", params)
    sent = known.parcel_of(connection, case.return_id) is not None
    late = case.refund_by is None or case.refund_by <= now
    if sent or late or case.status == ReturnStatus.RECEIVED:
        return Say("utter_refund_on_receipt", params)
    return Say("utter_refund_when_received", {**params, "by": Day(case.refund_by)})
