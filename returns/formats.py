"""Amounts, days and countries as people read them: the one module that uses Babel.

Services hand out typed values such as `Money` and `Day`; nobody else turns them into
text.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_currency,
    get_currency_precision,
    get_territory_currencies,
)

from returns.model import Say

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
DAY_PATTERNS = {"fr": "EEEE d MMMM", "en": "EEEE, d MMMM"}
MOMENT_PATTERNS = {
    "fr": "EEEE d MMMM y 'à' HH:mm",
    "en": "EEEE, d MMMM y 'at' HH:mm",
}
EXACT_PATTERNS = {
    "fr": "EEEE d MMMM y 'à' HH:mm '(heure de' VVV',' OOOO')'",
    "en": "EEEE, d MMMM y 'at' HH:mm '('VVV 'time,' OOOO')'",
}
TIME_PATTERNS = {"fr": "%H\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}%M", "en": "%H:%M"}
FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True)
class Money:
    """An amount in the currency's minor units (cents, pence)."""

    minor: int
    currency: str


@dataclass(frozen=True)
class Day:
    """The local day on which an aware moment falls."""

    moment: datetime


@dataclass(frozen=True)
class Moment:
    """An aware moment whose local time of day matters, always told with its year."""

    moment: datetime


@dataclass(frozen=True)
class ExactMoment:
    """As `Moment`, with the time zone that it is told in."""

    moment: datetime


@dataclass(frozen=True)
class TimeOfDay:
    """The local time of an aware moment, in hours and minutes."""

    moment: datetime


@dataclass(frozen=True)
class Country:
    """code: ISO 3166-1 alpha-2."""

    code: str


@dataclass(frozen=True)
class Link:
    """A web address that may be opened; whoever makes one has checked it."""

    url: str


def format_params(
    params: dict[str, Any], language: str, time_zone: str, now: datetime
) -> dict[str, Any]:
    """Params whose typed values are text, ready to fill a response's gaps.

    A Say becomes {"say": name, "params": {...}}, also inside a list.
    now: decides whether a day needs its year. Languages other than fr read as en.
    Raises TypeError for a value that is no param.
    """
    spoken = _Spoken(language, ZoneInfo(time_zone), now)
    return {name: spoken.value(value) for name, value in params.items()}


def params_to_json(params: dict[str, Any]) -> dict[str, Any]:
    """Params as JSON values to store. Raises TypeError for a value that is no param."""
    return {name: to_json(value) for name, value in params.items()}


def params_from_json(stored: dict[str, Any]) -> dict[str, Any]:
    """The typed params that `params_to_json` stored."""
    return {name: from_json(value) for name, value in stored.items()}


def to_json(value: Any) -> Any:
    """One param as a JSON value. Raises TypeError for a value that is no param."""
    match value:
        case Money(minor, currency):
            return {"money": [minor, currency]}
        case Day(moment):
            return {"day": moment.isoformat()}
        case Moment(moment):
            return {"moment": moment.isoformat()}
        case ExactMoment(moment):
            return {"exact": moment.isoformat()}
        case Country(code):
            return {"country": code}
        case Link(url):
            return {"link": url}
        case TimeOfDay(moment):
            return {"time": moment.isoformat()}
        case Say(response, params):
            return {"say": response, "params": params_to_json(params)}
        case list() | tuple():
            return [to_json(item) for item in value]
        case str() | int() | None:
            return value
    raise TypeError(f"{type(value).__name__} cannot fill a response")


def from_json(stored: Any) -> Any:
    """The param that `to_json` stored."""
    match stored:
        case {"money": [minor, currency]}:
            return Money(minor, currency)
        case {"day": moment}:
            return Day(datetime.fromisoformat(moment))
        case {"moment": moment}:
            return Moment(datetime.fromisoformat(moment))
        case {"exact": moment}:
            return ExactMoment(datetime.fromisoformat(moment))
        case {"country": code}:
            return Country(code)
        case {"link": url}:
            return Link(url)
        case {"time": moment}:
            return TimeOfDay(datetime.fromisoformat(moment))
        case {"say": response, "params": params}:
            return Say(response, params_from_json(params))
        case list():
            return [from_json(item) for item in stored]
    return stored


def format_money(money: Money, language: str) -> str:
    """ "49,90 €" in French (with no-break spaces), "€49.90" in English."""
    amount = Decimal(money.minor).scaleb(-minor_digits(money.currency))
    return format_currency(amount, money.currency, locale=_locale(language))


def minor_digits(currency: str) -> int:
    """Digits of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


def currency_of(country: str) -> str:
    """What is paid with in a country (ISO 3166-1 alpha-2) today."""
    return str(get_territory_currencies(country)[0])


def format_day(day: Day, language: str, time_zone: str, now: datetime) -> str:
    """ "vendredi 4 décembre" or "Friday, 4 December", with another year's number."""
    return _Spoken(language, ZoneInfo(time_zone), now).day(day)


def _locale(language: str) -> str:
    return LOCALES.get(language, LOCALES[FALLBACK_LANGUAGE])


@dataclass(frozen=True)
class _Spoken:
    language: str
    zone: ZoneInfo
    now: datetime

    def value(self, value: Any) -> Any:
        match value:
            case Money():
                return format_money(value, self.language)
            case Day():
                return self.day(value)
            case Moment(moment):
                return self.to_the_minute(moment, MOMENT_PATTERNS)
            case ExactMoment(moment):
                return self.to_the_minute(moment, EXACT_PATTERNS)
            case Country(code):
                return Locale.parse(_locale(self.language)).territories.get(code, code)
            case Link(url):
                return url
            case TimeOfDay(moment):
                pattern = TIME_PATTERNS.get(self.language, TIME_PATTERNS["en"])
                return moment.astimezone(self.zone).strftime(pattern)
            case Say(response, params):
                filled = {name: self.value(item) for name, item in params.items()}
                return {"say": response, "params": filled}
            case list() | tuple():
                return [self.value(item) for item in value]
            case str() | int() | None:
                return value
        raise TypeError(f"{type(value).__name__} cannot fill a response")

    def day(self, day: Day) -> str:
        local = day.moment.astimezone(self.zone).date()
        pattern = DAY_PATTERNS.get(self.language, DAY_PATTERNS[FALLBACK_LANGUAGE])
        if local.year != self.now.astimezone(self.zone).year:
            pattern += " y"
        pattern = self._of_day(pattern, local.day)
        return format_date(local, pattern, locale=_locale(self.language))

    def to_the_minute(self, moment: datetime, patterns: dict[str, str]) -> str:
        local = moment.astimezone(self.zone)
        pattern = patterns.get(self.language, patterns[FALLBACK_LANGUAGE])
        pattern = self._of_day(pattern, local.day)
        spoken = _locale(self.language)
        return format_datetime(local, pattern, tzinfo=self.zone, locale=spoken)

    def _of_day(self, pattern: str, day: int) -> str:
        first = self.language == "fr" and day == 1
        return pattern.replace(" d ", " d'er' ", 1) if first else pattern
