"""What a return gives back, as components that can each be paid only once (X1, X2)."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns import repository
from returns.model import Resolution
from returns.tables import confirmations, held_units, refund_components
from returns.unit import Unit

MERCHANT_KEY = "bonretour"
PAID_BACK = (Resolution.REFUND, Resolution.EXCHANGE)

Part = tuple[str, int]


def parts(unit: Unit, case: Row[Any], lines: list[Row[Any]]) -> list[Part]:
    """Components with their amounts in minor units; none where nothing comes back.

    Goods by unit with what was paid for them, the delivery, an exchange's difference.
    """
    order = repository.get_order(unit.connection, case.order_number)
    held = unit.connection.execute(
        sa.select(held_units).where(held_units.c.return_id == case.return_id)
    ).all()
    wanted = {ln.line_id for ln in lines if ln.resolution == Resolution.REFUND}
    goods = [
        (
            f"unit/{row.line_id}/{row.unit_no}",
            order.line(row.line_id).unit_amounts()[row.unit_no - 1],
        )
        for row in held
        if row.line_id in wanted
    ]
    delivery = _delivery(unit, case, wanted) if goods else []
    return goods + delivery + _difference(case, lines)


def payment_key(order_number: str, paid: list[Part], currency: str) -> str:
    """X2: from what is paid, so that it cannot differ between attempts."""
    facts = ["refund/1", MERCHANT_KEY, order_number, sorted(paid), currency, 1]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _difference(case: Row[Any], lines: list[Row[Any]]) -> list[Part]:
    """What an exchange for something cheaper leaves, once per return."""
    exchanged = [ln for ln in lines if ln.resolution == Resolution.EXCHANGE]
    minor = sum(line.refund_minor for line in exchanged)
    return [(f"difference/{case.return_id}", minor)] if minor else []


def _delivery(unit: Unit, case: Row[Any], wanted: set[str]) -> list[Part]:
    """What the confirmed decision gives back of the delivery, if no one took it yet.

    Each unit's share where the shop grants one (W18), or what is left of the whole.
    """
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
    if taken:
        return []
    whole = int(decision["delivery_refund_minor"])
    shares = [
        (f"unit/{line['line_id']}/{n}/delivery", minor // len(line["units"]))
        for line in decision["lines"]
        if line["line_id"] in wanted and (minor := line.get("delivery_minor", 0))
        for n in line["units"]
    ]
    return shares + ([("delivery", whole)] if whole else [])
