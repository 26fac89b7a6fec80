"""Deductions with evidence, and what the law adds: by people, told, never twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from returns import ids
from returns.errors import AdjustmentRefused, PartnerUnknown, ReturnsError, WrongState
from returns.formats import params_from_json
from returns.model import By, Resolution, ReturnReason
from returns.services import (
    adjustments,
    authorisations,
    cases,
    falling_due,
    finishing,
    refunds,
    tasks,
    uploads,
    views,
)
from returns.services.adjustments import Compensation, Deduction
from returns.services.finishing import Given
from returns.tables import (
    notices,
    refund_components,
    return_history,
    return_lines,
)
from returns.tables import refunds as refund_rows
from returns.unit import writing
from returns.work import WorkKind
from tests.databases import KINDS
from tests.houses import TestHouse, opened, tell_all
from tests.orders import new_order
from tests.pictures import photo
from tests.unit.returns.test_money import at_once, fall_due, open_one, refund_of

WHY = "La robe a été portée : taches au col, voir la photo."
WHOLE, DELIVERY = 5990, 490
ALONE = 100_000


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.fixture(params=KINDS)
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield house


def picture(house: TestHouse, conversation: str = "c1") -> str:
    return uploads.keep(house, conversation, photo(), by_staff=True)


def withdrawn(house: TestHouse, conversation: str = "c1", **order: Any) -> str:
    """A withdrawal whose refund waits for the goods; the return's id."""
    return_id = open_one(house, new_order(house, **order), conversation)
    authorisations.authorise(house, return_id)
    return return_id


def from_unit(
    house: TestHouse, return_id: str, minor: int = 1000, **changes: Any
) -> Deduction:
    with house.reader.connect() as connection:
        line = cases.lines_of(connection, return_id)[0]
    told = {
        "line_id": line.line_id,
        "unit_no": 1,
        "amount_minor": minor,
        "reason": WHY,
        "pictures": (picture(house),),
        **changes,
    }
    return Deduction(return_id, **told)


def told(house: TestHouse, response: str) -> list[Any]:
    with house.reader.connect() as connection:
        query = sa.select(notices).where(notices.c.response == f"utter_{response}")
        return list(connection.execute(query))


def open_kinds(house: TestHouse) -> list[str]:
    return sorted(task.kind for task in tasks.open_tasks(house))


def task_of(house: TestHouse, kind: str) -> tasks.Task:
    (task,) = [one for one in tasks.open_tasks(house) if one.kind == kind]
    return task


def events(house: TestHouse, return_id: str) -> list[tuple[str, str, str | None]]:
    query = sa.select(return_history).where(return_history.c.return_id == return_id)
    with house.reader.connect() as connection:
        rows = connection.execute(query.order_by(return_history.c.entry_id))
        return [(row.event, row.by, row.who) for row in rows]


def test_a_deduction_lowers_what_is_paid(any_house: TestHouse) -> None:
    """Told at once with amount, reason and what is left; the bank pays the rest."""
    house = any_house
    return_id = withdrawn(house)
    key = refund_of(house, return_id).payment_key
    assert adjustments.enter(house, from_unit(house, return_id), "Inès") is True
    lowered = refund_of(house, return_id)
    assert lowered.amount_minor == WHOLE - 1000 + DELIVERY
    assert lowered.payment_key != key
    for response in ("news_deduction", "mail_deduction"):
        (notice,) = told(house, response)
        params = params_from_json(notice.params)
        assert (params["amount"].minor, params["reason"]) == (1000, WHY)
        assert params["left"].minor == lowered.amount_minor
    assert ("deduction.set", "staff", "Inès") in events(house, return_id)
    refunds.pay(house, fall_due(house, return_id))
    assert house.gateways.bank.paid_minor() == WHOLE - 1000 + DELIVERY
    (shown,) = views.all_returns(house)
    (one,) = shown["adjustments"]
    assert (one["kind"], one["rule"], one["state"]) == ("deduction", "W14", "set")
    assert shown["refund"]["amount_minor"] == WHOLE - 1000 + DELIVERY
    assert "deduction.set" in [entry["event"] for entry in shown["history"]]


