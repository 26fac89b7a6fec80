"""What comes back to the last cent, once, and what a crash or a lost row changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from returns.errors import PartnerRefused, WrongState
from returns.failpoints import FailpointReached
from returns.gateways.payments import Paid, RefundOrder
from returns.model import By, Resolution, ReturnReason
from returns.services import (
    authorisations,
    cases,
    desk_acts,
    falling_due,
    refunds,
    tasks,
    views,
)
from returns.tables import refund_components
from returns.tables import refunds as refund_rows
from returns.unit import writing
from returns.work import WorkKind
from returns.workflows import give_up
from tests.houses import FakeBank, TestHouse, ask, opened
from tests.orders import new_order
from tests.unit.returns.test_authorisations import news, pushed, work_state
from tests.unit.returns.test_money import fall_due, open_one, refund_of, wish

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


def status(house: TestHouse, return_id: str) -> str:
    found = {r["return_id"]: r["status"] for r in views.all_returns(house)}
    return str(found[return_id])


def spent(house: TestHouse, order: dict[str, Any]) -> dict[str, int]:
    """The ledger of one order by component."""
    query = sa.select(refund_components).where(
        refund_components.c.order_number == order["order_number"]
    )
    with house.reader.connect() as connection:
        rows = connection.execute(query).all()
    return {row.component: row.amount_minor for row in rows}


def test_units_come_back_to_the_last_cent(house: TestHouse) -> None:
    """Three units for 10.00 in three returns: 3.34, 3.33, 3.33 and delivery last."""
    order = new_order(house, lines=[{"quantity": 3, "paid_minor": 1000}])
    amounts = []
    for n in range(3):
        talk = f"c{n}"
        told = {"reasons": (R.CHANGED_MIND,), "resolution": REFUND}
        if n < 2:
            answer = wish_for_one(house, order, talk, **told)
        else:
            wish(house, order, talk)
            answer = cases.confirm(house, talk, "yes")
        (return_id,) = answer.return_ids
        refunds.pay(house, fall_due(house, return_id))
        amounts.append(refund_of(house, return_id).amount_minor)
    assert amounts == [334, 333, 333 + 490]
    assert house.gateways.bank.paid_minor() == 1490
    assert sum(spent(house, order).values()) == 1490


def wish_for_one(
    house: TestHouse, order: dict[str, Any], talk: str, **told: Any
) -> cases.Opened:
    from returns.services import drafts
    from tests.houses import heard, tell_all

    assert tell_all(house, order, talk, **told).expects == "quantity"
    drafts.hear(house, heard("m2", "inform", conversation_id=talk, quantity=1))
    assert ask(house, talk).expects == "confirmation"
    return cases.confirm(house, talk, "yes")


def test_starting_again_changes_nothing(house: TestHouse) -> None:
    """The action and the workflow both start it: one row, one ledger entry each."""
    order = new_order(house)
    return_id = open_one(house, order)
    first = refunds.start(house, return_id)
    authorisations.authorise(house, return_id)
    assert refunds.start(house, return_id) == first
    line_id = order["lines"][0]["line_id"]
    assert spent(house, order) == {f"unit/{line_id}/1": 5990, "delivery": 490}


def test_a_lost_row_pays_no_second_time(house: TestHouse) -> None:
    """Refund row and key gone, ledger there: nothing is started or paid anew."""
    return_id = open_one(house, new_order(house))
    refunds.pay(house, fall_due(house, return_id))
    with writing(house) as unit:
        unit.connection.execute(refund_components.update().values(refund_id=None))
        unit.connection.execute(refund_rows.delete())
    with pytest.raises(WrongState):
        refunds.start(house, return_id)
    assert refund_of(house, return_id) is None
    assert house.gateways.bank.paid_minor() == 5990 + 490


def test_the_key_is_of_what_is_paid(house: TestHouse) -> None:
    """Two refunds never share a key; the fake bank would pay a new one again (X2)."""
    keys = set()
    for n in range(2):
        return_id = open_one(house, new_order(house), f"c{n}")
        fall_due(house, return_id)
        keys.add(refund_of(house, return_id).payment_key)
    assert len(keys) == 2
    again = RefundOrder("other", "other-key", "pay", 100, "EUR")
    house.gateways.bank.refund(again)
    assert house.gateways.bank.paid_minor() == 100


@pytest.mark.parametrize(
    "place", ["refund.taken", "refund.before_call", "refund.after_call"]
)
def test_a_crash_on_the_way_pays_once(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Killed before or after the bank's answer, the next run ends it with one pay."""
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    with monkeypatch.context() as broken, pytest.raises(FailpointReached):
        broken.setenv("BONRETOUR_FAILPOINT", f"{place}:raise")
        refunds.pay(house, refund_id)
    assert refund_of(house, return_id).state == "in_flight"
    refunds.pay(house, refund_id)
    assert refund_of(house, return_id).state == "paid"
    assert list(house.gateways.bank.payments.values()) == [
        RefundOrder(
            refund_id,
            refund_of(house, return_id).payment_key,
            refund_of(house, return_id).payment_reference,
            5990 + 490,
            "EUR",
        )
    ]


