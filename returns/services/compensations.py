"""What the law adds on top of a refund: a person pays it, outside the ledger's cap.

C09: postage that the shop paid back late (L241-6). D04: a late refund of what was never
delivered (L241-4). D10: a charge at the door that nobody announced (L112-3). W15: a
late refund after a withdrawal (L242-4).
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from returns.deadlines import REFUND_DAYS
from returns.errors import AdjustmentRefused
from returns.services import tasks
from returns.unit import Unit

RULES = ("C09", "D04", "D10", "W15")
TASK = "pay_compensation"
MOST_MINOR = 100_000_000  # what no typing error may pass


def check(rule: str, amount_minor: int) -> None:
    """Raises AdjustmentRefused."""
    if rule not in RULES:
        raise AdjustmentRefused("no_rule")
    if not 0 < amount_minor <= MOST_MINOR:
        raise AdjustmentRefused("too_much")


def owe(unit: Unit, case: Row[Any], row: Row[Any]) -> None:
    """A task to pay it, by the manual method, once."""
    facts = {
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "rule": row.rule,
    }
    due_at = unit.now + timedelta(days=REFUND_DAYS)
    tasks.open_task(unit, TASK, row.adjustment_id, case, facts, due_at=due_at)