def test_the_same_again_is_the_same(any_house: TestHouse) -> None:
    """Twenty double clicks: one deduction, one notice; another one is refused."""
    house = any_house
    return_id = withdrawn(house)
    wanted = from_unit(house, return_id)
    assert at_once(lambda _: adjustments.enter(house, wanted, "Inès")) == [True] * 20
    assert refund_of(house, return_id).amount_minor == WHOLE - 1000 + DELIVERY
    assert len(told(house, "news_deduction")) == 1
    more = from_unit(house, return_id, 500)
    with pytest.raises(AdjustmentRefused) as refused:
        adjustments.enter(house, more, "Inès")
    assert refused.value.reason == "unit_has_one"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_minor": 0}, "too_much"),
        ({"amount_minor": -5}, "too_much"),
        ({"amount_minor": WHOLE + 1}, "too_much"),
        ({"unit_no": 2}, "too_much"),
        ({"unit_no": 0}, "too_much"),
        ({"line_id": "another's"}, "no_withdrawal"),
        ({"reason": " \n"}, "no_reason"),
        ({"reason": "x" * 1001}, "no_reason"),
        ({"pictures": ()}, "no_picture"),
        ({"pictures": ("not-a-picture",)}, "no_picture"),
    ],
)
def test_what_cannot_be_deducted(
    house: TestHouse, changes: dict[str, Any], reason: str
) -> None:
    """Nothing is kept, nothing told, the refund is as it was."""
    return_id = withdrawn(house)
    with pytest.raises(AdjustmentRefused) as refused:
        adjustments.enter(house, from_unit(house, return_id, **changes), "Inès")
    assert refused.value.reason == reason
    assert refund_of(house, return_id).amount_minor == WHOLE + DELIVERY
    assert not told(house, "news_deduction")
    assert views.all_returns(house)[0]["adjustments"] == []


def test_another_customers_picture_shows_nothing(house: TestHouse) -> None:
    """Evidence is of this return or its conversation, beside good pictures too."""
    return_id = withdrawn(house)
    foreign = picture(house, "c9")
    for pictures in ((foreign,), (picture(house), foreign)):
        wanted = from_unit(house, return_id, pictures=pictures)
        with pytest.raises(AdjustmentRefused):
            adjustments.enter(house, wanted, "Inès")


def test_only_a_withdrawal_loses_value(house: TestHouse) -> None:
    """C08: the full price of what was faulty; W14: nothing from who was not told."""
    faulty = new_order(house)
    why = {"reasons": (ReturnReason.DAMAGED_IN_TRANSIT,)}
    tell_all(house, faulty, "c1", resolution=Resolution.REFUND, **why)
    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    authorisations.authorise(house, return_id)
    untold = withdrawn(house, "c2", withdrawal_informed=False)
    for case, reason in ((return_id, "no_withdrawal"), (untold, "not_informed")):
        with pytest.raises(AdjustmentRefused) as refused:
            adjustments.enter(house, from_unit(house, case), "Inès")
        assert refused.value.reason == reason


def test_no_deduction_once_the_payment_is_on_its_way(house: TestHouse) -> None:
    """Also while nobody knows whether the bank paid (X4)."""
    return_id = withdrawn(house)
    refund_id = fall_due(house, return_id)
    house.gateways.bank.silences = 1
    wanted = from_unit(house, return_id)
    with pytest.raises(PartnerUnknown):
        refunds.pay(house, refund_id)
    for _ in range(2):
        with pytest.raises(AdjustmentRefused) as refused:
            adjustments.enter(house, wanted, "Inès")
        assert refused.value.reason == "no_refund"
        refunds.pay(house, refund_id)
    assert house.gateways.bank.paid_minor() == WHOLE + DELIVERY


