"""After a return: status in words, news unasked, claims, and one rating at the end."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from desk import sessions, texts, transcript
from desk.tables import conversations
from desk.workflows import deliver_notice
from returns.errors import WrongState
from returns.gateways.payments import RefundOrder
from returns.model import (
    By,
    Question,
    RefundState,
    ReplacementState,
    ReturnReason,
    ReturnStatus,
)
from returns.services import (
    aftercare,
    authorisations,
    cancelling,
    cases,
    deliveries,
    desk_acts,
    drafts,
    flags,
    identity,
    ratings,
    refunds,
    reminders,
    replacements,
    statuses,
    tasks,
)
from returns.tables import notices as notice_rows
from returns.tables import refunds as refund_rows
from returns.tables import replacements as replacement_rows
from returns.tables import returns
from returns.work import WorkKind
from tests.databases import KINDS
from tests.houses import TestHouse, heard, opened
from tests.orders import new_order
from tests.unit.returns.test_authorisations import news, work_state
from tests.unit.returns.test_cancelling import replaced
from tests.unit.returns.test_money import at_once, fall_due, open_one, refund_of, wish
from tests.unit.returns.test_parcels import (
    authorised,
    case_of,
    give,
    named,
    open_kinds,
    prove,
)

R = ReturnReason


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.fixture(params=KINDS)
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield house


def told(house: TestHouse, conversation: str = "c1") -> list[str]:
    """The state and what follows it, of the newest return."""
    (say, *_) = statuses.tell(house, conversation)
    return [say.params["state"].response, *(s.response for s in say.params["next"])]


def closed(house: TestHouse, conversation: str = "c1") -> str:
    """A return that is refunded and over, its last news delivered."""
    return_id = open_one(house, new_order(house), conversation)
    refunds.pay(house, fall_due(house, return_id))
    deliver(house, return_id)
    return return_id


def deliver(house: TestHouse, return_id: str) -> None:
    """As the desk would, but for the message itself."""
    with house.engine.begin() as connection:
        connection.execute(
            notice_rows.update()
            .where(notice_rows.c.return_id == return_id)
            .values(delivered_at=house.clock.now())
        )


def rate(house: TestHouse, rating: int, message: str = "m20") -> Question:
    return ratings.rate(house, heard(message, "inform", rating=rating))


# ------------------------------------------------------------------- status


def test_the_status_follows_the_case(house: TestHouse) -> None:
    """Each stage says what happened, what comes next, and how the money stands."""
    return_id = open_one(house, new_order(house))
    refunds.start(house, return_id)
    assert told(house) == [
        "utter_state_requested",
        "utter_next_address",
        "utter_refund_when_received",
    ]
    authorisations.authorise(house, return_id)
    assert told(house) == [
        "utter_state_authorised",
        "utter_next_post",
        "utter_refund_when_received",
    ]
    give(house)
    assert told(house) == [
        "utter_state_in_transit",
        "utter_next_on_its_way",
        "utter_refund_after_proof",
    ]
    authorisations.receive_goods(house, return_id, By.SUPPLIER)
    assert told(house) == ["utter_state_received", "utter_refund_under_way"]
    refunds.pay(house, refund_of(house, return_id).refund_id)
    assert told(house) == ["utter_state_closed", "utter_state_paid"]


def test_what_a_person_has_is_said(house: TestHouse) -> None:
    """Review, address and payment by hand name the person who acts."""
    open_one(house, new_order(house, lines=[{"personalised": True}]))
    assert told(house) == ["utter_state_needs_review", "utter_next_review"]
    manual = {"method": "manual", "reference": "CHQ-1"}
    return_id = open_one(house, new_order(house, payment=manual), "c2")
    fall_due(house, return_id)
    assert told(house, "c2") == ["utter_state_received", "utter_refund_by_hand"]
    order = new_order(house, lines=[{"supplier": "Kado Factory"}])
    third = open_one(house, order, "c3")
    refunds.start(house, third)
    assert told(house, "c3")[1] == "utter_next_address_by_person"


def test_a_replacement_is_told_by_its_state(house: TestHouse) -> None:
    """Due, ordered, or with a person."""
    return_id = replaced(house)
    replacements.start(house, return_id)
    assert told(house)[-1] == "utter_state_replacement_due"
    authorisations.authorise(house, return_id)
    (replacement_id,) = set(house.queue.subjects(WorkKind.ORDER_REPLACEMENT))
    replacements.order(house, replacement_id)
    assert "utter_state_replacement_ordered" in told(house)


def test_every_mix_of_states_has_words(house: TestHouse) -> None:
    """Return, refund and replacement in any state, in both languages, with no gap."""
    return_id = authorised(house)
    replacement = {"replacement_id": "p1", "return_id": return_id}
    at = house.clock.now()
    with house.engine.begin() as connection:
        connection.execute(
            replacement_rows.insert().values(**replacement, state="due", created_at=at)
        )
    mixes = itertools.product(ReturnStatus, RefundState, ReplacementState)
    for status, money, goods in mixes:
        paid_at = at if money is RefundState.PAID else None
        with house.engine.begin() as connection:
            connection.execute(returns.update().values(status=status))
            connection.execute(
                refund_rows.update().values(state=money, paid_at=paid_at)
            )
            connection.execute(replacement_rows.update().values(state=goods))
        (say,) = statuses.tell(house, "c1")
        for language in ("fr", "en"):
            text = texts.say(house, say.response, language, say.params)
            assert return_id in text and "{" not in text


def test_a_proved_order_tells_its_returns_days_later(house: TestHouse) -> None:
    """A conversation that proves the order sees them; one that does not, never."""
    return_id = authorised(house)
    house.clock.move(days=3)
    assert statuses.tell(house, "c7") == []
    prove(house, return_id, "c7")
    assert told(house, "c7")[0] == "utter_state_authorised"
    house.clock.move(hours=25)
    assert statuses.tell(house, "c7") == []


def order_told(house: TestHouse, **order: Any) -> Question:
    number = new_order(house, **order)
    proof = {
        "order_number": number["order_number"],
        "email": number["customer"]["email"],
    }
    drafts.hear(house, heard("m1", "inform", **proof))
    identity.look_up_order(house, "c1")
    question = deliveries.tell(house, "c1")
    assert question is not None
    return question


def test_an_order_tells_where_its_parcel_is(house: TestHouse) -> None:
    """Delivered, under way with its number, or honestly unknown."""
    assert deliveries.tell(house, "c1") is None
    line = {"tracking_number": "6A12345678901"}
    question = order_told(house, delivered_days_ago=None, lines=[line])
    (say, *_) = question.says
    (first, *_) = say.params["lines"]
    assert first.response == "utter_order_line_sent"
    assert first.params["number"][0].params == {"number": "6A12345678901"}


def test_a_delivered_order_is_not_late(house: TestHouse) -> None:
    """Whatever was promised: it came."""
    question = order_told(house)
    assert named(question) == ["utter_order_status"]
    assert not question.choices


def test_a_late_order_offers_what_they_may_do(house: TestHouse) -> None:
    """Past the promised day: sorry, and a way to ask for a solution."""
    question = order_told(house, delivered_days_ago=None, placed_days_ago=40)
    assert named(question) == ["utter_order_status", "utter_order_late"]
    assert question.choices[0].means["reasons"] == ["not_delivered"]
    assert question.expects == deliveries.LATE


def test_once_nothing_is_to_come_the_return_is_told(house: TestHouse) -> None:
    """ "How long will it take?" after the yes is not about the parcel that came."""
    order = new_order(house)
    number = order["order_number"]
    assert statuses.tell_instead(house, "c1", number) == []
    return_id = open_one(house, order, "c1")
    (say,) = statuses.tell_instead(house, "c1", number)
    assert say.params["return_id"] == return_id
    assert statuses.tell_instead(house, "c1", "TS-0") == []
    assert statuses.tell_instead(house, "stranger", number) == []
    cancelling.cancel(house, "c1", return_id)
    assert statuses.tell_instead(house, "c1", number) == []


# -------------------------------------------------------------- news unasked


def test_a_late_supplier_is_told_once(house: TestHouse) -> None:
    """After some hours: one notice, and a person sees to it."""
    return_id = open_one(house, new_order(house))
    house.clock.move(hours=2)
    reminders.look(house)
    assert "chat:news_supplier_late" not in news(house, return_id)
    house.clock.move(hours=2)
    for _ in range(3):
        reminders.look(house)
    assert news(house, return_id).count("chat:news_supplier_late") == 1
    assert open_kinds(house) == ["supplier_address"]
    authorisations.authorise(house, return_id)
    assert not open_kinds(house)


def test_the_last_day_to_post_is_reminded_once(any_house: TestHouse) -> None:
    """Three days before, in the chat and by mail; not when the parcel is under way."""
    house = any_house
    return_id = authorised(house)
    sent = authorised(house, "c2")
    give(house, "6A99999999999", conversation_id="c2")
    house.clock.move(days=10)
    reminders.look(house)
    assert "chat:news_post_soon" not in news(house, return_id)
    house.clock.move(days=2)
    at_once(lambda _: reminders.look(house))
    reminded = [told for told in news(house, return_id) if "post_soon" in told]
    assert reminded == ["chat:news_post_soon", "mail:mail_post_soon"]
    assert "chat:news_post_soon" not in news(house, sent)


def test_nothing_sent_long_after_is_for_a_person(house: TestHouse) -> None:
    """No right is lost by a late parcel (W20): a person asks, once."""
    authorised(house)
    house.clock.move(days=29)
    reminders.look(house)
    assert "nothing_sent" not in open_kinds(house)
    house.clock.move(days=2)
    for _ in range(2):
        reminders.look(house)
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "nothing_sent"]
    aftercare.done(house, task, "lea")
    reminders.look(house)
    assert "nothing_sent" not in open_kinds(house)


# ------------------------------------------------------------------- claims


def test_a_supplier_at_fault_owes_what_was_refunded(house: TestHouse) -> None:
    """Open with the amount of its lines once the customer has the money; then won."""
    order = new_order(house)
    wish(house, order, reasons=(R.WRONG_ITEM,))
    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    refund_id = fall_due(house, return_id)
    assert case_of(house, return_id)["claim"] is None
    refunds.pay(house, refund_id)
    assert case_of(house, return_id)["claim"] == {
        "party": "supplier",
        "amount_minor": 5990,
        "currency": "EUR",
        "state": "open",
    }
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "supplier_claim"]
    aftercare.claim_closed(house, task, "AVOIR-3", "", "lea")
    assert case_of(house, return_id)["claim"]["state"] == "won"


def test_a_replacement_is_claimed_by_its_value(house: TestHouse) -> None:
    """Ordered anew, the goods' value is claimed; it may also be lost."""
    return_id = replaced(house)
    authorisations.authorise(house, return_id)
    (replacement_id,) = set(house.queue.subjects(WorkKind.ORDER_REPLACEMENT))
    replacements.order(house, replacement_id)
    assert case_of(house, return_id)["claim"]["amount_minor"] == 5990
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "supplier_claim"]
    aftercare.claim_closed(house, task, None, "too late", "lea")
    assert case_of(house, return_id)["claim"]["state"] == "lost"


