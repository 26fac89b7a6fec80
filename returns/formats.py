"""Amounts and days as people read them: the one module that uses Babel.

Services hand out `Money` and `Day`; nobody else turns either into text.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision

from returns.model import Say

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
DAY_PATTERNS = {"fr": "EEEE d MMMM", "en": "EEEE, d MMMM"}
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


def format_params(
    params: dict[str, Any], language: str, time_zone: str, now: datetime
) -> dict[str, Any]:
    """Params whose Money and Day are text, ready to fill a response's gaps.

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
        case {"say": response, "params": params}:
            return Say(response, params_from_json(params))
        case list():
            return [from_json(item) for item in stored]
    return stored


def format_money(money: Money, language: str) -> str:
    """ "49,90 €" in French (with no-break spaces), "€49.90" in English."""
    precision = get_currency_precision(money.currency)
    amount = Decimal(money.minor).scaleb(-precision)
    return format_currency(amount, money.currency, locale=_locale(language))


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
        if self.language == "fr" and local.day == 1:
            pattern = pattern.replace("d", "d'er'")
        return format_date(local, pattern, locale=_locale(self.language))
