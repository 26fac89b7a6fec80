"""The desk's durable work: news to the customer, mails, turns that were left."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from desk import mails, texts, transcript, turns
from desk.channels import receipts, sending
from desk.channels.sending import Sender
from desk.channels.taking import Taker
from desk.privacy import erasing, periods
from desk.rasa import RasaClient
from desk.tables import inbound_messages
from returns.failpoints import failpoint
from returns.formats import from_json, params_from_json
from returns.services import notices as news
from returns.tables import notices
from returns.unit import writing
from returns.wiring import House
from returns.work import WorkItem, WorkKind, finish_work, mark_given_up
from returns.workflows import now_and_then

LOOK_SECONDS = 10.0

Handler = Callable[[str], None]


def handlers(house: House) -> dict[WorkKind, Handler]:
    rasa = RasaClient(house.settings)
    sender = Sender(house)
    taker = Taker(house, rasa, sender.graph)
    return {
        WorkKind.TAKE_ARRIVAL: taker.take,
        WorkKind.SEND_OUTBOUND: sender.send,
        WorkKind.DELIVER_NOTICE: lambda i: deliver_notice(house, i),
        WorkKind.ANSWER_MESSAGE: lambda i: answer_message(house, rasa, i),
        WorkKind.FORGET_CONVERSATION: lambda i: erasing.forget_conversation(
            house, rasa, i
        ),
        WorkKind.KEEP_PERIODS: lambda i: periods.keep(house, i),
    }


def calendar(house: House) -> Callable[[], None]:
    """For the worker's loop: now and then a look at what was never delivered."""
    return now_and_then(lambda: receipts.overdue(house), LOOK_SECONDS)


def give_up(house: House, item: WorkItem) -> bool:
    """What the desk itself knows another way for; False: a person takes it on."""
    if item.kind is not WorkKind.SEND_OUTBOUND:
        return False
    with writing(house) as unit:
        if mark_given_up(unit.connection, item):
            sending.give_up(house, unit, item.subject_id)
    return True


def deliver_notice(house: House, notice_id: str) -> None:
    """One notice becomes one message or one mail. Raises PartnerError."""
    with house.reader.connect() as connection:
        query = sa.select(notices).where(notices.c.notice_id == notice_id)
        notice = connection.execute(query).first()
        if notice is None:  # erased meanwhile
            return
        conversation = transcript.get_conversation(connection, notice.conversation_id)
    if notice.medium == "mail" and notice.delivered_at is None:
        house.gateways.mailer().send(mails.compose(house, notice))
        failpoint("notice.after_send")
    with writing(house) as unit:
        told = unit.connection.execute(
            notices.update()
            .where(notices.c.notice_id == notice_id, notices.c.delivered_at.is_(None))
            .values(delivered_at=unit.now, params=news.kept_params(notice))
        )
        if told.rowcount == 1 and notice.medium == "chat":
            params = params_from_json(notice.params)
            transcript.add_own_word(
                house,
                unit,
                conversation,
                notice.response,
                params,
                notice_id=notice_id,
                buttons=_buttons(house, notice, conversation.language),
                expects=notice.expects,
            )
        finish_work(unit.connection, WorkKind.DELIVER_NOTICE, notice_id)
        failpoint("notice.before_commit")
    failpoint("notice.after_commit")


def _buttons(house: House, notice: Row[Any], language: str) -> list[dict[str, Any]]:
    """A notice's choices; their facts bear the names of Rasa's entities."""
    offered = []
    for choice in notice.choices or ():
        title = from_json(choice["title"])
        payload = {"intent": "inform", "entities": choice["means"]}
        words = texts.say(house, title.response, language, title.params)
        offered.append({"title": words, "payload": payload})
    return offered


def answer_message(house: House, rasa: RasaClient, inbound_id: str) -> None:
    """A message that its own request left unanswered. Raises RasaUnavailable."""
    with house.reader.connect() as connection:
        query = sa.select(inbound_messages.c.inbound_id).where(
            inbound_messages.c.inbound_id == inbound_id
        )
        if connection.execute(query).first() is None:
            return
    turns.answer_one(house, rasa, inbound_id)
