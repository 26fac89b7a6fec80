"""From a yes to one payment: never a second return, never a second refund."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from returns import repository
from returns.errors import (
    NothingToConfirm,
    PartnerUnknown,
    RecapChanged,
    ReturnsError,
    UnitAlreadyInReturn,
    WrongState,
)
from returns.model import By, Resolution, ReturnReason, Step
from returns.services import (
    authorisations,
    cases,
    desk_acts,
    drafts,
    refunds,
    tasks,
)
from returns.sql import insert_once
from returns.tables import confirmations, refund_components, returns
from returns.unit import writing
from returns.work import WorkKind
from tests.databases import KINDS
from tests.houses import TestHouse, ask, heard, opened, tell_all
from tests.orders import new_order

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT
THREADS = 20


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.fixture(params=KINDS)
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield house


def wish(
    house: TestHouse, order: dict[str, Any], conversation: str = "c1", **facts: Any
) -> None:
    """Bring a withdrawal, or what the facts say, to its recap."""
    told = {"reasons": (R.CHANGED_MIND,), "resolution": REFUND, **facts}
    assert tell_all(house, order, conversation, **told).expects == "confirmation"


def open_one(house: TestHouse, order: dict[str, Any], conversation: str = "c1") -> str:
    wish(house, order, conversation)
    (return_id,) = cases.confirm(house, conversation, "yes").return_ids
    return return_id


def fall_due(house: TestHouse, return_id: str) -> str:
    """Authorise and receive; the refund's id, due but unpaid."""
    authorisations.authorise(house, return_id)
    authorisations.receive_goods(house, return_id, By.SUPPLIER)
    return str(refund_of(house, return_id).refund_id)


def refund_of(house: TestHouse, return_id: str) -> Any:
    with house.reader.connect() as connection:
        return refunds.of_return(connection, return_id)


def statuses(house: TestHouse) -> list[tuple[str, str]]:
    with house.reader.connect() as connection:
        rows = connection.execute(sa.select(returns.c.supplier, returns.c.status))
        return sorted((row.supplier, row.status) for row in rows)


def count(house: TestHouse, table: sa.Table) -> int:
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).select_from(table)
        return int(connection.execute(query).scalar_one())


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """The act from many threads that start together; results or business errors."""
    gate = threading.Barrier(THREADS)

    def run(number: int) -> Any:
        gate.wait()
        try:
            return act(number)
        except ReturnsError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_a_yes_without_a_recap_confirms_nothing(house: TestHouse) -> None:
    """There is nothing to say yes to before a recap."""
    with pytest.raises(NothingToConfirm):
        cases.confirm(house, "c1", "yes")


def test_a_draft_is_confirmed_once(house: TestHouse) -> None:
    """The same yes again names the same return; another yes finds nothing."""
    wish(house, new_order(house))
    first = cases.confirm(house, "c1", "yes")
    assert cases.confirm(house, "c1", "yes") == first
    with pytest.raises(NothingToConfirm):
        cases.confirm(house, "c1", "yes again")
    assert count(house, returns) == count(house, confirmations) == 1


def test_two_suppliers_are_two_returns(house: TestHouse) -> None:
    """One yes opens one return for each supplier, told in the order of the recap."""
    order = new_order(house, lines=[{}, {"supplier": "Maison Lumen"}])
    wish(house, order, line_ids=tuple(ln["line_id"] for ln in order["lines"]))
    opened = cases.confirm(house, "c1", "yes")
    told = cases.returns_of_draft(house, opened.draft_id)
    assert [case.supplier for case in told] == ["Nordlys Apparel", "Maison Lumen"]
    assert statuses(house) == [
        ("Maison Lumen", "requested"),
        ("Nordlys Apparel", "requested"),
    ]
    assert len(house.queue.subjects(WorkKind.AUTHORISE_RETURN)) == 2


def test_a_line_for_a_person_holds_up_nothing(house: TestHouse) -> None:
    """A personalised line becomes a return of its own, with a task; the other goes."""
    order = new_order(house, lines=[{}, {"personalised": True}])
    wish(house, order, line_ids=tuple(ln["line_id"] for ln in order["lines"]))
    cases.confirm(house, "c1", "yes")
    assert [status for _, status in statuses(house)] == ["needs_review", "requested"]
    assert [task.kind for task in tasks.open_tasks(house)] == ["review_return"]
    assert len(house.queue.subjects(WorkKind.AUTHORISE_RETURN)) == 1


