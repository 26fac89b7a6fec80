"""News reach the customer by some channel, once (M9, M10)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from desk import handoffs, mails, sessions
from desk.channels import elsewhere, receipts, templates
from desk.channels.elsewhere import Way, way
from desk.channels.tables import outbound
from returns import repository
from returns.formats import Money
from returns.gateways.mail import Mail
from returns.model import Resolution, ReturnReason
from returns.services import cases, drafts, identity
from returns.services import notices as news
from returns.services.history import get_return
from returns.tables import notices, tasks
from returns.tables import returns as return_rows
from returns.unit import writing
from returns.work import WorkKind
from tests.graph import receipt
from tests.houses import ask_on, heard, tell_all
from tests.orders import new_order
from tests.platforms import Desk

CHANNELS = ("messenger", "whatsapp")
PAID = "utter_news_refund_paid"
LATE = "utter_news_supplier_late"


class Postman:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send(self, mail: Mail) -> None:
        self.sent.append(mail)


@pytest.fixture
def post(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postman]:
    postman = Postman()
    monkeypatch.setattr(desk.house.gateways, "mailer", lambda: postman, raising=False)
    yield postman


def a_return(desk: Desk, channel: str) -> str:
    """Somebody on this platform has a return; its id. All of it is told and sent."""
    person = desk.person(channel)
    desk.hear(person, "bonjour")
    talk = desk.talks()[0].conversation_id
    wish = {"reasons": (ReturnReason.TOO_SMALL,), "resolution": Resolution.REFUND}
    tell_all(desk.house, new_order(desk.house), talk, **wish)
    (return_id,) = cases.confirm(desk.house, talk, "yes").return_ids
    desk.work()
    desk.meta.sent.clear()
    return return_id


def tell(desk: Desk, return_id: str, response: str, with_mail: bool = False) -> None:
    house = desk.house
    with writing(house) as unit:
        case = get_return(unit.connection, return_id)
        amount = Money(6480, "EUR")
        told: dict[str, Any] = {"return_id": return_id, "amount": amount}
        told |= {"order_number": case.order_number, "day": "demain", "closing": []}
        news.in_chat(unit, case, response, told)
        if with_mail:
            twin = response.replace("utter_news_", "utter_mail_")
            news.by_mail(unit, case, twin, told)
    desk.work()


def test_one_function_decides() -> None:
    """Free words for 24 hours; then a template on WhatsApp, else a mail."""
    from tests.houses import FRIDAY_NOON as now

    fresh, old = now - timedelta(hours=23), now - timedelta(hours=24)
    for channel in CHANNELS:
        assert way(channel, fresh, now, "refund_sent") is Way.FREE
        assert way(channel, old, now) is Way.MAIL
        assert way(channel, None, now) is Way.MAIL
    assert way("whatsapp", old, now, "refund_sent") is Way.TEMPLATE
    assert way("messenger", old, now, "refund_sent") is Way.MAIL


@pytest.mark.parametrize("channel", CHANNELS)
def test_news_within_a_day_are_told_there(
    desk: Desk, post: Postman, channel: str
) -> None:
    """In free words, once, and nowhere else."""
    return_id = a_return(desk, channel)
    before = len(post.sent)
    tell(desk, return_id, LATE)
    assert [return_id in one.text for one in desk.meta.sent] == [True]
    assert len(post.sent) == before


@pytest.mark.parametrize("channel", CHANNELS)
def test_news_after_a_day(desk: Desk, post: Postman, channel: str) -> None:
    """WhatsApp has a template for a refund; Messenger's customer gets the mail."""
    return_id = a_return(desk, channel)
    before = len(post.sent)
    desk.house.clock.move(hours=25)
    tell(desk, return_id, PAID, with_mail=True)
    told = [one.text for one in desk.meta.sent]
    assert told == (["template refund_sent"] if channel == "whatsapp" else [])
    mailed = [mail.message_id for mail in post.sent[before:]]
    assert mailed == [f"{return_id}:mail:mail_refund_paid"]
    assert desk.meta.refused == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_news_without_a_template_or_a_mail_of_their_own(
    desk: Desk, post: Postman, channel: str
) -> None:
    """The very words go out by mail, to the order's address, once."""
    return_id = a_return(desk, channel)
    before = len(post.sent)
    desk.house.clock.move(hours=25)
    tell(desk, return_id, LATE)
    tell(desk, return_id, LATE)
    (mail,) = post.sent[before:]
    assert return_id in mail.text and desk.meta.sent == []


