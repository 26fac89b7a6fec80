"""What shop.yml says: the shop, its terms, its suppliers, its limits.

Each key is explained in shop.yml itself and in docs/shop.md.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import holidays
from holidays.registry import EntityLoader
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationInfo,
    field_validator,
)
from pydantic.dataclasses import dataclass
from pydantic.networks import IPvAnyNetwork

from returns.checked_yaml import load_checked


def _written_as(pattern: str, expected: str) -> AfterValidator:
    def check(text: str) -> str:
        return _require(text, lambda: bool(re.fullmatch(pattern, text)), expected)

    return AfterValidator(check)


def _require[T](value: T, holds: Callable[[], bool], expected: str) -> T:
    if not holds():
        raise ValueError(expected)
    return value


def _text_from_number(value: Any) -> Any:
    return str(value) if type(value) is int else value


Text = Annotated[str, Field(min_length=1)]
Email = Annotated[str, _written_as(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")]
Website = Annotated[
    str, _written_as(r"https?://[^\s/]\S*", "an address that begins with https://")
]
Origin = Annotated[
    str, _written_as(r"https?://[^\s/]+", "an address such as https://www.example.com")
]
Slug = Annotated[
    str, _written_as(r"[a-z0-9][a-z0-9-]*", "small letters, digits and hyphens")
]
Api = Annotated[
    str,
    _written_as(r"sandbox|https?://[^\s/]\S*", "sandbox, an https:// address or null"),
]
Currency = Annotated[str, _written_as("[A-Z]{3}", "a currency such as EUR")]
Amount = Annotated[Decimal, Field(ge=0)]
Days = Annotated[int, Field(strict=True, ge=0, le=3650)]
Hours = Annotated[int, Field(strict=True, ge=1, le=720)]
Count = Annotated[int, Field(strict=True, ge=1)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Language = Literal["fr", "en"]

EXACT = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Withdrawal:
    """Who pays for sending back goods without fault, and what customers were told.

    A date of None: customers were never told, so W10 or W05 applies.
    """

    return_cost_paid_by: Literal["customer", "merchant"]
    customers_told_return_cost_since: date | None
    customers_told_of_right_since: date | None


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Supplier:
    """One supplier and its terms towards the merchant, never towards the customer.

    name: exactly as in orders. api: "sandbox", a base URL, or None (worked by hand).
    window_days: days after delivery in which it takes goods back, None if unknown.
    return_address: a note for staff.
    """

    name: Text
    slug: Slug
    api: Api | None = None
    who_pays: Literal["merchant", "supplier"] = "merchant"
    window_days: Days | None = None
    return_address: str | None = None

    def api_url(self, sandbox_url: str) -> str | None:
        """The base URL of its API, None when it has none."""
        if self.api == "sandbox":
            return f"{sandbox_url}/suppliers/{self.slug}"
        return self.api.rstrip("/") if self.api else None


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Staff:
    """shown_as: whether customers see a person's name or the shop's."""

    shown_as: Literal["name", "shop"] = "name"
    answers_within_hours: Hours = 24


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Mail:
    """server: "sandbox" or an SMTP host. username None: no login."""

    server: Text
    sender: Email
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Text | None = None


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Limits:
    """What one visitor may do (E13); trusted_proxies may name the visitor's address."""

    enabled: StrictBool = True
    text_characters: Count = 4000
    messages_per_minute: Count = 30
    messages_per_day: Count = 600
    requests_per_minute_per_address: Count = 600
    body_kilobytes: Count = 64
    json_depth: Count = 20
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Shop:
    """One shop.

    languages: the first is spoken when a customer's is unknown.
    holidays_region: of the `holidays` library, None for the country's own days.
    proof_amount_limit: in whole currency units; see `proof_limit_minor`.
    suppliers: by the name that orders use; ask `supplier` for one.
    embed_origins: web origins that may show the chat window.
    """

    name: Text
    legal_name: Text
    address: Text
    support_email: Email
    website: Website
    languages: tuple[Language, ...]
    signature: dict[Language, Text]
    country: str
    time_zone: str
    holidays_region: Annotated[str | None, BeforeValidator(_text_from_number)] = None
    withdrawal: Withdrawal
    delivery_days_default: Days = 30
    late_delivery_extra_days: Days = 7
    waiting_days_after_proof: Days = 5
    proof_amount_limit: dict[Currency, Amount]
    payment_method: Literal["sandbox", "manual"]
    suppliers: dict[Text, Supplier]
    supplier_answer_hours: Hours = 24
    staff: Staff = Field(default_factory=Staff)
    mail: Mail
    embed_origins: tuple[Origin, ...] = ()
    limits: Limits = Field(default_factory=Limits)

    def supplier(self, name: str) -> Supplier:
        """The supplier of this name; one that shop.yml does not list has no API."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
        return self.suppliers.get(name) or Supplier(name=name, slug=slug or "supplier")

    def supplier_by_slug(self, slug: str) -> Supplier | None:
        """The listed supplier with this short name, None when there is none."""
        matching = (found for found in self.suppliers.values() if found.slug == slug)
        return next(matching, None)

    def signed(self, language: str) -> str:
        """The signature in this language, else in the shop's first."""
        signatures = {str(spoken): text for spoken, text in self.signature.items()}
        return signatures.get(language, signatures[self.languages[0]])

    def proof_limit_minor(self, currency: str, digits: int = 2) -> int:
        """The amount above which a person looks at a proof of sending, minor units.

        digits: of the currency's minor unit. 0 for a currency that is not listed.
        """
        return int(self.proof_amount_limit.get(currency, Decimal(0)).scaleb(digits))

    @field_validator("languages")
    @classmethod
    def _languages(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        distinct = 0 < len(given) == len(set(given))
        return _require(
            given, lambda: distinct, "different languages, such as [fr, en]"
        )

    @field_validator("signature")
    @classmethod
    def _signatures(cls, given: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        spoken = info.data.get("languages", ())
        wanted = "a signature for each of: " + ", ".join(spoken)
        return _require(given, lambda: set(spoken) <= set(given), wanted)

    @field_validator("country")
    @classmethod
    def _country(cls, code: str) -> str:
        known = set(EntityLoader.get_country_codes())
        return _require(code, lambda: code in known, "a country's letters, such as FR")

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, name: str) -> str:
        known = available_timezones()
        return _require(name, lambda: name in known, "a time zone such as Europe/Paris")

    @field_validator("holidays_region")
    @classmethod
    def _region(cls, region: str | None, info: ValidationInfo) -> str | None:
        country = info.data.get("country")
        if region is None or country is None:
            return region
        fits = region in holidays.country_holidays(country).subdivisions
        return _require(region, lambda: fits, "null or a region's code, such as 57")

    @field_validator("suppliers", mode="before")
    @classmethod
    def _names(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {
            name: {"name": name, **terms} if isinstance(terms, dict) else terms
            for name, terms in given.items()
        }

    @field_validator("suppliers")
    @classmethod
    def _slugs(cls, given: dict[str, Supplier]) -> dict[str, Supplier]:
        slugs = {supplier.slug for supplier in given.values()}
        return _require(
            given, lambda: len(slugs) == len(given), "a different slug for each"
        )


def load_shop(path: Path) -> Shop:
    """The shop that the file describes.

    Raises ConfigurationError with every mistake on a line of its own, such as
    "shop.yml:17: withdrawal.return_cost_paid_by: expected customer or merchant, …".
    """
    return load_checked(path, Shop)
