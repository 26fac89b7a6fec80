"""The demo shop's forty products (catalogue.yml)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product as combinations
from pathlib import Path
from typing import Any

from returns import own_yaml
from returns.keys import order_key

POUNDS_PER_EURO = 0.87
ENGLISH = {
    "Taille": "Size",
    "Pointure": "Shoe size",
    "Couleur": "Colour",
    "bleu": "blue",
    "noir": "black",
    "blanc": "white",
    "écru": "ecru",
    "vert": "green",
    "rouge": "red",
    "doré": "gold",
    "argenté": "silver",
    "ambre": "amber",
    "transparent": "clear",
}
WITHOUT_ACCENTS = str.maketrans("éèêîà", "eeeia")

type Options = dict[str, str]


@dataclass(frozen=True)
class Article:
    """A product of the demo shop. told: the supplier's words where they differ."""

    product_id: str
    supplier: str
    title: str
    english: str
    price: int
    category: str
    description: str
    told: str | None = None
    choices: dict[str, list[str]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    def variants(self) -> list[Options]:
        """Every choice of options; one empty choice when there is nothing to choose."""
        chosen = combinations(*self.choices.values())
        return [dict(zip(self.choices, values, strict=True)) for values in chosen]

    def sku(self, options: Options) -> str:
        """A code that tells the options, such as "NOR-01-38-BLEU"."""
        codes = [order_key(v.translate(WITHOUT_ACCENTS)) for v in options.values()]
        return "-".join([self.product_id, *(code.upper() for code in codes)])

    def price_minor(self, currency: str) -> int:
        """Euro cents, or the pence of whole pounds."""
        if currency == "GBP":
            return round(self.price * POUNDS_PER_EURO / 100) * 100
        return self.price


@cache
def articles() -> tuple[Article, ...]:
    """All products, supplier by supplier."""
    return tuple(_read(Path(__file__).with_name("catalogue.yml")))


def article(title: str) -> Article:
    """The product with this French or English title."""
    return next(a for a in articles() if title in (a.title, a.english))


def options_in(language: str, options: Options) -> Options:
    """The options in the words of the order's language."""
    if language == "fr":
        return dict(options)
    return {ENGLISH.get(k, k): ENGLISH.get(v, v) for k, v in options.items()}


def demo_products() -> Iterator[dict[str, Any]]:
    """Every product in the import format; about one variant in nine is sold out."""
    for index, article in enumerate(articles()):
        yield {
            "product_id": article.product_id,
            "title": article.title,
            "supplier": article.supplier,
            "description": article.description,
            "supplier_description": article.told or article.description,
            "variants": [
                {
                    "sku": article.sku(options),
                    "options": options,
                    "price_minor": article.price,
                    "available": (index + number) % 9 != 8,
                }
                for number, options in enumerate(article.variants())
            ],
        }


def _read(path: Path) -> Iterator[Article]:
    catalogue = own_yaml.read(path)
    for supplier, sold in catalogue.items():
        for number, facts in enumerate(sold["products"], 1):
            flags = tuple(facts.pop("flags", ()))
            product_id = f"{sold['prefix']}-{number:02}"
            yield Article(product_id, supplier, flags=flags, **facts)
