"""Proof of sending: which return, which number, and the refund that it brings."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from returns.amounts import BadAmount
from returns.errors import WrongState
from returns.model import By, Question, Resolution, ReturnReason
from returns.services import (
    aftercare,
    authorisations,
    finishing,
    parcels,
    refunds,
    reminders,
    statuses,
    tasks,
    views,
)
from returns.services.finishing import Given
from returns.tables import grants
from returns.unit import writing
from returns.work import WorkKind
from tests.databases import KINDS
from tests.houses import TestHouse, heard, opened
from tests.orders import new_order
from tests.unit.returns.test_authorisations import news
from tests.unit.returns.test_money import at_once, open_one, refund_of, wish

COLISSIMO = "6A12345678901"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.fixture(params=KINDS)
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield house


def authorised(house: TestHouse, conversation: str = "c1", **order: Any) -> str:
    return_id = open_one(house, new_order(house, **order), conversation)
    authorisations.authorise(house, return_id)
    return return_id


def prove(house: TestHouse, return_id: str, conversation: str = "c1") -> str:
    """The order of a return that another conversation opened is proved here too."""
    values = {"level": 1, "granted_at": house.clock.now()}
    number = case_of(house, return_id)["order_number"]
    with writing(house) as unit:
        unit.connection.execute(
            grants.insert().values(
                conversation_id=conversation,
                order_number=number,
                last_used_at=house.clock.now(),
                **values,
            )
        )
    return return_id


def give(
    house: TestHouse, number: str | None = COLISSIMO, message: str = "m9", **facts: Any
) -> Question:
    facts = {"conversation_id": "c1", "tracking_number": number, **facts}
    said = heard(message, "give_tracking_number", **facts)
    return parcels.give_tracking_number(house, said)


def case_of(house: TestHouse, return_id: str) -> dict[str, Any]:
    return {r["return_id"]: r for r in views.all_returns(house)}[return_id]


def named(question: Question) -> list[str]:
    return [say.response for say in question.says]


def open_kinds(house: TestHouse) -> list[str]:
    return sorted(task.kind for task in tasks.open_tasks(house))


def test_a_number_sets_the_parcel_out_and_a_day(house: TestHouse) -> None:
    """In transit, the number kept, the refund due when the waiting days are over."""
    return_id = authorised(house)
    assert named(give(house)) == ["utter_tracking_noted"]
    told = case_of(house, return_id)
    assert (told["status"], told["tracking_number"]) == ("in_transit", COLISSIMO)
    money = refund_of(house, return_id)
    assert money.due_at is None
    assert money.due_on == NOON + timedelta(days=5)


def test_the_refund_falls_due_after_the_waiting_days(any_house: TestHouse) -> None:
    """A day before nothing is paid; then once, however often the calendar is read."""
    house = any_house
    return_id = authorised(house)
    give(house)
    house.clock.move(days=4)
    reminders.look(house)
    assert not house.queue.subjects(WorkKind.PAY_REFUND)
    house.clock.move(days=1)
    at_once(lambda _: reminders.look(house))
    assert set(house.queue.subjects(WorkKind.PAY_REFUND)) == {
        refund_of(house, return_id).refund_id
    }
    refunds.pay(house, refund_of(house, return_id).refund_id)
    reminders.look(house)
    assert house.gateways.bank.paid_minor() == 5990 + 490
    assert case_of(house, return_id)["status"] == "in_transit"


def test_goods_before_the_day_pay_at_once(house: TestHouse) -> None:
    """The first of goods and proof counts: once received, no day is waited for."""
    return_id = authorised(house)
    give(house)
    authorisations.receive_goods(house, return_id, By.SUPPLIER)
    refund_id = refund_of(house, return_id).refund_id
    assert house.queue.subjects(WorkKind.PAY_REFUND) == [refund_id]
    refunds.pay(house, refund_id)
    house.clock.move(days=6)
    reminders.look(house)
    assert len(house.gateways.bank.payments) == 1
    assert case_of(house, return_id)["status"] == "closed"


@pytest.mark.parametrize(
    ("waiting", "days_left", "wanted"),
    [(5, 14, 5), (5, 3, 2), (30, 14, 13), (5, -1, 0), (0, 14, 0)],
)
def test_never_later_than_the_laws_day(
    waiting: int, days_left: int, wanted: int
) -> None:
    """The payment leaves a day before the law's last; past it, at once (W12)."""
    law = NOON + timedelta(days=days_left)
    due = parcels.due_after_proof(NOON, waiting, law)
    assert due == NOON + timedelta(days=wanted)


def test_the_same_number_again_changes_nothing(house: TestHouse) -> None:
    """Told as before, also when the message is new."""
    return_id = authorised(house)
    first = give(house)
    house.clock.move(days=1)
    assert named(give(house, message="m10")) == named(first)
    assert refund_of(house, return_id).due_on == NOON + timedelta(days=5)
    assert not open_kinds(house)


def test_a_number_belongs_to_one_return(any_house: TestHouse) -> None:
    """Given for two returns at once from many sides, one has it, a person the other."""
    house = any_house
    ids = [authorised(house, f"c{n}") for n in range(2)]

    def tell(n: int) -> Question:
        return give(house, message=f"m{n}", conversation_id=f"c{n % 2}")

    at_once(tell)
    states = sorted(case_of(house, one)["status"] for one in ids)
    assert states == ["authorised", "in_transit"]
    assert open_kinds(house) == ["check_proof"]
    dues = [refund_of(house, one).due_on for one in ids]
    assert sum(due is not None for due in dues) == 1


