"""How well the bot does, and how quickly people and partners follow.

Each share is counted by the filters of the very list that its number leads to.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.console.asked import within
from desk.console.case_filters import CaseFilters
from desk.console.case_filters import conditions as case_conditions
from desk.console.filters import Filters, conditions
from desk.console.statistics import Question
from desk.tables import conversations
from returns.services import claims
from returns.sql import seconds_between
from returns.tables import ratings, refunds, return_history, returns
from returns.wiring import House

# Each of these of all in which the customer said something.
SHARES: dict[str, dict[str, str]] = {
    "alone": {"help": "bot"},
    "handed_over": {"help": "person"},
    "not_understood": {"help": "spoken", "reading": "missed"},
    "corrected": {"help": "spoken", "reading": "corrected"},
}


@dataclass(frozen=True)
class Share:
    """filters: of the inbox, that show the same conversations."""

    name: str
    count: int
    whole: int
    filters: Filters

    @property
    def percent(self) -> float | None:
        return 100 * self.count / self.whole if self.whole else None


@dataclass(frozen=True)
class Wait:
    """Seconds; None: it has not happened in these days. count: of how many."""

    name: str
    count: int
    median: float | None
    p95: float | None


@dataclass(frozen=True)
class Claims:
    """Of one state; amounts in minor units by currency."""

    state: str
    cases: int
    amounts: dict[str, int]
    filters: CaseFilters


@dataclass(frozen=True)
class Quality:
    """rated: how many gave a rating; rating: their mean of 1 to 5."""

    spoken: Share
    shares: list[Share]
    waits: list[Wait]
    rated: int
    rating: float | None
    rated_filters: CaseFilters


def read(house: House, asked: Question) -> Quality:
    """Conversations by their last message, cases by their opening, in these days."""
    days = {"since": asked.since, "until": asked.until}
    with house.reader.connect() as connection:

        def share(name: str, whole: int | None, **told: str) -> Share:
            filters = Filters(**days, **told)
            query = sa.select(sa.func.count()).select_from(conversations)
            query = query.where(*conditions(house, filters))
            count = int(connection.execute(query).scalar_one())
            return Share(name, count, count if whole is None else whole, filters)

        spoken = share("spoken", None, help="spoken")
        rated_filters = CaseFilters(rated="yes", **days)
        rated, mean = _rated(house, connection, rated_filters)
        return Quality(
            spoken=spoken,
            shares=[share(n, spoken.count, **told) for n, told in SHARES.items()],
            waits=_waits(house, connection, asked),
            rated=rated,
            rating=mean,
            rated_filters=rated_filters,
        )


def claimed(house: House, asked: Question) -> list[Claims]:
    """From suppliers at fault: open, won, lost."""
    found = []
    currency = returns.c.claim["currency"].as_string()
    amount = returns.c.claim["amount_minor"].as_integer()
    with house.reader.connect() as connection:
        for state in (claims.OPEN, claims.WON, claims.LOST):
            days = {"since": asked.since, "until": asked.until}
            filters = CaseFilters(claim=state, supplier=asked.supplier, **days)
            query = (
                sa.select(currency, sa.func.count(), sa.func.sum(amount))
                .where(*case_conditions(house, filters))
                .group_by(currency)
            )
            rows = connection.execute(query).all()
            amounts = {str(row[0]): int(row[2]) for row in rows}
            found.append(Claims(state, sum(row[1] for row in rows), amounts, filters))
    return found


def _rated(
    house: House, connection: Connection, filters: CaseFilters
) -> tuple[int, float | None]:
    query = (
        sa.select(sa.func.count(), sa.func.avg(ratings.c.rating))
        .select_from(ratings.join(returns, ratings.c.return_id == returns.c.return_id))
        .where(*case_conditions(house, filters))
    )
    count, mean = connection.execute(query).one()
    return int(count), float(mean) if mean is not None else None


def _waits(house: House, connection: Connection, asked: Question) -> list[Wait]:
    c, zone = conversations.c, house.shop.time_zone
    talks = within(c.last_at, asked.since, asked.until, zone)
    cases = within(returns.c.created_at, asked.since, asked.until, zone)
    address = sa.and_(
        return_history.c.return_id == returns.c.return_id,
        return_history.c.event == "supplier.authorised",
    )
    paid = refunds.c.return_id == returns.c.return_id
    between = seconds_between(connection)
    measured = (
        ("bot_answer", c.answered_in_ms / 1000.0, conversations, talks),
        (
            "person_answer",
            between(c.handed_over_at, c.person_answered_at),
            conversations,
            talks,
        ),
        (
            "address",
            between(returns.c.created_at, return_history.c.at),
            returns.join(return_history, address),
            cases,
        ),
        (
            "refund",
            between(returns.c.created_at, refunds.c.paid_at),
            returns.join(refunds, paid),
            cases,
        ),
    )
    return [_wait(connection, *one) for one in measured]


def _wait(
    connection: Connection,
    name: str,
    seconds: sa.ColumnElement[Any],
    source: sa.FromClause,
    where: list[sa.ColumnElement[bool]],
) -> Wait:
    """By the values themselves, not by a guess of their spread."""
    query = sa.select(seconds.label("s")).select_from(source)
    query = query.where(*where, seconds.is_not(None)).order_by("s")
    values = [float(row.s) for row in connection.execute(query)]
    if not values:
        return Wait(name, 0, None, None)
    last = len(values) - 1
    return Wait(name, len(values), values[last // 2], values[round(last * 0.95)])
