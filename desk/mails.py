"""Mails, composed from domain.yml's responses."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from desk import texts
from returns import repository
from returns.formats import params_from_json
from returns.gateways.mail import Mail
from returns.tables import returns
from returns.wiring import House


def compose(house: House, notice: Row[Any]) -> Mail:
    """The notice's mail; its Message-ID is the notice's id, whoever sends it."""
    params = params_from_json(notice.params)
    language = notice.language
    subject = texts.say(house, f"{notice.response}_subject", language, params)
    body = texts.say(house, f"{notice.response}_body", language, params)
    framed = {
        "name": _first_name(house, notice.return_id),
        "body": body,
        "signature": house.shop.signed(language),
    }
    text = texts.say(house, "utter_mail_frame", language, framed)
    return Mail(notice.notice_id, notice.recipient, subject, text)


def _first_name(house: House, return_id: str) -> str:
    with house.reader.connect() as connection:
        query = sa.select(returns.c.order_number).where(
            returns.c.return_id == return_id
        )
        number = connection.execute(query).scalar_one()
        return repository.get_order(connection, number).customer.first_name
