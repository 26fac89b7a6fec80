"""What the business has to say later: a row, committed with the change it tells of."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns.formats import params_to_json
from returns.repository import get_order
from returns.sql import insert_once
from returns.tables import notices
from returns.unit import Unit
from returns.work import WorkKind, finish_work


def by_mail(unit: Unit, case: Row[Any], response: str, params: dict[str, Any]) -> None:
    """One mail to the address of the order, once per return and response."""
    order = get_order(unit.connection, case.order_number)
    _add(unit, case, "mail", response, params, recipient=order.customer.email)


def in_chat(
    unit: Unit,
    case: Row[Any],
    response: str,
    params: dict[str, Any],
    at_once: bool = True,
) -> None:
    """One message in the conversation, once per return and response.

    at_once False: a turn that waits for this news may tell it first (`claim`).
    """
    _add(unit, case, "chat", response, params, at_once=at_once)


def claim(unit: Unit, return_id: str, response: str, message_id: str) -> bool:
    """Tell it in the answer to this message instead; False when it was told."""
    notice_id = _id(return_id, "chat", response)
    claimed = unit.connection.execute(
        notices.update()
        .where(
            notices.c.notice_id == notice_id,
            sa.or_(notices.c.delivered_at.is_(None), notices.c.told_with == message_id),
        )
        .values(delivered_at=unit.now, told_with=message_id)
    )
    if claimed.rowcount == 1:
        finish_work(unit.connection, WorkKind.DELIVER_NOTICE, notice_id)
    return bool(claimed.rowcount == 1)


def _add(
    unit: Unit,
    case: Row[Any],
    medium: str,
    response: str,
    params: dict[str, Any],
    recipient: str | None = None,
    at_once: bool = True,
) -> None:
    notice_id = _id(case.return_id, medium, response)
    inserted = insert_once(
        unit.connection,
        notices,
        notice_id=notice_id,
        return_id=case.return_id,
        conversation_id=case.conversation_id,
        medium=medium,
        response=response,
        params=params_to_json(params),
        language=case.language,
        recipient=recipient,
        created_at=unit.now,
    )
    if inserted:
        unit.will(WorkKind.DELIVER_NOTICE, notice_id, at_once)


def _id(return_id: str, medium: str, response: str) -> str:
    return f"{return_id}:{medium}:{response.removeprefix('utter_')}"