def test_an_unknown_form_is_asked_for_once_more(house: TestHouse) -> None:
    """Then it is kept as text for a person, and nothing is promised."""
    return_id = authorised(house)
    again = give(house, "PAQUET-77", "m9")
    assert named(again) == ["utter_tracking_unreadable"]
    assert again.expects == "tracking_number"
    assert named(give(house, "PAQUET-77", "m9")) == ["utter_tracking_unreadable"]
    assert named(give(house, "PAQUET-77", "m10")) == ["utter_tracking_by_person"]
    assert case_of(house, return_id)["status"] == "authorised"
    (task,) = tasks.open_tasks(house)
    assert task.facts == {"why": "unknown_format", "number": "PAQUET-77"}
    assert refund_of(house, return_id).due_on is None


def test_a_person_may_believe_it(house: TestHouse) -> None:
    """Accepted, the parcel is in transit and the waiting days run from then."""
    return_id = authorised(house)
    give(house, "PAQUET-77", "m9")
    give(house, "PAQUET-77", "m10")
    (task,) = tasks.open_tasks(house)
    house.clock.move(days=1)
    aftercare.proof_checked(house, task, True, "lea")
    told = case_of(house, return_id)
    assert (told["status"], told["tracking_number"]) == ("in_transit", "PAQUET77")
    assert refund_of(house, return_id).due_on == NOON + timedelta(days=6)


def test_a_person_who_does_not_believe_it_waits_for_the_goods(house: TestHouse) -> None:
    """Nothing falls due; the goods still bring the refund."""
    return_id = authorised(house)
    give(house, "PAQUET-77", "m9")
    give(house, "PAQUET-77", "m10")
    (task,) = tasks.open_tasks(house)
    aftercare.proof_checked(house, task, False, "lea")
    assert refund_of(house, return_id).due_on is None
    authorisations.receive_goods(house, return_id, By.SUPPLIER)
    assert refund_of(house, return_id).due_at is not None


def test_a_large_amount_is_looked_at(house: TestHouse) -> None:
    """Above shop.yml's limit the proof goes to a person; the parcel is noted."""
    return_id = authorised(house, lines=[{"paid_minor": 20_000}])
    assert named(give(house)) == ["utter_tracking_noted"]
    assert case_of(house, return_id)["status"] == "in_transit"
    assert refund_of(house, return_id).due_on is None
    (task,) = tasks.open_tasks(house)
    assert (task.kind, task.facts["why"]) == ("check_proof", "amount")
    (told,) = statuses.tell(house, "c1")
    responses = [say.response for say in told.params["next"]]
    assert "utter_refund_proof_checked" in responses
    aftercare.proof_checked(house, task, True, "lea")
    assert refund_of(house, return_id).due_on is not None


def test_several_returns_are_asked_about(house: TestHouse) -> None:
    """Which of two is never guessed; the button says it."""
    first = authorised(house)
    second = prove(house, authorised(house, "c2"))
    asked = give(house)
    assert named(asked) == ["utter_ask_which_parcel"]
    chosen = {choice.means["return_id"]: choice.means for choice in asked.choices}
    assert set(chosen) == {first, second}
    number = chosen[second]["tracking_number"]
    give(house, number, "m10", return_id=second)
    states = [case_of(house, one)["status"] for one in (first, second)]
    assert states == ["authorised", "in_transit"]


def test_posted_without_a_number_asks_for_it(house: TestHouse) -> None:
    """« C'est posté » is answered with the question for the number."""
    authorised(house)
    asked = give(house, None)
    assert (named(asked), asked.expects) == (
        ["utter_ask_tracking_number"],
        "tracking_number",
    )


def test_a_number_before_the_address_is_for_a_person(house: TestHouse) -> None:
    """Where the parcel went nobody knows: no day is promised."""
    return_id = open_one(house, new_order(house))
    assert named(give(house)) == ["utter_tracking_by_person"]
    assert case_of(house, return_id)["status"] == "requested"
    assert open_kinds(house) == ["check_proof"]


def test_without_a_return_nothing_is_noted(house: TestHouse) -> None:
    """A number of somebody who has no return here is not stored."""
    authorised(house, "c2")
    assert named(give(house)) == ["utter_no_return_for_parcel"]
    assert not open_kinds(house)


def test_advanced_postage_is_paid_back_by_a_person(house: TestHouse) -> None:
    """At the merchant's cost and without a label: a task due in 14 days, then news."""
    order = new_order(house)
    told = {"reasons": (ReturnReason.DAMAGED_IN_TRANSIT,)}
    wish(house, order, resolution=Resolution.REFUND, **told)
    from returns.services import cases

    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    authorisations.authorise(house, return_id)
    give(house)
    authorisations.receive_goods(house, return_id, By.SUPPLIER)
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "pay_postage"]
    assert task.due_at == NOON + timedelta(days=14)
    with pytest.raises(WrongState):
        finishing.finish(house, task, Given(reference="VIR-9"), "lea")
    with pytest.raises(BadAmount):
        finishing.finish(house, task, Given(reference="V", amount="12,345"), "lea")
    finishing.finish(house, task, Given(reference="VIR-9", amount="12,40"), "lea")
    assert "chat:news_postage_paid" in news(house, return_id)
    paid = tasks.find_task(house, task.task_id).facts
    assert (paid["amount_minor"], paid["currency"]) == (1240, "EUR")


def test_who_pays_the_way_back_alone_is_owed_no_postage(house: TestHouse) -> None:
    """A withdrawal at the customer's cost opens no such task."""
    authorised(house)
    give(house)
    assert not open_kinds(house)
