"""Sums above which the machine alone pays nothing (X10, shop.yml refund_limits). Pure.

A limit stops paying, never asking: the return goes on, a person pays or looks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from returns.shop_terms import RefundLimits
from returns.shop_values import in_minor_units


class Exceeded(StrEnum):
    """The limit that a refund would pass; also the fact a task for staff shows."""

    PER_ORDER = "per_order"
    PER_CUSTOMER = "per_customer_in_30_days"
    PER_HOUR = "per_hour"
    TWO_PEOPLE = "two_people_above"


@dataclass(frozen=True)
class Spent:
    """What was paid or reserved before this refund, in minor units of one currency."""

    on_order: int = 0
    on_customer_in_30_days: int = 0
    in_last_hour: int = 0


def exceeded(
    limits: RefundLimits, amount_minor: int, currency: str, before: Spent
) -> tuple[Exceeded, ...]:
    """The limits that paying this amount would pass; empty: pay."""
    return tuple(_passed(limits, amount_minor, currency, before))


def _passed(
    limits: RefundLimits, amount: int, currency: str, before: Spent
) -> Iterator[Exceeded]:
    sums: tuple[tuple[Exceeded, Mapping[str, Decimal], int], ...] = (
        (Exceeded.PER_ORDER, limits.per_order, before.on_order),
        (
            Exceeded.PER_CUSTOMER,
            limits.per_customer_in_30_days,
            before.on_customer_in_30_days,
        ),
        (Exceeded.PER_HOUR, limits.per_hour, before.in_last_hour),
        (Exceeded.TWO_PEOPLE, limits.two_people_above, 0),
    )
    for limit, amounts, spent in sums:
        most = in_minor_units(amounts, currency)
        if most is not None and spent + amount > most:
            yield limit
