"""The statement's receipt (law F5): what was stated, when, and no word too much."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from returns.formats import Moment, params_from_json
from returns.model import By, Resolution, ReturnReason, Say
from returns.services import authorisations, cases, drafts
from returns.tables import notices
from tests.houses import FRIDAY_NOON, TestHouse, ask, heard, opened, tell_all
from tests.orders import new_order

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


def confirm(house: TestHouse) -> tuple[str, ...]:
    return cases.confirm(house, "c1", "yes").return_ids


def receipts(house: TestHouse) -> list[dict[str, Any]]:
    """The params of the acknowledgements, typed."""
    query = sa.select(notices.c.params).where(
        notices.c.response == "utter_mail_return_opened"
    )
    with house.reader.connect() as connection:
        return [params_from_json(row.params) for row in connection.execute(query)]


def facts(params: dict[str, Any]) -> dict[str, Any]:
    """By label; the last of several with the same label."""
    return {
        label.response.removeprefix("utter_label_"): value
        for label, value in params["facts"]
    }


def test_a_withdrawal_counts_from_the_first_clear_sentence(house: TestHouse) -> None:
    """Date and time are the statement's, not the yes's that came later (N1, F5)."""
    drafts.hear(house, heard("m0", "withdraw_from_contract"))
    house.clock.move(minutes=7)
    tell_all(house, new_order(house))
    confirm(house)
    (receipt,) = receipts(house)
    assert receipt["at"] == facts(receipt)["stated_at"] == Moment(FRIDAY_NOON)
    assert receipt["what"] == Say("utter_opened_withdrawal")


def test_without_an_earlier_statement_the_yes_is_the_statement(
    house: TestHouse,
) -> None:
    """Whoever only confirms the recap has stated it then."""
    tell_all(house, new_order(house), reasons=(R.TOO_SMALL,), resolution=REFUND)
    house.clock.move(minutes=9)
    confirm(house)
    (receipt,) = receipts(house)
    assert receipt["at"] == Moment(FRIDAY_NOON + timedelta(minutes=9))
    assert receipt["what"] == Say("utter_opened_withdrawal")


def test_the_receipt_repeats_what_was_stated(house: TestHouse) -> None:
    """Items, quantities, wish and the withdrawal itself; no reason where none is."""
    order = new_order(house, lines=[{"quantity": 3, "paid_minor": 9000}])
    drafts.hear(house, heard("m0", "withdraw_from_contract"))
    tell_all(house, order, no_reason=True)
    drafts.hear(house, heard("m2", "inform", quantity=2))
    assert ask(house).expects == "confirmation"
    confirm(house)
    told = facts(receipts(house)[0])
    item, paid, wish = told["item"]
    assert (item.params["quantity"], item.params["variant"]) == (2, "38")
    assert paid.params["amount"].minor == 6000
    assert wish == Say("utter_fact_wish_refund")
    assert told["statement"] == [Say("utter_fact_withdrawn"), item]
    assert told["payer"] == Say("utter_fact_payer_customer")


def test_a_complaint_is_no_withdrawal(house: TestHouse) -> None:
    """Who asks for a replacement of torn goods has not withdrawn from anything."""
    torn = (R.DAMAGED_IN_TRANSIT,)
    tell_all(house, new_order(house), reasons=torn, resolution=REPLACEMENT)
    confirm(house)
    (receipt,) = receipts(house)
    assert receipt["what"] == Say("utter_opened_request")
    assert "statement" not in facts(receipt)
    reason = Say("utter_reason_damaged_in_transit")
    assert Say("utter_fact_item_reason", {"reason": reason}) in facts(receipt)["item"]


def test_a_stated_withdrawal_is_acknowledged_whatever_policy_finds(
    house: TestHouse,
) -> None:
    """A better ground for the customer does not unsay the statement."""
    drafts.hear(house, heard("m0", "withdraw_from_contract"))
    tell_all(house, new_order(house), reasons=(R.DAMAGED_IN_TRANSIT,))
    confirm(house)
    (receipt,) = receipts(house)
    assert receipt["what"] == Say("utter_opened_withdrawal")


def test_the_receipt_tells_the_state_after_the_yes(house: TestHouse) -> None:
    """Goods that never came need no return: the mail says so, not that it waits."""
    never = new_order(house, delivered_days_ago=None, placed_days_ago=60)
    tell_all(house, never, reasons=(R.NOT_DELIVERED,), resolution=REFUND)
    confirm(house)
    (receipt,) = receipts(house)
    assert receipt["state"] == Say("utter_opened_authorised")
    assert facts(receipt)["payer"] == Say("utter_fact_nothing_to_send")


def test_each_return_has_one_receipt(house: TestHouse) -> None:
    """Two suppliers are two returns and two mails, also when the yes is repeated."""
    order = new_order(house, lines=[{}, {"supplier": "Maison Lumen"}])
    every = tuple(line["line_id"] for line in order["lines"])
    told: dict[str, Any] = {"reasons": (R.CHANGED_MIND,), "resolution": REFUND}
    tell_all(house, order, line_ids=every, **told)
    opened_ids = confirm(house)
    assert confirm(house) == opened_ids
    for return_id in opened_ids:
        authorisations.authorise(house, return_id)
        authorisations.receive_goods(house, return_id, By.SUPPLIER)
    receipts_for = sorted(receipt["return_id"] for receipt in receipts(house))
    assert receipts_for == sorted(opened_ids)
