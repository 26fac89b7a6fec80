"""Postage that a customer advanced for the merchant: a person pays it back.

C09 (L241-6, L217-11): within 14 days; W10 and D10 likewise. The amount is on the
receipt that the customer kept, so a person enters it, and no machine pays it.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns.amounts import minor_of
from returns.deadlines import REFUND_DAYS
from returns.errors import WrongState
from returns.formats import Money
from returns.model import By, ReturnPayer
from returns.services import deductions, history, notices, second_person, tasks
from returns.services.tasks import Task
from returns.tables import tasks as task_rows
from returns.unit import Unit, writing
from returns.wiring import House

KIND = "pay_postage"


def owe(unit: Unit, case: Row[Any]) -> None:
    """The parcel was sent at the merchant's cost and without a label; once."""
    if case.return_payer != ReturnPayer.MERCHANT or case.label_url is not None:
        return
    due_at = unit.now + timedelta(days=REFUND_DAYS)
    facts = {"rule": "C09", "ask_for": "receipt"}
    tasks.open_task(unit, KIND, case.return_id, case, facts, due_at=due_at)


def enter(house: House, task: Task, typed: str) -> None:
    """What the customer's receipt says, in the order's currency.

    Who changes a sum that a second person was asked about, asks anew. Raises
    BadAmount, WrongState.
    """
    with writing(house) as unit:
        case = history.lock_return(unit, task.subject_id)
        currency = deductions.currency_of(unit.connection, case)
        amount = minor_of(typed, currency)
        here = sa.and_(
            task_rows.c.task_id == task.task_id, task_rows.c.done_at.is_(None)
        )
        query = sa.select(task_rows.c.facts).where(here)
        facts = unit.connection.execute(query).scalar()
        if facts is None:
            raise WrongState(f"task {task.task_id} is done already")
        known = facts.get("amount_minor")
        if known == amount:
            return
        if amount == 0:
            raise WrongState("nothing is no postage")
        second_person.ask_anew(unit, task)
        told = {**facts, "amount_minor": amount, "currency": currency}
        unit.connection.execute(task_rows.update().where(here).values(facts=told))


def paid(unit: Unit, task: Task, reference: str, by: str) -> dict[str, Any]:
    """It was paid back; what the task's result holds. Raises NotFound, WrongState."""
    case = history.get_return(unit.connection, task.subject_id)
    query = sa.select(task_rows.c.facts).where(task_rows.c.task_id == task.task_id)
    facts = unit.connection.execute(query).scalar_one()
    if "amount_minor" not in facts:
        raise WrongState(f"nobody said how much task {task.task_id} pays back")
    sum_ = {name: facts[name] for name in ("amount_minor", "currency")}
    told = {**sum_, "reference": reference}
    history.record(unit, case.return_id, "postage.paid", By.STAFF, by, **told)
    amount = Money(facts["amount_minor"], facts["currency"])
    params = {"return_id": case.return_id, "amount": amount}
    notices.in_chat(unit, case, "utter_news_postage_paid", params)
    return told