def test_a_change_of_mind_is_nobodys_claim(house: TestHouse) -> None:
    """No fault, no claim, and no flag."""
    return_id = closed(house)
    assert case_of(house, return_id)["claim"] is None
    assert flags.report(house) == []


def test_flags_count_what_suppliers_caused(house: TestHouse) -> None:
    """Faulty units of sold ones, per supplier and product."""
    order = new_order(house, lines=[{}, {"product_id": "NOR-02"}])
    new_order(house)
    first = order["lines"][0]["line_id"]
    wish(house, order, reasons=(R.WRONG_ITEM,), line_ids=(first,))
    cases.confirm(house, "c1", "yes")
    (row,) = flags.report(house)
    assert (row["product_id"], row["faulty"], row["sold"], row["rate"]) == (
        "NOR-01",
        1,
        2,
        50.0,
    )


# ------------------------------------------------------------------- rating


def question_of(house: TestHouse, return_id: str) -> list[str]:
    query = sa.select(notice_rows.c.response).where(
        notice_rows.c.return_id == return_id, notice_rows.c.expects == "rating"
    )
    with house.reader.connect() as connection:
        return list(connection.execute(query).scalars())


def test_only_the_last_news_asks(house: TestHouse) -> None:
    """Received: no question. Refunded and over: thanks and the question."""
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    assert question_of(house, return_id) == []
    refunds.pay(house, refund_id)
    assert question_of(house, return_id) == ["utter_news_refund_paid"]


