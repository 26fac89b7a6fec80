"""Tracking numbers as carriers write them: which carrier, and is it a number at all.

A number of a known form is proof of sending enough to promise a day; what none of
these forms fits is looked at by a person. Pure.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


@dataclass(frozen=True)
class TrackingNumber:
    """text: capitals and digits only. carrier: as people call it."""

    text: str
    carrier: str


def compact(said: str) -> str:
    """What was typed without blanks, dots and hyphens, in capitals."""
    return re.sub(r"[\s.\-_]", "", said).upper()


def read(said: str) -> TrackingNumber | None:
    """The number in a known carrier's form, its check digit right; else None."""
    text = compact(said)
    for form in FORMS:
        if re.fullmatch(form.pattern, text) and form.holds(text):
            return TrackingNumber(text, form.carrier)
    return None


def _anything(_text: str) -> bool:
    return True


def _ups(text: str) -> bool:
    """UPS's own: letters count as (code - 63) mod 10, each second value twice."""
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in text[2:-1]]
    total = sum(values[0::2]) + 2 * sum(values[1::2])
    return (10 - total % 10) % 10 == int(text[-1])


def _s10(text: str) -> bool:
    """The postal union's standard S10-12: weights, then 11 minus the rest."""
    digits = [int(c) for c in text[2:10]]
    total = sum(w * d for w, d in zip(S10_WEIGHTS, digits, strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    return check == int(text[10])


def _dhl_express(text: str) -> bool:
    """The last digit is the other nine, read as one number, modulo 7."""
    return int(text[:9]) % 7 == int(text[9])


@dataclass(frozen=True)
class _Form:
    carrier: str
    pattern: str
    holds: Callable[[str], bool] = _anything


FORMS = (
    _Form("UPS", r"1Z[0-9A-Z]{15}\d", _ups),
    _Form("Royal Mail", r"[A-Z]{2}\d{9}GB", _s10),
    _Form("La Poste / Chronopost", r"[A-Z]{2}\d{9}FR", _s10),
    _Form("Poste", r"[A-Z]{2}\d{9}[A-Z]{2}", _s10),
    _Form("Colissimo", r"\d[A-Z]\d{11}"),
    _Form("Evri", r"H(?=(?:[0-9A-Z]*\d){8})[0-9A-Z]{15}"),
    _Form("DHL", r"JJ?D\d{16,20}"),
    _Form("DHL", r"\d{10}", _dhl_express),
    _Form("Amazon", r"TBA\d{12}"),
    _Form("DPD", r"\d{14}"),
    _Form("GLS", r"\d{11,12}"),
    _Form("Mondial Relay", r"\d{8}"),
)
