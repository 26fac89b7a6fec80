"""How single values of shop.yml are written: texts, addresses, amounts, days."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from holidays.registry import EntityLoader
from pydantic import AfterValidator, ConfigDict, Field


def written_as(pattern: str, expected: str) -> AfterValidator:
    def check(text: str) -> str:
        return require(text, lambda: bool(re.fullmatch(pattern, text)), expected)

    return AfterValidator(check)


def require[T](value: T, holds: Callable[[], bool], expected: str) -> T:
    if not holds():
        raise ValueError(expected)
    return value


def text_from_number(value: Any) -> Any:
    return str(value) if type(value) is int else value


Text = Annotated[str, Field(min_length=1)]
Email = Annotated[str, written_as(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")]
Website = Annotated[
    str, written_as(r"https?://[^\s/]\S*", "an address that begins with https://")
]
Origin = Annotated[
    str, written_as(r"https?://[^\s/]+", "an address such as https://www.example.com")
]
Slug = Annotated[
    str, written_as(r"[a-z0-9][a-z0-9-]*", "small letters, digits and hyphens")
]
Api = Annotated[
    str,
    written_as(r"sandbox|https?://[^\s/]\S*", "sandbox, an https:// address or null"),
]
Currency = Annotated[str, written_as("[A-Z]{3}", "a currency such as EUR")]
Amount = Annotated[Decimal, Field(ge=0)]
Days = Annotated[int, Field(strict=True, ge=0, le=3650)]
Years = Annotated[int, Field(strict=True, ge=1, le=30)]
Hours = Annotated[int, Field(strict=True, ge=1, le=720)]
Minutes = Annotated[int, Field(strict=True, ge=5, le=1440)]
Count = Annotated[int, Field(strict=True, ge=1)]
# bot/connector.py takes no longer text: it would hold up all other customers.
Characters = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Language = Literal["fr", "en"]


def _known_country(code: str) -> str:
    known = set(EntityLoader.get_country_codes())
    return require(code, lambda: code in known, "a country's letters, such as FR")


Country = Annotated[str, AfterValidator(_known_country)]

EXACT = ConfigDict(extra="forbid")


def in_minor_units(
    amounts: Mapping[str, Decimal], currency: str, digits: int = 2
) -> int | None:
    """The amount of this currency in cents or pence; None when it is not listed.

    digits: of the currency's minor unit.
    """
    amount = amounts.get(currency)
    return None if amount is None else int(amount.scaleb(digits))
