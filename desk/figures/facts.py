"""Counting the rows of some days, each under its own day of the shop's calendar."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk.console.case_filters import BOUGHT, OF_LINE, goods, right_reason
from desk.console.filters import FEW
from desk.console.tables import line_reasons
from desk.figures import talks
from returns.model import Liable
from returns.services.flags import NOT_COUNTED
from returns.sql import are_few, seconds_between
from returns.tables import (
    order_lines,
    orders,
    ratings,
    refunds,
    return_history,
    return_lines,
    returns,
)

REVISION = 2  # raise it when what is counted changes: all sums are then made anew

# Cases that were not cancelled: what `one` and `two` are. A case counts once in each
# sum, so that those of a finer kind do not add up to those of a coarser one.
ALL = "all"
REASON = "reason"  # as a person has it, else the bot
PRODUCT = "product"
REASON_PRODUCT = "reason_product"
BOT = "bot"  # the bot's reason
REASON_BOT = "reason_bot"
# Units of orders placed, in all and by product; units of justified complaints, the
# supplier's fault, by the supplier of the line.
SOLD_ALL = "sold_all"
SOLD = "sold"
FAULTY = "faulty"
FAULTY_PRODUCT = "faulty_product"
CLAIM = "claim"  # state, currency; units: the amount
RATING = "rating"  # units: the stars

type Key = tuple[str, str, str, str, str]  # kind, day, supplier, one, two


@dataclass
class Sum:
    """cases: each once. title: of the goods, the last by the alphabet."""

    cases: int = 0
    units: int = 0
    title: str = ""

    def add(self, cases: int, units: int, title: str = "") -> None:
        self.cases += cases
        self.units += units
        self.title = max(self.title, title)


@dataclass
class Tally:
    """What was counted, by key."""

    zone: ZoneInfo
    sums: dict[Key, Sum] = field(default_factory=dict)
    _seen: set[tuple[Key, str]] = field(default_factory=set)

    def day_of(self, at: datetime) -> str:
        return at.astimezone(self.zone).date().isoformat()

    def add(self, key: Key, units: int = 0, once: str = "", title: str = "") -> None:
        """once: what counts as one case however often it comes; empty: this call."""
        new = not once or (key, once) not in self._seen
        if once:
            self._seen.add((key, once))
        self.sums.setdefault(key, Sum()).add(int(new), units, title)


def count(connection: Connection, zone: str, first: date, last: date) -> Tally:
    """Everything of these days, both included."""
    tally = Tally(ZoneInfo(zone))
    within = _Within(tally.zone, first, last)
    _add_lines(tally, connection.execute(_lines(within)))
    _add_sold(tally, connection.execute(_sold(within)))
    _add_cases(tally, connection, within)
    _add_waits(tally, connection, within)
    for day, kind, value in talks.counted(connection, tally.day_of, *within.moments):
        tally.add((kind, day, "", value, ""))
    return tally


def count_product(
    connection: Connection, zone: str, first: date, last: date, product: str
) -> Tally:
    """Cases and units sold of the goods that this text means, and nothing else."""
    tally = Tally(ZoneInfo(zone))
    meant = goods(product)
    few = are_few(connection, sa.select(meant.c.line_id), FEW)
    within = _Within(tally.zone, first, last, by_index=not few)
    _add_lines(tally, connection.execute(_lines(within, meant)))
    _add_sold(tally, connection.execute(_sold(within, meant)))
    return tally


class _Within:
    """These days as moments; by_index False: of rows that are found by others."""

    def __init__(
        self, zone: ZoneInfo, first: date, last: date, by_index: bool = True
    ) -> None:
        self._by_index = by_index
        start, end = datetime.combine(first, time.min), datetime.combine(last, time.min)
        end += timedelta(days=1)
        self.moments = (start.replace(tzinfo=zone), end.replace(tzinfo=zone))

    def __call__(self, at: sa.Column[Any]) -> sa.ColumnElement[bool]:
        after, before = at >= self.moments[0], at < self.moments[1]
        if self._by_index:
            return sa.and_(after, before)
        return sa.case((after, before), else_=sa.false())


def _are(found: sa.Subquery) -> sa.ColumnElement[bool]:
    return sa.and_(
        found.c.order_number == order_lines.c.order_number,
        found.c.line_id == order_lines.c.line_id,
    )


def _lines(within: _Within, meant: sa.Subquery | None = None) -> sa.Select[Any]:
    bought: sa.FromClause = order_lines
    if meant is not None:
        bought = meant.join(order_lines, _are(meant))
    return (
        sa.select(
            returns.c.return_id,
            returns.c.created_at,
            returns.c.supplier,
            returns.c.status,
            right_reason.label("reason"),
            return_lines.c.return_reason,
            return_lines.c.quantity,
            return_lines.c.justified,
            return_lines.c.liable,
            order_lines.c.product_id,
            order_lines.c.title,
            order_lines.c.supplier.label("maker"),
        )
        .select_from(
            bought.join(return_lines, BOUGHT)
            .join(returns, returns.c.return_id == return_lines.c.return_id)
            .outerjoin(line_reasons, OF_LINE)
        )
        .where(within(returns.c.created_at), returns.c.status != "cancelled")
    )


def _add_lines(tally: Tally, rows: Iterable[Row[Any]]) -> None:
    for row in rows:
        day = tally.day_of(row.created_at)
        for kind, supplier, one, two in _kinds(row):
            tally.add(
                (kind, day, supplier, one, two),
                row.quantity,
                row.return_id,
                row.title if "product" in kind else "",
            )


def _kinds(row: Row[Any]) -> Iterator[tuple[str, str, str, str]]:
    """Under which sums a line counts."""
    yield ALL, row.supplier, "", ""
    yield PRODUCT, row.supplier, row.product_id, ""
    if row.reason:
        yield REASON, row.supplier, row.reason, ""
        yield REASON_PRODUCT, row.supplier, row.reason, row.product_id
    if row.return_reason:
        yield BOT, row.supplier, row.return_reason, ""
        yield REASON_BOT, row.supplier, row.reason, row.return_reason
    at_fault = row.liable == Liable.SUPPLIER and row.justified
    if at_fault and row.status not in NOT_COUNTED:
        yield FAULTY, row.maker, "", ""
        yield FAULTY_PRODUCT, row.maker, row.product_id, ""


def _sold(within: _Within, meant: sa.Subquery | None = None) -> sa.Select[Any]:
    bought: sa.FromClause = order_lines
    if meant is not None:
        bought = meant.join(order_lines, _are(meant))
    return (
        sa.select(
            orders.c.placed_at,
            order_lines.c.supplier,
            order_lines.c.product_id,
            order_lines.c.quantity,
        )
        .select_from(
            bought.join(orders, order_lines.c.order_number == orders.c.order_number)
        )
        .where(within(orders.c.placed_at))
    )


def _add_sold(tally: Tally, rows: Iterable[Row[Any]]) -> None:
    for row in rows:
        day = tally.day_of(row.placed_at)
        tally.add((SOLD_ALL, day, row.supplier, "", ""), row.quantity)
        tally.add((SOLD, day, row.supplier, row.product_id, ""), row.quantity)


def _add_cases(tally: Tally, connection: Connection, within: _Within) -> None:
    """Claims and ratings, of cancelled cases too."""
    at = returns.c.created_at
    claims = sa.select(at, returns.c.supplier, returns.c.claim).where(within(at))
    for row in connection.execute(claims):
        if row.claim:
            state, currency = row.claim.get("state"), row.claim.get("currency")
            key = (CLAIM, tally.day_of(row.created_at), row.supplier)
            amount = row.claim.get("amount_minor") or 0
            tally.add((*key, str(state), str(currency)), amount)
    rated = ratings.c.return_id == returns.c.return_id
    stars = sa.select(at, ratings.c.rating).join(ratings, rated).where(within(at))
    for told in connection.execute(stars):
        tally.add((RATING, tally.day_of(told.created_at), "", "", ""), told.rating)


def _add_waits(tally: Tally, connection: Connection, within: _Within) -> None:
    """For the supplier's address, and for the money."""
    at, mine = returns.c.created_at, returns.c.return_id
    event = return_history.c.event == "supplier.authorised"
    addressed = sa.and_(return_history.c.return_id == mine, event)
    paid = refunds.c.return_id == mine
    between = seconds_between(connection)
    for kind, on, until in (
        (talks.ADDRESS, addressed, return_history.c.at),
        (talks.REFUND, paid, refunds.c.paid_at),
    ):
        seconds = between(at, until).label("seconds")
        query = sa.select(at, seconds).join(until.table, on)
        query = query.where(within(at), until.is_not(None))
        for row in connection.execute(query):
            value = talks.rounded(row.seconds)
            tally.add((kind, tally.day_of(row.created_at), "", value, ""))
