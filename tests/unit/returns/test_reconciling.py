"""X9: what the bank and the suppliers have otherwise is told once, or explained."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from desk.privacy import erasing, scope
from returns.errors import PartnerRefused, PartnerUnknown
from returns.gateways.books import HeldReturn
from returns.gateways.payments import RefundOrder
from returns.gateways.supplier import Authorisation
from returns.model import By, RefundState
from returns.services import (
    authorisations,
    bank_news,
    desk_acts,
    finishing,
    reconciling,
    refunds,
    tasks,
)
from returns.services.differences import Because, What
from returns.services.finishing import Given
from returns.tables import refunds as refund_rows
from returns.tables import returns, work
from returns.unit import writing
from returns.work import WorkKind
from returns.workflows import each_day
from tests.databases import KINDS
from tests.houses import NORDLYS, WAREHOUSE, FakeSupplier, OneEach, TestHouse, opened
from tests.orders import new_order
from tests.unit.returns.test_money import fall_due, open_one, refund_of


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        house.gateways = OneEach()
        yield house


def found(house: TestHouse) -> list[tuple[str, str, str | None]]:
    """Book, what and because of each difference of a new comparison."""
    report = reconciling.run(house)
    assert report.complete
    told = [(one["book"], one["what"], one["because"]) for one in report.differences]
    assert report.unexplained == sum(because is None for *_, because in told)
    return told


def to_explain(house: TestHouse) -> list[tasks.Task]:
    return [t for t in tasks.open_tasks(house) if t.kind == reconciling.KIND]


def paid(house: TestHouse) -> str:
    """A return that is paid; its refund."""
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    refunds.pay(house, refund_id)
    return refund_id


def set_refund(house: TestHouse, refund_id: str, **values: Any) -> None:
    with writing(house) as unit:
        mine = refund_rows.c.refund_id == refund_id
        unit.connection.execute(refund_rows.update().where(mine).values(**values))


def set_sent(house: TestHouse, refund_id: str) -> None:
    """As if the bank had been asked just now, and had not answered."""
    now = house.clock.now()
    set_refund(house, refund_id, state=RefundState.IN_FLIGHT, first_sent_at=now)


def test_books_that_agree_need_nobody(house: TestHouse) -> None:
    """A return asked for, one authorised, one paid: nothing to tell, all counted."""
    paid(house)
    authorisations.authorise(house, open_one(house, new_order(house), "c2"))
    open_one(house, new_order(house), "c3")
    assert found(house) == []
    report = reconciling.last(house)
    assert report is not None and report.unexplained == report.explained == 0
    read = {book["book"]: (book["entries"], book["agreed"]) for book in report.books}
    assert read["bank"] == (1, 1) and read[NORDLYS] == (2, 2)
    assert to_explain(house) == []


def test_a_payment_that_we_do_not_know(house: TestHouse) -> None:
    """The bank paid under a name that is not ours: a task with the sum, once."""
    stray = RefundOrder("rf-stray", "k", "pay-1", 4990, "EUR")
    house.gateways.bank.refund(stray)
    assert found(house) == [("bank", What.UNKNOWN_PAYMENT, None)]
    assert found(house) == [("bank", What.UNKNOWN_PAYMENT, None)]
    (task,) = to_explain(house)
    assert task.facts["amount_minor"] == task.facts["book_minor"] == 4990
    assert task.facts["subject"] == "rf-stray"


def test_a_payment_that_the_bank_lacks(house: TestHouse) -> None:
    """We told the customer that it is paid, and the bank's book has nothing."""
    paid(house)
    house.gateways.bank.payments.clear()
    assert found(house) == [("bank", What.MISSING_PAYMENT, None)]
    (task,) = to_explain(house)
    assert task.return_id is not None


def test_an_amount_that_differs(house: TestHouse) -> None:
    """By a cent, or in another currency: a person looks."""
    refund_id = paid(house)
    payments = house.gateways.bank.payments
    (key,) = payments
    more = payments[key].amount_minor + 1
    payments[key] = replace(payments[key], amount_minor=more)
    assert found(house) == [("bank", What.AMOUNT_DIFFERS, None)]
    (task,) = to_explain(house)
    assert task.facts["book_minor"] == task.facts["amount_minor"] + 1
    set_refund(house, refund_id, amount_minor=more)
    payments[key] = replace(payments[key], currency="GBP")
    assert found(house) == [("bank", What.AMOUNT_DIFFERS, None)]


def test_paid_twice_is_told(house: TestHouse) -> None:
    """Two payments under one refund, the bug of medusa#16681, show the next night."""
    refund_id = paid(house)
    (order,) = house.gateways.bank.payments.values()
    house.gateways.bank.refund(replace(order, key="another"))
    assert found(house) == [("bank", What.PAID_TWICE, None)]
    assert refund_id in to_explain(house)[0].subject_id


