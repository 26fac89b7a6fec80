"""The sums that the worker keeps, against a count of the rows themselves."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from benchmarks.tools.crowd import fill
from desk.console.case_filters import BOUGHT, OF_LINE, right_reason
from desk.console.tables import line_reasons, reading_reasons, readings
from desk.figures import facts, keeping, reading, talks
from desk.figures.tables import figure_changes, figure_rules, figure_spans, figure_sums
from desk.privacy import erasing, scope
from desk.tables import conversations
from returns.tables import (
    order_lines,
    orders,
    ratings,
    refunds,
    return_lines,
    returns,
)
from returns.unit import writing
from tests.houses import TestHouse

SINCE, UNTIL = "2026-08-09", "2026-11-20"
FIRST = datetime(2026, 8, 8, 22, tzinfo=UTC)  # the shop is in Paris
CROWD = 120
KINDS = {
    facts.ALL: ("supplier", "period"),
    facts.REASON: ("one", "supplier"),
    facts.PRODUCT: ("one", "period"),
    facts.REASON_PRODUCT: ("one", "two"),
    facts.BOT: ("one",),
    facts.REASON_BOT: ("one", "two"),
    facts.SOLD_ALL: ("period",),
    facts.SOLD: ("supplier", "one"),
    facts.FAULTY: ("supplier",),
    facts.FAULTY_PRODUCT: ("supplier", "one"),
    facts.CLAIM: ("one", "two"),
    facts.RATING: (),
    talks.SPOKEN: ("period",),
    talks.ALONE: (),
    talks.HANDED_OVER: (),
    talks.NOT_UNDERSTOOD: (),
    talks.CORRECTED: ("period",),
    talks.BOT_ANSWER: ("one",),
    talks.PERSON_ANSWER: ("one",),
    talks.ADDRESS: ("one",),
    talks.REFUND: ("one",),
}
MONTHS = [SINCE, *(f"2026-{month:02}-01" for month in range(9, 12))]
MONDAYS = [(date(2026, 8, 10) + timedelta(7 * n)).isoformat() for n in range(15)]


@pytest.fixture
def crowded(any_house: TestHouse) -> TestHouse:
    """A shop of four months, so that months are kept as well as days."""
    fill(any_house.engine, CROWD, any_house.clock.now(), days=110)
    return any_house


@pytest.fixture
def alone(house: TestHouse) -> TestHouse:
    """The same, where one database tells enough."""
    fill(house.engine, CROWD, house.clock.now(), days=110)
    return house


def keep_all(house: TestHouse) -> int:
    kept = 0
    while done := keeping.keep(house, 100):
        kept += done
    return kept


def read(house: TestHouse, steps: Sequence[str] = MONTHS) -> dict[str, object]:
    with reading.days(house, SINCE, UNTIL, steps) as days:
        return {kind: days.total(kind, *group) for kind, group in KINDS.items()}


def forget(house: TestHouse) -> None:
    with writing(house) as unit:
        for table in (figure_spans, figure_sums):
            unit.connection.execute(table.delete())


def counted(house: TestHouse) -> dict[str, object]:
    """The same, with nothing kept."""
    forget(house)
    return read(house)


def count(house: TestHouse, table: sa.Table) -> int:
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).select_from(table)
        return int(connection.execute(query).scalar_one())


def one_of(house: TestHouse, table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.Row:
    with house.reader.connect() as connection:
        return random.Random(3).choice(
            connection.execute(sa.select(table).where(*where)).all()
        )


def test_kept_sums_are_what_the_rows_say(crowded: TestHouse) -> None:
    """By SQL of its own: cases by reason, units sold, conversations, ratings."""
    assert keep_all(crowded) > 100
    found = read(crowded)
    lines = (
        returns.join(return_lines, return_lines.c.return_id == returns.c.return_id)
        .join(order_lines, BOUGHT)
        .outerjoin(line_reasons, OF_LINE)
    )
    cases = sa.func.count(sa.distinct(returns.c.return_id))
    by_reason = (
        sa.select(right_reason, returns.c.supplier, cases)
        .select_from(lines)
        .where(returns.c.status != "cancelled")
    )
    placed = orders.c.order_number == order_lines.c.order_number
    by_goods = sa.select(
        order_lines.c.supplier,
        order_lines.c.product_id,
        sa.func.sum(order_lines.c.quantity),
    ).join(orders, placed)
    stars = sa.select(sa.func.count(), sa.func.sum(ratings.c.rating)).join(returns)
    spoken = sa.select(sa.func.count()).where(conversations.c.last_seq > 1)
    with crowded.reader.connect() as connection:
        run = connection.execute
        since = returns.c.created_at >= FIRST
        rows = run(by_reason.where(since).group_by(right_reason, returns.c.supplier))
        reasons = {tuple(row[:2]): row[2] for row in rows}
        goods = (order_lines.c.supplier, order_lines.c.product_id)
        rows = run(by_goods.where(orders.c.placed_at >= FIRST).group_by(*goods))
        sold = {tuple(row[:2]): row[2] for row in rows}
        rated = tuple(run(stars.where(since)).one())
        talked = run(spoken.where(conversations.c.last_at >= FIRST)).scalar_one()
    assert {key: told.cases for key, told in found[facts.REASON].items()} == reasons
    assert {key: told.units for key, told in found[facts.SOLD].items()} == sold
    (told,) = found[facts.RATING].values()
    assert (told.cases, told.units) == rated
    assert sum(told.cases for told in found[talks.SPOKEN].values()) == talked


def test_weeks_of_kept_months_are_what_the_rows_say(crowded: TestHouse) -> None:
    """A month is read at once only where no period begins within it."""
    keep_all(crowded)
    found = read(crowded, [SINCE, *MONDAYS])
    forget(crowded)
    assert found == read(crowded, [SINCE, *MONDAYS])


def test_late_changes_are_seen_at_once_and_kept(crowded: TestHouse) -> None:
    """Before the worker has looked, and after it: never another number."""
    house = crowded
    keep_all(house)
    before = read(house)
    _change_much(house)
    assert count(house, figure_changes) > 0
    at_once = read(house)
    kept = keep_all(house)
    assert 0 < kept < 40
    assert count(house, figure_changes) == 0
    after = read(house)
    again = counted(house)
    assert at_once == after == again != before
    for kind in (facts.REASON, facts.RATING, talks.CORRECTED, talks.ALONE, facts.SOLD):
        assert before[kind] != after[kind], kind


def _change_much(house: TestHouse) -> None:
    """A corrected reason, ratings, a refund, a claim, a reading, a move, an erasure."""
    within = returns.c.created_at.between(FIRST, FIRST + timedelta(days=60))
    unrated = ~sa.exists().where(ratings.c.return_id == returns.c.return_id)
    case = one_of(house, returns, within, unrated, returns.c.status != "cancelled")
    line = one_of(house, return_lines, return_lines.c.return_id == case.return_id)
    read_ = one_of(house, readings, readings.c.corrected.is_(False))
    talk = one_of(house, conversations, conversations.c.handed_over_at.is_(None))
    other = returns.c.return_id != case.return_id
    closed = one_of(house, returns, within, returns.c.status == "closed", other)
    sold = one_of(house, order_lines)
    with writing(house) as unit:
        run, now = unit.connection.execute, unit.now
        here = (line_reasons.c.return_id == case.return_id,)
        run(line_reasons.delete().where(*here))
        key = {"return_id": case.return_id, "line_id": line.line_id}
        told = {"right_reason": "found_cheaper", "at": now, "by": "Inès"}
        run(line_reasons.insert().values(**key, **told))
        run(ratings.insert().values(return_id=case.return_id, rating=1, at=now))
        run(
            refunds.update()
            .where(refunds.c.return_id == case.return_id)
            .values(paid_at=now)
        )
        claim = {"state": "won", "amount_minor": 77, "currency": "EUR"}
        mine = returns.c.return_id == case.return_id
        run(returns.update().where(mine).values(claim=claim))
        mine = readings.c.inbound_id == read_.inbound_id
        run(readings.update().where(mine).values(corrected=True, checked_at=now))
        mine = conversations.c.conversation_id == talk.conversation_id
        run(conversations.update().where(mine).values(handed_over_at=now, last_at=now))
        mine = sa.and_(
            order_lines.c.order_number == sold.order_number,
            order_lines.c.line_id == sold.line_id,
        )
        run(order_lines.update().where(mine).values(quantity=9))
        with_talk = scope.of_order(unit.connection, closed.order_number)
        erasing.erase_in(house, unit, with_talk)


def test_nothing_of_a_person_is_kept(alone: TestHouse) -> None:
    """Codes, suppliers and goods alone; an erased talk leaves no mark behind."""
    keep_all(alone)
    _change_much(alone)
    keep_all(alone)
    with alone.reader.connect() as connection:
        rows = connection.execute(sa.select(figure_sums)).all()
        words = {str(value) for row in rows for value in row}
        for column in (
            orders.c.order_number,
            orders.c.email_key,
            conversations.c.conversation_id,
            returns.c.return_id,
        ):
            assert words.isdisjoint(connection.execute(sa.select(column)).scalars())
    assert len(rows) > 500


def test_another_time_zone_makes_all_anew(alone: TestHouse) -> None:
    """Days begin elsewhere: what was kept is not used, then replaced."""
    keep_all(alone)
    with writing(alone) as unit:
        unit.connection.execute(figure_rules.update().values(time_zone="Asia/Tokyo"))
        unit.connection.execute(figure_sums.update().values(cases=1_000_000))
    right = read(alone)
    assert keep_all(alone) > 100
    assert read(alone) == right


def test_days_are_summed_when_they_are_over(alone: TestHouse) -> None:
    """Today never is, and becomes so tomorrow."""
    keep_all(alone)
    today = alone.clock.now().date().isoformat()
    with alone.reader.connect() as connection:
        known = set(connection.execute(sa.select(figure_spans.c.span)).scalars())
    assert today not in known and "2026-10" in known and "2026-11" not in known
    alone.clock.move(days=1)
    assert keep_all(alone) == 1


def test_reasons_to_look_up_are_those_of_the_readings(alone: TestHouse) -> None:
    """A person's before the bot's, each once."""
    with alone.reader.connect() as connection:
        told: Counter[str] = Counter()
        for row in connection.execute(sa.select(readings)):
            right = row.right_reasons
            told.update(set(row.reasons if right is None else right))
        query = sa.select(reading_reasons.c.reason)
        assert Counter(connection.execute(query).scalars()) == told


@pytest.mark.parametrize(
    ("seconds", "kept"), [(0.084, 8), (9.999, 1000), (130.4, 13000), (3629, 360000)]
)
def test_waits_are_kept_in_steps(seconds: float, kept: int) -> None:
    """Small beside what is measured."""
    assert talks.rounded(seconds) == str(kept)
    assert abs(int(talks.rounded(seconds)) / 100 - seconds) <= max(1, seconds / 100)
