"""The customer's statement, acknowledged on a durable medium (D221-5, law F5)."""

from typing import Any

from sqlalchemy import Row

from returns.formats import Moment
from returns.model import SENT_AGAIN, Draft, Ground, LineDecision, Order, Say
from returns.services import notices
from returns.services.case_facts import item_name
from returns.unit import Unit


def acknowledge(
    unit: Unit,
    case: Row[Any],
    draft: Draft,
    order: Order,
    lines: tuple[LineDecision, ...],
) -> None:
    """Say by mail what was stated, when to the minute, and that it was received.

    case: as it is now set going, so that the mail claims neither more nor less.
    """
    stated = Moment(draft.withdrawal_at or unit.now)
    withdrawn = [line for line in lines if _withdraws(draft, line)]
    facts: list[Any] = [[Say("utter_label_stated_at"), stated]]
    what = Say("utter_opened_request")
    if withdrawn:
        what = Say("utter_opened_withdrawal")
        names = [item_name(order.line(w.line_id), len(w.units) or 1) for w in withdrawn]
        statement = [Say("utter_fact_withdrawn"), *names]
        facts.insert(0, [Say("utter_label_statement"), statement])
    params = {
        "return_id": case.return_id,
        "order_number": case.order_number,
        "what": what,
        "at": stated,
        "state": Say(f"utter_opened_{case.status}"),
        "facts": facts,
    }
    notices.by_mail(unit, case, "utter_mail_return_opened", params)


def _withdraws(draft: Draft, line: LineDecision) -> bool:
    """Also when policy found a better ground: what was stated was a withdrawal."""
    if line.ground is Ground.WITHDRAWAL:
        return True
    stated = draft.withdrawal_at is not None
    return stated and line.resolution not in SENT_AGAIN
