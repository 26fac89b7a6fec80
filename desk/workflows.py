"""The desk's durable work: news to the customer, mails, turns that were left."""

from collections.abc import Callable

import sqlalchemy as sa

from desk import mails, transcript, turns
from desk.rasa import RasaClient
from desk.tables import inbound_messages
from returns.failpoints import failpoint
from returns.formats import params_from_json
from returns.tables import notices
from returns.unit import writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

Handler = Callable[[str], None]


def handlers(house: House) -> dict[WorkKind, Handler]:
    rasa = RasaClient(house.settings)
    return {
        WorkKind.DELIVER_NOTICE: lambda i: deliver_notice(house, i),
        WorkKind.ANSWER_MESSAGE: lambda i: answer_message(house, rasa, i),
    }


def deliver_notice(house: House, notice_id: str) -> None:
    """One notice becomes one message or one mail. Raises PartnerError."""
    with house.reader.connect() as connection:
        query = sa.select(notices).where(notices.c.notice_id == notice_id)
        notice = connection.execute(query).one()
        conversation = transcript.get_conversation(connection, notice.conversation_id)
    if notice.medium == "mail" and notice.delivered_at is None:
        house.gateways.mailer().send(mails.compose(house, notice))
        failpoint("notice.after_send")
    with writing(house) as unit:
        told = unit.connection.execute(
            notices.update()
            .where(notices.c.notice_id == notice_id, notices.c.delivered_at.is_(None))
            .values(delivered_at=unit.now)
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
            )
        finish_work(unit.connection, WorkKind.DELIVER_NOTICE, notice_id)


def answer_message(house: House, rasa: RasaClient, inbound_id: str) -> None:
    """A message that its own request left unanswered. Raises RasaUnavailable."""
    with house.reader.connect() as connection:
        query = sa.select(inbound_messages.c.inbound_id).where(
            inbound_messages.c.inbound_id == inbound_id
        )
        if connection.execute(query).first() is None:
            return
    turns.answer_one(house, rasa, inbound_id)