class ReadsFirst(FakeBank):
    """Notes the order of calls; may refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.refuses = False

    def refund(self, order: RefundOrder) -> Paid:
        self.calls.append("refund")
        if self.refuses:
            raise PartnerRefused("closed_account")
        return super().refund(order)

    def find(self, order: RefundOrder) -> Paid | None:
        self.calls.append("find")
        return super().find(order)


def test_the_bank_is_read_before_it_is_written(house: TestHouse) -> None:
    """Every run looks into the book first; a paid refund calls nobody (X3)."""
    bank = house.gateways.bank = ReadsFirst()
    refund_id = fall_due(house, open_one(house, new_order(house)))
    refunds.pay(house, refund_id)
    refunds.pay(house, refund_id)
    assert bank.calls == ["find", "refund"]


def test_a_refund_given_up_is_tried_again_by_a_person(house: TestHouse) -> None:
    """Failed for good: shown as failed, a task; tried again it pays once."""
    bank = house.gateways.bank = ReadsFirst()
    bank.refuses = True
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    with pytest.raises(PartnerRefused):
        refunds.pay(house, refund_id)
    give_up(house, pushed(house, WorkKind.PAY_REFUND))
    assert refund_of(house, return_id).state == "failed"
    (task,) = tasks.open_tasks(house)
    assert task.facts == {"kind": "pay_refund", "subject_id": refund_id}
    bank.refuses = False
    desk_acts.try_again(house, task, "lea")
    assert work_state(house, WorkKind.PAY_REFUND, refund_id) == "pending"
    refunds.pay(house, refund_id)
    refunds.pay(house, refund_id)
    assert refund_of(house, return_id).state == "paid"
    assert len(bank.payments) == 1


def test_paid_is_told_once(house: TestHouse) -> None:
    """One message and one mail with the amount, however often it is settled."""
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    refunds.pay(house, refund_id)
    refunds.settle(house, refund_id, "BANK-OTHER", By.SYSTEM)
    assert refund_of(house, return_id).paid_reference != "BANK-OTHER"
    paid = [told for told in news(house, return_id) if "refund_paid" in told]
    assert paid == ["chat:news_refund_paid", "mail:mail_refund_paid"]


def test_only_a_payment_under_way_is_settled(house: TestHouse) -> None:
    """What waits for the goods cannot be called paid."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    with pytest.raises(WrongState):
        refunds.settle(house, refund_of(house, return_id).refund_id, "X", By.STAFF)
    assert refund_of(house, return_id).state == "due"


def test_a_return_closes_with_goods_and_money(house: TestHouse) -> None:
    """Received but unpaid it stays open; with the payment it is closed."""
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    assert status(house, return_id) == "received"
    refunds.pay(house, refund_id)
    assert status(house, return_id) == "closed"


def test_paid_before_the_goods_it_stays_open(house: TestHouse) -> None:
    """Money sent ahead of the parcel closes nothing: the goods are still awaited."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    refund_id = refund_of(house, return_id).refund_id
    with writing(house) as unit:
        falling_due.fall_due(unit, refund_id)
    refunds.pay(house, refund_id)
    assert status(house, return_id) == "authorised"
    authorisations.receive_goods(house, return_id, By.SUPPLIER)
    assert status(house, return_id) == "closed"
    assert house.gateways.bank.paid_minor() == 5990 + 490


def test_one_return_with_both_remedies_waits_for_both(house: TestHouse) -> None:
    """One line refunded, one replaced: closed only when both are done."""
    order = new_order(house, lines=[{}, {"title": "Lampe", "paid_minor": 2000}])
    first, second = (line["line_id"] for line in order["lines"])
    wish(house, order, line_ids=(first, second), reasons=(R.WRONG_ITEM,))
    with writing(house) as unit:
        split_wishes(unit, second)
    ask(house)
    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    refunds.pay(house, fall_due(house, return_id))
    assert refund_of(house, return_id).amount_minor == 5990
    assert status(house, return_id) == "received"
    from returns.services import replacements

    (replacement_id,) = set(house.queue.subjects(WorkKind.ORDER_REPLACEMENT))
    replacements.order(house, replacement_id)
    assert status(house, return_id) == "closed"


def split_wishes(unit: Any, line_id: str) -> None:
    """The talk gives all lines one wish; two wishes come by changing one line."""
    from dataclasses import replace

    from returns import repository

    draft = repository.open_draft(unit.connection, "c1")
    assert draft is not None
    lines = tuple(
        replace(line, resolution=REPLACEMENT) if line.line_id == line_id else line
        for line in draft.lines
    )
    repository.save_draft(unit.connection, replace(draft, lines=lines), unit.now)


def test_units_refunded_elsewhere_are_gone(house: TestHouse) -> None:
    """A prior refund of one of two units leaves one; of all, a person looks."""
    line = {"line_id": "L1", "quantity": 2, "paid_minor": 2000}
    prior = {"line_id": "L1", "quantity": 1, "amount_minor": 1000}
    order = new_order(house, lines=[line], refunded=[prior], status="partly_refunded")
    wish(house, order)
    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    refunds.pay(house, fall_due(house, return_id))
    assert refund_of(house, return_id).amount_minor == 1000 + 490
    assert sum(spent(house, order).values()) == 2490


def test_a_prior_refund_of_no_line_is_for_a_person(house: TestHouse) -> None:
    """What an earlier refund was for is unclear: no machine pays more."""
    order = new_order(house, refunded=[{"amount_minor": 500}], status="partly_refunded")
    return_id = open_one(house, order)
    assert status(house, return_id) == "needs_review"
    assert refunds.start(house, return_id) is None
