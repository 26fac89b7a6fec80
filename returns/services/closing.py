"""When nothing of a return is open any more, it is closed."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns.model import (
    SENT_AGAIN,
    By,
    RefundState,
    ReplacementState,
    ReturnStatus,
)
from returns.services import history
from returns.services.cases import lines_of, needs_goods_back
from returns.tables import held_units, refunds, replacements
from returns.unit import Unit


def close_if_finished(unit: Unit, return_id: str) -> bool:
    """Close the return when nothing of it is open any more; True if this closed it."""
    case = history.get_return(unit.connection, return_id)
    lines = lines_of(unit.connection, return_id)
    if not _settled(unit, return_id):
        return False
    wants_goods = needs_goods_back(lines) and case.status != ReturnStatus.RECEIVED
    waits = any(line.resolution in SENT_AGAIN for line in lines)
    if wants_goods or (waits and not _replaced(unit, return_id)):
        return False
    if case.status not in (ReturnStatus.AUTHORISED, ReturnStatus.RECEIVED):
        return False
    history.move(unit, return_id, (ReturnStatus(case.status),), ReturnStatus.CLOSED)
    history.record(unit, return_id, "return.closed", By.SYSTEM)
    _release_replaced(unit, return_id, lines)
    return True


def _settled(unit: Unit, return_id: str) -> bool:
    """Paid, or no money to pay."""
    query = sa.select(refunds.c.state).where(refunds.c.return_id == return_id)
    return unit.connection.execute(query).scalar() in (None, RefundState.PAID)


def _replaced(unit: Unit, return_id: str) -> bool:
    query = sa.select(replacements.c.state).where(replacements.c.return_id == return_id)
    return unit.connection.execute(query).scalar() == ReplacementState.ORDERED


def _release_replaced(unit: Unit, return_id: str, lines: list[Row[Any]]) -> None:
    """A replaced unit may once more be returned; a refunded one stays out."""
    for line in lines:
        if line.resolution in SENT_AGAIN:
            unit.connection.execute(
                held_units.delete().where(
                    held_units.c.return_id == return_id,
                    held_units.c.line_id == line.line_id,
                )
            )