@pytest.mark.parametrize(("channel", "code"), [("whatsapp", 131047), ("messenger", 10)])
def test_the_platform_closes_the_window_first(
    desk: Desk, post: Postman, channel: str, code: int
) -> None:
    """Its clock counts, not ours: what it refuses goes the other way."""
    return_id = a_return(desk, channel)
    desk.meta.wrote_at.clear()
    before = len(post.sent)
    tell(desk, return_id, PAID, with_mail=True)
    assert [found for found, _text in desk.meta.refused] == [code]
    told = [one.text for one in desk.meta.sent]
    assert told == (["template refund_sent"] if channel == "whatsapp" else [])
    assert len(post.sent) == before + 1


def test_a_receipt_says_failed(desk: Desk, post: Postman) -> None:
    """Accepted is not delivered: what fails afterwards goes out by mail, once."""
    return_id = a_return(desk, "whatsapp")
    tell(desk, return_id, LATE)
    before = len(post.sent)
    (sent,) = desk.meta.sent
    for _ in range(3):
        desk.courier.bring("whatsapp", receipt(sent, "failed", 131026))
        desk.work()
    assert [return_id in mail.text for mail in post.sent[before:]] == [True]


def test_news_that_are_never_delivered(desk: Desk, post: Postman) -> None:
    """A phone that stays off for a day: by mail then, and only then, once."""
    return_id = a_return(desk, "whatsapp")
    tell(desk, return_id, LATE)
    before = len(post.sent)
    for hours in (23, 2, 24):
        desk.house.clock.move(hours=hours)
        receipts.overdue(desk.house)
        desk.work()
    assert [return_id in mail.text for mail in post.sent[before:]] == [True]


def test_news_that_were_delivered_are_not_mailed(desk: Desk, post: Postman) -> None:
    """Delivered there: that is it."""
    return_id = a_return(desk, "whatsapp")
    tell(desk, return_id, LATE)
    before = len(post.sent)
    desk.courier.bring("whatsapp", receipt(desk.meta.sent[-1], "delivered"))
    desk.house.clock.move(hours=30)
    receipts.overdue(desk.house)
    desk.work()
    assert len(post.sent) == before


def test_a_person_answers_after_a_day(desk: Desk, post: Postman) -> None:
    """By mail where there is a return; else the team is told that nobody read it."""
    return_id = a_return(desk, "messenger")
    talk = desk.talks()[0].conversation_id
    other = desk.person("messenger", "7777777777")
    desk.hear(other, "bonjour")
    (second,) = {row.conversation_id for row in desk.talks()} - {talk}
    before = len(post.sent)
    desk.house.clock.move(hours=30)
    for conversation_id in (talk, second):
        with writing(desk.house) as unit:
            handoffs.set_mode(unit.connection, conversation_id, "human")
        handoffs.reply(desk.house, conversation_id, "Voici.", "Camille")
    desk.work()
    assert ["Voici." in mail.text for mail in post.sent[before:]] == [True]
    assert return_id in post.sent[-1].subject
    undelivered = [row for row in desk.rows(tasks) if row.kind == elsewhere.UNDELIVERED]
    assert [row.facts["conversation_id"] for row in undelivered] == [second]


