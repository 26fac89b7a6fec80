"""A bank's later word moves a refund by its own book: signed, once, never backwards."""

import json
from datetime import timedelta

import httpx
import pytest

from desk.tables import supplier_events
from returns.errors import PartnerUnknown
from returns.gateways.signatures import HEADER, sign
from returns.services import bank_news, desk_acts, refunds, tasks
from returns.work import WorkKind
from returns.workflows import give_up, handlers
from tests.desks import WebClient
from tests.houses import TestHouse
from tests.orders import new_order
from tests.unit.returns.test_authorisations import news, pushed, work_state
from tests.unit.returns.test_money import count, fall_due, open_one, refund_of

PATH = "/hooks/payments/sandbox"


@pytest.fixture
def return_id(house: TestHouse) -> str:
    """Its refund is due, and nobody has asked the bank yet."""
    return_id = open_one(house, new_order(house))
    fall_due(house, return_id)
    return return_id


def refund_id_of(house: TestHouse, return_id: str) -> str:
    return str(refund_of(house, return_id).refund_id)


def send(
    house: TestHouse,
    client: WebClient,
    reference: str,
    kind: str = "refund.failed",
    event_id: str = "e1",
    **how: object,
) -> httpx.Response:
    """how: secret, path or age, where they are not the right ones."""
    event = {"event_id": event_id, "type": kind, "reference": reference}
    body = json.dumps(event).encode()
    secret = house.settings.secret(str(how.get("secret", "payments_sandbox")))
    at = house.clock.now() - timedelta(minutes=int(str(how.get("age", 0))))
    headers = {HEADER: sign(secret, body, at)}
    return client.post(str(how.get("path", PATH)), content=body, headers=headers)


def told(house: TestHouse) -> list[str]:
    return house.queue.subjects(WorkKind.READ_PAYMENT)


def work_through(house: TestHouse) -> None:
    """What a worker does with what was pushed."""
    for subject in told(house):
        handlers(house)[WorkKind.READ_PAYMENT](subject)
        assert work_state(house, WorkKind.READ_PAYMENT, subject) == "done"


def test_without_the_right_signature_nothing_is_kept(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """Unsigned, signed with another secret, too old or of another bank: 401, no row."""
    refund_id = refund_id_of(house, return_id)
    refused = [
        client.post(PATH, content=b"{}"),
        send(house, client, refund_id, secret="webhook_nordlys"),
        send(house, client, refund_id, age=6),
        send(house, client, refund_id, path="/hooks/payments/other"),
        send(house, client, refund_id, path="/hooks/suppliers/payments"),
    ]
    assert [reply.status_code for reply in refused] == [401] * len(refused)
    assert count(house, supplier_events) == 0
    assert told(house) == []


def test_money_that_came_back_goes_to_a_person_once(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """Sent twice and read twice: one task, the customer told once, nothing re-sent."""
    refund_id = refund_id_of(house, return_id)
    refunds.pay(house, refund_id)
    house.gateways.bank.came_back.add(refund_id)
    for event_id in ("e1", "e1", "e2"):
        assert send(house, client, refund_id, event_id=event_id).status_code == 200
    assert len(told(house)) == 2
    work_through(house)
    refunds.pay(house, refund_id)
    money = refund_of(house, return_id)
    assert (money.state, money.paid_at, money.paid_reference) == ("manual", None, None)
    assert len(house.gateways.bank.payments) == 1
    (task,) = tasks.open_tasks(house)
    assert (task.kind, task.subject_id) == ("pay_refund", refund_id)
    heard = [one for one in news(house, return_id) if "refund_returned" in one]
    assert heard == ["chat:news_refund_returned", "mail:mail_refund_returned"]


def test_what_a_person_paid_then_is_told_and_stays(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """Late news of the first payment does not undo the second."""
    refund_id = refund_id_of(house, return_id)
    refunds.pay(house, refund_id)
    house.gateways.bank.came_back.add(refund_id)
    send(house, client, refund_id)
    work_through(house)
    (task,) = tasks.open_tasks(house)
    desk_acts.paid_by_hand(house, task, "VIR-7", "lea")
    send(house, client, refund_id, event_id="e2")
    work_through(house)
    money = refund_of(house, return_id)
    assert (money.state, money.paid_reference) == ("paid", "VIR-7")
    assert tasks.open_tasks(house) == []
    heard = [one for one in news(house, return_id) if "sent_again" in one]
    assert heard == ["chat:news_refund_sent_again", "mail:mail_refund_sent_again"]


def test_a_payment_given_up_on_is_settled_by_good_news(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """A day of silence made it failed; the bank had paid: paid, and no task is left."""
    refund_id = refund_id_of(house, return_id)
    house.gateways.bank.silences = 1
    with pytest.raises(PartnerUnknown):
        refunds.pay(house, refund_id)
    give_up(house, pushed(house, WorkKind.PAY_REFUND))
    assert refund_of(house, return_id).state == "failed"
    send(house, client, refund_id, "refund.succeeded")
    work_through(house)
    assert refund_of(house, return_id).state == "paid"
    assert tasks.open_tasks(house) == []
    assert len(house.gateways.bank.payments) == 1


def test_news_of_what_was_never_sent_moves_nothing(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """A webhook pays nothing and fails nothing by its word alone (X7)."""
    for n, kind in enumerate(("refund.succeeded", "refund.failed", "refund.other")):
        refund_id = refund_id_of(house, return_id)
        assert send(house, client, refund_id, kind, f"e{n}").status_code == 200
    assert send(house, client, "no-such-refund", event_id="e9").status_code == 200
    assert len(told(house)) == 2
    work_through(house)
    assert refund_of(house, return_id).state == "due"


def test_a_book_that_does_not_know_it_is_read_again(
    house: TestHouse, return_id: str
) -> None:
    """The webhook came before the bank's own book: later, not never."""
    refund_id = refund_id_of(house, return_id)
    refunds.pay(house, refund_id)
    house.gateways.bank.payments.clear()
    with pytest.raises(PartnerUnknown):
        bank_news.read(house, bank_news.work_subject(refund_id, "e1"))
    assert refund_of(house, return_id).state == "paid"


def test_the_news_may_be_read_while_the_payment_is_looked_for(
    house: TestHouse, return_id: str
) -> None:
    """Paying again finds that it came back: a person, and the work is done."""
    refund_id = refund_id_of(house, return_id)
    house.gateways.bank.silences = 1
    with pytest.raises(PartnerUnknown):
        refunds.pay(house, refund_id)
    house.gateways.bank.came_back.add(refund_id)
    handlers(house)[WorkKind.PAY_REFUND](refund_id)
    assert refund_of(house, return_id).state == "manual"
    assert work_state(house, WorkKind.PAY_REFUND, refund_id) == "done"
