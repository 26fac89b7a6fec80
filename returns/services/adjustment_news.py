"""What the customer hears of a deduction or a compensation: amount, why, and how to
contest it, in the conversation and on a durable medium.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns.formats import Money
from returns.services import mediation, notices
from returns.tables import refunds
from returns.unit import Unit
from returns.wiring import House


def tell(house: House, unit: Unit, case: Row[Any], row: Row[Any]) -> None:
    """row: of `adjustments`, which takes effect in this transaction."""
    params = {
        "return_id": case.return_id,
        "amount": Money(row.amount_minor, row.currency),
        "reason": row.reason,
    }
    mediator = mediation.params(house)
    if row.kind == "deduction":
        params["left"] = Money(_left(unit, case), row.currency)
        notices.in_chat(unit, case, "utter_news_deduction", params, about=_about(row))
        told = {**params, **mediator}
        notices.by_mail(unit, case, "utter_mail_deduction", told, about=_about(row))
        return
    notices.in_chat(unit, case, "utter_news_compensation", params, about=_about(row))
    told = {**params, **mediator}
    notices.by_mail(unit, case, "utter_mail_compensation", told, about=_about(row))


def tell_paid(unit: Unit, case: Row[Any], row: Row[Any]) -> None:
    params = {
        "return_id": case.return_id,
        "amount": Money(row.amount_minor, row.currency),
    }
    response = "utter_news_compensation_paid"
    notices.in_chat(unit, case, response, params, about=_about(row))


def _about(row: Row[Any]) -> str:
    return str(row.adjustment_id)[:16]


def _left(unit: Unit, case: Row[Any]) -> int:
    query = sa.select(refunds.c.amount_minor).where(
        refunds.c.return_id == case.return_id
    )
    return int(unit.connection.execute(query).scalar_one())
