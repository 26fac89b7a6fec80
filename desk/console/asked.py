"""What somebody asked a list for: from the address, and back into one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Self
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

import sqlalchemy as sa

YEARS = range(1990, 2200)  # some days more or less, in any zone, are still days
_quoted = lru_cache(maxsize=512)(quote_plus)  # a page has hundreds of such links


@dataclass(frozen=True)
class Asked:
    """Each field is an empty string when it is not used."""

    @classmethod
    def of(cls, told: Callable[[str], str]) -> Self:
        """told: the value of a name in the address."""
        return cls(**{name: told(name) for name in cls.__dataclass_fields__})

    @property
    def used(self) -> dict[str, str]:
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in found.items() if value}

    def address(self, **more: str | None) -> str:
        """`?…` with these filters and more; None takes one away."""
        told = {**self.used, **more}
        return "?" + "&".join(f"{n}={_quoted(v)}" for n, v in told.items() if v)


def moment(text: str) -> datetime | None:
    """What ISO writes so; None for what is none, or lies outside of our calendar."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def day(text: str, zone: str) -> datetime | None:
    """The first moment of an ISO day; None for what is no day."""
    found = moment(text)
    return found.replace(tzinfo=ZoneInfo(zone)) if found else None


def within(
    at: sa.Column[Any], since: str, until: str, zone: str
) -> list[sa.ColumnElement[bool]]:
    """Both days count, in the shop's zone."""
    first, last = day(since, zone), day(until, zone)
    found = [at >= first] if first else []
    if last:
        found.append(at < last + timedelta(days=1))
    return found
