"""Loss of value (W14): one unit's part of a refund is lowered before it is paid.

Only what was withdrawn from, by a customer who had been told of that right (L221-23);
never more than was paid for the unit, never once the payment is on its way (X4).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns import repository
from returns.errors import AdjustmentRefused
from returns.grounds.case import was_informed
from returns.model import Ground, RefundState, Resolution
from returns.services import ledger, uploads
from returns.services.cases import lines_of
from returns.tables import evidence, orders, refund_components, refunds, tasks
from returns.unit import Unit
from returns.wiring import House

RULE = "W14"


@dataclass(frozen=True)
class Piece:
    """A unit whose refund may still be lowered, and what was paid for it."""

    line_id: str
    unit_no: int
    title: str
    amount_minor: int


def pieces(house: House, connection: Connection, case: Row[Any]) -> list[Piece]:
    """Empty: nothing of this return can be deducted from, or not any more."""
    order = repository.get_order(connection, case.order_number)
    refund = _unpaid(connection, case.return_id)
    if refund is None or not was_informed(order, house.shop):
        return []
    amounts = _components(connection, refund.refund_id)
    return [
        Piece(line.line_id, number, order.line(line.line_id).title, amounts[name])
        for line in _withdrawn(connection, case)
        for number in range(1, order.line(line.line_id).quantity + 1)
        if (name := _component(line.line_id, number)) in amounts
    ]


def check(
    house: House,
    unit: Unit,
    case: Row[Any],
    line: tuple[str, int],
    amount_minor: int,
) -> None:
    """line: line_id and unit number. Raises AdjustmentRefused."""
    connection = unit.connection
    order = repository.get_order(connection, case.order_number)
    if not was_informed(order, house.shop):
        raise AdjustmentRefused("not_informed")
    if line[0] not in {ln.line_id for ln in _withdrawn(connection, case)}:
        raise AdjustmentRefused("no_withdrawal")
    refund = _unpaid(connection, case.return_id)
    if refund is None:
        raise AdjustmentRefused("no_refund")
    paid = _components(connection, refund.refund_id).get(_component(*line))
    if paid is None or not 0 < amount_minor <= paid:
        raise AdjustmentRefused("too_much")


def lower(unit: Unit, case: Row[Any], row: Row[Any]) -> None:
    """row: of `adjustments`. Raises AdjustmentRefused when it is too late."""
    refund = _unpaid(unit.connection, case.return_id)
    if refund is None:
        raise AdjustmentRefused("no_refund")
    own = refund_components.c.refund_id == refund.refund_id
    name = _component(row.line_id, row.unit_no)
    less = refund_components.c.amount_minor - row.amount_minor
    lowered = unit.connection.execute(
        refund_components.update()
        .where(own, refund_components.c.component == name, less >= 0)
        .values(amount_minor=less)
    )
    if lowered.rowcount != 1:
        raise AdjustmentRefused("too_much")
    _restate(unit, refund)


def own_pictures(unit: Unit, case: Row[Any], wanted: Iterable[str]) -> list[str]:
    """Those that belong to the return, or to the conversations it is told in."""
    asked = list(wanted)
    query = sa.select(evidence.c.upload_id).where(
        evidence.c.return_id == case.return_id, evidence.c.upload_id.in_(asked)
    )
    found = set(unit.connection.execute(query).scalars())
    for talk in filter(None, (case.conversation_id, case.told_in)):
        found |= set(uploads.of_conversation(unit.connection, talk, asked))
    return sorted(found)


def currency_of(connection: Connection, case: Row[Any]) -> str:
    query = sa.select(orders.c.currency).where(
        orders.c.order_number == case.order_number
    )
    return str(connection.execute(query).scalar_one())


def _restate(unit: Unit, refund: Row[Any]) -> None:
    """Sum and payment key from what is paid now (X2); also where a person pays it."""
    parts = list(_components(unit.connection, refund.refund_id).items())
    amount = sum(minor for _, minor in parts)
    key = ledger.payment_key(refund.order_number, parts, refund.currency)
    unit.connection.execute(
        refunds.update()
        .where(refunds.c.refund_id == refund.refund_id)
        .values(amount_minor=amount, payment_key=key)
    )
    here = sa.and_(
        tasks.c.kind == "pay_refund",
        tasks.c.subject_id == refund.refund_id,
        tasks.c.done_at.is_(None),
    )
    for task in unit.connection.execute(sa.select(tasks).where(here)).all():
        facts = {**task.facts, "amount_minor": amount}
        unit.connection.execute(tasks.update().where(here).values(facts=facts))


def _withdrawn(connection: Connection, case: Row[Any]) -> list[Row[Any]]:
    return [
        line
        for line in lines_of(connection, case.return_id)
        if line.ground == Ground.WITHDRAWAL and line.resolution == Resolution.REFUND
    ]


def _unpaid(connection: Connection, return_id: str) -> Row[Any] | None:
    """The refund while nothing of it was ever sent; its order is locked by callers."""
    query = sa.select(refunds).where(
        refunds.c.return_id == return_id,
        refunds.c.state.in_((RefundState.DUE, RefundState.MANUAL)),
        refunds.c.first_sent_at.is_(None),
    )
    return connection.execute(query).first()


def _components(connection: Connection, refund_id: str) -> dict[str, int]:
    query = sa.select(refund_components).where(
        refund_components.c.refund_id == refund_id
    )
    return {row.component: row.amount_minor for row in connection.execute(query)}


def _component(line_id: str, unit_no: int) -> str:
    return f"unit/{line_id}/{unit_no}"