def test_paid_first_the_parcel_is_the_last_news(house: TestHouse) -> None:
    """After proof of sending the money comes first; the question waits for the end."""
    return_id = authorised(house)
    give(house)
    house.clock.move(days=5)
    reminders.look(house)
    refunds.pay(house, refund_of(house, return_id).refund_id)
    assert question_of(house, return_id) == []
    authorisations.receive_goods(house, return_id, By.SUPPLIER)
    assert question_of(house, return_id) == ["utter_news_goods_received"]


def test_a_rating_is_kept_once_with_a_comment(house: TestHouse) -> None:
    """The first counts, also when the message runs twice; the comment joins it."""
    return_id = closed(house)
    asked = rate(house, 4)
    assert (named(asked)[0], asked.expects, asked.about) == (
        "utter_rating_thanks",
        "detail",
        return_id,
    )
    assert rate(house, 4) == asked
    assert rate(house, 1, "m21").about is None
    ratings.comment(house, heard("m22", "inform", text="un peu lent"), return_id)
    assert case_of(house, return_id)["rating"] == {
        "rating": 4,
        "comment": "un peu lent",
    }
    assert "unhappy_customer" not in open_kinds(house)


def test_an_unhappy_customer_is_a_task(house: TestHouse) -> None:
    """One or two: sorry, and a person looks."""
    closed(house)
    assert named(rate(house, 2))[0] == "utter_rating_sorry"
    (task,) = tasks.open_tasks(house)
    assert task.kind == "unhappy_customer"
    aftercare.done(house, task, "lea")
    with pytest.raises(WrongState):
        aftercare.done(house, task, "lea")