def test_a_yes_to_an_old_recap_opens_nothing(tmp_path: Path) -> None:
    """The window closes between recap and yes: the recap is no longer true."""
    late = datetime(2026, 11, 20, 22, 50, tzinfo=UTC)
    with opened("sqlite", tmp_path, late) as house:
        order = new_order(house, delivered_days_ago=14, placed_days_ago=20)
        wish(house, order)
        house.clock.move(minutes=15)
        with pytest.raises(RecapChanged):
            cases.confirm(house, "c1", "yes")
        assert count(house, returns) == 0


def test_a_yes_never_confirms_a_recap_it_has_not_seen(house: TestHouse) -> None:
    """Its turn, cut off after it made a new recap, runs again: nothing is opened."""
    order = new_order(house)
    wish(house, order)
    open_one(house, order, "c2")
    yes = heard("yes", "affirm")
    for _ in range(2):
        assert drafts.hear(house, yes).step is Step.CONFIRMED
        with pytest.raises(RecapChanged):
            cases.confirm(house, "c1", "yes")
        assert ask(house).recap is not None
    assert count(house, returns) == 1
    seen = heard("yes-2", "affirm")
    assert drafts.hear(house, seen).step is Step.CONFIRMED
    cases.confirm(house, "c1", "yes-2")
    assert count(house, returns) == 2


def test_a_withdrawal_counts_from_its_statement(tmp_path: Path) -> None:
    """Stated before midnight of the last day, confirmed after: still in time (N1)."""
    late = datetime(2026, 11, 20, 22, 50, tzinfo=UTC)
    with opened("sqlite", tmp_path, late) as house:
        order = new_order(house, delivered_days_ago=14, placed_days_ago=20)
        wish(house, order, intent="withdraw_from_contract", reasons=())
        house.clock.move(minutes=15)
        cases.confirm(house, "c1", "yes")
        assert statuses(house) == [("Nordlys Apparel", "requested")]


def test_a_unit_is_in_one_return_only(house: TestHouse) -> None:
    """Two conversations about one unit: the second yes is refused, then reviewed."""
    order = new_order(house)
    wish(house, order, "c1")
    wish(house, order, "c2")
    cases.confirm(house, "c1", "yes")
    with pytest.raises(RecapChanged):
        cases.confirm(house, "c2", "yes")
    assert ask(house, "c2").says[-1].response == "utter_recap_review"
    cases.confirm(house, "c2", "yes")
    assert [status for _, status in statuses(house)] == ["needs_review", "requested"]


def test_a_silent_bank_pays_once(house: TestHouse) -> None:
    """The bank paid and never answered: the second run reads its book."""
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    house.gateways.bank.silences = 1
    with pytest.raises(PartnerUnknown):
        refunds.pay(house, refund_id)
    assert refund_of(house, return_id).state == "in_flight"
    refunds.pay(house, refund_id)
    refunds.pay(house, refund_id)
    assert refund_of(house, return_id).state == "paid"
    assert house.gateways.bank.paid_minor() == 5990 + 490
    assert len(house.gateways.bank.payments) == 1


def test_nothing_is_paid_before_the_goods_are_back(house: TestHouse) -> None:
    """An authorised withdrawal reserves its money; receipt makes it due, once."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    assert refund_of(house, return_id).due_at is None
    assert not house.queue.subjects(WorkKind.PAY_REFUND)
    for _ in range(2):
        authorisations.receive_goods(house, return_id, By.SUPPLIER)
    refund_id = refund_of(house, return_id).refund_id
    assert house.queue.subjects(WorkKind.PAY_REFUND) == [refund_id]


def test_many_workers_pay_a_refund_once(any_house: TestHouse) -> None:
    """Twenty at once, some of them unanswered: one payment in the bank's book."""
    house = any_house
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    house.gateways.bank.silences = 3
    at_once(lambda _: refunds.pay(house, refund_id))
    refunds.pay(house, refund_id)
    assert len(house.gateways.bank.payments) == 1
    assert refund_of(house, return_id).state == "paid"


def test_many_yeses_open_one_return(any_house: TestHouse) -> None:
    """Twenty yeses to one recap, half of them the same message: one return."""
    house = any_house
    wish(house, new_order(house))
    results = at_once(lambda n: cases.confirm(house, "c1", f"yes{n % 10}"))
    done = [got for got in results if isinstance(got, cases.Opened)]
    assert done and len(set(done)) == 1
    refused = {type(got) for got in results if got not in done}
    assert refused <= {NothingToConfirm}
    assert count(house, returns) == count(house, confirmations) == 1


def test_a_doubled_yes_hears_the_same_answer(any_house: TestHouse) -> None:
    """One message confirmed twenty times at once: all get the same return."""
    wish(any_house, new_order(any_house))
    results = at_once(lambda _: cases.confirm(any_house, "c1", "yes"))
    assert len(set(map(repr, results))) == 1


