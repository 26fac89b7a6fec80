"""The law's last moments (law.md 1-3 and 8), as pure functions.

Days are the shop's local days; a deadline is 23:59:59 of its last day, given in UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

WITHDRAWAL_DAYS = 14
SHIP_DAYS = 14
REFUND_DAYS = 14


def withdrawal_end(
    received: datetime, time_zone: str, country: str, region: str | None = None
) -> datetime:
    """The last moment to withdraw (W04: L221-19, Reg. 1182/71).

    The day of receipt does not count; a last day on a Saturday, Sunday or public
    holiday moves to the next working day.
    country: ISO 3166-1 alpha-2. region: with holidays of its own, such as "57".
    """
    last = _local_day(received, time_zone) + timedelta(days=WITHDRAWAL_DAYS)
    return _end_of_day(next_working_day(last, country, region), time_zone)


def next_working_day(day: date, country: str, region: str | None = None) -> date:
    """The day itself, or the first after it that is no weekend or public holiday."""
    while day.weekday() >= 5 or day in _public_holidays(country, region, day.year):
        day += timedelta(days=1)
    return day


def plus_days_end(moment: datetime, days: int, time_zone: str) -> datetime:
    """The end of the day that lies a number of days after the moment's day."""
    day = _local_day(moment, time_zone) + timedelta(days=days)
    return _end_of_day(day, time_zone)


def plus_years_end(moment: datetime, years: int, time_zone: str) -> datetime:
    """The end of the same day some years later; 28 February where there is no 29th."""
    day = _local_day(moment, time_zone)
    try:
        later = day.replace(year=day.year + years)
    except ValueError:
        later = day.replace(year=day.year + years, day=28)
    return _end_of_day(later, time_zone)


def ship_by(statement: datetime, time_zone: str) -> datetime:
    """The last moment to send goods back after a withdrawal (W09); never extended."""
    return plus_days_end(statement, SHIP_DAYS, time_zone)


def refund_by(statement: datetime, time_zone: str) -> datetime:
    """The last moment to refund after a withdrawal (W12); never extended."""
    return plus_days_end(statement, REFUND_DAYS, time_zone)


@cache
def _public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=region, years=year))


def _local_day(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()


def _end_of_day(day: date, time_zone: str) -> datetime:
    last_second = datetime.combine(day, time(23, 59, 59), ZoneInfo(time_zone))
    return last_second.astimezone(UTC)
