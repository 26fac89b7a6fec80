"""What cannot be said in free words now: by template, by mail or by a person (M10).

The window is the platform's: 24 hours from the customer's last message. Messenger has
nothing after it that a machine may use.
"""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk import transcript
from desk.channels import templates
from desk.channels.events import NAMESPACE
from desk.channels.outbox import TEMPLATE_PART
from desk.channels.tables import outbound
from desk.tables import messages
from returns.formats import params_from_json
from returns.repository import get_order
from returns.services import notices as news
from returns.services import tasks
from returns.sql import insert_once
from returns.tables import notices, returns
from returns.unit import Unit
from returns.wiring import House
from returns.work import WorkKind, finish_work

WINDOW = timedelta(hours=24)
CLOSED = "window_closed"
NEWS_MAIL = "utter_mail_news"
UNDELIVERED = "message_undelivered"


class Way(StrEnum):
    """By what a message may go out now."""

    FREE = "free"
    TEMPLATE = "template"
    MAIL = "mail"


def way(
    channel: str,
    last_inbound_at: datetime | None,
    now: datetime,
    template: str | None = None,
) -> Way:
    """The one place that decides it. template: what WhatsApp has for this message."""
    if last_inbound_at is not None and now - last_inbound_at < WINDOW:
        return Way.FREE
    return Way.TEMPLATE if channel == "whatsapp" and template else Way.MAIL


def settle(house: House, unit: Unit, row: Row[Any], code: str) -> None:
    """This call will not reach the customer: say it another way, once.

    code: why. The other parts of the same message go the same way.
    """
    changed = unit.connection.execute(
        outbound.update()
        .where(
            outbound.c.conversation_id == row.conversation_id,
            outbound.c.seq == row.seq,
            outbound.c.part == row.part
            if row.template
            else outbound.c.template.is_(None),
            outbound.c.state.in_(("waiting", "sending", "accepted", "sent")),
        )
        .values(state="failed", code=code, claim=None, claim_until=None)
        .returning(outbound.c.outbound_id)
    )
    for (outbound_id,) in changed.all():
        finish_work(unit.connection, WorkKind.SEND_OUTBOUND, outbound_id)
    _otherwise(house, unit, row, code)


def _otherwise(house: House, unit: Unit, row: Row[Any], code: str) -> None:
    message = _message(unit.connection, row)
    notice = _notice(unit.connection, row)
    name = _template(notice, message)
    shut = way(row.channel, None, unit.now, None if row.template else name)
    closed = code == CLOSED
    if closed and shut is Way.TEMPLATE and name is not None:
        _post(house, unit, row, name, notice)
    elif notice is not None:
        _mail(unit, row, message, notice.return_id)
    elif message.author == "staff":
        _mail(unit, row, message, _newest_return(unit.connection, row.conversation_id))


def _template(notice: Row[Any] | None, message: Row[Any]) -> str | None:
    """An answer of the bot that came too late asks to be written to again."""
    if notice is not None:
        return templates.BY_NOTICE.get(notice.response)
    return "more_info_needed" if message.author == "bot" else None


def _post(
    house: House, unit: Unit, row: Row[Any], name: str, notice: Row[Any] | None
) -> None:
    """One template for a message; of those that only ask to write again, one a day."""
    conversation = transcript.get_conversation(unit.connection, row.conversation_id)
    params = params_from_json(notice.params) if notice else {"shop": house.shop.name}
    about = notice.notice_id if notice else f"{unit.now:%Y-%m-%d}"
    key = f"{row.conversation_id}/{name}/{about}"
    outbound_id = str(uuid.uuid5(NAMESPACE, key))
    inserted = insert_once(
        unit.connection,
        outbound,
        outbound_id=outbound_id,
        conversation_id=row.conversation_id,
        channel=row.channel,
        seq=row.seq,
        part=TEMPLATE_PART,
        payload=templates.payload(house, name, conversation.language, params),
        state="waiting",
        tries=0,
        notice_id=row.notice_id,
        template=name,
        created_at=unit.now,
    )
    if inserted:
        unit.will(WorkKind.SEND_OUTBOUND, outbound_id)


def _mail(unit: Unit, row: Row[Any], message: Row[Any], return_id: str | None) -> None:
    """To the order's own address, unless the same news went there already."""
    if return_id is None:
        facts = {"conversation_id": row.conversation_id, "reason": row.code}
        subject = f"{row.conversation_id}:{row.seq}"
        tasks.open_task(unit, UNDELIVERED, subject, None, facts)
        return
    if message.response and _has_mail(unit.connection, return_id, message.response):
        return
    query = sa.select(returns).where(returns.c.return_id == return_id)
    case = unit.connection.execute(query).one()
    to = get_order(unit.connection, case.order_number).customer.email
    letter = news.Letter(
        NEWS_MAIL, {"return_id": return_id, "text": message.text}, to, case.language
    )
    news.to_address(unit, f"message:{message.id}", row.conversation_id, letter)


def _has_mail(connection: Connection, return_id: str, response: str) -> bool:
    twin = response.replace("_news_", "_mail_")
    query = sa.select(notices.c.notice_id).where(
        notices.c.return_id == return_id,
        notices.c.medium == "mail",
        notices.c.response == twin,
    )
    return connection.execute(query).first() is not None


def _message(connection: Connection, row: Row[Any]) -> Row[Any]:
    query = sa.select(messages).where(
        messages.c.conversation_id == row.conversation_id, messages.c.seq == row.seq
    )
    return connection.execute(query).one()


def _notice(connection: Connection, row: Row[Any]) -> Row[Any] | None:
    if row.notice_id is None:
        return None
    query = sa.select(notices).where(notices.c.notice_id == row.notice_id)
    return connection.execute(query).first()


def _newest_return(connection: Connection, conversation_id: str) -> str | None:
    mine = sa.or_(
        returns.c.told_in == conversation_id,
        returns.c.conversation_id == conversation_id,
    )
    query = sa.select(returns.c.return_id).where(mine)
    newest = query.order_by(returns.c.created_at.desc()).limit(1)
    found: str | None = connection.execute(newest).scalar()
    return found
