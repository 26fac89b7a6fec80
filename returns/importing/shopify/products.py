"""Shopify's product export: rows of variants and of pictures, by the product's handle.

Two headers are in use: "Handle, Variant SKU, …" and "URL handle, SKU, …".
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from returns.formats import currency_of, minor_digits
from returns.importing.html_text import plain_text
from returns.importing.models import ProductIn
from returns.importing.reading import MISTAKES_TOLD, Problem, Read
from returns.importing.shopify.catalogue import LONGEST_ID
from returns.importing.shopify.rows import CsvRow, WrongCell, read_rows
from returns.mistakes import in_words
from returns.shop import Shop

HANDLES = ("Handle", "URL handle")
PLAIN = "Default Title"
LONGEST_URL = 500
YES = frozenset(["continue", "true"])
OFFERED = frozenset(["", "active"])


def read_shopify_products(
    lines: Iterable[str], shop: Shop
) -> Iterator[Read[ProductIn] | Problem]:
    """The export's products as the import format; what is wrong, with line and column.

    Prices are in the currency of the shop's country: the export names none.
    Raises ImportRefused where the quotation marks cannot be followed any more.
    """
    digits = minor_digits(currency_of(shop.country))
    for rows in read_rows(lines, *HANDLES):
        handle = rows[0].text(*HANDLES)
        try:
            value = ProductIn.model_validate(_product(handle, rows, shop, digits))
        except WrongCell as error:
            yield error.line_no, f"product {handle or 'without a handle'}: {error}"
        except ValidationError as error:
            mistakes = error.errors(include_url=False)[:MISTAKES_TOLD]
            told = "; ".join(in_words(ProductIn, mistake) for mistake in mistakes)
            yield rows[0].line_no, f"product {handle}: {told}"
        else:
            yield Read(rows[0].line_no, value)


def _product(
    handle: str, rows: list[CsvRow], shop: Shop, digits: int
) -> dict[str, Any]:
    first = rows[0]
    for row in rows:
        if row.damage:
            raise WrongCell(row.line_no, row.damage)
    if not handle:
        raise first.wrong(HANDLES[0], "the product's handle")
    if not first.text("Title"):
        raise first.wrong("Title", "the product's title")
    described = first.text("Body (HTML)", "Description")
    return {
        "product_id": handle,
        "title": first.text("Title"),
        "supplier": first.text("Vendor") or shop.name,
        "description": plain_text(described) or None,
        "supplier_description": None,
        "image": _image(rows),
        "variants": [
            _variant(handle, first, row, digits) for row in rows if _is_variant(row)
        ],
    }


def _image(rows: list[CsvRow]) -> str | None:
    """The first of its pictures; a row may hold only one more of them."""
    sources = (row.text("Image Src", "Product image URL") for row in rows)
    return next((source for source in sources if 0 < len(source) <= LONGEST_URL), None)


def _is_variant(row: CsvRow) -> bool:
    """Other rows only add a picture."""
    return bool(row.text("Option1 Value", "Variant Price", "Price"))


def _variant(handle: str, first: CsvRow, row: CsvRow, digits: int) -> dict[str, Any]:
    options = _options(first, row)
    named = "/".join([handle, *options.values()])
    price = "Variant Price" if "variant price" in row.cells else "Price"
    return {
        "sku": row.text("Variant SKU", "SKU") or named[:LONGEST_ID],
        "options": options,
        "price_minor": row.price(price, digits),
        "available": _available(first, row),
    }


def _options(first: CsvRow, row: CsvRow) -> dict[str, str]:
    """The options' names stand in the product's first row only."""
    options = {}
    for n in (1, 2, 3):
        name, value = first.text(f"Option{n} Name"), row.text(f"Option{n} Value")
        if name and value and value != PLAIN:
            options[name] = value
    return options


def _available(first: CsvRow, row: CsvRow) -> bool | None:
    """None where the export tells no stock, as with more than one warehouse."""
    if first.text("Status").lower() not in OFFERED:
        return False
    sold_out_too = row.text(
        "Variant Inventory Policy", "Continue selling when out of stock"
    )
    if sold_out_too.lower() in YES:
        return True
    tracker = {"variant inventory tracker", "inventory tracker"} & row.cells.keys()
    if tracker and not row.text(*tracker):
        return True
    stock = row.text("Variant Inventory Qty", "Inventory quantity")
    try:
        return int(stock) > 0 if stock else None
    except ValueError:
        raise row.wrong("Variant Inventory Qty", "a whole number") from None
