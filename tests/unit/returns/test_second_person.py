"""Above the shop's sum one person asks and another one does it (X10)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from returns.errors import WrongState
from returns.model import Resolution, ReturnReason
from returns.services import aftercare, cases, desk_acts, finishing, refunds, tasks
from returns.services import second_person as two
from returns.services.finishing import Given
from returns.services.tasks import Task
from returns.tables import return_history, return_lines, task_requests
from returns.unit import writing
from tests.databases import KINDS
from tests.houses import TestHouse, opened, tell_all
from tests.orders import new_order
from tests.unit.returns.test_limits_and_exchanges import costing
from tests.unit.returns.test_money import fall_due, open_one, refund_of

ALONE = 100_000
LARGE = ALONE + 1


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield house


def to_pay(house: TestHouse, minor: int) -> Task:
    """A refund of this sum that waits for a person."""
    return_id = open_one(house, costing(house, minor))
    refunds.pay(house, fall_due(house, return_id))
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "pay_refund"]
    return task


def to_review(house: TestHouse, minor: int) -> Task:
    """A repair of this worth, which only a person may grant."""
    order = new_order(house, lines=[{"paid_minor": minor}])
    wish = {
        "reasons": (ReturnReason.DAMAGED_IN_TRANSIT,),
        "resolution": Resolution.REPAIR,
    }
    tell_all(house, order, **wish)
    assert cases.confirm(house, "c1", "yes").return_ids
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "review_return"]
    with writing(house) as unit:
        unit.connection.execute(return_lines.update().values(refund_minor=minor))
    return task


def asked_by(house: TestHouse) -> list[str]:
    with house.reader.connect() as connection:
        query = sa.select(task_requests.c.asked_by)
        return list(connection.execute(query).scalars())


def test_a_large_refund_is_asked_by_one_and_paid_by_another(house: TestHouse) -> None:
    """The asker cannot pay, under any spelling of the name; the other one can."""
    task = to_pay(house, LARGE)
    paid = Given(reference="VIR-1")
    assert two.request_of(house, task) == two.Request(None)
    assert finishing.finish(house, task, Given(), "Inès") is False
    assert refund_of(house, str(task.return_id)).state == "manual"
    for name in ("Inès", "inès", " INES "):
        with pytest.raises(two.SecondPersonNeeded):
            finishing.finish(house, task, paid, name)
    assert refund_of(house, str(task.return_id)).state == "manual"
    assert finishing.finish(house, task, paid, "Marc") is True
    assert refund_of(house, str(task.return_id)).state == "paid"
    assert tasks.find_task(house, task.task_id).done_by == "Marc"
    with house.reader.connect() as connection:
        rows = connection.execute(
            sa.select(return_history.c.event, return_history.c.who).where(
                return_history.c.who.is_not(None)
            )
        ).all()
    assert [tuple(row) for row in rows] == [
        ("staff.asked", "Inès"),
        ("refund.paid", "Marc"),
    ]


def test_the_sum_itself_needs_one_person(house: TestHouse) -> None:
    """Only above it are there two; an unlisted currency has no such sum."""
    task = to_pay(house, ALONE)
    assert two.request_of(house, task) is None
    assert finishing.finish(house, task, Given(reference="VIR-1"), "Inès") is True
    assert asked_by(house) == []


def test_no_act_goes_around_the_rule(house: TestHouse) -> None:
    """The services refuse by themselves, whoever calls them, asked or unasked."""
    task = to_pay(house, LARGE)
    acts = [
        lambda: desk_acts.paid_by_hand(house, task, "VIR-1", "Inès"),
        lambda: aftercare.payment_checked(
            house, Task(**{**task.__dict__, "kind": "check_payment"}), "VIR-1", "Inès"
        ),
    ]
    for act in acts * 2:
        with pytest.raises(two.SecondPersonNeeded):
            act()
        if not asked_by(house):
            finishing.finish(house, task, Given(), "Inès")
    assert refund_of(house, str(task.return_id)).state == "manual"


def test_a_large_review_is_granted_by_two_and_refused_by_one(house: TestHouse) -> None:
    """A refusal moves no money; a grant that was asked for waits."""
    task = to_review(house, LARGE)
    allow = Given(decision="allow")
    assert finishing.finish(house, task, allow, "Inès") is False
    with pytest.raises(two.SecondPersonNeeded):
        desk_acts.decide_review(house, task, "allow", "", "Inès")
    with pytest.raises(two.SecondPersonNeeded):
        finishing.finish(house, task, allow, "Inès")
    assert tasks.find_task(house, task.task_id).done_at is None
    assert finishing.finish(house, task, allow, "Marc") is True
    assert asked_by(house) == ["Inès"]


def test_whoever_asked_may_still_refuse(house: TestHouse) -> None:
    """Alone: nothing is paid by it."""
    task = to_review(house, LARGE)
    finishing.finish(house, task, Given(decision="allow"), "Inès")
    no = Given(decision="decline", reason="déjà remboursé")
    assert finishing.finish(house, task, no, "Inès") is True


def test_a_done_task_is_not_asked_for_again(house: TestHouse) -> None:
    """It is refused as every finished task is."""
    task = to_review(house, LARGE)
    no = Given(decision="decline", reason="non")
    finishing.finish(house, task, no, "Inès")
    again = tasks.find_task(house, task.task_id)
    with pytest.raises(WrongState):
        finishing.finish(house, again, Given(decision="allow"), "Marc")


def test_two_who_ask_at_once_are_not_two_people_twice(house: TestHouse) -> None:
    """The second to ask is the one who does it: what was asked first stays."""
    task = to_pay(house, LARGE)
    finishing.finish(house, task, Given(), "Inès")
    with pytest.raises(WrongState):
        finishing.finish(house, task, Given(), "Marc")
    assert asked_by(house) == ["Inès"]
    assert tasks.find_task(house, task.task_id).done_at is None
