"""What is said later, by the running product: in the window, by template, by mail."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from desk import handoffs
from desk.channels.tables import channel_people, outbound
from returns.services import views
from returns.unit import writing
from tests.channels.talkers import Platforms, Talker, return_a_dress
from tests.faults.journeys import eventually
from tests.graph import receipt
from tests.orders import new_order
from tests.pictures import photo

CHANNELS = ("messenger", "whatsapp")
A_DAY = timedelta(hours=25)
PAID, TEMPLATE = "Votre remboursement de", "template refund_sent"


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_day_later(platforms: Platforms, channel: str) -> None:
    """The refund's news: a template on WhatsApp, and one mail either way; a person's
    answer goes out by mail.
    """
    somebody, order = _with_a_return(platforms, channel)
    _let_a_day_pass(somebody)
    before = len(somebody.sent)
    rma = views.all_returns(platforms.stack.house, order["order_number"])[0]
    platforms.stack.sandbox.receive(rma["rma_number"])
    eventually(lambda: _mails(platforms, order, PAID), "the mail of it")
    if channel == "whatsapp":
        eventually(lambda: TEMPLATE in _texts(somebody, before), "the template")
    eventually(somebody.is_quiet, "nothing waits")
    said = _texts(somebody, before)
    assert said.count(TEMPLATE) == (channel == "whatsapp")
    assert len(_mails(platforms, order, PAID)) == 1
    assert all(text.startswith("template ") for text in said)
    _answer_as_a_person(platforms, somebody, "Voici votre réponse.")
    eventually(lambda: _mails(platforms, order, "Voici votre réponse."), "a mail of it")
    eventually(somebody.is_quiet, "nothing waits")
    assert len(_mails(platforms, order, "Voici votre réponse.")) == 1
    assert not any("Voici votre réponse" in sent.text for sent in somebody.sent)


@pytest.mark.parametrize("channel", CHANNELS)
def test_receipts(platforms: Platforms, channel: str) -> None:
    """What the platform tells of each message moves its state, only forwards."""
    somebody = platforms.somebody(channel)
    somebody.say("bonjour")
    sent = somebody.sent[-1]
    told = ("read", "delivered") if channel == "messenger" else ("delivered", "sent")
    for state in told:
        platforms.courier.bring(channel, receipt(sent, state))
    assert _state(platforms, sent.outbound_id) == told[0]


def test_news_that_failed_there_go_out_by_mail(platforms: Platforms) -> None:
    """WhatsApp took it, then says that it cannot be delivered."""
    somebody, order = _with_a_return(platforms, "whatsapp")
    _answer_as_a_person(platforms, somebody, "Une question encore.")
    eventually(lambda: "Une question" in somebody.sent[-1].text, "it went out")
    failed = receipt(somebody.sent[-1], "failed", 131026)
    platforms.courier.bring("whatsapp", failed)
    eventually(lambda: _mails(platforms, order, "Une question encore."), "the mail")
    platforms.courier.bring("whatsapp", failed)
    eventually(somebody.is_quiet, "nothing waits")
    assert len(_mails(platforms, order, "Une question encore.")) == 1


def _with_a_return(platforms: Platforms, channel: str) -> tuple[Talker, dict[str, Any]]:
    somebody, order = platforms.somebody(channel), new_order(platforms.stack.house)
    return_a_dress(somebody.say, lambda _: somebody.show(photo()), order, "fr")
    return somebody, order


def _let_a_day_pass(somebody: Talker) -> None:
    """For this one customer alone, at the platform and here."""
    platforms = somebody.platforms
    platforms.meta.wrote_at[somebody.person.name] -= A_DAY
    here = channel_people.c.conversation_id == somebody.conversation_id
    with writing(platforms.stack.house) as unit:
        unit.connection.execute(
            channel_people.update().where(here).values(last_inbound_at=unit.now - A_DAY)
        )


def _answer_as_a_person(platforms: Platforms, somebody: Talker, text: str) -> None:
    house, talk = platforms.stack.house, somebody.conversation_id
    assert talk is not None
    with writing(house) as unit:
        handoffs.set_mode(unit.connection, talk, "human")
    handoffs.reply(house, talk, text, "Camille")


def _texts(somebody: Talker, since: int) -> list[str]:
    return [sent.text for sent in somebody.sent[since:]]


def _mails(platforms: Platforms, order: dict[str, Any], words: str) -> list[Any]:
    to = order["customer"]["email"]
    found = platforms.stack.sandbox.mails()
    return [m for m in found if m["to"] == to and words in m["subject"] + m["text"]]


def _state(platforms: Platforms, outbound_id: str) -> str:
    query = sa.select(outbound.c.state).where(outbound.c.outbound_id == outbound_id)
    with platforms.stack.house.reader.connect() as connection:
        return str(connection.execute(query).scalar_one())
