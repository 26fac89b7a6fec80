from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.deadlines import (
    plus_days_end,
    plus_years_end,
    refund_by,
    ship_by,
    withdrawal_end,
)

PARIS = "Europe/Paris"
ZONE = ZoneInfo(PARIS)

moments = st.datetimes(
    datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC)
)


def at(day: str, hour: int = 12) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour), ZONE)


def last_second(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(23, 59, 59), ZONE)


@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        ("2026-06-30", "2026-07-15"),
        ("2026-10-18", "2026-11-02"),
        ("2026-10-28", "2026-11-12"),
        ("2026-11-07", "2026-11-23"),
        ("2026-11-08", "2026-11-23"),
        ("2026-11-20", "2026-12-04"),
        ("2026-12-11", "2026-12-28"),
        ("2026-12-18", "2027-01-04"),
    ],
)
def test_withdrawal_ends_on_the_law_s_day(received: str, last_day: str) -> None:
    """Every vector of the law digest: 14 days, moved to the next working day."""
    for hour in (0, 12, 23):
        end = withdrawal_end(at(received, hour), PARIS, "FR")
        assert end == last_second(last_day)
        assert end.tzinfo is UTC


def test_regional_holidays_move_the_end() -> None:
    """In Moselle 26 December is a holiday too."""
    received = at("2028-12-12")
    assert withdrawal_end(received, PARIS, "FR") == last_second("2028-12-26")
    assert withdrawal_end(received, PARIS, "FR", "57") == last_second("2028-12-27")


@given(moments)
def test_nobody_gets_less_than_fourteen_days(received: datetime) -> None:
    """At least 14 whole local days after the day of receipt."""
    end = withdrawal_end(received, PARIS, "FR").astimezone(ZONE)
    assert end.date() - received.astimezone(ZONE).date() >= timedelta(days=14)
    assert end.time() == time(23, 59, 59)


@given(moments)
def test_withdrawal_ends_on_a_working_day(received: datetime) -> None:
    """Never on a Saturday, Sunday or public holiday, and no later than needed."""
    last = withdrawal_end(received, PARIS, "FR").astimezone(ZONE).date()
    closed = holidays.country_holidays("FR")
    assert last.weekday() < 5 and last not in closed
    day = received.astimezone(ZONE).date() + timedelta(days=14)
    while day < last:
        assert day.weekday() >= 5 or day in closed
        day += timedelta(days=1)


def test_sending_and_refund_are_never_extended() -> None:
    """14 days end on a Sunday if they do: we pay before, the text extends nothing."""
    assert ship_by(at("2026-11-08"), PARIS) == last_second("2026-11-22")
    assert refund_by(at("2026-11-08"), PARIS) == last_second("2026-11-22")


def test_days_are_the_shop_s_days() -> None:
    """Half past eleven at night in UTC is already the next day in Paris."""
    late = datetime(2026, 11, 7, 23, 30, tzinfo=UTC)
    assert plus_days_end(late, 1, PARIS) == last_second("2026-11-09")


def test_a_change_of_clocks_does_not_move_the_day() -> None:
    """The end is 23:59:59 local on both sides of summer time."""
    assert plus_days_end(at("2026-10-20"), 10, PARIS) == last_second("2026-10-30")


def test_years_end_on_the_same_day() -> None:
    """Two years later to the day; 29 February becomes 28 February."""
    assert plus_years_end(at("2024-11-22"), 2, PARIS) == last_second("2026-11-22")
    assert plus_years_end(at("2024-02-29"), 2, PARIS) == last_second("2026-02-28")
    assert plus_years_end(at("2024-02-29"), 4, PARIS) == last_second("2028-02-29")
