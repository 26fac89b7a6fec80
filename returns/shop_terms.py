"""The terms a merchant sets in shop.yml: towards customers, and suppliers' to him.

The law is the floor (docs/policy.md): nothing here gives a customer less.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StrictBool
from pydantic.dataclasses import dataclass

from returns.shop_values import (
    EXACT,
    Amount,
    Api,
    Country,
    Currency,
    Days,
    Slug,
    Text,
    Website,
    Years,
    in_minor_units,
)

Payer = Literal["customer", "merchant"]
Evidence = Literal["photo", "video", "packing_list", "box"]
LongerThanLaw = Annotated[int, Field(strict=True, ge=15, le=3650)]
Times = Annotated[int, Field(strict=True, ge=0, le=1000)]
Amounts = dict[Currency, Amount]


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Withdrawal:
    """Who pays for sending back goods without fault, and what customers were told.

    A date of None: customers were never told, so W10 or W05 applies.
    delivery_share: whether a part of the order returns its share of the delivery
    cost (W18); else delivery comes back with the last article.
    """

    return_cost_paid_by: Payer
    customers_told_return_cost_since: date | None
    customers_told_of_right_since: date | None
    delivery_share: StrictBool = False


@dataclass(frozen=True, kw_only=True, config=EXACT)
class OwnTerms:
    """What the shop gives beyond the law.

    days: after receipt, in which unwanted goods come back; None for the law's only.
    return_cost_paid_by: for what comes back in these further days.
    exchange: whether another size or colour may be taken instead of the money.
    outside_europe, business_buyers: whether those the law does not protect are
    served as a consumer in the European Union is.
    """

    days: LongerThanLaw | None = None
    return_cost_paid_by: Payer = "customer"
    exchange: StrictBool = True
    outside_europe: StrictBool = False
    business_buyers: StrictBool = False


@dataclass(frozen=True, kw_only=True, config=EXACT)
class KeepIt:
    """below: goods worth less stay with the customer where the merchant would pay."""

    below: Amounts = Field(default_factory=dict)

    def below_minor(self, currency: str) -> int:
        """In minor units; 0, so never, for a currency that is not listed."""
        return in_minor_units(self.below, currency) or 0


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Goodwill:
    """A small sum the bot may offer where no right is left, and how often."""

    amount: Amounts = Field(default_factory=dict)
    per_order: Times = 1
    per_customer: Times = 2

    def amount_minor(self, currency: str) -> int:
        """In minor units; 0, so none, for a currency that is not listed."""
        return in_minor_units(self.amount, currency) or 0


@dataclass(frozen=True, kw_only=True, config=EXACT)
class RefundLimits:
    """Sums above which no refund is paid without a person (X10).

    A currency that is not listed has no limit.
    two_people_above: one person decides, another one pays.
    """

    per_order: Amounts = Field(default_factory=dict)
    per_customer_in_30_days: Amounts = Field(default_factory=dict)
    per_hour: Amounts = Field(default_factory=dict)
    two_people_above: Amounts = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Retention:
    """How long data is kept (P1, GDPR 5(1)(e)); docs/privacy.md says why.

    conversations_days: of a talk without a return, since its last message.
    photos_days, cases_days: since the end of the return.
    bodies_days: of what was only needed to send or answer once.
    orders_days: of an order that nobody returned, since it was placed.
    ledger_years: of amounts without a name; audit_years: of the console's log.
    """

    conversations_days: Days = 90
    photos_days: Days = 60
    bodies_days: Days = 14
    cases_days: Days = 730
    orders_days: Days = 1095
    ledger_years: Years = 6
    audit_years: Years = 2


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Mediator:
    """The consumer mediator every refusal names (L616-1)."""

    name: Text
    address: Text
    website: Website


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Supplier:
    """One supplier and its terms towards the merchant, never towards the customer.

    name: exactly as in orders. api: "sandbox", a base URL, or None (worked by hand).
    who_pays: for goods that come back without a fault.
    window_days: after delivery, in which it takes unwanted goods back; fault_days: in
    which it must be told of a fault. None: not known.
    takes_unwanted: False if it takes back nothing without a fault, None if unknown.
    evidence: what it wants to see before it answers for a fault.
    return_country: where goods go back to, None if unknown. return_address: a note
    for staff.
    """

    name: Text
    slug: Slug
    api: Api | None = None
    who_pays: Literal["merchant", "supplier"] = "merchant"
    window_days: Days | None = None
    fault_days: Days | None = None
    takes_unwanted: StrictBool | None = None
    evidence: tuple[Evidence, ...] = ()
    return_country: Country | None = None
    return_address: str | None = None

    def api_url(self, sandbox_url: str) -> str | None:
        """The base URL of its API, None when it has none."""
        if self.api == "sandbox":
            return f"{sandbox_url}/suppliers/{self.slug}"
        return self.api.rstrip("/") if self.api else None
