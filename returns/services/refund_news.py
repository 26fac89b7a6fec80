"""What the customer hears of a refund that was sent, came back, or was sent again."""

from typing import Any

from sqlalchemy import Row

from returns.formats import Day, Money
from returns.services import history, notices, ratings
from returns.unit import Unit

RETURNED = "refund.returned"  # the event of a return whose money came back


def tell_paid(unit: Unit, case: Row[Any], row: Row[Any], last: bool) -> None:
    """last: nothing of the return is open any more."""
    if row.amount_minor == 0:  # the deduction's own news said so
        return
    params = {**_params(case, row), "day": Day(unit.now)}
    if history.has(unit.connection, case.return_id, RETURNED):
        notices.in_chat(unit, case, "utter_news_refund_sent_again", params)
        notices.by_mail(unit, case, "utter_mail_refund_sent_again", params)
        return
    ratings.tell_and_ask(unit, case, "utter_news_refund_paid", params, last)
    notices.by_mail(unit, case, "utter_mail_refund_paid", params)


def tell_returned(unit: Unit, case: Row[Any], row: Row[Any]) -> None:
    params = _params(case, row)
    notices.in_chat(unit, case, "utter_news_refund_returned", params)
    notices.by_mail(unit, case, "utter_mail_refund_returned", params)


def _params(case: Row[Any], row: Row[Any]) -> dict[str, Any]:
    return {
        "return_id": case.return_id,
        "order_number": case.order_number,
        "amount": Money(row.amount_minor, row.currency),
    }
