"""What shop.yml says: the shop, its terms, its suppliers, its limits.

Each key is explained in shop.yml itself and in docs/shop.md.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import holidays
from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    ValidationInfo,
    field_validator,
)
from pydantic.dataclasses import dataclass
from pydantic.networks import IPvAnyNetwork

from returns.checked_yaml import load_checked
from returns.shop_channels import Channels
from returns.shop_terms import (
    Amounts,
    Goodwill,
    KeepIt,
    Mediator,
    OwnTerms,
    RefundLimits,
    Retention,
    Supplier,
    Withdrawal,
)
from returns.shop_values import (
    EXACT,
    Characters,
    Count,
    Country,
    Days,
    Email,
    Hours,
    Language,
    Minutes,
    Origin,
    Port,
    Text,
    Website,
    in_minor_units,
    require,
    text_from_number,
)

__all__ = ["Limits", "Mail", "Shop", "Staff", "Supplier", "Withdrawal", "load_shop"]


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Staff:
    """shown_as: whether customers see a person's name or the shop's."""

    shown_as: Literal["name", "shop"] = "name"
    answers_within_hours: Hours = 24
    bot_returns_after_minutes: Minutes = 30


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
    text_characters: Characters = 4000
    messages_per_minute: Count = 30
    messages_per_day: Count = 600
    requests_per_minute_per_address: Count = 600
    body_kilobytes: Count = 64
    json_depth: Count = 20
    upload_megabytes: Count = 10
    uploads_per_conversation: Count = 40
    withdrawals_per_hour_per_address: Count = 30
    failed_proofs_per_hour_per_address: Count = 30
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
    country: Country
    time_zone: str
    holidays_region: Annotated[str | None, BeforeValidator(text_from_number)] = None
    mediator: Mediator
    withdrawal: Withdrawal
    own_terms: OwnTerms = Field(default_factory=OwnTerms)
    keep_it: KeepIt = Field(default_factory=KeepIt)
    goodwill: Goodwill = Field(default_factory=Goodwill)
    delivery_days_default: Days = 30
    late_delivery_extra_days: Days = 7
    waiting_days_after_proof: Days = 5
    proof_amount_limit: Amounts
    payment_method: Literal["sandbox", "manual"]
    refund_limits: RefundLimits = Field(default_factory=RefundLimits)
    suppliers: dict[Text, Supplier]
    supplier_answer_hours: Hours = 24
    staff: Staff = Field(default_factory=Staff)
    mail: Mail
    embed_origins: tuple[Origin, ...] = ()
    channels: Channels = Field(default_factory=Channels)
    limits: Limits = Field(default_factory=Limits)
    retention: Retention = Field(default_factory=Retention)

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
        return in_minor_units(self.proof_amount_limit, currency, digits) or 0

    @field_validator("languages")
    @classmethod
    def _languages(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        distinct = 0 < len(given) == len(set(given))
        return require(given, lambda: distinct, "different languages, such as [fr, en]")

    @field_validator("signature")
    @classmethod
    def _signatures(cls, given: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        spoken = info.data.get("languages", ())
        wanted = "a signature for each of: " + ", ".join(spoken)
        return require(given, lambda: set(spoken) <= set(given), wanted)

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, name: str) -> str:
        known = available_timezones()
        return require(name, lambda: name in known, "a time zone such as Europe/Paris")

    @field_validator("holidays_region")
    @classmethod
    def _region(cls, region: str | None, info: ValidationInfo) -> str | None:
        country = info.data.get("country")
        if region is None or country is None:
            return region
        fits = region in holidays.country_holidays(country).subdivisions
        return require(region, lambda: fits, "null or a region's code, such as 57")

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
        return require(
            given, lambda: len(slugs) == len(given), "a different slug for each"
        )


def load_shop(path: Path) -> Shop:
    """The shop that the file describes.

    Raises ConfigurationError with every mistake on a line of its own, such as
    "shop.yml:17: withdrawal.return_cost_paid_by: expected customer or merchant, …".
    """
    return load_checked(path, Shop)
