"""Taking a confirmed return back: wholly or not at all, whatever else happens."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from returns.errors import NotFound, WrongState
from returns.model import By, Question, Resolution, ReturnReason
from returns.services import (
    authorisations,
    cancelling,
    cases,
    refunds,
    replacements,
    tasks,
)
from returns.tables import held_units, refund_components
from returns.tables import refunds as refund_rows
from returns.tables import replacements as replacement_rows
from returns.unit import writing
from returns.work import WorkKind
from tests.databases import KINDS
from tests.houses import TestHouse, opened
from tests.orders import new_order
from tests.unit.returns.test_authorisations import news, work_state
from tests.unit.returns.test_money import at_once, count, open_one, refund_of, wish
from tests.unit.returns.test_parcels import (
    authorised,
    case_of,
    give,
    named,
    open_kinds,
    prove,
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.fixture(params=KINDS)
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield house


def asked(house: TestHouse, return_id: str | None = None) -> Question:
    question = cancelling.ask(house, "c1", return_id)
    assert question is not None
    return question


def cancel(house: TestHouse, return_id: str) -> list[str]:
    return named(cancelling.cancel(house, "c1", return_id))


def keep_it(house: TestHouse, talk: str = "c1") -> tuple[str, str]:
    """A parcel that never came: the refund is due and nobody has paid it yet."""
    order = new_order(house, delivered_days_ago=None, placed_days_ago=40)
    wish(house, order, talk, reasons=(ReturnReason.NOT_DELIVERED,))
    (return_id,) = cases.confirm(house, talk, "yes").return_ids
    authorisations.settle_without_goods(house, return_id)
    return return_id, str(refund_of(house, return_id).refund_id)


def replaced(house: TestHouse) -> str:
    order = new_order(house)
    told = {"reasons": (ReturnReason.WRONG_ITEM,)}
    wish(house, order, resolution=Resolution.REPLACEMENT, **told)
    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    return return_id


def test_one_question_names_the_return(house: TestHouse) -> None:
    """Nothing is cancelled by asking; the yes bears the return's own number."""
    return_id = authorised(house)
    question = asked(house)
    assert question.expects == "confirmation"
    assert question.about == return_id
    assert question.says[0].params["return_id"] == return_id
    assert question.choices[0].means == {
        "intent": "cancel_return",
        "return_id": return_id,
        "answer": "yes",
    }
    assert case_of(house, return_id)["status"] == "authorised"


def test_nothing_of_it_is_left(any_house: TestHouse) -> None:
    """Units, ledger, refund and work are free; the same goods may be returned again."""
    house = any_house
    order = new_order(house)
    return_id = open_one(house, order)
    authorisations.authorise(house, return_id)
    assert cancel(house, return_id) == ["utter_return_cancelled"]
    assert case_of(house, return_id)["status"] == "cancelled"
    tables = (held_units, refund_components, refund_rows)
    assert [count(house, table) for table in tables] == [0, 0, 0]
    assert "mail:mail_return_cancelled" in news(house, return_id)
    second = open_one(house, order, "c2")
    authorisations.authorise(house, second)
    authorisations.receive_goods(house, second, By.SUPPLIER)
    refunds.pay(house, refund_of(house, second).refund_id)
    assert house.gateways.bank.paid_minor() == 5990 + 490


def test_the_supplier_is_told_by_a_person(house: TestHouse) -> None:
    """Its number exists, and its API knows no cancelling."""
    return_id = authorised(house)
    cancel(house, return_id)
    (task,) = tasks.open_tasks(house)
    assert task.kind == "tell_supplier_cancelled"
    assert task.facts["rma_number"] == case_of(house, return_id)["rma_number"]


def test_a_supplier_that_was_just_asked_is_found_out(house: TestHouse) -> None:
    """Cancelled before its answer: the pending work reads its book, then a person."""
    return_id = open_one(house, new_order(house))
    supplier = house.gateways.any_supplier
    with house.reader.connect() as connection:
        case = connection.execute(cases.returns.select()).one()
        lines = cases.lines_of(connection, return_id)
        order = cases.repository.get_order(connection, case.order_number)
    answer = authorisations._ask_supplier(house, case, lines, order)
    cancel(house, return_id)
    assert not open_kinds(house)
    assert work_state(house, WorkKind.AUTHORISE_RETURN, return_id) == "pending"
    with pytest.raises(WrongState):
        authorisations.record_authorisation(house, return_id, answer, By.SUPPLIER)  # type: ignore[arg-type]
    authorisations.authorise(house, return_id)
    assert open_kinds(house) == ["tell_supplier_cancelled"]
    assert len(supplier.returns) == 1
    assert work_state(house, WorkKind.AUTHORISE_RETURN, return_id) == "done"


def test_a_supplier_that_was_never_asked_is_left_alone(house: TestHouse) -> None:
    """No request, no task; and none is made afterwards."""
    return_id = open_one(house, new_order(house))
    cancel(house, return_id)
    authorisations.authorise(house, return_id)
    assert not open_kinds(house)
    assert not house.gateways.any_supplier.returns


def test_again_it_says_the_same(house: TestHouse) -> None:
    """A yes that comes twice cancels once and is told twice."""
    return_id = authorised(house)
    assert cancel(house, return_id) == cancel(house, return_id)
    events = [entry["event"] for entry in case_of(house, return_id)["history"]]
    assert events.count("customer.cancelled") == 1