def test_the_case_moves_the_grant_does_not(desk: Desk, post: Postman) -> None:
    """Begun on the web, proved again on WhatsApp: news come there from now on."""
    house = desk.house
    order = new_order(house)
    wish = {"reasons": (ReturnReason.TOO_SMALL,), "resolution": Resolution.REFUND}
    web = sessions.open_session(house, "fr")[1]
    tell_all(house, order, web, **wish)
    (return_id,) = cases.confirm(house, web, "yes").return_ids
    desk.hear(desk.person("whatsapp"), "bonjour")
    talk = next(row.conversation_id for row in desk.talks() if row.channel != "web")
    with writing(house) as unit, pytest.raises(identity.OrderNotGranted):
        identity.granted_order(unit, talk, order["order_number"])
    proof = {
        "order_number": order["order_number"],
        "email": order["customer"]["email"],
    }
    drafts.hear(house, heard("m9", "inform", talk, **proof))
    identity.look_up_order(house, talk)
    with house.reader.connect() as connection:
        case = connection.execute(sa.select(return_rows)).one()
    assert (case.conversation_id, case.told_in) == (web, talk)
    desk.meta.sent.clear()
    tell(desk, return_id, LATE)
    assert [return_id in one.text for one in desk.meta.sent] == [True]


def test_what_was_told_on_the_web_is_carried(desk: Desk) -> None:
    """Begun on the web, proved again on WhatsApp: line, reason and wish are known."""
    house = desk.house
    order = new_order(house)
    web = sessions.open_session(house, "fr")[1]
    wish = {"reasons": (ReturnReason.TOO_SMALL,), "resolution": Resolution.REFUND}
    assert tell_all(house, order, web, **wish).expects == "confirmation"
    desk.hear(desk.person("whatsapp"), "bonjour")
    talk = next(row.conversation_id for row in desk.talks() if row.channel != "web")
    proof = {
        "order_number": order["order_number"],
        "email": order["customer"]["email"],
    }
    drafts.hear(house, heard("m9", "request_return", talk, **proof))
    identity.look_up_order(house, talk)
    assert ask_on(house, talk).expects == "confirmation"
    with writing(house) as unit:
        assert repository.open_draft(unit.connection, web) is None


def test_what_nobody_proved_is_not_carried(desk: Desk) -> None:
    """A stranger who only knows the number plants nothing in the owner's return."""
    house = desk.house
    order = new_order(house)
    planted = {"reasons": (ReturnReason.TOO_SMALL,), "resolution": Resolution.REFUND}
    number = {"order_number": order["order_number"]}
    drafts.hear(house, heard("m1", conversation_id="stranger", **number, **planted))
    proof = {**number, "email": order["customer"]["email"]}
    drafts.hear(house, heard("m9", "request_return", "owner", **proof))
    identity.look_up_order(house, "owner")
    assert ask_on(house, "owner").expects != "confirmation"


def test_a_call_that_is_given_up(desk: Desk, post: Postman) -> None:
    """After its last try the news go out by mail, and the message is failed."""
    from desk import workflows
    from returns.work import WorkItem, work_id_of

    return_id = a_return(desk, "whatsapp")
    desk.meta.faults = [131000] * 3
    with writing(desk.house) as unit:
        case = get_return(unit.connection, return_id)
        news.in_chat(unit, case, LATE, {"return_id": return_id})
    before = len(post.sent)
    assert desk.try_work() is not None
    row = next(one for one in desk.rows(outbound) if one.state == "waiting")
    kind = WorkKind.SEND_OUTBOUND
    item = WorkItem(
        work_id_of(kind, row.outbound_id), kind, row.outbound_id, 1, case.created_at
    )
    assert workflows.give_up(desk.house, item)
    desk.work()
    assert [return_id in mail.text for mail in post.sent[before:]] == [True]


@pytest.mark.parametrize("name", templates.GAPS)
def test_templates_are_what_the_docs_submit(name: str) -> None:
    """docs/messenger-whatsapp.md has both languages, word for word."""
    from returns.settings import ROOT

    page = (ROOT / "docs" / "messenger-whatsapp.md").read_text(encoding="utf-8")
    for language in ("fr", "en"):
        assert templates.submitted(name, language) in page


def test_the_mail_of_news_greets_and_signs(desk: Desk) -> None:
    """It is a letter like all others."""
    letter = news.Letter(
        elsewhere.NEWS_MAIL, {"return_id": "R-1", "text": "Du nouveau."}, "a@b.fr", "fr"
    )
    with writing(desk.house) as unit:
        news.to_address(unit, "message:1", "talk", letter)
    (notice,) = desk.rows(notices)
    assert "Du nouveau." in mails.compose(desk.house, notice).text
