"""What the inbox may be narrowed by, each filter on top of the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.console.asked import Asked, within
from desk.console.case_filters import OF_LINE, right_reason, with_product
from desk.console.tables import (
    conversation_labels,
    line_reasons,
    reading_reasons,
    readings,
)
from desk.tables import conversations
from returns.sql import few
from returns.tables import drafts, return_lines, returns
from returns.wiring import House

NO_RETURN = "none"
MISSED = ("nlu_fallback", "out_of_scope")
EVER = datetime(2000, 1, 1, tzinfo=UTC)
FEW = 2000
_ID = conversations.c.conversation_id
type Having = tuple[sa.Table, list[sa.ColumnElement[bool]]]


@dataclass(frozen=True)
class Filters(Asked):
    """since, until: ISO days of the last message, in the shop's zone.

    help: spoken (the customer said something), and of these bot (no person came) or
    person. reading: missed (something was not understood) or corrected.
    """

    q: str = ""
    mode: str = ""
    language: str = ""
    channel: str = ""
    outcome: str = ""
    reason: str = ""
    intent: str = ""
    reviewed: str = ""
    label: str = ""
    order: str = ""
    supplier: str = ""
    product: str = ""
    since: str = ""
    until: str = ""
    below: str = ""
    help: str = ""
    reading: str = ""


def conditions(
    house: House, connection: Connection, asked: Filters
) -> list[sa.ColumnElement[bool]]:
    """All of them must hold; what cannot be read is left out."""
    c = conversations.c
    found: list[sa.ColumnElement[bool]] = []
    for column, value in (
        (c.mode, asked.mode),
        (c.language, asked.language),
        (c.channel, asked.channel),
    ):
        if value:
            found.append(column == value)
    if asked.reviewed:
        done = sa.and_(c.reviewed_at.is_not(None), c.reviewed_at >= c.last_at)
        open_ = sa.or_(c.reviewed_at.is_(None), c.reviewed_at < c.last_at)
        found.append(done if asked.reviewed == "yes" else open_)
    if asked.below.isdecimal() and len(asked.below) < 4:
        found.append(c.lowest_confidence < int(asked.below) / 100)
    found += within(c.last_at, asked.since, asked.until, house.shop.time_zone)
    found += _of_help(asked)
    if asked.outcome == NO_RETURN:
        found.append(~_has(returns, sa.true()))
    found += [
        having(connection, table, *where)
        for table, where in (*_of_readings(asked), *_of_returns(asked))
    ]
    if asked.reason:
        found.append(_of_reason(connection, asked.reason))
    return [*found, *_of_order(asked)]


def having(
    connection: Connection, table: sa.Table, *where: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Conversations with such a row of this table.

    Few are looked up first; of many, the newest conversations soon show a page full,
    so that each of these is asked whether it has one.
    """
    ids = sa.select(table.c.conversation_id).where(*where)
    listed = few(connection, ids, FEW)
    return _has(table, *where) if listed is None else _ID.in_(listed)


def _of_help(asked: Filters) -> list[sa.ColumnElement[bool]]:
    c = conversations.c
    if not asked.help:
        return []
    by_person = {"bot": c.handed_over_at.is_(None), "person": c.handed_over_at > EVER}
    return [c.last_seq > 1, by_person.get(asked.help, sa.true())]


def _of_readings(asked: Filters) -> Iterator[Having]:
    c = readings.c
    if asked.reading == "missed":
        yield readings, [c.intent.in_(MISSED)]
    elif asked.reading == "corrected":
        yield readings, [c.checked_at.is_not(None), c.corrected.is_(True)]
    if asked.intent:
        as_read = sa.and_(c.right_intent.is_(None), c.intent == asked.intent)
        yield readings, [sa.or_(c.right_intent == asked.intent, as_read)]


def _of_returns(asked: Filters) -> Iterator[Having]:
    if asked.outcome and asked.outcome != NO_RETURN:
        yield returns, [returns.c.status == asked.outcome]
    if asked.supplier:
        yield returns, [returns.c.supplier == asked.supplier]
    if asked.label:
        yield conversation_labels, [conversation_labels.c.label == asked.label]


def _of_reason(connection: Connection, reason: str) -> sa.ColumnElement[bool]:
    """Of a line, as a person has it or else the bot; or said in a message."""
    line = return_lines.c.return_id == returns.c.return_id
    told = sa.select(reading_reasons.c.conversation_id).where(
        reading_reasons.c.reason == reason
    )
    lines = sa.select(returns.c.conversation_id).join(return_lines, line)
    left = line_reasons.c.return_id.is_(None)
    as_bot = lines.outerjoin(line_reasons, OF_LINE).where(
        return_lines.c.return_reason == reason, left
    )
    right = lines.join(line_reasons, OF_LINE).where(
        line_reasons.c.right_reason == reason
    )
    ids = sa.union_all(told, as_bot, right).subquery()
    found = sa.select(ids.c.conversation_id)
    listed = few(connection, found, FEW)
    if listed is not None:
        return _ID.in_(listed)
    of_case = (
        sa.exists()
        .select_from(return_lines.outerjoin(line_reasons, OF_LINE))
        .where(returns.c.conversation_id == _ID, line, right_reason == reason)
    )
    return sa.or_(_has(reading_reasons, reading_reasons.c.reason == reason), of_case)


def _of_order(asked: Filters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if asked.order:
        number = asked.order.upper()
        opened = sa.select(returns.c.conversation_id).where(
            returns.c.order_number == number
        )
        drafted = sa.select(drafts.c.conversation_id).where(
            drafts.c.order_number == number
        )
        found.append(_ID.in_(opened.union(drafted)))
    if asked.product:
        line = return_lines.c.return_id == returns.c.return_id
        source = with_product(return_lines.join(returns, line), asked.product)
        found.append(_ID.in_(sa.select(returns.c.conversation_id).select_from(source)))
    return found


def _has(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.conversation_id == _ID, *where)
