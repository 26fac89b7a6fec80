"""The demo shop's customers (people.yml)."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from returns import own_yaml
from returns.keys import order_key

MAIL_HOSTS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True)
class Person:
    first_name: str
    last_name: str
    email: str
    line1: str
    postcode: str
    city: str
    country: str
    is_business: bool = False

    @property
    def currency(self) -> str:
        return "GBP" if self.country == "GB" else "EUR"

    @property
    def language(self) -> str:
        return "fr" if self.country == "FR" else "en"

    def customer(self) -> dict[str, Any]:
        """The customer in the import format."""
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "email": self.email,
            "phone": None,
            "is_business": self.is_business,
            "address": {
                "name": f"{self.first_name} {self.last_name}",
                "line1": self.line1,
                "line2": None,
                "postcode": self.postcode,
                "city": self.city,
                "country": self.country,
            },
        }


def some_person(random: Random, language: str) -> Person:
    """Anybody who speaks the language; one in twenty buys for a business."""
    known = _known()[language]
    first, last = (
        random.choice(known["first_names"]),
        random.choice(known["last_names"]),
    )
    number, street = random.randint(1, 120), random.choice(known["streets"])
    separator = ", " if language == "fr" else " "
    return Person(
        first,
        last,
        f"{_plain(first)}.{_plain(last)}@{random.choice(MAIL_HOSTS)}",
        f"{number}{separator}{street}",
        **random.choice(known["places"]),
        is_business=random.random() < 0.05,
    )


def _plain(name: str) -> str:
    return order_key(unicodedata.normalize("NFKD", name))


@cache
def _known() -> dict[str, Any]:
    path = Path(__file__).with_name("people.yml")
    known: dict[str, Any] = own_yaml.read(path)
    return known