def test_no_deduction_from_what_the_bank_may_have_paid(house: TestHouse) -> None:
    """The bank's book has another sum, a person looks: the payment was sent (X9)."""
    return_id = withdrawn(house)
    refund_id = fall_due(house, return_id)
    with writing(house) as unit:
        unit.connection.execute(
            refund_rows.update().values(state="manual", first_sent_at=unit.now)
        )
    with pytest.raises(AdjustmentRefused):
        adjustments.enter(house, from_unit(house, return_id), "Inès")
    assert refund_of(house, return_id).refund_id == refund_id


def test_paying_and_deducting_at_once(any_house: TestHouse) -> None:
    """Whoever is first: what the bank paid is what the ledger says, once."""
    house = any_house
    for number in range(3):
        talk = f"race{number}"
        return_id = withdrawn(house, talk)
        shown = (picture(house, talk),)
        wanted = from_unit(house, return_id, pictures=shown)
        refund_id = fall_due(house, return_id)

        def act(n: int, wanted: Deduction = wanted, refund: str = refund_id) -> None:
            if n % 2:
                adjustments.enter(house, wanted, "Inès")
            else:
                refunds.pay(house, refund)

        at_once(act)
        refunds.pay(house, refund_id)
        row = refund_of(house, return_id)
        paid = [
            order.amount_minor
            for order in house.gateways.bank.payments.values()
            if order.refund_id == refund_id
        ]
        assert (row.state, paid) == ("paid", [row.amount_minor])


def test_all_of_a_unit_may_be_deducted(house: TestHouse) -> None:
    """Then no bank is asked to pay nothing, and no news says that it did."""
    free = {"paid_minor": 0, "standard_minor": 0}
    return_id = withdrawn(house, shipping=free)
    assert adjustments.enter(house, from_unit(house, return_id, WHOLE), "Inès")
    refunds.pay(house, fall_due(house, return_id))
    assert refund_of(house, return_id).state == "paid"
    assert not house.gateways.bank.payments
    assert not told(house, "news_refund_paid")


def test_above_the_limit_a_second_person_confirms(any_house: TestHouse) -> None:
    """The first one, under any spelling, cannot; nothing is lowered or told before."""
    house = any_house
    return_id = withdrawn(house, lines=[{"paid_minor": 300_000}])
    wanted = from_unit(house, return_id, ALONE + 1)
    for _ in range(2):
        assert adjustments.enter(house, wanted, "Inès") is False
    assert refund_of(house, return_id).amount_minor == 300_000 + DELIVERY
    assert not told(house, "news_deduction")
    task = task_of(house, "confirm_adjustment")
    with pytest.raises(WrongState):
        finishing.finish(house, task, Given(decision="allow"), " INES")
    assert finishing.finish(house, task, Given(decision="allow"), "Marc")
    assert refund_of(house, return_id).amount_minor == 300_000 + DELIVERY - ALONE - 1
    assert len(told(house, "news_deduction")) == 1
    who = {(event, name) for event, _, name in events(house, return_id) if name}
    assert who == {("staff.asked", "Inès"), ("deduction.set", "Marc")}


def test_a_declined_deduction_leaves_all_as_it_was(house: TestHouse) -> None:
    """The unit is free for another one; exactly the same is not asked again."""
    return_id = withdrawn(house, lines=[{"paid_minor": 300_000}])
    wanted = from_unit(house, return_id, ALONE + 1)
    adjustments.enter(house, wanted, "Inès")
    task = task_of(house, "confirm_adjustment")
    finishing.finish(house, task, Given(decision="decline"), "Marc")
    assert refund_of(house, return_id).amount_minor == 300_000 + DELIVERY
    assert not told(house, "news_deduction")
    with pytest.raises(AdjustmentRefused):
        adjustments.enter(house, wanted, "Inès")
    assert adjustments.enter(house, from_unit(house, return_id, 500), "Inès")


def test_splitting_a_sum_does_not_spare_the_second_person(house: TestHouse) -> None:
    """All of one kind in a return count together."""
    return_id = withdrawn(house)
    parts = [Compensation(return_id, "W15", ALONE, f"part {n}") for n in range(2)]
    assert adjustments.enter(house, parts[0], "Inès") is True
    assert adjustments.enter(house, parts[1], "Inès") is False