def test_a_rating_without_a_return_is_only_thanked_for(house: TestHouse) -> None:
    """Nothing is stored that nobody asked for."""
    assert named(rate(house, 5)) == ["utter_rating_thanks"]


def test_the_desk_asks_with_buttons(house: TestHouse) -> None:
    """The message ends with the question, five live buttons and what is expected."""
    talk = sessions.open_session(house, "en")[1]
    return_id = open_one(house, new_order(house), talk)
    refunds.pay(house, fall_due(house, return_id))
    (notice_id,) = [
        i
        for i in house.queue.subjects(WorkKind.DELIVER_NOTICE)
        if "refund_paid" in i and ":chat:" in i
    ]
    deliver_notice(house, notice_id)
    with house.reader.connect() as connection:
        (message,) = transcript.last_question(connection, talk)
        seq = connection.execute(sa.select(conversations.c.last_seq)).scalar_one()
        assert transcript.open_question(connection, talk, seq + 1) == "rating"
    assert [button["title"] for button in message.buttons] == list("12345")
    assert "From 1 to 5" in message.text
    assert work_state(house, WorkKind.DELIVER_NOTICE, notice_id) == "done"


# -------------------------------------------------------------------- money


def test_a_payment_that_differs_is_never_paid_over(house: TestHouse) -> None:
    """Another amount in the bank's book: no second payment, a person settles it."""
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    bank = house.gateways.bank
    bank.payments["other"] = RefundOrder(refund_id, "other", "pay", 100, "EUR")
    for _ in range(2):
        refunds.pay(house, refund_id)
    assert bank.paid_minor() == 100
    assert refund_of(house, return_id).state == "manual"
    assert work_state(house, WorkKind.PAY_REFUND, refund_id) == "done"
    (task,) = tasks.open_tasks(house)
    assert task.kind == "check_payment"
    with pytest.raises(WrongState):
        desk_acts.paid_by_hand(house, task, "VIR-1", "lea")
    aftercare.payment_checked(house, task, "VIR-1", "lea")
    assert refund_of(house, return_id).state == "paid"


def test_many_starts_reserve_once(any_house: TestHouse) -> None:
    """Action and workflow at the same moment: one refund row, nobody fails."""
    house = any_house
    return_id = open_one(house, new_order(house))
    results = at_once(lambda _: refunds.start(house, return_id))
    assert len({row.refund_id for row in results}) == 1


def test_many_starts_commit_to_one_replacement(any_house: TestHouse) -> None:
    """The same for goods."""
    house = any_house
    return_id = replaced(house)
    results = at_once(lambda _: replacements.start(house, return_id))
    assert len({row.replacement_id for row in results}) == 1
