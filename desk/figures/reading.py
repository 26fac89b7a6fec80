"""Sums over days for a page: those kept, and the other days counted on the spot."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.figures import facts, keeping
from desk.figures.facts import Sum, Tally
from desk.figures.tables import figure_changes, figure_spans, figure_sums
from returns.engines import snapshot
from returns.sql import one_of
from returns.wiring import House

MOST_CHANGES = 5000  # more that wait for the worker: nothing that is kept is trusted
FIRST = "-01"  # of a month
PARTS = ("supplier", "one", "two")
type Sums = dict[tuple[str, ...], Sum]


class Days:
    """Some days of one moment's database.

    steps: the first day of each period, for `total` by period.
    """

    def __init__(
        self,
        house: House,
        connection: Connection,
        since: str,
        until: str,
        steps: Sequence[str] = (),
    ) -> None:
        self._connection, self._zone = connection, house.shop.time_zone
        self._asked = keeping.days(date.fromisoformat(since), date.fromisoformat(until))
        self._steps = list(steps)
        known = self._known(house)
        self._days = [day for day in self._asked if day in known]
        months = self._whole_months(known)
        self._spans = self._covered(months)
        self._spans_of_periods = self._covered(self._within_periods(months))
        live = [day for day in self._asked if day not in known]
        self._live = _by_kind(
            facts.count(connection, self._zone, first, last)
            for first, last in _runs(live)
        )

    def of_product(self, product: str) -> "Days":
        """The same days, but only these goods: their lines are counted one by one."""
        narrowed = object.__new__(Days)
        narrowed.__dict__ |= self.__dict__
        first, last = (date.fromisoformat(self._asked[n]) for n in (0, -1))
        told = (self._connection, self._zone, first, last, product)
        narrowed._spans = narrowed._spans_of_periods = []
        narrowed._live = _by_kind([facts.count_product(*told)])
        return narrowed

    def total(
        self, kind: str, *group: str, among: Collection[str] = (), **only: str
    ) -> Sums:
        """By these of PARTS and `period`; without one, the whole under ().

        only: a value of one of PARTS; an empty one does not narrow.
        among: values of the first of group; none: all.
        """
        return self.totals((kind,), *group, among=among, **only)[kind]

    def totals(
        self,
        kinds: Sequence[str],
        *group: str,
        among: Collection[str] = (),
        **only: str,
    ) -> dict[str, Sums]:
        """The same of several kinds, in one question to the database."""
        asked = {name: value for name, value in only.items() if value}
        found: dict[str, Sums] = {kind: {} for kind in kinds}
        if self._spans:
            for kind, key, told in self._of_kept(kinds, group, among, asked):
                found[kind][key] = told
        for kind in kinds:
            for parts, more in self._live.get(kind, ()):
                told_of = {**parts, "period": self._step_of(parts["day"])}
                if any(told_of[name] != value for name, value in asked.items()):
                    continue
                if among and told_of[group[0]] not in among:
                    continue
                key = tuple(told_of[name] for name in group)
                total = found[kind].setdefault(key, Sum())
                total.add(more.cases, more.units, more.title)
        return found

    def _of_kept(
        self,
        kinds: Sequence[str],
        group: Sequence[str],
        among: Collection[str],
        only: dict[str, str],
    ) -> Iterator[tuple[str, tuple[str, ...], Sum]]:
        c = figure_sums.c
        by = [self._period() if name == "period" else c[name] for name in group]
        spans = self._spans_of_periods if "period" in group else self._spans
        named = [c.kind, *(column.label(f"by_{n}") for n, column in enumerate(by))]
        summed = (sa.func.sum(c.cases), sa.func.sum(c.units), sa.func.max(c.title))
        query = (
            sa.select(*named, *summed)
            .where(c.kind.in_(kinds), one_of(self._connection, c.span, spans))
            .where(*(c[name] == value for name, value in only.items()))
            .group_by(*named)
        )
        if among:
            query = query.where(one_of(self._connection, by[0], list(among)))
        for kind, *key, cases, units, title in self._connection.execute(query):
            yield kind, tuple(key), Sum(int(cases), int(units), title)

    def _known(self, house: House) -> set[str]:
        """Days and months whose sums are good."""
        first, last = self._asked[0], self._asked[-1]
        changed = self._changed(house)
        if changed is None or not keeping.rules_hold(house, self._connection):
            return set()
        near = figure_spans.c.span.between(keeping.month_of(first), last)
        query = sa.select(figure_spans.c.span).where(near)
        known = set(self._connection.execute(query).scalars())
        return known - changed - {keeping.month_of(day) for day in changed}

    def _whole_months(self, known: set[str]) -> dict[str, list[str]]:
        """Those that can be read at once, with their days."""
        good = known.intersection(self._asked)
        months = {keeping.month_of(day) for day in self._asked}
        found = {month: keeping.days_of_month(month) for month in months & known}
        return {month: days for month, days in found.items() if good.issuperset(days)}

    def _within_periods(self, months: dict[str, list[str]]) -> dict[str, list[str]]:
        """Those in which no period begins but on the first."""
        return {
            month: days
            for month, days in months.items()
            if not set(days[1:]).intersection(self._steps)
        }

    def _covered(self, months: dict[str, list[str]]) -> list[str]:
        """Spans of all good days without overlap, these months as one."""
        single = [day for day in self._days if keeping.month_of(day) not in months]
        return sorted([*months, *single])

    def _changed(self, house: House) -> set[str] | None:
        """Days that changed since they were summed; None: too many to say."""
        query = sa.select(figure_changes.c.at).limit(MOST_CHANGES)
        told = list(self._connection.execute(query).scalars())
        if len(told) == MOST_CHANGES:
            return None
        return keeping.changed_days(house, told)

    def _period(self) -> sa.ColumnElement[Any]:
        """A month stands before its own first day, which is so compared as a month."""
        edges = [
            keeping.month_of(step) if step.endswith(FIRST) else step
            for step in self._steps[1:]
        ]
        later = [
            (figure_sums.c.span < edge, step)
            for edge, step in zip(edges, self._steps, strict=False)
        ]
        last = sa.literal(self._steps[-1])
        return sa.case(*later, else_=last) if later else last

    def _step_of(self, day: str) -> str:
        found = bisect_right(self._steps, day)
        return self._steps[found - 1] if found else ""


type Live = dict[str, list[tuple[dict[str, str], Sum]]]


def _by_kind(tallies: Iterable[Tally]) -> Live:
    found: Live = defaultdict(list)
    for tally in tallies:
        for (kind, day, *parts), told in tally.sums.items():
            named = zip(PARTS, parts, strict=True)
            found[kind].append(({"day": day, **dict(named)}, told))
    return found


@contextmanager
def days(
    house: House, since: str, until: str, steps: Sequence[str] = ()
) -> Iterator[Days]:
    """since, until: ISO days, both included."""
    with snapshot(house.engine).connect() as connection:
        yield Days(house, connection, since, until, steps)


def _runs(live: list[str]) -> Iterator[tuple[date, date]]:
    """Days that follow each other, as first and last."""
    found = [date.fromisoformat(day) for day in live]
    start = 0
    for n, day in enumerate(found):
        if n + 1 == len(found) or found[n + 1] - day > timedelta(days=1):
            yield found[start], day
            start = n + 1
