"""The supplier's number and address: asked once, told once, by hand where need be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from desk import texts
from returns.errors import PartnerRefused, PartnerUnknown, WrongState
from returns.failpoints import FailpointReached
from returns.gateways.supplier import Authorisation, Pending, ReturnRequest
from returns.model import By
from returns.services import (
    authorisations,
    cases,
    desk_acts,
    history,
    notices,
    tasks,
    views,
)
from returns.tables import notices as notice_rows
from returns.tables import work
from returns.unit import writing
from returns.work import WorkItem, WorkKind, retry_now, work_id_of
from returns.workflows import give_up
from tests.houses import WAREHOUSE, FakeSupplier, TestHouse, opened
from tests.orders import new_order
from tests.unit.returns.test_money import open_one, refund_of

BY_HAND = Authorisation("RMA-7", WAREHOUSE, None, "shop", None)


class CountingSupplier(FakeSupplier):
    """Counts the requests, which its book would hide; may refuse or think first."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[ReturnRequest] = []
        self.error: Exception | None = None
        self.thinks = False

    def request_return(
        self, request: ReturnRequest, key: str
    ) -> Authorisation | Pending:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        return Pending() if self.thinks else super().request_return(request, key)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        house.gateways.any_supplier = CountingSupplier()
        yield house


@pytest.fixture
def supplier(house: TestHouse) -> CountingSupplier:
    known = house.gateways.any_supplier
    assert isinstance(known, CountingSupplier)
    return known


def as_json(house: TestHouse, return_id: str) -> dict[str, Any]:
    return {r["return_id"]: r for r in views.all_returns(house)}[return_id]


def news(house: TestHouse, return_id: str) -> list[str]:
    """What the customer was or will be told of this return, by medium."""
    query = sa.select(notice_rows).where(notice_rows.c.return_id == return_id)
    with house.reader.connect() as connection:
        rows = connection.execute(query.order_by(notice_rows.c.notice_id)).all()
    return [f"{row.medium}:{row.response.removeprefix('utter_')}" for row in rows]


def work_state(house: TestHouse, kind: WorkKind, subject_id: str) -> str:
    query = sa.select(work.c.state).where(
        work.c.work_id == work_id_of(kind, subject_id)
    )
    with house.reader.connect() as connection:
        return str(connection.execute(query).scalar_one())


def pushed(house: TestHouse, kind: WorkKind) -> WorkItem:
    return next(item for item in house.queue.pushed if item.kind is kind)


def test_number_and_address_are_kept_and_told(
    house: TestHouse, supplier: CountingSupplier
) -> None:
    """Authorised: number, address, news and mail, the refund reserved, work done."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    told = as_json(house, return_id)
    assert told["status"] == "authorised"
    assert told["rma_number"] == supplier.returns[return_id].rma_number
    assert told["return_address"]["city"] == "Lille"
    assert told["refund"] == {
        "amount_minor": 5990 + 490,
        "currency": "EUR",
        "state": "due",
    }
    assert news(house, return_id) == [
        "chat:news_return_authorised",
        "mail:mail_return_authorised",
        "mail:mail_return_opened",
    ]
    assert work_state(house, WorkKind.AUTHORISE_RETURN, return_id) == "done"


@pytest.mark.parametrize(
    ("language", "country", "free", "label"),
    [
        ("fr", "Belgique", "ne vous coûte rien", "Votre étiquette prépayée\u00a0: "),
        ("en", "Belgium", "costs you nothing", "Your prepaid label: "),
    ],
)
def test_the_address_is_told_as_people_write_it(
    house: TestHouse, language: str, country: str, free: str, label: str
) -> None:
    """The country by its name; a prepaid label is shown, and costs nothing then."""
    url = "https://labels.example/1.pdf"
    depot = replace(WAREHOUSE, country="BE", line2="Quai 4")
    return_id = open_one(house, new_order(house))
    given = replace(BY_HAND, return_address=depot, label_url=url)
    authorisations.record_authorisation(house, return_id, given, By.STAFF, "Camille")
    with house.reader.connect() as connection:
        said = cases.authorised_say(history.get_return(connection, return_id))
    told = texts.say(house, said.response, language, said.params)
    address = f"Nordlys Retours\n1 rue du Port\nQuai 4\n59000 Lille\n{country}\n\n"
    assert address in told and free in told
    assert told.endswith(label + url)


def test_the_supplier_learns_what_it_needs(
    house: TestHouse, supplier: CountingSupplier
) -> None:
    """Our return id, its own order reference, the goods and why; no name, no mail."""
    order = new_order(house)
    return_id = open_one(house, order)
    authorisations.authorise(house, return_id)
    (request,) = supplier.asked
    assert request.reference == return_id
    assert (
        request.supplier_order_reference
        == (order["lines"][0]["supplier_order_reference"])
    )
    (line,) = request.lines
    assert (line.sku, line.quantity) == (order["lines"][0]["sku"], 1)
    assert line.return_reason == "changed_mind"
    assert order["customer"]["email"] not in repr(request)


def test_a_second_run_asks_nothing(
    house: TestHouse, supplier: CountingSupplier
) -> None:
    """Once authorised, the same work again neither calls nor tells."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    before = (as_json(house, return_id), news(house, return_id))
    authorisations.authorise(house, return_id)
    assert (as_json(house, return_id), news(house, return_id)) == before
    assert len(supplier.asked) == 1


