"""Which kind of file it is, and its import: JSON Lines or one of Shopify's exports."""

import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

from sqlalchemy import Engine

from returns.errors import ImportRefused
from returns.importing.orders import (
    LeftOut,
    import_orders,
    nothing_left_out,
    store_orders,
)
from returns.importing.products import import_products, store_products
from returns.importing.reading import ImportReport, read_lines
from returns.importing.shopify import (
    load_catalogue,
    read_shopify_orders,
    read_shopify_products,
)
from returns.importing.shopify.rows import column_names
from returns.shop import Shop

ORDER_COLUMNS = frozenset(
    [
        "name",
        "email",
        "financial status",
        "created at",
        "currency",
        "total",
        "lineitem quantity",
        "lineitem name",
        "lineitem price",
    ]
)
PRODUCT_COLUMNS = frozenset(["title", "option1 value"])
HANDLE_COLUMNS = frozenset(["handle", "url handle"])
SPREADSHEET = "PK\x03\x04"
SEPARATORS = {";": "semicolons", "\t": "tabs"}
SAVED_AGAIN = (
    "export the file again in Shopify (as a plain CSV file) and import it as it is,"
    " without opening and saving it in another program"
)


def import_order_file(
    engine: Engine,
    shop: Shop,
    path: Path,
    now: datetime,
    left_out: LeftOut = nothing_left_out,
) -> ImportReport:
    """Take in the orders of a file; its kind is recognised from its first line.

    Raises ImportRefused for a file that is none of the kinds or cannot be opened.
    """
    first, lines = _opened(path)
    columns = _header(first)
    if columns is None:
        return import_orders(engine, lines, now, left_out)
    if _is_product_export(columns):
        raise ImportRefused(_other_kind(path, "product", "products"))
    _refuse_unknown(path, first, columns, ORDER_COLUMNS, "order")
    catalogue = load_catalogue(engine)
    entries = read_shopify_orders(lines, shop, catalogue)
    return store_orders(engine, entries, now, left_out)


def import_product_file(
    engine: Engine,
    shop: Shop,
    path: Path,
    now: datetime,
    _left_out: LeftOut = nothing_left_out,
) -> ImportReport:
    """As `import_order_file`, for products, which nobody asks to have erased."""
    first, lines = _opened(path)
    columns = _header(first)
    if columns is None:
        return import_products(engine, lines, now)
    if columns >= ORDER_COLUMNS:
        raise ImportRefused(_other_kind(path, "order", "orders"))
    wanted = PRODUCT_COLUMNS
    if not columns & HANDLE_COLUMNS:
        wanted |= {"handle"}
    _refuse_unknown(path, first, columns, wanted, "product")
    return store_products(engine, read_shopify_products(lines, shop), now)


IMPORTERS: dict[str, Callable[..., ImportReport]] = {
    "orders": import_order_file,
    "products": import_product_file,
}


def _opened(path: Path) -> tuple[str, Iterator[str]]:
    lines = read_lines(path)
    first = next(lines, "")
    if first.startswith(SPREADSHEET):
        raise ImportRefused(
            f"{path.name}: this is a spreadsheet or a zip archive, not a text file:"
            " unpack it, or " + SAVED_AGAIN
        )
    return first, chain([first], lines)


def _header(first: str) -> frozenset[str] | None:
    """The first line's column names, None if it is no header of columns."""
    if first.lstrip().startswith(("{", "[")) or "," not in _with_commas(first):
        return None
    cells = next(csv.reader([_with_commas(first)]), [])
    return frozenset(column_names(cells))


def _with_commas(line: str) -> str:
    for separator in SEPARATORS:
        if line.count(separator) > line.count(","):
            return line.replace(separator, ",")
    return line


def _is_product_export(columns: frozenset[str]) -> bool:
    return columns >= PRODUCT_COLUMNS and bool(columns & HANDLE_COLUMNS)


def _refuse_unknown(
    path: Path,
    first: str,
    columns: frozenset[str],
    wanted: frozenset[str],
    kind: str,
) -> None:
    if missing := sorted(wanted - columns):
        raise ImportRefused(
            f"{path.name}: expected JSON Lines or Shopify's {kind} export; of its"
            f" columns these are missing: {', '.join(missing)}"
        )
    for separator, name in SEPARATORS.items():
        if first.count(separator) > first.count(","):
            raise ImportRefused(
                f"{path.name}: its columns are separated by {name} instead of commas;"
                f" {SAVED_AGAIN}"
            )


def _other_kind(path: Path, kind: str, command: str) -> str:
    return (
        f"{path.name}: this is Shopify's {kind} export; take it in with"
        f" ./bonretour import {command} {path.name}"
    )