def test_a_parcel_under_way_is_for_a_person(house: TestHouse) -> None:
    """With a tracking number, or one that a person still checks, it is too late."""
    return_id = authorised(house)
    give(house)
    assert named(asked(house)) == ["utter_cancel_by_person"]
    assert cancel(house, return_id) == ["utter_cancel_by_person"]
    assert case_of(house, return_id)["status"] == "in_transit"


def test_a_parcel_that_is_said_to_be_sent_too(house: TestHouse) -> None:
    """An unreadable number is still a parcel under way."""
    return_id = authorised(house)
    give(house, "PAQUET-77", "m9")
    give(house, "PAQUET-77", "m10")
    assert cancel(house, return_id) == ["utter_cancel_by_person"]
    assert case_of(house, return_id)["status"] == "authorised"


def test_paid_money_is_not_taken_back(house: TestHouse) -> None:
    """After payment nothing of the case changes."""
    return_id, refund_id = keep_it(house)
    refunds.pay(house, refund_id)
    assert cancelling.ask(house, "c1", None) is None
    assert cancel(house, return_id) == ["utter_cancel_by_person"]
    assert refund_of(house, return_id).state == "paid"


def test_money_in_flight_stops_a_cancel(house: TestHouse) -> None:
    """A payment whose answer never came may have been made: all is rolled back."""
    return_id, refund_id = keep_it(house)
    refunds._take(house, refund_id)
    assert cancel(house, return_id) == ["utter_cancel_by_person"]
    assert case_of(house, return_id)["status"] == "authorised"
    assert count(house, held_units) == 1


def test_a_cancel_stops_money_that_has_not_left(house: TestHouse) -> None:
    """Due at once but unsent: cancelled, and the waiting work pays nothing."""
    return_id, refund_id = keep_it(house)
    assert cancel(house, return_id) == ["utter_return_cancelled"]
    refunds.pay(house, refund_id)
    assert not house.gateways.bank.payments
    assert work_state(house, WorkKind.PAY_REFUND, refund_id) == "done"


def test_cancel_and_pay_at_once(any_house: TestHouse) -> None:
    """Ten pay, ten cancel: paid and open, or cancelled and unpaid."""
    house = any_house
    for talk in ("c1", "c2", "c3"):
        return_id, refund_id = keep_it(house, talk)
        paid_before = len(house.gateways.bank.payments)

        acts = (
            partial(cancelling.cancel, house, talk, return_id),
            partial(refunds.pay, house, refund_id),
        )
        at_once(lambda n, both=acts: both[n % 2]())
        paid = len(house.gateways.bank.payments) - paid_before
        cancelled = case_of(house, return_id)["status"] == "cancelled"
        assert (paid, cancelled) in ((1, False), (0, True))
        money_left = refund_of(house, return_id)
        assert (money_left is None) == cancelled


def test_an_unordered_replacement_is_withdrawn(house: TestHouse) -> None:
    """Before the order row and work are gone, also for an order that comes late."""
    return_id = replaced(house)
    replacements.start(house, return_id)
    with house.reader.connect() as connection:
        row = replacements.of_return(connection, return_id)
    assert row is not None
    assert cancel(house, return_id) == ["utter_return_cancelled"]
    replacements.order(house, row.replacement_id)
    assert count(house, replacement_rows) == 0
    assert not house.gateways.any_supplier.replacements
    assert replacements.start(house, return_id) is None


def test_an_ordered_replacement_is_for_a_person(house: TestHouse) -> None:
    """What the supplier has in hand no machine takes back."""
    return_id = replaced(house)
    authorisations.authorise(house, return_id)
    (replacement_id,) = set(house.queue.subjects(WorkKind.ORDER_REPLACEMENT))
    replacements.order(house, replacement_id)
    assert cancel(house, return_id) == ["utter_cancel_by_person"]


def test_one_that_a_person_reviews_may_be_cancelled(house: TestHouse) -> None:
    """The reviewer's task is over with it."""
    order = new_order(house, lines=[{"personalised": True}])
    return_id = open_one(house, order)
    assert open_kinds(house) == ["review_return"]
    cancel(house, return_id)
    assert not open_kinds(house)


def test_which_of_two_is_asked(house: TestHouse) -> None:
    """Buttons name each return; none is cancelled by accident."""
    ids = {authorised(house), prove(house, authorised(house, "c2"))}
    question = asked(house)
    assert {choice.means["return_id"] for choice in question.choices} == ids
    chosen = min(ids)
    assert asked(house, chosen).about == chosen


def test_another_conversation_cannot_cancel_it(house: TestHouse) -> None:
    """Without a grant on the order the return does not exist."""
    return_id = authorised(house)
    with pytest.raises(NotFound):
        cancelling.cancel(house, "c9", return_id)
    assert cancelling.ask(house, "c9", None) is None
    assert case_of(house, return_id)["status"] == "authorised"


def test_a_cancelled_return_starts_nothing(house: TestHouse) -> None:
    """An action or workflow that comes late finds it cancelled."""
    return_id = open_one(house, new_order(house))
    cancel(house, return_id)
    assert refunds.start(house, return_id) is None
    with writing(house) as unit:
        authorisations.set_remedies_going(unit, return_id)
    assert count(house, refund_rows) == 0
