"""Numbers in words, as they are dictated: "un zéro quatre deux", "dix quarante-deux".

Digits are put side by side, as on the phone; "mille quarante-deux" is 1042.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.components.plain import plain

_UNITS = {
    "zero": 0, "oh": 0, "o": 0, "nought": 0,
    "un": 1, "une": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3,
    "quatre": 4, "four": 4, "cinq": 5, "five": 5, "six": 6, "sept": 7, "seven": 7,
    "huit": 8, "eight": 8, "neuf": 9, "nine": 9,
}  # fmt: skip
_TEENS = {
    "dix": 10, "ten": 10, "onze": 11, "eleven": 11, "douze": 12, "twelve": 12,
    "treize": 13, "thirteen": 13, "quatorze": 14, "fourteen": 14, "quinze": 15,
    "fifteen": 15, "seize": 16, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19,
}  # fmt: skip
_TENS = {
    "vingt": 20, "vingts": 20, "twenty": 20, "trente": 30, "thirty": 30,
    "quarante": 40, "forty": 40, "fourty": 40, "cinquante": 50, "fifty": 50,
    "soixante": 60, "sixty": 60, "septante": 70, "seventy": 70, "huitante": 80,
    "eighty": 80, "nonante": 90, "ninety": 90,
}  # fmt: skip
_SCALES = {"cent": 100, "cents": 100, "hundred": 100, "mille": 1000, "thousand": 1000}
_TWICE = {"double": 2, "triple": 3}
_ALL = {**_UNITS, **_TEENS, **_TENS, **_SCALES, **_TWICE}
_ONE = "|".join(sorted(_ALL, key=len, reverse=True))
_RUN = re.compile(
    rf"(?<!\w)(?:{_ONE}|\d)(?:(?:[\s,-]+|\s+(?:et|and)\s+)(?:{_ONE}|\d))+\b"
)
_FEWEST, _MOST = 4, 8  # digits of an order number


@dataclass(frozen=True)
class Spelt:
    """Digits that were written as words, and where."""

    digits: str
    start: int
    end: int


def numbers(text: str) -> Iterator[Spelt]:
    """Every run of number words that makes an order number's length of digits."""
    said = plain(text)
    if len(said) != len(text):
        said = text.lower()
    for run in _RUN.finditer(said):
        words = re.findall(r"[a-z]+|\d", run[0])
        digits = _digits([w for w in words if w not in {"et", "and"}])
        if any(w in _ALL for w in words) and _FEWEST <= len(digits) <= _MOST:
            yield Spelt(digits, *run.span())


def _digits(words: list[str]) -> str:
    """Groups side by side: a group grows only as spoken numbers do."""
    groups: list[int] = []
    times, last = 1, 0
    for word in words:
        if word in _TWICE:
            times = _TWICE[word]
            continue
        value = int(word) if word.isdigit() else _ALL[word]
        if groups and times == 1 and _joins(groups[-1], last, value):
            groups[-1] = _joined(groups[-1], last, value)
        else:
            groups += [value] * times
        times, last = 1, value
    return "".join(map(str, groups))


def _joins(group: int, last: int, value: int) -> bool:
    if value == 1000:
        return 0 < group < value
    if value == 100:
        return 0 < group < 100 or (group >= 1000 and group % 1000 < 10)
    if group >= 100 and group % 100 == 0:
        return value > 0
    if last == 4 and value == 20:  # quatre-vingts
        return True
    if group % 100 in (60, 80) and 0 < value < 20:  # soixante-dix, quatre-vingt-onze
        return True
    if last == 10 and value in (7, 8, 9):  # dix-sept
        return True
    return last in _TENS.values() and 0 < value < 10


def _joined(group: int, last: int, value: int) -> int:
    if value == 1000:
        return group * value
    if value == 100:
        few = group % 1000 or 1  # "mille cent" is 1100
        return (group - group % 1000) + few * 100 if group >= 1000 else group * 100
    if last == 4 and value == 20:
        return group - 4 + 80
    return group + value
