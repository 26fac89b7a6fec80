"""Withdrawals stated on the page: the same cases as in the chat, or a person's."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from desk import withdrawals
from returns import repository
from returns.errors import RecapChanged, UnitAlreadyInReturn
from returns.formats import ExactMoment, params_from_json
from returns.model import By, Ground, Resolution, ReturnReason, Say
from returns.services import authorisations, cases, refunds, statements
from returns.services.statements import Statement
from returns.services.tasks import Task, open_tasks
from returns.tables import held_units, notices, return_lines, returns
from returns.tables import refunds as refund_rows
from returns.work import WorkKind
from tests.houses import TestHouse, opened, tell_all
from tests.orders import new_order

REFUND = Resolution.REFUND
PLACE = "192.0.2.0/24"
CUSHIONS = {
    "title": "Coussin Brume",
    "options": {"Couleur": "vert"},
    "quantity": 2,
    "category": "Linge de maison",
    "supplier": "Maison Lumen",
}
LAMP = {"title": "Lampe Orée", "options": {}, "supplier": "Maison Lumen"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


def said(order: dict[str, Any], articles: str = "", **changes: str) -> Statement:
    facts = {
        "name": "Alex Martin",
        "order_number": order["order_number"],
        "email": order["customer"]["email"],
        "articles": articles,
        "language": "fr",
        **changes,
    }
    return Statement(**facts)


def state(house: TestHouse, statement: Statement, key: str = "k1") -> str:
    """Recorded and not settled; the conversation."""
    withdrawals.record(house, key, statement, withdrawals.pace_of(house), PLACE)
    return house.queue.subjects(WorkKind.SETTLE_WITHDRAWAL)[-1]


def settled(house: TestHouse, statement: Statement, key: str = "k1") -> list[Any]:
    """The returns that it opened."""
    talk = state(house, statement, key)
    statements.settle(house, talk)
    return cases.returns_of_conversation(house, talk)


def lines(house: TestHouse, return_id: str) -> list[Any]:
    query = sa.select(return_lines).where(return_lines.c.return_id == return_id)
    with house.reader.connect() as connection:
        return list(connection.execute(query).all())


def waiting(house: TestHouse) -> list[Task]:
    return [task for task in open_tasks(house) if task.kind == "unproved_withdrawal"]


def hindrances(house: TestHouse) -> list[str]:
    return [task.facts["hindrance"] for task in waiting(house)]


def test_the_whole_order_is_withdrawn(house: TestHouse) -> None:
    """Every free piece of every line, one return for each supplier, refund in place."""
    order = new_order(house, lines=[{}, CUSHIONS])
    opened_now = settled(house, said(order))
    assert {case.supplier for case in opened_now} == {"Nordlys Apparel", "Maison Lumen"}
    told = [line for case in opened_now for line in lines(house, case.return_id)]
    assert {line.ground for line in told} == {Ground.WITHDRAWAL}
    assert sorted(line.quantity for line in told) == [1, 2]
    assert {case.outcome for case in opened_now} == {"allow"}
    assert all(refunds.start(house, case.return_id) for case in opened_now)
    assert waiting(house) == []


def test_it_counts_from_the_moment_it_was_confirmed(house: TestHouse) -> None:
    """However late the worker comes: the fourteenth day is kept (L221-22)."""
    order = new_order(house, delivered_days_ago=14, placed_days_ago=20)
    talk = state(house, said(order))
    stated = house.clock.now()
    house.clock.move(days=5)
    statements.settle(house, talk)
    (case,) = cases.returns_of_conversation(house, talk)
    assert case.outcome == "allow"
    with house.reader.connect() as connection:
        draft = repository.get_draft(connection, case.draft_id)
    assert draft.withdrawal_at == stated


def test_a_second_run_changes_nothing(house: TestHouse) -> None:
    """A worker that was killed does it again: one return, one refund."""
    order = new_order(house)
    talk = state(house, said(order))
    for _ in range(3):
        statements.settle(house, talk)
    assert len(cases.returns_of_conversation(house, talk)) == 1
    with house.reader.connect() as connection:
        assert len(connection.execute(sa.select(refund_rows)).all()) == 1


@pytest.mark.parametrize(
    "changes",
    [{"email": "thief@example.net"}, {"order_number": "FR-0000"}],
    ids=["another mail", "no such order"],
)
def test_what_does_not_match_is_a_persons(
    house: TestHouse, changes: dict[str, str]
) -> None:
    """It is on record with everything entered, and opens nothing."""
    entered = said(new_order(house), "la robe", **changes)
    assert settled(house, entered) == []
    (task,) = waiting(house)
    for field in ("name", "order_number", "email", "articles"):
        assert task.facts[field] == getattr(entered, field)
    assert task.facts["stated_at"] == house.clock.now().isoformat().replace(
        "+00:00", "Z"
    )
    assert task.facts["reference"].startswith("W-")
    assert task.facts["hindrance"] == "not_proved"


def test_a_guessing_stranger_gets_nothing_and_everything_is_recorded(
    house: TestHouse,
) -> None:
    """I3: after ten failures even the right pair goes to a person, never to waste."""
    order = new_order(house)
    for n in range(10):
        guess = said(order, email=f"guess{n}@example.com")
        assert settled(house, guess, f"g{n}") == []
    assert settled(house, said(order), "right") == []
    assert len(waiting(house)) == 11


def test_the_receipt_is_the_same_for_every_statement(house: TestHouse) -> None:
    """Nothing in the mail tells whether there is such an order (I2)."""
    order = new_order(house)
    state(house, said(order), "k1")
    state(house, said(order, order_number="FR-0000"), "k2")
    query = sa.select(notices).where(notices.c.response == statements.MAIL)
    with house.reader.connect() as connection:
        right, wrong = connection.execute(query.order_by(notices.c.notice_id)).all()
    for row in (right, wrong):
        params = params_from_json(row.params)
        assert params["at"] == ExactMoment(house.clock.now())
        names = [label.response for label, _ in params["facts"]]
        assert len(names) == 7
        assert row.recipient == order["customer"]["email"]
    assert house.queue.pushed[0].kind is WorkKind.DELIVER_NOTICE


def test_articles_in_the_customers_words(house: TestHouse) -> None:
    """What they name without a doubt is withdrawn, and nothing else."""
    order = new_order(house, lines=[{}, LAMP])
    (case,) = settled(house, said(order, "Lampe Orée"))
    assert [line.line_id for line in lines(house, case.return_id)] == [
        f"{order['order_number']}/2"
    ]


@pytest.mark.parametrize(
    "articles",
    ["le truc", "la robe, le grand vase", "un coussin", "la robe et un des coussins"],
)
def test_articles_that_are_in_doubt_go_to_a_person(
    house: TestHouse, articles: str
) -> None:
    """A part nobody can read, or some of several pieces: no guess is made."""
    order = new_order(house, lines=[{}, CUSHIONS])
    assert settled(house, said(order, articles)) == []
    assert hindrances(house) == ["articles"]


def test_what_must_be_asked_goes_to_a_person(house: TestHouse) -> None:
    """Nobody answers on the page, so a hygiene seal is a person's question."""
    order = new_order(house, lines=[{"sealed_hygiene": True}])
    assert settled(house, said(order)) == []
    assert hindrances(house) == ["detail"]


