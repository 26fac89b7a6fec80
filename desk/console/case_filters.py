"""What the list of cases may be narrowed by, each filter on top of the others."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from desk.console.asked import Asked, within
from desk.console.tables import line_reasons
from returns.model import Liable
from returns.services.flags import NOT_COUNTED
from returns.sql import each_value
from returns.tables import order_lines, ratings, return_lines, returns
from returns.tables import tasks as task_rows
from returns.wiring import House

OVER = ("closed", "declined", "cancelled")
right_reason = sa.func.coalesce(
    line_reasons.c.right_reason, return_lines.c.return_reason
)
OF_LINE = sa.and_(
    line_reasons.c.return_id == return_lines.c.return_id,
    line_reasons.c.line_id == return_lines.c.line_id,
)
BOUGHT = sa.and_(
    order_lines.c.order_number == return_lines.c.order_number,
    order_lines.c.line_id == return_lines.c.line_id,
)


@dataclass(frozen=True)
class CaseFilters(Asked):
    """state: open, person, over or kept (not cancelled). fault: supplier.

    since, until: days on which it was opened. reason: a person's before the bot's;
    bot_reason: as the bot has it. claim: its state. rated: yes.
    """

    state: str = ""
    status: str = ""
    order: str = ""
    supplier: str = ""
    reason: str = ""
    bot_reason: str = ""
    product: str = ""
    since: str = ""
    until: str = ""
    fault: str = ""
    claim: str = ""
    rated: str = ""


def conditions(house: House, asked: CaseFilters) -> list[sa.ColumnElement[bool]]:
    """All of them must hold."""
    found = _of_state(asked.state)
    if asked.status:
        found.append(returns.c.status == asked.status)
    if asked.order:
        number = asked.order.upper()
        found.append(
            sa.or_(
                returns.c.order_number == number,
                returns.c.return_id == number,
                returns.c.rma_number == asked.order,
            )
        )
    if asked.supplier:
        found.append(returns.c.supplier == asked.supplier)
    if asked.claim:
        found.append(returns.c.claim["state"].as_string() == asked.claim)
    if asked.rated:
        rated = ratings.c.return_id == returns.c.return_id
        found.append(sa.exists().where(rated).correlate(returns))
    if asked.fault:
        found.append(returns.c.status.not_in(NOT_COUNTED))
    zone = house.shop.time_zone
    found += within(returns.c.created_at, asked.since, asked.until, zone)
    if asked.product:
        found.append(_has_product(asked))
    elif lines := _of_lines(asked, right_reason):
        found.append(_has_line(lines))
    return found


def _of_lines(
    asked: CaseFilters, reason: sa.ColumnElement[Any]
) -> list[sa.ColumnElement[bool]]:
    """What one and the same line must be, but for its product. reason: the line's."""
    found: list[sa.ColumnElement[bool]] = []
    if asked.reason:
        found.append(reason == asked.reason)
    if asked.bot_reason:
        found.append(return_lines.c.return_reason == asked.bot_reason)
    if asked.fault:
        found.append(return_lines.c.liable == Liable.SUPPLIER)
        found.append(return_lines.c.justified.is_(True))
    return found


def goods(text: str) -> sa.Subquery:
    """Order lines by the shop's own number of it, its SKU, or a piece of its title.

    Titles are looked through once each, however often they were sold.
    """
    c, titles = order_lines.c, each_value(order_lines.c.title).subquery()
    meant = sa.func.lower(titles.c.value).contains(text.lower(), autoescape=True)
    titled = c.title.in_(sa.select(titles.c.value).where(meant))
    lines = sa.select(c.order_number, c.line_id)
    ways = (c.product_id == text, c.sku == text, titled)
    return sa.union(*(lines.where(way) for way in ways)).subquery("goods")


def with_product(lines: sa.FromClause, text: str) -> sa.FromClause:
    """lines: of returns, or joined with such."""
    found = goods(text)
    same = sa.and_(
        found.c.order_number == return_lines.c.order_number,
        found.c.line_id == return_lines.c.line_id,
    )
    return lines.join(found, same)


def _has_product(asked: CaseFilters) -> sa.ColumnElement[bool]:
    """The right reason is looked up line by line: PostgreSQL takes the goods' lines for
    one, and would go through all of line_reasons for each.
    """
    corrected = sa.select(line_reasons.c.right_reason).where(OF_LINE)
    one = corrected.correlate(return_lines).scalar_subquery()
    reason = sa.func.coalesce(one, return_lines.c.return_reason)
    source = with_product(return_lines, asked.product)
    found = sa.select(return_lines.c.return_id).select_from(source)
    return returns.c.return_id.in_(found.where(*_of_lines(asked, reason)))


def _has_line(lines: list[sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
    source = return_lines.outerjoin(line_reasons, OF_LINE)
    mine = return_lines.c.return_id == returns.c.return_id
    return sa.exists().select_from(source).where(mine, *lines).correlate(returns)


def _of_state(state: str) -> list[sa.ColumnElement[bool]]:
    if state == "open":
        return [returns.c.status.not_in(OVER)]
    if state == "over":
        return [returns.c.status.in_(OVER)]
    if state == "kept":
        return [returns.c.status != "cancelled"]
    if state == "person":
        waits = task_rows.c.return_id == returns.c.return_id
        return [sa.exists().where(waits, task_rows.c.done_at.is_(None))]
    return []
