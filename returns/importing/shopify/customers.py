"""Who bought, where the parcel went and in which language to speak to them."""

import re
from typing import Any

from returns.importing.shopify.rows import CsvRow
from returns.shop import Shop

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
COUNTRY = re.compile("[A-Z]{2}")
# Countries whose customers are written to in a language that most of them read.
FRENCH = "FR MC LU BE GP MQ GF RE YT PM BL MF NC PF WF"
ENGLISH = "GB IE MT US CA AU NZ IM JE GG GI"
SPOKEN = {"fr": frozenset(FRENCH.split()), "en": frozenset(ENGLISH.split())}


def customer_of(row: CsvRow) -> dict[str, Any]:
    """The customer as the import format has it; raises WrongCell.

    A company in the address does not make a business buyer: parcels go to offices.
    """
    buyer = row.text("Billing Name", "Shipping Name")
    first_name, _, last_name = buyer.partition(" ")
    if not EMAIL.fullmatch(row.text("Email")):
        raise row.wrong("Email", "the customer's e-mail address")
    return {
        "first_name": first_name if last_name else "",
        "last_name": last_name or first_name,
        "email": row.text("Email"),
        "phone": _plain(row.text("Shipping Phone", "Billing Phone", "Phone")) or None,
        "is_business": False,
        "address": _address(row),
    }


def language_of(row: CsvRow, shop: Shop) -> str:
    """The language of the country of delivery if the shop speaks it, else its first."""
    country = row.text("Shipping Country", "Billing Country").upper()
    for language in shop.languages:
        if country in SPOKEN[language]:
            return language
    return shop.languages[0]


def _address(row: CsvRow) -> dict[str, Any]:
    """Where the parcel went; the billing address of an order without a parcel."""
    kind = "Shipping" if row.text("Shipping Country") else "Billing"
    for column, expected, written in (
        (f"{kind} Country", "two capital letters, such as FR", COUNTRY),
        (f"{kind} Name", "the customer's name", re.compile(".+")),
    ):
        if not written.fullmatch(row.text(column)):
            raise row.wrong(column, expected)
    company, second = row.text(f"{kind} Company"), row.text(f"{kind} Address2")
    return {
        "name": row.text(f"{kind} Name"),
        "line1": row.text(f"{kind} Address1", f"{kind} Street"),
        "line2": ", ".join(part for part in (company, second) if part) or None,
        "postcode": _plain(row.text(f"{kind} Zip")),
        "city": row.text(f"{kind} City"),
        "country": row.text(f"{kind} Country"),
    }


def _plain(text: str) -> str:
    """Without the apostrophe that keeps spreadsheets from reading a number."""
    return text.removeprefix("'")