def test_where_a_person_pays_the_task_has_the_lowered_sum(house: TestHouse) -> None:
    """The manual method: what is still to pay is what the task says."""
    manual = {"method": "manual", "reference": "CHQ-1"}
    return_id = withdrawn(house, payment=manual)
    fall_due(house, return_id)
    assert adjustments.enter(house, from_unit(house, return_id), "Inès")
    task = task_of(house, "pay_refund")
    assert task.facts["amount_minor"] == WHOLE - 1000 + DELIVERY
    finishing.finish(house, task, Given(reference="VIR-1"), "Inès")
    assert refund_of(house, return_id).state == "paid"


@pytest.mark.parametrize("rule", ["C09", "D04", "D10", "W15"])
def test_a_compensation_is_paid_by_a_person(house: TestHouse, rule: str) -> None:
    """On top of all that was captured, after the refund too; told, and told again."""
    return_id = withdrawn(house)
    refunds.pay(house, fall_due(house, return_id))
    wanted = Compensation(return_id, rule, 700, WHY)
    for _ in range(2):
        assert adjustments.enter(house, wanted, "Inès") is True
    task = task_of(house, "pay_compensation")
    assert (task.facts["amount_minor"], task.facts["rule"]) == (700, rule)
    assert task.due_at is not None
    assert len(told(house, "news_compensation")) == 1
    finishing.finish(house, task, Given(reference="VIR-2"), "Inès")
    with pytest.raises(WrongState):
        finishing.finish(house, task, Given(reference="VIR-3"), "Inès")
    (shown,) = views.all_returns(house)
    assert shown["adjustments"][0]["state"] == "paid"
    assert shown["refund"]["amount_minor"] == WHOLE + DELIVERY
    assert house.gateways.bank.paid_minor() == WHOLE + DELIVERY
    assert len(told(house, "news_compensation_paid")) == 1
    mail = params_from_json(told(house, "mail_compensation")[0].params)
    assert mail["mediator"] == house.shop.mediator.name


def test_a_compensation_needs_a_rule_of_the_law(house: TestHouse) -> None:
    """A gesture is none, nor a sum of nothing or beyond all sense."""
    return_id = withdrawn(house)
    for rule, minor in (("W14", 100), ("", 100), ("W15", 0), ("W15", 10**9)):
        with pytest.raises(AdjustmentRefused):
            adjustments.enter(house, Compensation(return_id, rule, minor, WHY), "I")
    assert not tasks.open_tasks(house)


def test_a_large_compensation_is_confirmed_and_paid_by_two(house: TestHouse) -> None:
    """One asks, one confirms; one asks to pay, another one pays."""
    return_id = withdrawn(house)
    wanted = Compensation(return_id, "D04", ALONE + 1, WHY)
    assert adjustments.enter(house, wanted, "Inès") is False
    task = task_of(house, "confirm_adjustment")
    finishing.finish(house, task, Given(decision="allow"), "Marc")
    pay, paid = task_of(house, "pay_compensation"), Given(reference="VIR-2")
    assert finishing.finish(house, pay, paid, "Marc") is False
    with pytest.raises(WrongState):
        finishing.finish(house, pay, paid, "marc")
    assert finishing.finish(house, pay, paid, "Inès") is True


def test_goods_that_may_have_lost_value_are_looked_at_first(house: TestHouse) -> None:
    """W14: the refund waits for a person, who deducts or not; then the machine pays."""
    return_id = withdrawn(house)
    with writing(house) as unit:
        unit.connection.execute(return_lines.update().values(rules=["W01", "W14"]))
    refund_id = fall_due(house, return_id)
    assert not house.queue.subjects(WorkKind.PAY_REFUND)
    task = task_of(house, "check_value")
    assert task.due_at is not None
    assert adjustments.enter(house, from_unit(house, return_id), "Inès")
    finishing.finish(house, task_of(house, "check_value"), Given(), "Inès")
    assert house.queue.subjects(WorkKind.PAY_REFUND) == [refund_id]
    refunds.pay(house, refund_id)
    assert house.gateways.bank.paid_minor() == WHOLE - 1000 + DELIVERY


