"""What goes wrong: cases by reason, product, supplier and period, and of units sold.

A cell's number is that of the cases which the list shows under the same filters; a
case with two lines may stand in two cells, and counts once in each sum.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.console.asked import Asked, day, within
from desk.console.case_filters import (
    BOUGHT,
    OF_LINE,
    CaseFilters,
    of_lines,
    product_is,
    right_reason,
)
from desk.console.tables import line_reasons
from returns.tables import order_lines, orders, return_lines, returns
from returns.wiring import House

DIMENSIONS = ("reason", "product", "supplier", "period")
DEFAULT_DAYS = 90
LONGEST_DAYS = 732
EPOCH = date(2000, 1, 1)
WEEKS_UP_TO = 100  # days; a longer time is shown by months
MOST_ROWS = 40
MOST_COLUMNS = 14
KEPT = returns.c.status != "cancelled"


@dataclass(frozen=True)
class Question(Asked):
    """rows, across: dimensions; across empty: one column. The others narrow it."""

    rows: str = ""
    across: str = ""
    since: str = ""
    until: str = ""
    reason: str = ""
    product: str = ""
    supplier: str = ""

    def cases(self, **more: str) -> CaseFilters:
        """The list of cases behind a number."""
        days = {"since": self.since, "until": self.until}
        return CaseFilters(state="kept", **{**days, **_narrowed(self), **more})


@dataclass(frozen=True)
class Count:
    """cases: returns that were not cancelled. units: of their lines.

    sold: units that orders placed in the same days hold; 0: there is no rate.
    bot: cases as the bot had the reasons, None where that is not asked.
    """

    cases: int = 0
    units: int = 0
    sold: int = 0
    bot: int | None = None

    @property
    def rate(self) -> float | None:
        """Units returned of units sold, in percent; None without a denominator."""
        return 100 * self.units / self.sold if self.sold else None


@dataclass(frozen=True)
class Heading:
    """One value of a dimension. name: None where its words are the catalogue's."""

    value: str
    name: str | None = None
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Grid:
    """cells: by row and column value. more: rows that are not shown."""

    rows: list[Heading]
    columns: list[Heading]
    cells: dict[tuple[str, ...], Count]
    of_rows: dict[str, Count]
    whole: Count
    more: int


def question(house: House, asked: Question) -> Question:
    """With the last 90 days where no days are named, and known dimensions."""
    zone = house.shop.time_zone
    today = house.clock.now().astimezone(ZoneInfo(zone)).date()
    told = day(asked.until, zone)
    last = min(told.date(), today) if told and told.date() > EPOCH else today
    first = day(asked.since, zone)
    since = first.date() if first else last - timedelta(days=DEFAULT_DAYS - 1)
    since = max(min(since, last), last - timedelta(days=LONGEST_DAYS))
    rows = asked.rows if asked.rows in DIMENSIONS else "reason"
    across = asked.across if asked.across in DIMENSIONS and asked.across != rows else ""
    days = {"since": since.isoformat(), "until": last.isoformat()}
    return replace(asked, rows=rows, across=across, **days)


def grid(house: House, asked: Question) -> Grid:
    """asked: as `question` gave it."""
    steps = periods(house, asked)
    with house.reader.connect() as connection:
        counter = _Counter(house, connection, asked, steps)
        rows = counter.headings(asked.rows)
        shown = rows[:MOST_ROWS]
        columns = counter.headings(asked.across) if asked.across else []
        both = (asked.rows, asked.across)
        return Grid(
            rows=shown,
            columns=columns[-MOST_COLUMNS if asked.across == "period" else 0 :][
                :MOST_COLUMNS
            ],
            cells=counter.counts(*both) if asked.across else {},
            of_rows={
                key[0]: count for key, count in counter.counts(asked.rows).items()
            },
            whole=counter.counts().get((), Count()),
            more=len(rows) - len(shown),
        )


def by_all(house: House, asked: Question) -> dict[tuple[str, ...], Count]:
    """By DIMENSIONS together: what has a case."""
    with house.reader.connect() as connection:
        counter = _Counter(house, connection, asked, periods(house, asked))
        return dict(sorted(counter.counts(*DIMENSIONS).items()))


def over_time(house: House, asked: Question) -> list[tuple[Heading, Count]]:
    """By weeks or months, oldest first, with those that have none."""
    steps = periods(house, asked)
    with house.reader.connect() as connection:
        found = _Counter(house, connection, asked, steps).counts("period")
    return [(step, found.get((step.value,), Count())) for step in steps]


def periods(house: House, asked: Question) -> list[Heading]:
    """The weeks (from Monday) or months that the days fall into, oldest first."""
    first = datetime.fromisoformat(asked.since).date()
    last = datetime.fromisoformat(asked.until).date()
    by_weeks = (last - first).days <= WEEKS_UP_TO
    found, at = [], first
    while at <= last:
        if by_weeks:
            following = at + timedelta(days=7 - at.weekday())
        else:
            following = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(following - timedelta(days=1), last)
        told = (("since", at.isoformat()), ("until", end.isoformat()))
        found.append(Heading(at.isoformat(), None, told))
        at = following
    return found


def _narrowed(asked: Question) -> dict[str, str]:
    return {
        n: asked.used[n] for n in ("reason", "product", "supplier") if n in asked.used
    }


