"""Finds the product behind an order line's name, in what was imported before."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine

from returns.engines import reading
from returns.importing.models import ProductIn, VariantIn
from returns.tables import products

LONGEST_ID = 120


@dataclass(frozen=True)
class Article:
    """What an order line says of its goods."""

    sku: str
    product_id: str
    title: str
    options: dict[str, str]


class Catalogue:
    """The known products by sku and by the name that Shopify gives order lines."""

    def __init__(self, known: list[ProductIn]) -> None:
        variants = [(product, one) for product in known for one in product.variants]
        names = Counter(line_name(*pair) for pair in variants)
        skus = Counter(one.sku for _, one in variants)
        self._by_name: dict[str, Article] = {}
        self._by_sku: dict[str, Article] = {}
        for product, one in variants:
            article = Article(one.sku, product.product_id, product.title, one.options)
            if names[name := line_name(product, one)] == 1:
                self._by_name[name] = article
            if skus[one.sku] == 1:
                self._by_sku[one.sku] = article

    def article(self, name: str, sku: str) -> Article:
        """The goods of an order line; with its own words where nothing is known.

        sku: "" if the line has none. One that belongs to two variants says nothing.
        """
        known = self._by_sku.get(sku) or self._by_name.get(name)
        if known is not None:
            return Article(
                sku or known.sku, known.product_id, known.title, known.options
            )
        return Article((sku or name)[:LONGEST_ID], handle_of(name), name, {})


def line_name(product: ProductIn, variant: VariantIn) -> str:
    """As Shopify writes it: "Robe en lin - 38 / Bleu", the title alone if plain."""
    values = " / ".join(variant.options.values())
    return f"{product.title} - {values}" if values else product.title


def handle_of(title: str) -> str:
    """The handle that Shopify would give a product of this title."""
    plain = unicodedata.normalize("NFKD", title.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^\w]+", "-", kept).strip("-")[:LONGEST_ID] or "product"


def load_catalogue(engine: Engine) -> Catalogue:
    """All products in the database."""
    columns = [products.c[name] for name in ProductIn.model_fields]
    with reading(engine).connect() as connection:
        found = connection.execute(sa.select(*columns)).all()
    return Catalogue([ProductIn.model_validate(dict(row._mapping)) for row in found])
