"""What goes wrong: cases by reason, product, supplier and period, and of units sold.

A cell's number is that of the cases which the list shows under the same filters; a
case with two lines may stand in two cells, and counts once in each sum.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from desk.console.asked import Asked, day
from desk.console.case_filters import CaseFilters
from desk.figures import facts, reading
from desk.figures.reading import Days, Sums
from returns.wiring import House

DIMENSIONS = ("reason", "product", "supplier", "period")
DEFAULT_DAYS = 90
LONGEST_DAYS = 732
EPOCH = date(2000, 1, 1)
WEEKS_UP_TO = 100  # days; a longer time is shown by months
MOST_ROWS = 40
SOLD_BY = ("supplier", "one")  # `one`: the product
MOST_COLUMNS = 14


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
    bot: cases as the bot had the reasons of the rows; None: not asked.
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


@contextmanager
def counting(house: House, asked: Question) -> Iterator["Figures"]:
    """asked: as `question` gave it."""
    steps = periods(house, asked)
    firsts = [step.value for step in steps]
    with reading.days(house, asked.since, asked.until, firsts) as days:
        yield Figures(days, asked, steps)


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


class Figures:
    """The same days, counted by any dimensions.

    days: of everything, whatever the question is narrowed to.
    """

    def __init__(self, days: Days, asked: Question, steps: list[Heading]) -> None:
        self.days, self.asked, self._steps = days, asked, steps
        product = asked.product
        self._days = days.of_product(product) if product else days
        self._counted: dict[tuple[str, ...], dict[tuple[str, ...], Count]] = {}
        self._units: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
        self._titles: dict[str, str] = {}

    def grid(self) -> Grid:
        rows = self._headings(self.asked.rows)
        shown, across = rows[:MOST_ROWS], self.asked.across
        columns = self._headings(across) if across else []
        newest = -MOST_COLUMNS if across == "period" else 0
        return Grid(
            rows=shown,
            columns=columns[newest:][:MOST_COLUMNS],
            cells=self._cells(shown) if across else {},
            of_rows={
                key[0]: count for key, count in self._counts(self.asked.rows).items()
            },
            whole=self._counts().get((), Count()),
            more=len(rows) - len(shown),
        )

    def by_all(self) -> dict[tuple[str, ...], Count]:
        """By DIMENSIONS together: what has a case."""
        return dict(sorted(self._counts(*DIMENSIONS).items()))

    def over_time(self) -> list[tuple[Heading, Count]]:
        """By weeks or months, oldest first, with those that have none."""
        found = self._counts("period")
        return [(step, found.get((step.value,), Count())) for step in self._steps]

    def _cells(self, shown: list[Heading]) -> dict[tuple[str, ...], Count]:
        """Of these rows alone: there may be thousands of others."""
        rows, across = self.asked.rows, self.asked.across
        if rows == "period":
            return self._counts(rows, across)
        return self._count((rows, across), [row.value for row in shown])

    def _headings(self, dimension: str) -> list[Heading]:
        """The most cases first; periods in their order."""
        if dimension == "period":
            return self._steps
        found = self._counts(dimension)
        keys = sorted((key[0] for key in found), key=lambda k: (-found[k,].cases, k))
        names = self._titles if dimension == "product" else {}
        if dimension == "supplier":
            names = dict(zip(keys, keys, strict=True))
        return [Heading(key, names.get(key), ((dimension, key),)) for key in keys]

    def _counts(self, *dimensions: str) -> dict[tuple[str, ...], Count]:
        """By the values of these dimensions; without one, the whole under ()."""
        if dimensions not in self._counted:
            self._counted[dimensions] = self._count(dimensions)
        return self._counted[dimensions]

    def _count(
        self, dimensions: tuple[str, ...], among: Collection[str] = ()
    ) -> dict[tuple[str, ...], Count]:
        of_sold = tuple(d for d in dimensions if d != "reason")
        sold = self._sold(of_sold)
        as_rows = dimensions == (self.asked.rows,)
        bot = self._cases_as_bot() if as_rows and dimensions == ("reason",) else None
        found = {}
        for key, told in self._cases(dimensions, among).items():
            named = zip(dimensions, key, strict=True)
            part = tuple(value for name, value in named if name != "reason")
            as_bot = None if bot is None else bot.get(key, 0)
            units = sold.get(part, 0)
            found[key] = Count(told.cases, told.units, units, as_bot)
            if dimensions == ("product",):
                self._titles[key[0]] = told.title
        for key, cases in (bot or {}).items():
            found.setdefault(key, Count(0, 0, sold.get((), 0), cases))
        return found

    def _cases(self, dimensions: tuple[str, ...], among: Collection[str]) -> Sums:
        """From the coarsest sums that know all that is asked."""
        by_reason = "reason" in dimensions or self.asked.reason
        kind = (
            (facts.REASON_PRODUCT if by_reason else facts.PRODUCT)
            if "product" in dimensions
            else (facts.REASON if by_reason else facts.ALL)
        )
        held = {"reason": "one", "product": "two" if by_reason else "one"}
        group = (held.get(name, name) for name in dimensions)
        narrowed = {"supplier": self.asked.supplier, "one": self.asked.reason}
        return self._days.total(kind, *group, among=among, **narrowed)

    def _cases_as_bot(self) -> dict[tuple[str, ...], int]:
        kind, part = facts.BOT, "one"
        if self.asked.reason:
            kind, part = facts.REASON_BOT, "two"
        narrowed = {"supplier": self.asked.supplier, "one": self.asked.reason}
        found = self._days.total(kind, part, **narrowed)
        return {key: told.cases for key, told in found.items()}

    def _sold(self, dimensions: tuple[str, ...]) -> dict[tuple[str, ...], int]:
        """Units of the orders placed in the same days."""
        if dimensions not in self._units:
            group = ["one" if name == "product" else name for name in dimensions]
            if "period" in group:
                supplier = self.asked.supplier
                kind = facts.SOLD if "one" in group else facts.SOLD_ALL
                found = self._days.total(kind, *group, supplier=supplier)
                units = {key: told.units for key, told in found.items()}
            else:
                units = units_sold(self._sold_here, *group)
            self._units[dimensions] = units
        return self._units[dimensions]

    @cached_property
    def sold_of_all(self) -> Sums:
        """By SOLD_BY, whatever the question is narrowed to."""
        return self.days.total(facts.SOLD, *SOLD_BY)

    @cached_property
    def _sold_here(self) -> Sums:
        if self.asked.product:
            return self._days.total(facts.SOLD, *SOLD_BY, supplier=self.asked.supplier)
        of_all, supplier = self.sold_of_all, self.asked.supplier
        return {k: v for k, v in of_all.items() if supplier in ("", k[0])}


def units_sold(found: Sums, *group: str) -> dict[tuple[str, ...], int]:
    """found: by SOLD_BY. Units are in one sum each, so that the others follow."""
    places = [SOLD_BY.index(name) for name in group]
    units: Counter[tuple[str, ...]] = Counter()
    for key, told in found.items():
        units[tuple(key[place] for place in places)] += told.units
    return units