def test_a_refund_waits_for_a_deduction_that_was_asked(house: TestHouse) -> None:
    """Goods that come back meanwhile do not pay it out, nor does a quick click."""
    return_id = withdrawn(house, lines=[{"paid_minor": 300_000}])
    adjustments.enter(house, from_unit(house, return_id, ALONE + 1), "Inès")
    fall_due(house, return_id)
    look = task_of(house, "check_value")
    with pytest.raises(WrongState):
        falling_due.value_checked(house, look, "Inès")
    confirm = task_of(house, "confirm_adjustment")
    finishing.finish(house, confirm, Given(decision="allow"), "Marc")
    falling_due.value_checked(house, look, "Inès")
    assert open_kinds(house) == []


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["deduct", "compensate", "receive", "pay", "confirm"]),
        st.integers(0, 2),
        st.integers(-100, 130_000),
    ),
    min_size=3,
    max_size=12,
)


@given(ACTS, st.lists(st.integers(1, 120_000), min_size=1, max_size=3))
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_ledger_holds_whatever_people_do(
    house: TestHouse, acts: list[tuple[str, int, int]], prices: list[int]
) -> None:
    """In any order, with any sums: components add up, none below zero or above what
    was paid, the bank pays the refund once, a compensation never touches it.
    """
    talk = ids.new_id()
    order = new_order(house, lines=[{"paid_minor": price} for price in prices])
    every = tuple(line["line_id"] for line in order["lines"])
    facts = {"reasons": (ReturnReason.CHANGED_MIND,), "line_ids": every}
    tell_all(house, order, talk, resolution=Resolution.REFUND, **facts)
    (return_id,) = cases.confirm(house, talk, "yes").return_ids
    authorisations.authorise(house, return_id)
    shown = (picture(house, talk),)
    for what, place, minor in acts:
        line_id = every[place % len(every)]
        try:
            if what == "deduct":
                wanted = Deduction(return_id, line_id, 1, minor, WHY, shown)
                adjustments.enter(house, wanted, "Inès")
            elif what == "compensate":
                owed = Compensation(return_id, "W15", minor, WHY)
                adjustments.enter(house, owed, "Inès")
            elif what == "receive":
                authorisations.receive_goods(house, return_id, By.SUPPLIER)
            elif what == "pay":
                refunds.pay(house, refund_of(house, return_id).refund_id)
            else:
                for task in tasks.open_tasks(house):
                    said = Given(reference="VIR", decision="allow")
                    if task.return_id == return_id:
                        finishing.finish(house, task, said, "Marc")
        except ReturnsError:
            pass
        _must_hold(house, order, return_id)


def _must_hold(house: TestHouse, order: dict[str, Any], return_id: str) -> None:
    with house.reader.connect() as connection:
        row = connection.execute(
            sa.select(refund_rows).where(refund_rows.c.return_id == return_id)
        ).one()
        parts = {
            one.component: one.amount_minor
            for one in connection.execute(
                sa.select(refund_components).where(
                    refund_components.c.refund_id == row.refund_id
                )
            )
        }
        entered = adjustments.of_return(connection, return_id)
    prices = {f"unit/{ln['line_id']}/1": ln["paid_minor"] for ln in order["lines"]}
    assert sum(parts.values()) == row.amount_minor
    assert row.amount_minor <= order["payment"]["captured_minor"]
    less = {
        f"unit/{one.line_id}/1": one.amount_minor
        for one in entered
        if one.kind == "deduction" and one.state == "set"
    }
    for name, price in prices.items():
        assert 0 <= parts[name] <= price
        assert parts[name] == price - less.get(name, 0)
    made = [
        payment.amount_minor
        for payment in house.gateways.bank.payments.values()
        if payment.refund_id == row.refund_id
    ]
    assert made in ([], [row.amount_minor])
