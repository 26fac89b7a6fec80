"""Another remedy after the yes: swapped whole, or a person decides."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from returns.errors import NotFound
from returns.model import Heard, Resolution, ReturnReason
from returns.services import authorisations, cases, refunds, replacements, wishes
from returns.tables import refund_components
from returns.tables import refunds as refund_rows
from returns.tables import replacements as replacement_rows
from returns.work import WorkKind
from tests.databases import KINDS
from tests.houses import TestHouse, heard, opened
from tests.orders import new_order
from tests.unit.returns.test_authorisations import news
from tests.unit.returns.test_cancelling import keep_it, replaced
from tests.unit.returns.test_money import at_once, count, open_one, refund_of, wish
from tests.unit.returns.test_parcels import authorised, case_of, give, named

REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT
INSTEAD = "finalement non, remboursez-moi plutôt"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.fixture(params=KINDS)
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield house


def money_instead(text: str = INSTEAD) -> Heard:
    return heard("m30", "request_refund", text=text)


def faulty(house: TestHouse) -> str:
    """A wrong item that shall be refunded, and might be replaced."""
    wish(house, new_order(house), reasons=(ReturnReason.WRONG_ITEM,))
    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    return return_id


def change(house: TestHouse, return_id: str, to: Resolution) -> list[str]:
    return named(wishes.answer(house, "c1", return_id, to, True))


def resolution(house: TestHouse, return_id: str) -> str:
    (line,) = case_of(house, return_id)["lines"]
    return str(line["resolution"])


def test_a_correction_is_asked_about_first(house: TestHouse) -> None:
    """One question that names the return; nothing changes before the yes."""
    return_id = replaced(house)
    assert wishes.concerns(house, money_instead())
    asked = wishes.ask(house, money_instead())
    assert named(asked) == ["utter_ask_change_to_refund"]
    assert (asked.expects, asked.about) == ("confirmation", return_id)
    assert resolution(house, return_id) == "replacement"


@pytest.mark.parametrize("text", ["je veux être remboursée", "remboursez la lampe"])
def test_a_plain_wish_opens_something_new(house: TestHouse, text: str) -> None:
    """Only words that correct, without a new order or reason, mean the old return."""
    replaced(house)
    assert not wishes.concerns(house, money_instead(text))
    other = heard("m30", "request_refund", text=INSTEAD, order_number="FR-1")
    assert not wishes.concerns(house, other)


def test_the_same_wish_again_changes_nothing(house: TestHouse) -> None:
    """Who has a refund and insists on it corrects nothing."""
    faulty(house)
    assert not wishes.concerns(house, money_instead())


def test_a_replacement_becomes_a_refund(any_house: TestHouse) -> None:
    """The order's row is gone, goods and delivery are reserved and later paid."""
    house = any_house
    return_id = replaced(house)
    replacements.start(house, return_id)
    assert change(house, return_id, REFUND) == ["utter_wish_changed_refund"]
    assert resolution(house, return_id) == "refund"
    assert count(house, replacement_rows) == 0
    assert refund_of(house, return_id).amount_minor == 5990 + 490
    assert "mail:mail_changed_to_refund" in news(house, return_id)
    authorisations.authorise(house, return_id)
    assert not house.gateways.any_supplier.replacements


def test_a_refund_becomes_a_replacement(any_house: TestHouse) -> None:
    """The reservation is released, and the order goes out where all is authorised."""
    house = any_house
    return_id = faulty(house)
    authorisations.authorise(house, return_id)
    assert change(house, return_id, REPLACEMENT) == ["utter_wish_changed_replacement"]
    assert count(house, refund_rows) == count(house, refund_components) == 0
    (replacement_id,) = set(house.queue.subjects(WorkKind.ORDER_REPLACEMENT))
    replacements.order(house, replacement_id)
    assert sum(house.gateways.any_supplier.replacements.values()) == 1


def test_back_and_forth_pays_once(house: TestHouse) -> None:
    """Changed twice, the money is reserved and paid like any other."""
    return_id = faulty(house)
    change(house, return_id, REPLACEMENT)
    change(house, return_id, REFUND)
    assert change(house, return_id, REFUND) == ["utter_wish_changed_refund"]
    authorisations.authorise(house, return_id)
    give(house)
    assert refund_of(house, return_id).due_on is not None
    assert refund_of(house, return_id).amount_minor == 5990 + 490


def test_what_is_ordered_or_paid_is_for_a_person(house: TestHouse) -> None:
    """Nothing changes; a person is offered."""
    return_id = replaced(house)
    authorisations.authorise(house, return_id)
    (replacement_id,) = set(house.queue.subjects(WorkKind.ORDER_REPLACEMENT))
    replacements.order(house, replacement_id)
    assert named(wishes.ask(house, money_instead())) == ["utter_wish_by_person"]
    assert change(house, return_id, REFUND) == ["utter_wish_by_person"]
    assert resolution(house, return_id) == "replacement"
    assert refund_of(house, return_id) is None


def test_what_the_law_does_not_give_is_for_a_person(house: TestHouse) -> None:
    """A change of mind gives money back, not another one; all is rolled back."""
    return_id = open_one(house, new_order(house))
    refunds.start(house, return_id)
    assert change(house, return_id, REPLACEMENT) == ["utter_wish_by_person"]
    assert refund_of(house, return_id).state == "due"
    assert resolution(house, return_id) == "refund"


def test_a_no_keeps_it(house: TestHouse) -> None:
    """And says so."""
    return_id = replaced(house)
    kept = wishes.answer(house, "c1", return_id, REFUND, False)
    assert named(kept) == ["utter_wish_kept"]
    assert resolution(house, return_id) == "replacement"


def test_another_conversation_changes_nothing(house: TestHouse) -> None:
    """Without a grant the return does not exist."""
    return_id = authorised(house)
    with pytest.raises(NotFound):
        wishes.answer(house, "c9", return_id, REPLACEMENT, True)


def test_change_and_pay_at_once(any_house: TestHouse) -> None:
    """Ten pay, ten change: either the money left or the goods are ordered, not both."""
    house = any_house
    return_id, refund_id = keep_it(house)
    acts = (
        partial(wishes.answer, house, "c1", return_id, REPLACEMENT, True),
        partial(refunds.pay, house, refund_id),
    )
    at_once(lambda n: acts[n % 2]())
    paid = len(house.gateways.bank.payments)
    assert (paid, resolution(house, return_id)) in ((1, "refund"), (0, "replacement"))
    assert count(house, replacement_rows) == 1 - paid