def test_paid_by_hand_and_by_the_bank_is_told(house: TestHouse) -> None:
    """A person paid what the bank had paid after all."""
    refund_id = fall_due(house, open_one(house, new_order(house)))
    house.gateways.bank.silences = 1
    with pytest.raises(PartnerUnknown):
        refunds.pay(house, refund_id)
    set_refund(house, refund_id, state=RefundState.MANUAL)
    assert found(house) == [("bank", What.PAID_BUT_OPEN, Because.IN_FLIGHT)]
    refunds.settle(house, refund_id, "TRANSFER-1", By.STAFF, "Inès")
    assert found(house) == [("bank", What.PAID_TWICE, None)]


def test_what_is_in_flight_is_explained(house: TestHouse) -> None:
    """Before the bank's answer, also when it has paid: the work still moves."""
    refund_id = fall_due(house, open_one(house, new_order(house)))
    set_sent(house, refund_id)
    assert found(house) == [("bank", What.MISSING_PAYMENT, Because.IN_FLIGHT)]
    house.gateways.bank.silences = 1
    with pytest.raises(PartnerUnknown):
        refunds.pay(house, refund_id)
    assert found(house) == [("bank", What.PAID_BUT_OPEN, Because.IN_FLIGHT)]
    refunds.pay(house, refund_id)
    assert found(house) == []


def test_in_flight_without_work_is_stuck(house: TestHouse) -> None:
    """Nothing would ever move it again: that is no explanation."""
    refund_id = fall_due(house, open_one(house, new_order(house)))
    set_sent(house, refund_id)
    with writing(house) as unit:
        unit.connection.execute(work.delete())
    assert found(house) == [("bank", What.STUCK, None)]


def test_a_refund_by_hand_is_explained(house: TestHouse) -> None:
    """The manual method, and a person's other reference, are no alarm."""
    payment = {"method": "manual", "reference": "transfer-1"}
    return_id = open_one(house, new_order(house, payment=payment))
    fall_due(house, return_id)
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "pay_refund"]
    desk_acts.paid_by_hand(house, task, "BANK-77", "Inès")
    assert found(house) == [("bank", What.MISSING_PAYMENT, Because.BY_HAND)]


def test_money_that_came_back_is_explained_once_a_person_has_it(
    house: TestHouse,
) -> None:
    """Unheard it is an alarm; heard it is somebody's task."""
    refund_id = paid(house)
    house.gateways.bank.came_back.add(refund_id)
    assert found(house) == [("bank", What.CAME_BACK, None)]
    bank_news.read(house, bank_news.work_subject(refund_id, "e1"))
    assert found(house) == [("bank", What.CAME_BACK, Because.WITH_A_PERSON)]


def test_a_number_that_we_do_not_know(house: TestHouse) -> None:
    """The supplier authorised something nobody here asked for."""
    stray = Authorisation("RMA-STRAY", WAREHOUSE, None, "supplier", None)
    house.gateways.any_supplier.returns["R-NOBODY"] = stray
    assert found(house) == [(NORDLYS, What.UNKNOWN_RETURN, None)]
    assert found(house) == [(NORDLYS, What.UNKNOWN_RETURN, None)]
    assert len(to_explain(house)) == 1


def test_a_number_that_the_supplier_lacks(house: TestHouse) -> None:
    """We gave the customer a number of which the supplier knows nothing."""
    authorisations.authorise(house, open_one(house, new_order(house)))
    house.gateways.any_supplier.returns.clear()
    assert found(house) == [(NORDLYS, What.MISSING_RETURN, None)]


def test_another_number(house: TestHouse) -> None:
    """The parcel bears a number that the supplier gave to nobody."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    held = house.gateways.any_supplier.returns
    held[return_id] = replace(held[return_id], rma_number="RMA-OTHER")
    assert found(house) == [(NORDLYS, What.OTHER_NUMBER, None)]


def test_a_number_by_hand_is_explained(house: TestHouse) -> None:
    """A person asked the supplier by telephone."""
    return_id = open_one(house, new_order(house))
    given = Authorisation("BY-PHONE", WAREHOUSE, None, "supplier", None)
    authorisations.record_authorisation(house, return_id, given, By.STAFF, "Inès")
    assert found(house) == [(NORDLYS, What.MISSING_RETURN, Because.BY_HAND)]


def test_an_answer_on_its_way_is_explained(house: TestHouse) -> None:
    """The supplier has authorised, and our next attempt reads it."""
    return_id = open_one(house, new_order(house))
    granted = Authorisation("RMA-1", WAREHOUSE, None, "supplier", None)
    house.gateways.any_supplier.returns[return_id] = granted
    assert found(house) == [(NORDLYS, What.OTHER_NUMBER, Because.IN_FLIGHT)]
    with writing(house) as unit:
        unit.connection.execute(work.delete())
    assert found(house) == [(NORDLYS, What.OTHER_NUMBER, None)]


def test_goods_whose_webhook_never_came_are_asked_about(house: TestHouse) -> None:
    """The supplier's book says received: its book is read, and the refund falls due."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    held = house.gateways.any_supplier.returns
    held[return_id] = replace(held[return_id], received_at=house.clock.now())
    assert found(house) == [(NORDLYS, What.RECEIPT_UNHEARD, Because.ASKED)]
    assert house.queue.subjects(WorkKind.CONFIRM_RECEIPT) == [return_id]
    assert found(house) == [(NORDLYS, What.RECEIPT_UNHEARD, Because.IN_FLIGHT)]
    authorisations.confirm_receipt(house, return_id)
    assert found(house) == []
    assert refund_of(house, return_id).due_at is not None


