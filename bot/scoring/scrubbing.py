"""Customers' sentences without what tells who they are.

What identifies somebody is replaced by a word of the same kind that belongs to
nobody, so that a natural sentence remains to learn from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bot.components import other_numbers
from bot.components.identifiers import Identifier, find_identifiers
from bot.scoring.people import People


class Swap(NamedTuple):
    """From start to end of a text this word is put instead."""

    start: int
    end: int
    word: str


INSTEAD = {
    "fr": {
        "email": "camille@example.com", "order_number": "FR-1042",
        "postcode": "75001", "tracking_number": "8R12345678901",
        "phone": "06 39 98 00 01", "street": "1 rue de la Paix",
        "person": "Camille", "place": "Paris",
    },
    "en": {
        "email": "sam@example.com", "order_number": "UK-2051",
        "postcode": "SW1A 1AA", "tracking_number": "RM123456785GB",
        "phone": "07700 900001", "street": "1 High Street",
        "person": "Sam", "place": "London",
    },
}  # fmt: skip
BARE = {"fr": "1042", "en": "2051"}

_IBAN = re.compile(
    r"(?<!\w)[A-Z]{2}\d{2}(?:\s?[A-Z]{4})?(?:\s?(?=[A-Z]{0,3}\d)[A-Z0-9]{4}){2,7}"
    r"(?:\s?\d[A-Z0-9]{0,2})?(?!\w)",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<!\w)\d(?:[ -]?\d){12,18}(?!\w)")
_LONG = re.compile(r"(?<!\w)[A-Za-z]{0,4}\d(?:[ -]?\d){6,}[A-Za-z]{0,2}(?!\w)")
_STREETS = (
    re.compile(
        r"(?<!\w)\d{1,4}(?:\s?(?:bis|ter|[a-d]\b))?,?\s+(?:rue|avenue|av|boulevard|bd"
        r"|place|all[ée]e|chemin|impasse|quai|route|cours|square)\b\.?"
        r"(?:\s+(?:de|des|du|la|le|les)\b){0,3}\s+(?:[dl]['’])?[^\W\d_]+"
        r"(?-i:(?:[ -][A-ZÉÈ][^\W\d_]*)*)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<!\w)\d{1,4}[a-d]?,?\s+(?:[a-z]+\s+){1,2}(?:street|road|lane|avenue|close"
        r"|drive|terrace|crescent|rd|ave)\b",
        re.IGNORECASE,
    ),
)


def scrub(text: str, lang: str, people: People) -> str:
    """`text` on one line, safe in Rasa's YAML, without anything personal."""
    text = _one_line(text)
    pieces: list[str] = []
    at = 0
    for swap in sorted(_free([*_numbers(text, lang), *_names(text, lang, people)])):
        pieces += [text[at : swap.start], swap.word]
        at = swap.end
    return _one_line("".join([*pieces, text[at:]]))


def _one_line(text: str) -> str:
    """Brackets and braces would be read as entities, a leading slash as an intent."""
    shown = "".join(" " if _unsafe(c) else c for c in text)
    return " ".join(shown.split()).lstrip("/- ")


def _unsafe(c: str) -> bool:
    joins_emoji = c == "\u200d"
    return c in "[]{}" or (unicodedata.category(c)[0] in "CZ" and not joins_emoji)


def _free(swaps: Iterable[Swap]) -> Iterator[Swap]:
    """Without those that overlap an earlier one."""
    taken: list[Swap] = []
    for swap in swaps:
        if not any(t.start < swap.end and swap.start < t.end for t in taken):
            taken.append(swap)
            yield swap


def _numbers(text: str, lang: str) -> Iterator[Swap]:
    instead = INSTEAD[lang]
    for match in _IBAN.finditer(text):
        if _is_iban(match[0]):
            yield Swap(*match.span(), "")
    for match in _CARD.finditer(text):
        if _adds_up(match[0]):
            yield Swap(*match.span(), "")
    for street in _STREETS:
        for match in street.finditer(text):
            yield Swap(*match.span(), instead["street"])
    found = find_identifiers(text)
    for one in (i for i in found if i.kind == "email"):
        yield Swap(one.start, one.end, instead["email"])
    for phone in other_numbers.PHONES:
        for match in phone.finditer(text):
            yield Swap(*match.span(), instead["phone"])
    for one in (i for i in found if i.kind in instead):
        yield Swap(one.start, one.end, _like(one, lang))
    for match in _LONG.finditer(text):
        yield Swap(*match.span(), instead["tracking_number"])


def _like(one: Identifier, lang: str) -> str:
    bare = one.kind == "order_number" and str(one.value).isdigit()
    return BARE[lang] if bare else INSTEAD[lang][one.kind]


def _is_iban(written: str) -> bool:
    raw = "".join(written.split()).upper()
    return int("".join(str(int(c, 36)) for c in raw[4:] + raw[:4])) % 97 == 1


def _adds_up(number: str) -> bool:
    """Luhn's sum, which every card number has."""
    digits = [int(c) for c in reversed(number) if c.isdigit()]
    doubled = (d * 2 - 9 * (d > 4) for d in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _names(text: str, lang: str, people: People) -> Iterator[Swap]:
    for start, end, kind in people.named(text, lang):
        yield Swap(start, end, INSTEAD[lang][kind])
