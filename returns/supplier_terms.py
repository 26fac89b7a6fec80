"""Where a supplier gives the merchant less than the merchant owes customers. Pure.

For the owner, not for customers: `./bonretour check` prints it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from returns.deadlines import WITHDRAWAL_DAYS
from returns.grounds.case import EUROPE, GUARANTEE_YEARS
from returns.shop import Shop
from returns.shop_terms import Supplier

GUARANTEE_DAYS = 365 * GUARANTEE_YEARS
# Keys for which the merchant may be left with the goods and without their price.
COSTS_THE_GOODS = frozenset({"takes_unwanted", "window_days", "fault_days"})


@dataclass(frozen=True)
class Gap:
    """One difference. key: of shop.yml, under the supplier.

    law: the article or rule that sets what customers have. cost: what one such return
    may cost, as currency to minor units: the supplier's average order line; empty
    while nothing was ordered, or where the goods are not at stake.
    """

    supplier: str
    key: str
    says: str
    law: str
    cost: Mapping[str, int]


def gaps(shop: Shop, averages: Mapping[str, Mapping[str, int]]) -> tuple[Gap, ...]:
    """Every gap of every supplier in shop.yml.

    averages: by supplier and currency, what customers paid for one of its order lines,
    in minor units.
    """
    return tuple(
        Gap(
            supplier.name,
            key,
            says,
            law,
            averages.get(supplier.name, {}) if key in COSTS_THE_GOODS else {},
        )
        for supplier in shop.suppliers.values()
        for key, says, law in _of(shop, supplier)
    )


def _of(shop: Shop, supplier: Supplier) -> Iterator[tuple[str, str, str]]:
    yield from _unwanted(shop, supplier)
    yield from _faults(supplier)
    country = supplier.return_country
    if country is not None and country not in EUROPE:
        says = (
            f"goods go back to {country}, outside the EU; for a fault the customer pays"
            " nothing, so give a European address or let them keep it"
        )
        yield "return_country", says, "L217-11, L241-6"


def _unwanted(shop: Shop, supplier: Supplier) -> Iterator[tuple[str, str, str]]:
    given = max(WITHDRAWAL_DAYS, shop.own_terms.days or 0)
    if supplier.takes_unwanted is False:
        says = f"takes back nothing unwanted; customers have {given} days"
        yield "takes_unwanted", says, "L221-18"
    elif supplier.window_days is not None and supplier.window_days <= given:
        says = (
            f"{supplier.window_days} days for unwanted goods; customers have {given}"
            " days to say so and 14 more to send them"
        )
        yield "window_days", says, "L221-18, L221-23"
    pays = shop.withdrawal.return_cost_paid_by == "merchant"
    if pays and supplier.who_pays == "merchant":
        says = "you pay the parcel of unwanted goods, and it gives nothing towards it"
        yield "who_pays", says, "shop.yml withdrawal.return_cost_paid_by"


def _faults(supplier: Supplier) -> Iterator[tuple[str, str, str]]:
    days = supplier.fault_days
    if days is not None and days < GUARANTEE_DAYS:
        says = (
            f"hears of faults for {days} days; you answer to customers for"
            f" {GUARANTEE_YEARS} years"
        )
        yield "fault_days", says, "L217-3"
    if supplier.evidence:
        wanted = ", ".join(word.replace("_", " ") for word in supplier.evidence)
        says = f"wants to see: {wanted}; customers may be asked, but owe you none of it"
        yield "evidence", says, "L217-7"
