"""The withdrawal function behind page and web component: one way in, one receipt.

What is entered is kept, acknowledged and handed on alike, whether or not there is such
an order (law F1-F5, I2).
"""

import hashlib
import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import Connection

from desk import mails, texts, transcript
from desk.pace import Pace
from desk.tables import conversations
from returns.errors import ReturnsError
from returns.model import Say
from returns.services import statements
from returns.services.statements import Recorded, Statement
from returns.unit import writing
from returns.wiring import House

LONGEST = {"name": 200, "order_number": 100, "email": 254, "articles": 2000}
REQUIRED = ("name", "order_number", "email")
EMAIL = re.compile(
    r"[^\s@,;:<>()\[\]\\\"]+@[^\s@,;:<>()\[\]\\\"]+\.[^\s@.,;:<>()\"]{2,}"
)
ERRORS = {
    "name": "utter_withdraw_error_name",
    "order_number": "utter_withdraw_error_order",
    "email": "utter_withdraw_error_email",
}
HOUR = 3600.0

type Receipt = tuple[Statement, Recorded]


class OtherStatement(ReturnsError):
    """This key was used before, for another statement."""


class TooManyStatements(ReturnsError):
    """This place has stated more withdrawals in an hour than shop.yml allows."""


def tidied(statement: Statement) -> Statement:
    """Without what cannot be seen; a line break stays one in the articles alone."""
    lines = map(mails.one_line, statement.articles.splitlines())
    return replace(
        statement,
        name=mails.one_line(statement.name),
        order_number=mails.one_line(statement.order_number),
        email=mails.one_line(statement.email),
        articles="\n".join(line for line in lines if line),
    )


def mistakes(statement: Statement) -> dict[str, Say]:
    """What must be said otherwise, by field; only what is needed is asked (F3)."""
    found: dict[str, Say] = {}
    for field, limit in LONGEST.items():
        told = getattr(statement, field)
        if len(told) > limit:
            found[field] = Say("utter_withdraw_error_long", {"limit": limit})
        elif field in REQUIRED and not any(map(str.isalnum, told)):
            found[field] = Say(ERRORS[field])
    if "email" not in found and not EMAIL.fullmatch(statement.email):
        found["email"] = Say(ERRORS["email"])
    return found


def new_key() -> str:
    """For one statement, however often it is sent."""
    return str(uuid4())


def record(
    house: House, key: str, statement: Statement, pace: Pace, place: str
) -> Receipt:
    """Keep the statement, once for each key, from now on (L221-21, L221-22).

    Raises OtherStatement, TooManyStatements.
    """
    known = _known(house, key, statement)
    if known is not None:
        return known
    if house.shop.limits.enabled and not pace.allows(place):
        raise TooManyStatements
    try:
        with writing(house) as unit:
            talk = transcript.start(
                unit, statements.CHANNEL, _user_of(key), statement.language
            )
            line = transcript.Line("customer", _as_text(house, statement))
            transcript.add(unit, talk, line)
            statements.record(unit, talk, key, statement)
    except sa.exc.IntegrityError:  # the same statement, sent twice at once
        known = _known(house, key, statement)
        if known is None:
            raise
        return known
    stored = _known(house, key, statement)
    assert stored is not None  # noqa: S101
    return stored


def facts(house: House, told: list[list[Any]], language: str) -> list[mails.Fact]:
    """As the mail lists them."""
    return [mails.fact(house, label, value, language) for label, value in told]


def sentences(house: House, wrong: dict[str, Say], language: str) -> dict[str, str]:
    """The mistakes in words, by field."""
    return {
        name: texts.say(house, say.response, language, say.params)
        for name, say in wrong.items()
    }


def receipt_text(house: House, receipt: Receipt) -> str:
    """What the receipt says above its facts; the same for every statement."""
    statement = receipt[0]
    params = {"email": statement.email}
    return texts.say(house, "utter_withdraw_receipt", statement.language, params)


def too_many(house: House, language: str) -> str:
    """What a place that has stated too many is told."""
    shown = {"email": house.shop.support_email}
    return texts.say(house, "utter_withdraw_too_many", language, shown)


def pace_of(house: House) -> Pace:
    """How many statements one place may make in an hour."""
    return Pace(house.shop.limits.withdrawals_per_hour_per_address, HOUR)


def _known(house: House, key: str, statement: Statement) -> Receipt | None:
    """The receipt of before. Raises OtherStatement."""
    with house.reader.connect() as connection:
        found = _find(connection, key)
    if found is None:
        return None
    if replace(found[0], language=statement.language) != statement:
        raise OtherStatement
    return statement, found[1]


def _find(connection: Connection, key: str) -> Receipt | None:
    query = sa.select(conversations.c.conversation_id).where(
        conversations.c.channel == statements.CHANNEL,
        conversations.c.channel_user_id == _user_of(key),
    )
    talk = connection.execute(query).scalar()
    return statements.find(connection, talk) if talk else None


def _user_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _as_text(house: House, statement: Statement) -> str:
    """What staff read in the transcript."""
    language = statement.language
    said = texts.say(house, "utter_withdraw_statement", language)
    rows = facts(house, statements.facts(statement), language)
    return "\n".join([said, *(row.text for row in rows)])