@pytest.mark.parametrize("place", ["authorise.after_call", "authorise.before_commit"])
def test_a_crash_after_the_call_reads_the_book(
    house: TestHouse,
    supplier: CountingSupplier,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    """The supplier granted, we died: the next run finds it and asks no second time."""
    return_id = open_one(house, new_order(house))
    with monkeypatch.context() as broken, pytest.raises(FailpointReached):
        broken.setenv("BONRETOUR_FAILPOINT", f"{place}:raise")
        authorisations.authorise(house, return_id)
    assert as_json(house, return_id)["status"] == "requested"
    authorisations.authorise(house, return_id)
    assert as_json(house, return_id)["status"] == "authorised"
    assert len(supplier.asked) == 1


def test_a_supplier_that_thinks_is_asked_later(
    house: TestHouse, supplier: CountingSupplier
) -> None:
    """Pending or silent: an unknown outcome, nothing told, tried again."""
    return_id = open_one(house, new_order(house))
    supplier.thinks = True
    with pytest.raises(PartnerUnknown, match=authorisations.STILL_PENDING):
        authorisations.authorise(house, return_id)
    supplier.thinks, supplier.error = False, PartnerUnknown("timeout")
    with pytest.raises(PartnerUnknown, match="timeout"):
        authorisations.authorise(house, return_id)
    assert as_json(house, return_id)["return_address"] is None
    assert news(house, return_id) == ["mail:mail_return_opened"]
    supplier.error = None
    authorisations.authorise(house, return_id)
    assert as_json(house, return_id)["status"] == "authorised"


def test_a_suppliers_no_is_not_the_customers(
    house: TestHouse, supplier: CountingSupplier
) -> None:
    """Refused: the return stays open, a person gets the address, the customer hears."""
    return_id = open_one(house, new_order(house))
    supplier.error = PartnerRefused("window_closed")
    authorisations.authorise(house, return_id)
    told = as_json(house, return_id)
    assert (told["status"], told["outcome"], told["decline_reason"]) == (
        "requested",
        "allow",
        None,
    )
    (task,) = tasks.open_tasks(house)
    assert (task.kind, task.facts) == ("supplier_address", {"refused": "window_closed"})
    assert "chat:news_address_by_person" in news(house, return_id)
    assert work_state(house, WorkKind.AUTHORISE_RETURN, return_id) == "done"


def test_silence_to_the_end_becomes_a_task(house: TestHouse) -> None:
    """After the last try a person gets the address; once, and the customer hears it."""
    return_id = open_one(house, new_order(house))
    item = pushed(house, WorkKind.AUTHORISE_RETURN)
    give_up(house, item)
    give_up(house, item)
    (task,) = tasks.open_tasks(house)
    assert (task.kind, task.subject_id) == ("supplier_address", return_id)
    assert news(house, return_id)[0] == "chat:news_address_by_person"
    assert work_state(house, WorkKind.AUTHORISE_RETURN, return_id) == "given_up"


def test_an_older_attempt_gives_nothing_up(house: TestHouse) -> None:
    """A person pushed it once more: the attempt that was given up does not count."""
    return_id = open_one(house, new_order(house))
    item = pushed(house, WorkKind.AUTHORISE_RETURN)
    give_up(house, item)
    with writing(house) as unit:
        retry_now(unit.connection, item.kind, return_id, unit.now)
    give_up(house, item)
    assert work_state(house, WorkKind.AUTHORISE_RETURN, return_id) == "pending"


def test_an_address_by_hand_counts_like_the_suppliers(house: TestHouse) -> None:
    """A supplier without an API: number and address come from a person, by name."""
    order = new_order(house, lines=[{"supplier": "Kado Factory"}])
    return_id = open_one(house, order)
    assert not house.queue.subjects(WorkKind.AUTHORISE_RETURN)
    (task,) = tasks.open_tasks(house)
    desk_acts.address_by_hand(house, task, BY_HAND, "lea")
    told = as_json(house, return_id)
    assert (told["status"], told["rma_number"]) == ("authorised", "RMA-7")
    acts = [entry["event"] for entry in told["history"] if entry["by"] == "staff"]
    assert acts == ["supplier.authorised"]
    assert "chat:news_return_authorised" in news(house, return_id)
    assert refund_of(house, return_id).state == "due"
    assert tasks.open_tasks(house) == []


def test_without_the_suppliers_reference_a_person_asks(house: TestHouse) -> None:
    """An order line that the supplier's API cannot name is a task, not a call."""
    order = new_order(house, lines=[{"supplier_order_reference": None}])
    open_one(house, order)
    assert [task.kind for task in tasks.open_tasks(house)] == ["supplier_address"]
    assert not house.queue.subjects(WorkKind.AUTHORISE_RETURN)


def test_a_second_authorisation_is_refused(house: TestHouse) -> None:
    """Number and address never change under the customer's feet."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    with pytest.raises(WrongState):
        authorisations.record_authorisation(house, return_id, BY_HAND, By.STAFF, "lea")
    assert as_json(house, return_id)["rma_number"] != "RMA-7"


def test_news_is_told_by_one_answer_only(house: TestHouse) -> None:
    """Who waits for the address gets it in the answer; no other message and no news."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    response = "utter_news_return_authorised"
    notice_id = f"{return_id}:chat:news_return_authorised"
    assert notice_id not in house.queue.subjects(WorkKind.DELIVER_NOTICE)
    with writing(house) as unit:
        assert notices.claim(unit, return_id, response, "m1")
        assert notices.claim(unit, return_id, response, "m1")
        assert not notices.claim(unit, return_id, response, "m2")
    assert work_state(house, WorkKind.DELIVER_NOTICE, notice_id) == "done"


def test_a_webhook_is_only_a_hint(house: TestHouse, supplier: CountingSupplier) -> None:
    """Goods count as back when the supplier's own book says so (X7)."""
    return_id = open_one(house, new_order(house))
    authorisations.authorise(house, return_id)
    with pytest.raises(PartnerUnknown):
        authorisations.confirm_receipt(house, return_id)
    assert as_json(house, return_id)["status"] == "authorised"
    granted = supplier.returns[return_id]
    at = house.clock.now() - timedelta(hours=1)
    supplier.returns[return_id] = Authorisation(
        granted.rma_number, granted.return_address, None, "supplier", None, at
    )
    authorisations.confirm_receipt(house, return_id)
    assert as_json(house, return_id)["status"] == "received"
    assert refund_of(house, return_id).due_at is not None


def test_goods_for_a_return_that_waits_change_nothing(house: TestHouse) -> None:
    """Before it is authorised nothing can come back."""
    return_id = open_one(house, new_order(house))
    authorisations.receive_goods(house, return_id, By.SUPPLIER)
    assert as_json(house, return_id)["status"] == "requested"
    assert cases.returns_of_conversation(house, "c1")[0].return_id == return_id


def test_given_up_work_says_what_it_was(house: TestHouse) -> None:
    """Work that has no task of its own becomes a plain one, and can be tried again."""
    return_id = open_one(house, new_order(house))
    item = pushed(house, WorkKind.DELIVER_NOTICE)
    give_up(house, item)
    (task,) = tasks.open_tasks(house)
    assert task.kind == "given_up"
    assert task.facts == {"kind": "deliver_notice", "subject_id": item.subject_id}
    assert return_id in item.subject_id
    desk_acts.try_again(house, task, "lea")
    assert work_state(house, WorkKind.DELIVER_NOTICE, item.subject_id) == "pending"
    again = WorkItem(item.work_id, item.kind, item.subject_id, 2, house.clock.now())
    give_up(house, again)
    assert len(tasks.open_tasks(house)) == 1
