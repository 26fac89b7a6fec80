"""Our refunds beside the bank's book: what it has that we do not, and the reverse."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.errors import PaymentDiffers, PaymentReturned
from returns.gateways.books import Payment
from returns.model import RefundState
from returns.services import refunds
from returns.services.differences import (
    Because,
    Compared,
    Difference,
    What,
    by_staff,
    is_pending,
    reading_pending,
    recent_and_named,
    waits_for_person,
)
from returns.tables import refunds as rows
from returns.wiring import House
from returns.work import WorkKind

BANK = "bank"


def compare(house: House, since: datetime, read_from: datetime) -> Compared:
    """The bank's book is read first: what it has by then, we have written down before.

    read_from: a little before since, for what was asked for then and paid later.
    Raises PartnerError.
    """
    entries = house.gateways.payments().since(read_from)
    by_refund: dict[str, list[Payment]] = defaultdict(list)
    for entry in entries:
        by_refund[entry.refund_id].append(entry)
    found = Compared(BANK, entries=len(entries))
    with house.reader.connect() as connection:
        ours = _ours(connection, since, by_refund)
    for refund_id in sorted(ours.keys() | by_refund.keys()):
        theirs = by_refund.get(refund_id, [])
        found.note(_judge(house, refund_id, ours.get(refund_id), theirs))
    return found


def _ours(
    connection: Connection, since: datetime, named: Iterable[str]
) -> dict[str, Row[Any]]:
    recent = sa.or_(rows.c.paid_at >= since, rows.c.first_sent_at >= since)
    query = sa.select(rows).where(recent)
    return recent_and_named(connection, query, rows.c.refund_id, named)


def _judge(
    house: House, refund_id: str, row: Row[Any] | None, theirs: list[Payment]
) -> Difference | None:
    standing = [entry for entry in theirs if entry.stands]
    paid = sum(entry.amount_minor for entry in standing) if standing else None
    if row is None:
        what = What.UNKNOWN_PAYMENT
        return _told(what, refund_id, None, paid, standing) if standing else None
    with house.reader.connect() as connection:
        if len(standing) > 1:
            return _told(What.PAID_TWICE, refund_id, row, paid, standing)
        if standing:
            return _judge_one(connection, row, standing[0])
        if theirs:
            return _judge_returned(connection, row, theirs)
        if row.state != RefundState.PAID:
            return _judge_open(connection, row)
        if row.amount_minor == 0:
            return None
        if by_staff(connection, row.return_id, "refund.paid"):
            because = Because.BY_HAND
            return _told(What.MISSING_PAYMENT, refund_id, row, None, [], because)
    return _ask_about(house, row)


def _judge_one(
    connection: Connection, row: Row[Any], entry: Payment
) -> Difference | None:
    """The bank paid it once."""
    agreed = (entry.amount_minor, entry.currency) == (row.amount_minor, row.currency)
    what = None if agreed else What.AMOUNT_DIFFERS
    because = None
    if row.state == RefundState.PAID:
        by_hand = by_staff(connection, row.return_id, "refund.paid")
        same = row.paid_reference == entry.reference
        if by_hand and not same:
            what = What.PAID_TWICE
        elif by_hand and what is not None:
            because = Because.BY_HAND  # check_payment, finished with its reference
    else:
        what = what or What.PAID_BUT_OPEN
        because = _moving(connection, row)
        if waits_for_person(connection, row.refund_id, ("check_payment",)):
            because = Because.WITH_A_PERSON
    if what is None:
        return None
    return _told(what, row.refund_id, row, entry.amount_minor, [entry], because)


def _judge_returned(
    connection: Connection, row: Row[Any], theirs: list[Payment]
) -> Difference | None:
    """What the bank paid came back to it: then a person pays, or has paid."""
    references = {entry.reference for entry in theirs}
    if row.state == RefundState.PAID and row.paid_reference not in references:
        return None
    because = _moving(connection, row)
    if row.state == RefundState.MANUAL:
        because = Because.WITH_A_PERSON
    return _told(What.CAME_BACK, row.refund_id, row, None, [], because)


def _judge_open(connection: Connection, row: Row[Any]) -> Difference | None:
    """Not paid by either: but something must move it, or somebody."""
    if row.state == RefundState.IN_FLIGHT and _moving(connection, row) is None:
        return _told(What.STUCK, row.refund_id, row, None, [])
    because = Because.WITH_A_PERSON
    if row.state in (RefundState.IN_FLIGHT, RefundState.DUE):
        because = Because.IN_FLIGHT
    return _told(What.MISSING_PAYMENT, row.refund_id, row, None, [], because)


def _ask_about(house: House, row: Row[Any]) -> Difference | None:
    """Paid a moment ago, or long before its list begins: its book decides."""
    try:
        paid = house.gateways.payments().find(refunds.order_of(row))
    except PaymentDiffers:
        return _told(What.AMOUNT_DIFFERS, row.refund_id, row, None, [])
    except PaymentReturned:
        return _told(What.CAME_BACK, row.refund_id, row, None, [])
    if paid is None:
        return _told(What.MISSING_PAYMENT, row.refund_id, row, None, [])
    return None


def _moving(connection: Connection, row: Row[Any]) -> Because | None:
    if is_pending(connection, WorkKind.PAY_REFUND, row.refund_id):
        return Because.IN_FLIGHT
    if reading_pending(connection, row.refund_id):
        return Because.ASKED
    return None


def _told(
    what: What,
    refund_id: str,
    row: Row[Any] | None,
    paid: int | None,
    entries: list[Payment],
    because: Because | None = None,
) -> Difference:
    currency = entries[0].currency if entries else row.currency if row else None
    return Difference(
        book=BANK,
        what=what,
        subject=refund_id,
        return_id=row.return_id if row else None,
        ours=row.amount_minor if row else None,
        theirs=paid,
        currency=currency,
        because=because,
    )
