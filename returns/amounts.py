"""Amounts as people type them: "12,40", "12.40" or "12"; nothing is rounded."""

import re
from decimal import Decimal

from returns.errors import ReturnsError
from returns.formats import minor_digits

TYPED = re.compile(r"\d{1,9}([.,]\d{1,3})?")


class BadAmount(ReturnsError):
    """No amount of this currency."""


def minor_of(typed: str, currency: str) -> int:
    """In minor units. Raises BadAmount."""
    text = "".join(typed.split()).strip("\N{EURO SIGN}£$")
    amount = Decimal(text.replace(",", ".")) if TYPED.fullmatch(text) else Decimal(-1)
    minor = amount.scaleb(minor_digits(currency))
    if minor < 0 or minor != minor.to_integral_value():
        raise BadAmount(f"no amount in {currency}: expected one such as 12.40")
    return int(minor)
