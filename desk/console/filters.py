"""What the inbox may be narrowed by, each filter on top of the others."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from desk.console.asked import Asked, within
from desk.console.case_filters import BOUGHT, OF_LINE, product_is, right_reason
from desk.console.tables import conversation_labels, line_reasons, readings
from desk.tables import conversations
from returns.tables import drafts, order_lines, return_lines, returns
from returns.wiring import House

NO_RETURN = "none"
MISSED = ("nlu_fallback", "out_of_scope")
EVER = datetime(2000, 1, 1, tzinfo=UTC)
_ID = conversations.c.conversation_id


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


def conditions(house: House, asked: Filters) -> list[sa.ColumnElement[bool]]:
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
    found += _of_readings(asked)
    found += _of_returns(asked)
    if asked.label:
        labelled = conversation_labels.c.label == asked.label
        query = sa.select(conversation_labels.c.conversation_id).where(labelled)
        found.append(_ID.in_(query))
    return found


def _of_help(asked: Filters) -> list[sa.ColumnElement[bool]]:
    c = conversations.c
    if not asked.help:
        return []
    by_person = {"bot": c.handed_over_at.is_(None), "person": c.handed_over_at > EVER}
    return [c.last_seq > 1, by_person.get(asked.help, sa.true())]


def _of_readings(asked: Filters) -> list[sa.ColumnElement[bool]]:
    found = []
    if asked.reading == "missed":
        found.append(_has(readings, readings.c.intent.in_(MISSED)))
    elif asked.reading == "corrected":
        found.append(_has(readings, readings.c.corrected.is_(True)))
    if asked.intent:
        meant = sa.func.coalesce(readings.c.right_intent, readings.c.intent)
        found.append(_has(readings, meant == asked.intent))
    if asked.reason:
        lines = return_lines.outerjoin(line_reasons, OF_LINE)
        ours = sa.and_(
            returns.c.conversation_id == _ID,
            return_lines.c.return_id == returns.c.return_id,
            right_reason == asked.reason,
        )
        of_case = sa.exists().select_from(lines).where(ours)
        said = sa.cast(
            sa.func.coalesce(readings.c.right_reasons, readings.c.reasons), sa.String
        ).contains(f'"{asked.reason}"', autoescape=True)
        found.append(sa.or_(of_case, _has(readings, said)))
    return found


def _of_returns(asked: Filters) -> list[sa.ColumnElement[bool]]:
    found = []
    if asked.outcome == NO_RETURN:
        found.append(~_has(returns, sa.true()))
    elif asked.outcome:
        found.append(_has(returns, returns.c.status == asked.outcome))
    if asked.supplier:
        found.append(_has(returns, returns.c.supplier == asked.supplier))
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
        source = order_lines.join(return_lines, BOUGHT).join(returns, line)
        holding = sa.select(returns.c.conversation_id).select_from(source)
        found.append(_ID.in_(holding.where(product_is(asked.product))))
    return found


def _has(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.conversation_id == _ID, *where)
