"""The worker's part: past days are summed, and again when something of them changed.

A change that is committed has its mark (the triggers of migration 0010), and a mark
goes only in the transaction that drops the sums of its day. Whatever is committed
between that and the counting is in the count, and leaves one mark too many.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.figures import facts
from desk.figures.tables import (
    figure_changes,
    figure_rules,
    figure_spans,
    figure_sums,
)
from desk.tables import conversations
from returns.sql import ROWS_AT_ONCE, lock_row
from returns.tables import orders, returns
from returns.unit import writing
from returns.wiring import House

LOOK_SECONDS = 15.0
DAYS_AT_ONCE = 30
CHANGES_AT_ONCE = 20_000
OLDEST = timedelta(days=3700)
RULES = figure_rules.c.rules_id == 1


def keep(house: House, most: int = DAYS_AT_ONCE) -> int:
    """So many days at most, the newest first; how many spans were summed."""
    with house.reader.connect() as connection:
        idle = not _changes(connection, 1) and rules_hold(house, connection)
        missing = _missing(house, connection) if idle else []
    if not idle:
        _forget_changed(house)
        with house.reader.connect() as connection:
            missing = _missing(house, connection)
    for span in missing[:most]:
        with writing(house) as unit:
            _alone(unit.connection)
            _sum(house, unit.connection, span)
    return min(len(missing), most)


def rules_hold(house: House, connection: Connection) -> bool:
    """The sums were made as they would be made now."""
    query = sa.select(figure_rules.c.time_zone, figure_rules.c.revision).where(RULES)
    found = connection.execute(query).one()
    return tuple(found) == (house.shop.time_zone, facts.REVISION)


def month_of(span: str) -> str:
    return span[:7]


def days_of_month(month: str) -> list[str]:
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    return days(first, following - timedelta(days=1))


def days(first: date, last: date) -> list[str]:
    """As ISO days, both included."""
    return [
        (first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)
    ]


def changed_days(house: House, moments: Iterable[datetime]) -> set[str]:
    zone = ZoneInfo(house.shop.time_zone)
    return {at.astimezone(zone).date().isoformat() for at in moments}


def _alone(connection: Connection) -> None:
    """One worker at a time; readers and everybody else go on."""
    lock_row(connection, figure_rules, RULES)


def _changes(connection: Connection, most: int) -> list[int]:
    query = sa.select(figure_changes.c.change_id).limit(most)
    return list(connection.execute(query).scalars())


def _forget_changed(house: House) -> None:
    """Drop the sums of what changed; all of them when the rules are others."""
    with writing(house) as unit:
        _alone(unit.connection)
        if not rules_hold(house, unit.connection):
            for table in (figure_sums, figure_spans):
                unit.connection.execute(table.delete())
            rules = {"time_zone": house.shop.time_zone, "revision": facts.REVISION}
            unit.connection.execute(figure_rules.update().where(RULES).values(rules))
    while True:
        with writing(house) as unit:
            _alone(unit.connection)
            told = _take_changes(unit.connection)
            gone = changed_days(house, told)
            _drop(unit.connection, gone | {month_of(day) for day in gone})
        if len(told) < CHANGES_AT_ONCE:
            return


def _take_changes(connection: Connection) -> list[datetime]:
    some = sa.select(figure_changes.c.change_id).limit(CHANGES_AT_ONCE)
    taken = figure_changes.delete().where(figure_changes.c.change_id.in_(some))
    return list(connection.execute(taken.returning(figure_changes.c.at)).scalars())


def _drop(connection: Connection, spans: set[str]) -> None:
    for table in (figure_sums, figure_spans):
        connection.execute(table.delete().where(table.c.span.in_(sorted(spans))))


def _missing(house: House, connection: Connection) -> list[str]:
    """Days that are over and have no sums; months whose days all have."""
    zone = ZoneInfo(house.shop.time_zone)
    today = house.clock.now().astimezone(zone).date()
    first = _first(connection)
    if first is None:
        return []
    begin = max(first.astimezone(zone).date(), today - OLDEST)
    known = set(connection.execute(sa.select(figure_spans.c.span)).scalars())
    over = days(begin, today - timedelta(days=1))
    missing = [day for day in reversed(over) if day not in known]
    open_ = {month_of(day) for day in [*missing, today.isoformat()]}
    months = {month_of(day) for day in over} - open_ - known
    return [*missing, *sorted(months, reverse=True)]


def _first(connection: Connection) -> datetime | None:
    columns = (returns.c.created_at, orders.c.placed_at, conversations.c.last_at)
    found = [connection.execute(sa.select(sa.func.min(at))).scalar() for at in columns]
    return min((at for at in found if at is not None), default=None)


def _sum(house: House, connection: Connection, span: str) -> None:
    _drop(connection, {span})
    if span == month_of(span):
        _sum_month(connection, span)
    else:
        day = date.fromisoformat(span)
        tally = facts.count(connection, house.shop.time_zone, day, day)
        rows = [
            {
                "span": span,
                "kind": kind,
                "supplier": supplier,
                "one": one,
                "two": two,
                "cases": found.cases,
                "units": found.units,
                "title": found.title,
            }
            for (kind, _, supplier, one, two), found in sorted(tally.sums.items())
        ]
        for start in range(0, len(rows), ROWS_AT_ONCE):
            connection.execute(figure_sums.insert(), rows[start : start + ROWS_AT_ONCE])
    connection.execute(figure_spans.insert().values(span=span))


def _sum_month(connection: Connection, month: str) -> None:
    c = figure_sums.c
    key = (c.kind, c.supplier, c.one, c.two)
    summed = (
        sa.select(
            sa.literal(month),
            *key,
            sa.func.sum(c.cases),
            sa.func.sum(c.units),
            sa.func.max(c.title),
        )
        .where(c.span.in_(days_of_month(month)))
        .group_by(*key)
        .order_by(*key)
    )
    names = [column.name for column in c]
    connection.execute(figure_sums.insert().from_select(names, summed))