def test_a_cancelled_return_that_the_supplier_waits_for(house: TestHouse) -> None:
    """Explained by the task to tell it; without one it is unexplained."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    with writing(house) as unit:
        mine = returns.c.return_id == return_id
        unit.connection.execute(returns.update().where(mine).values(status="cancelled"))
        unit.connection.execute(work.delete())
    assert found(house) == [(NORDLYS, What.CANCELLED_THERE_OPEN, None)]
    with writing(house) as unit:
        tasks.open_task(unit, "tell_supplier_cancelled", return_id, None)
    assert found(house) == [(NORDLYS, What.CANCELLED_THERE_OPEN, Because.TOLD)]


def test_a_supplier_without_a_list_is_asked_one_by_one(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it lacks is found all the same."""

    def no_list(*_: object) -> list[HeldReturn]:
        raise PartnerRefused("http_404")

    monkeypatch.setattr(FakeSupplier, "since", no_list)
    authorisations.authorise(house, open_one(house, new_order(house)))
    assert found(house) == []
    house.gateways.any_supplier.returns.clear()
    assert found(house) == [(NORDLYS, What.MISSING_RETURN, None)]


def test_a_book_that_cannot_be_read_is_no_agreement(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are compared; the report is not complete, the night's work open."""

    def silent(*_: object) -> list[HeldReturn]:
        raise PartnerUnknown("timeout")

    paid(house)
    house.gateways.bank.payments.clear()
    monkeypatch.setattr(FakeSupplier, "since", silent)
    with pytest.raises(PartnerUnknown):
        reconciling.nightly(house, "2026-11-20")
    report = reconciling.last(house)
    assert report is not None and not report.complete and report.unexplained == 1
    assert reconciling.last(house, complete=True) is None
    unread = [book["book"] for book in report.books if book["unread"] == "timeout"]
    assert NORDLYS in unread and "bank" not in unread


def test_what_a_person_looked_at_is_no_alarm_again(house: TestHouse) -> None:
    """The task is finished with nothing; the report still names the difference."""
    house.gateways.bank.refund(RefundOrder("rf-x", "k", "pay-1", 4990, "EUR"))
    found(house)
    (task,) = to_explain(house)
    finishing.finish(house, task, Given(), "Inès")
    assert found(house) == [("bank", What.UNKNOWN_PAYMENT, Because.LOOKED_AT)]
    assert to_explain(house) == []


def test_an_erased_person_is_no_alarm(house: TestHouse) -> None:
    """Bank and supplier keep what is theirs; our amounts are left, under no name."""
    order = new_order(house)
    return_id = open_one(house, order)
    refunds.pay(house, fall_due(house, return_id))
    with writing(house) as unit:
        theirs = scope.of_order(unit.connection, order["order_number"])
        erasing.erase_in(house, unit, theirs)
    assert not number_of(house, return_id)
    assert found(house) == []


def number_of(house: TestHouse, return_id: str) -> str | None:
    query = sa.select(returns.c.rma_number).where(returns.c.return_id == return_id)
    with house.reader.connect() as connection:
        number: str | None = connection.execute(query).scalar_one()
    return number


def test_the_night_is_worked_once(house: TestHouse) -> None:
    """Each day's comparison is written down once, and finished."""
    each_day(house, WorkKind.RECONCILE)()
    each_day(house, WorkKind.RECONCILE)()
    (day,) = house.queue.subjects(WorkKind.RECONCILE)
    reconciling.nightly(house, day)
    mine = work.c.kind == WorkKind.RECONCILE.value
    with house.reader.connect() as connection:
        states = connection.execute(sa.select(work.c.state).where(mine)).scalars()
        assert list(states) == ["done"]


def test_reports_hold_ids_and_amounts_and_are_kept_two_years(
    house: TestHouse,
) -> None:
    """No name, e-mail or order number is in one; the old go."""
    order = new_order(house)
    refund_id = fall_due(house, open_one(house, order))
    refunds.pay(house, refund_id)
    house.gateways.bank.payments.clear()
    report = reconciling.run(house)
    told = json.dumps([report.books, report.differences])
    customer = order["customer"]
    secrets = (customer["last_name"], customer["email"], order["order_number"])
    assert refund_id in told
    assert not [secret for secret in secrets if secret in told]
    house.clock.move(days=2 * 366 + 1)
    house.gateways.bank.payments.clear()
    later = reconciling.run(house)
    assert later.at - report.at > timedelta(days=700)
    assert reconciling.last(house) == later
    with house.reader.connect() as connection:
        count = sa.select(sa.func.count()).select_from(reconciling.reconciliations)
        assert connection.execute(count).scalar_one() == 1
