"""Data in: order and product files, read, checked and stored."""

from returns.importing.files import IMPORTERS
from returns.importing.orders import import_orders
from returns.importing.products import import_products
from returns.importing.reading import ImportReport, read_lines

__all__ = [
    "IMPORTERS",
    "ImportReport",
    "import_orders",
    "import_products",
    "read_lines",
]
