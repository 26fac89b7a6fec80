"""What nobody asked for and is told all the same: the worker's look at the calendar.

Every function may run at any time, in several workers: a notice has one id, a task
one kind and subject, and a refund falls due once.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row

from returns.deadlines import SHIP_DAYS
from returns.formats import Day
from returns.model import By, RefundState, ReturnStatus
from returns.services import cases, falling_due, history, notices, refunds, tasks
from returns.tables import notices as notice_rows
from returns.tables import refunds as refund_rows
from returns.tables import returns
from returns.tables import tasks as task_rows
from returns.unit import Unit, writing
from returns.wiring import House

SUPPLIER_LATE = timedelta(hours=3)
SHIP_SOON = timedelta(days=3)
JUST_TOLD = timedelta(days=1)
# W20: nothing forfeits by a late parcel; after so long a person asks what happened.
LONG_AFTER = timedelta(days=16)
AT_ONCE = 100

Act = Callable[[Unit, Row[Any]], None]


def look(house: House) -> None:
    """One look at everything that has become due."""
    now = house.clock.now()
    for rows, act in (
        (_proved_long_enough, _pay),
        (_supplier_late, _tell_supplier_late),
        (_to_be_posted_soon, _remind_to_post),
        (_never_posted, _ask_person),
    ):
        with house.reader.connect() as connection:
            found = list(rows(connection, now))
        for row in found:
            with writing(house) as unit:
                act(unit, row)


def _proved_long_enough(connection: Connection, now: datetime) -> Iterable[Row[Any]]:
    query = sa.select(refund_rows).where(
        refund_rows.c.state == RefundState.DUE,
        refund_rows.c.due_on <= now,
        refund_rows.c.due_at.is_(None),
    )
    return connection.execute(query.limit(AT_ONCE)).all()


def _pay(unit: Unit, row: Row[Any]) -> None:
    if refunds.of_return(unit.connection, row.return_id) is not None:
        falling_due.fall_due(unit, row.refund_id)


def _supplier_late(connection: Connection, now: datetime) -> Iterable[Row[Any]]:
    return _returns(
        connection,
        ReturnStatus.REQUESTED,
        returns.c.created_at <= now - SUPPLIER_LATE,
        _untold("utter_news_supplier_late"),
        _untold("utter_news_address_by_person"),
    )


def _tell_supplier_late(unit: Unit, case: Row[Any]) -> None:
    if not _still(unit, case):
        return
    tasks.open_task(unit, "supplier_address", case.return_id, case, {"refused": "late"})
    params = {"return_id": case.return_id}
    notices.in_chat(unit, case, "utter_news_supplier_late", params)
    history.record(unit, case.return_id, "supplier.late", By.SYSTEM)


def _to_be_posted_soon(connection: Connection, now: datetime) -> Iterable[Row[Any]]:
    rows = _returns(
        connection,
        ReturnStatus.AUTHORISED,
        returns.c.updated_at <= now - JUST_TOLD,
        returns.c.return_address.is_not(None),
        _untold("utter_news_post_soon"),
        _no_task("check_proof"),
    )
    return [case for case in rows if now <= _ship_by(case) <= now + SHIP_SOON]


def _remind_to_post(unit: Unit, case: Row[Any]) -> None:
    if not _still(unit, case) or not _goods_wanted(unit, case):
        return
    params = {
        "return_id": case.return_id,
        "order_number": case.order_number,
        "day": Day(_ship_by(case)),
    }
    notices.in_chat(unit, case, "utter_news_post_soon", params)
    notices.by_mail(unit, case, "utter_mail_post_soon", params)


def _never_posted(connection: Connection, now: datetime) -> Iterable[Row[Any]]:
    rows = _returns(
        connection,
        ReturnStatus.AUTHORISED,
        returns.c.created_at <= now - LONG_AFTER,
        returns.c.return_address.is_not(None),
        _no_task("nothing_sent"),
    )
    return [case for case in rows if _ship_by(case) + LONG_AFTER <= now]


def _ask_person(unit: Unit, case: Row[Any]) -> None:
    if _still(unit, case) and _goods_wanted(unit, case):
        facts = {"rules": ["W12", "W20"], "ship_by": _ship_by(case).isoformat()}
        tasks.open_task(unit, "nothing_sent", case.return_id, case, facts)


def _returns(
    connection: Connection, status: ReturnStatus, *where: ColumnElement[bool]
) -> Iterable[Row[Any]]:
    query = sa.select(returns).where(returns.c.status == status.value, *where)
    return connection.execute(query.order_by(returns.c.created_at)).all()


def _untold(response: str) -> ColumnElement[bool]:
    told = sa.exists().where(
        notice_rows.c.return_id == returns.c.return_id,
        notice_rows.c.response == response,
    )
    return ~told


def _no_task(kind: str) -> ColumnElement[bool]:
    opened = sa.exists().where(
        task_rows.c.kind == kind, task_rows.c.subject_id == returns.c.return_id
    )
    return ~opened


def _ship_by(case: Row[Any]) -> datetime:
    """The supplier's last day, else the law's (W09)."""
    last: datetime = case.ship_by or case.created_at + timedelta(days=SHIP_DAYS)
    return last


def _still(unit: Unit, case: Row[Any]) -> bool:
    current = history.get_return(unit.connection, case.return_id)
    return bool(current.status == case.status)


def _goods_wanted(unit: Unit, case: Row[Any]) -> bool:
    return cases.needs_goods_back(cases.lines_of(unit.connection, case.return_id))