class _Counter:
    """Counts the same lines by any dimensions."""

    def __init__(
        self,
        house: House,
        connection: Connection,
        asked: Question,
        steps: list[Heading],
    ) -> None:
        self._house, self._connection = house, connection
        self._asked, self._steps = asked, steps
        self._counted: dict[tuple[str, ...], dict[tuple[str, ...], Count]] = {}

    def headings(self, dimension: str) -> list[Heading]:
        """The most cases first; periods in their order."""
        if dimension == "period":
            return self._steps
        found = self.counts(dimension)
        keys = sorted((key[0] for key in found), key=lambda k: (-found[k,].cases, k))
        titles = self._titles(keys) if dimension == "product" else {}
        names = {
            key: key if dimension == "supplier" else titles.get(key) for key in keys
        }
        return [Heading(key, names[key], ((dimension, key),)) for key in keys]

    def counts(self, *dimensions: str) -> dict[tuple[str, ...], Count]:
        """By the values of these dimensions; without one, the whole under ()."""
        if dimensions not in self._counted:
            self._counted[dimensions] = self._count(dimensions)
        return self._counted[dimensions]

    def _count(self, dimensions: tuple[str, ...]) -> dict[tuple[str, ...], Count]:
        sold = self._sold(tuple(d for d in dimensions if d != "reason"))
        bot = self._cases_as_bot() if dimensions == ("reason",) else None
        found = {}
        for row in self._lines(dimensions, right_reason):
            key = tuple(str(value) for value in row[:-2])
            part = tuple(
                value
                for name, value in zip(dimensions, key, strict=True)
                if name != "reason"
            )
            as_bot = None if bot is None else bot.get(key, 0)
            found[key] = Count(
                row.cases, int(row.units or 0), sold.get(part, 0), as_bot
            )
        for key, cases in (bot or {}).items():
            found.setdefault(key, Count(0, 0, sold.get((), 0), cases))
        return found

    def _cases_as_bot(self) -> dict[tuple[str, ...], int]:
        rows = self._lines(("reason",), return_lines.c.return_reason)
        return {(str(row[0]),): row.cases for row in rows}

    def _lines(
        self, dimensions: tuple[str, ...], reason: sa.ColumnElement[Any]
    ) -> list[Any]:
        asked = self._asked.cases()
        columns = {
            "reason": reason,
            "product": order_lines.c.product_id,
            "supplier": returns.c.supplier,
            "period": self._step(returns.c.created_at),
        }
        source: sa.FromClause = returns.join(
            return_lines, return_lines.c.return_id == returns.c.return_id
        ).outerjoin(line_reasons, OF_LINE)
        if "product" in dimensions or asked.product:
            source = source.join(order_lines, BOUGHT)
        group = [columns[name].label(f"by_{name}") for name in dimensions]
        query = (
            sa.select(
                *group,
                sa.func.count(sa.distinct(returns.c.return_id)).label("cases"),
                sa.func.sum(return_lines.c.quantity).label("units"),
            )
            .select_from(source)
            .where(KEPT, *self._days(returns.c.created_at), *of_lines(asked))
            .group_by(*group)
        )
        if asked.supplier:
            query = query.where(returns.c.supplier == asked.supplier)
        if "reason" in dimensions:
            query = query.where(reason.is_not(None))
        return list(self._connection.execute(query).all())

    def _sold(self, dimensions: tuple[str, ...]) -> dict[tuple[str, ...], int]:
        """Units of the orders placed in the same days."""
        columns = {
            "product": order_lines.c.product_id,
            "supplier": order_lines.c.supplier,
            "period": self._step(orders.c.placed_at),
        }
        group = [columns[name].label(f"by_{name}") for name in dimensions]
        query = (
            sa.select(*group, sa.func.sum(order_lines.c.quantity).label("units"))
            .select_from(
                orders.join(
                    order_lines, order_lines.c.order_number == orders.c.order_number
                )
            )
            .where(*self._days(orders.c.placed_at))
            .group_by(*group)
        )
        if self._asked.supplier:
            query = query.where(order_lines.c.supplier == self._asked.supplier)
        if self._asked.product:
            query = query.where(product_is(self._asked.product))
        return {
            tuple(str(value) for value in row[:-1]): int(row.units or 0)
            for row in self._connection.execute(query)
        }

    def _titles(self, product_ids: list[str]) -> dict[str, str]:
        wanted = product_ids[:MOST_ROWS]
        title = sa.func.max(order_lines.c.title).label("title")
        query = (
            sa.select(order_lines.c.product_id, title)
            .where(order_lines.c.product_id.in_(wanted))
            .group_by(order_lines.c.product_id)
        )
        return {row.product_id: row.title for row in self._connection.execute(query)}

    def _days(self, at: sa.Column[Any]) -> list[sa.ColumnElement[bool]]:
        zone = self._house.shop.time_zone
        return within(at, self._asked.since, self._asked.until, zone)

    def _step(self, at: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """The first day of the week or month, as the shop's own calendar has it."""
        zone = self._house.shop.time_zone
        later = [
            (at < day(following.value, zone), step.value)
            for step, following in zip(self._steps, self._steps[1:], strict=False)
        ]
        last = sa.literal(self._steps[-1].value)
        return sa.case(*later, else_=last) if later else last