def test_many_conversations_get_one_unit_once(any_house: TestHouse) -> None:
    """Twenty conversations say yes for one unit: one return holds it."""
    house = any_house
    order = new_order(house)
    for n in range(THREADS):
        wish(house, order, f"c{n}")
    results = at_once(lambda n: cases.confirm(house, f"c{n}", "yes"))
    assert sum(isinstance(got, cases.Opened) for got in results) == 1
    assert sum(isinstance(got, RecapChanged) for got in results) == THREADS - 1
    assert count(house, returns) == 1


def test_the_ledger_refuses_a_second_component(any_house: TestHouse) -> None:
    """A unit that was refunded elsewhere is not refunded again; nothing is kept."""
    house = any_house
    return_id = open_one(house, new_order(house))
    before = count(house, refund_components)
    with house.reader.connect() as connection:
        case = connection.execute(sa.select(returns)).one()
        (line,) = cases.lines_of(connection, return_id)
    taken = {"order_number": case.order_number, "amount_minor": 0, "refund_id": None}
    component = f"unit/{line.line_id}/1"
    with writing(house) as unit:
        insert_once(unit.connection, refund_components, component=component, **taken)
    with pytest.raises(WrongState):
        refunds.start(house, return_id)
    assert refund_of(house, return_id) is None
    assert count(house, refund_components) == before + 1


def test_the_key_refuses_a_unit_that_another_return_holds(
    any_house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the decision ever not see what is held: the database does; nothing is
    kept of the second return."""
    house = any_house
    order = new_order(house)
    open_one(house, order)

    def blind(*asked: Any) -> Any:
        return replace(history_of(*asked), gone={})

    history_of = repository.history_of
    monkeypatch.setattr(repository, "history_of", blind)
    wish(house, order, "c2")
    with pytest.raises(UnitAlreadyInReturn):
        cases.confirm(house, "c2", "yes 2")
    assert count(house, returns) == count(house, confirmations) == 1


def test_never_more_than_was_captured(house: TestHouse) -> None:
    """What other refunds took of the captured money is not there a second time."""
    return_id = open_one(house, new_order(house))
    with writing(house) as unit:
        case = unit.connection.execute(sa.select(returns)).one()
        insert_once(
            unit.connection,
            refund_components,
            order_number=case.order_number,
            component="prior/1",
            refund_id=None,
            amount_minor=1000,
        )
    with pytest.raises(WrongState):
        refunds.start(house, return_id)
    assert refund_of(house, return_id) is None


def test_a_manual_payment_is_a_task(house: TestHouse) -> None:
    """Where no bank is connected a person gets amount, reference and last day."""
    order = new_order(house, payment={"method": "manual", "reference": "CHQ-1"})
    return_id = open_one(house, order)
    fall_due(house, return_id)
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "pay_refund"]
    assert task.facts["amount_minor"] == 5990 + 490
    assert task.facts["payment_reference"] == "CHQ-1"
    assert task.due_at is not None
    assert not house.queue.subjects(WorkKind.PAY_REFUND)
    desk_acts.paid_by_hand(house, task, "VIR-7", "lea")
    paid = refund_of(house, return_id)
    assert (paid.state, paid.paid_reference) == ("paid", "VIR-7")
    assert not house.gateways.bank.payments


def test_delivery_comes_back_with_the_last_unit(house: TestHouse) -> None:
    """Two lines in two returns: the delivery only with the second, and once."""
    order = new_order(house, lines=[{}, {"paid_minor": 2500}])
    amounts = []
    for n, line in enumerate(order["lines"]):
        wish(house, order, f"c{n}", line_ids=(line["line_id"],))
        (return_id,) = cases.confirm(house, f"c{n}", "yes").return_ids
        refunds.pay(house, fall_due(house, return_id))
        amounts.append(refund_of(house, return_id).amount_minor)
    assert amounts == [5990, 2500 + 490]
    assert house.gateways.bank.paid_minor() == 5990 + 2500 + 490


def test_goods_never_delivered_are_paid_back_at_once(house: TestHouse) -> None:
    """Nothing to send back: the refund is due without any goods."""
    order = new_order(house, delivered_days_ago=None, placed_days_ago=40)
    wish(house, order, reasons=(R.NOT_DELIVERED,))
    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    assert house.queue.subjects(WorkKind.SETTLE_RETURN) == [return_id]
    for _ in range(2):
        authorisations.settle_without_goods(house, return_id)
    (refund_id,) = house.queue.subjects(WorkKind.PAY_REFUND)
    refunds.pay(house, refund_id)
    assert house.gateways.bank.paid_minor() == 5990 + 490
