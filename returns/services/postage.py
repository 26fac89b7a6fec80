"""Postage that a customer advanced for the merchant: a person pays it back.

C09 (L241-6, L217-11): within 14 days; W10 and D10 likewise. The amount is on the
receipt that the customer kept, so no machine pays it.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from returns.deadlines import REFUND_DAYS
from returns.model import By, ReturnPayer
from returns.services import history, notices, tasks
from returns.services.tasks import Task
from returns.unit import Unit

KIND = "pay_postage"


def owe(unit: Unit, case: Row[Any]) -> None:
    """The parcel was sent at the merchant's cost and without a label; once."""
    if case.return_payer != ReturnPayer.MERCHANT or case.label_url is not None:
        return
    due_at = unit.now + timedelta(days=REFUND_DAYS)
    facts = {"rule": "C09", "ask_for": "receipt"}
    tasks.open_task(unit, KIND, case.return_id, case, facts, due_at=due_at)


def paid(unit: Unit, task: Task, reference: str, by: str) -> None:
    """A person paid it back. Raises NotFound."""
    case = history.get_return(unit.connection, task.subject_id)
    history.record(
        unit, case.return_id, "postage.paid", By.STAFF, by, reference=reference
    )
    params = {"return_id": case.return_id}
    notices.in_chat(unit, case, "utter_news_postage_paid", params)