def test_a_closed_window_is_reviewed_as_in_the_chat(house: TestHouse) -> None:
    """The machine refuses nothing (N5): a return waits for a person's decision."""
    order = new_order(house, delivered_days_ago=40, placed_days_ago=50)
    (case,) = settled(house, said(order))
    assert case.status == "needs_review"
    assert [task.kind for task in open_tasks(house)] == ["review_return"]


def test_stated_twice_it_is_returned_once(house: TestHouse) -> None:
    """A second statement for what is in a return already is read by a person."""
    order = new_order(house)
    assert len(settled(house, said(order), "k1")) == 1
    assert settled(house, said(order), "k2") == []
    assert hindrances(house) == ["already_in_return"]
    with house.reader.connect() as connection:
        assert len(connection.execute(sa.select(held_units)).all()) == 1


def test_the_chat_comes_second(house: TestHouse) -> None:
    """A recap shown before the page was used confirms nothing any more."""
    order = new_order(house)
    wish = {"reasons": (ReturnReason.TOO_SMALL,), "resolution": REFUND}
    assert tell_all(house, order, "chat", **wish).expects == "confirmation"
    assert len(settled(house, said(order))) == 1
    with pytest.raises((RecapChanged, UnitAlreadyInReturn)):
        cases.confirm(house, "chat", "yes")


def test_the_page_comes_second(house: TestHouse) -> None:
    """What the chat opened is not opened again."""
    order = new_order(house)
    tell_all(house, order, "chat", reasons=(ReturnReason.TOO_SMALL,), resolution=REFUND)
    cases.confirm(house, "chat", "yes")
    assert settled(house, said(order)) == []
    assert hindrances(house) == ["already_in_return"]


def test_the_money_is_paid_once(house: TestHouse) -> None:
    """From the page to the bank's book, by the same services as in the chat."""
    order = new_order(house)
    (case,) = settled(house, said(order))
    authorisations.authorise(house, case.return_id)
    house.clock.move(days=2)
    authorisations.receive_goods(house, case.return_id, By.SUPPLIER)
    with house.reader.connect() as connection:
        money = refunds.of_return(connection, case.return_id)
    assert money is not None and money.amount_minor == 6480
    for _ in range(2):
        refunds.pay(house, money.refund_id)
    assert house.gateways.bank.paid_minor() == 6480


def test_the_acknowledgement_of_the_return_names_the_statement(
    house: TestHouse,
) -> None:
    """The case's own mail tells the same moment as the receipt (F5)."""
    stated = house.clock.now()
    talk = state(house, said(new_order(house)))
    house.clock.move(minutes=3)
    statements.settle(house, talk)
    query = sa.select(notices.c.params).where(
        notices.c.response == "utter_mail_return_opened"
    )
    with house.reader.connect() as connection:
        params = params_from_json(connection.execute(query).scalar_one())
        assert connection.execute(sa.select(returns.c.language)).scalar() == "fr"
    assert params["what"] == Say("utter_opened_withdrawal")
    assert params["at"].moment == stated
    assert house.clock.now() - stated == timedelta(minutes=3)
