"""Order numbers of a country's letters and few digits: "fr-884", "order DE 310".

They are read only where it cannot be much else: « de 310 », "it 200" and
"us 250" are mostly words before a count, and "Gibson ES-335" names a guitar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.components import patterns
from bot.components.lone import is_alone, is_heavy

_SURE = "fr|uk|gb|be|ch|nl|ie|dk"
_ALSO_WORDS = "de|it|us|ca|au|es|lu|se|at|pt|pl|eu|nz|fi"
_SHORT = re.compile(
    rf"""(?<![\w@.-])(?P<letters>(?P<sure>{_SURE})|{_ALSO_WORDS})
    (?P<tie>[-_]|{patterns.SAID_DASH}|\s-?\s?|)(?P<digits>\d{{3,8}})
    (?:(?={patterns.GLUED})|(?![\w@€$£%]|[.,-]\d|\s\d{{3}}|-[a-z]))""",
    re.IGNORECASE | re.VERBOSE,
)
_OPENED = re.compile(
    r"(?:^|\n|[=:>]\s?|\b(?:la|the|cette|ma|mon|my|this|bonjour|bjr|bonsoir|hello|hi|hey)\b)\W*$",
    re.IGNORECASE,
)
# « commande de 310 », "order it 200" go on; "commande it 310", "order de 200" do not.
_NUMBERED = re.compile(
    r"(?:num[eé]ros?|number|commande\s?:|order\s?:|n°|nr|num|\#|number\s(?:is|:))\s*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:orders?\W+(?:it|at|eu)|(?<!order)(?<!orders)\W(?:de|au|se|lu))$", re.IGNORECASE
)
_LISTED = re.compile(r"\s?(?:,|/|&|\+|\b(?:et|and|ou|or)\b)\s?")
_NAME_BEFORE = re.compile(r"(?<!\w)[A-Z]\w+\s$")
FEWEST = 3  # digits
LONGEST_LEAD = 80  # characters that may stand between a cue and its number


@dataclass(frozen=True)
class ShortOrder:
    """An order number as the shop writes it, and where."""

    value: str
    start: int
    end: int


def orders(text: str) -> Iterator[ShortOrder]:
    """Every number behind a country's letters that an order bears."""
    last = -1
    for match in _SHORT.finditer(text):
        listed = last >= 0 and _LISTED.fullmatch(text, last, match.start())
        if listed or _stands_alone(text, match) or _is_meant(text, match):
            last = match.end()
            value = f"{match['letters'].upper()}-{match['digits']}"
            yield ShortOrder(value, *match.span())


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Nothing else is told; « de 3120 » tells of 3120 only, « au 112 » of a street."""
    loose = match["tie"].isspace() and match["letters"].islower()
    word = match["letters"] == "au" or len(match["digits"]) != FEWEST
    if loose and word and not match["sure"]:
        return False
    return is_alone(text, *match.span())


def _is_meant(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()][-LONGEST_LEAD:]
    called = bool(patterns.ORDER_BEFORE.search(before))
    if match["tie"].strip():
        return bool(called or match["sure"] or not _is_model(before))
    if not match["tie"] and len(match["digits"]) > FEWEST:  # "us30910" is no word
        return True
    if match["sure"]:
        return bool(called or not match["tie"] or _OPENED.search(before))
    goes_on = _GOES_ON.search(before + match["letters"])
    return called and bool(
        match["letters"].isupper() or not goes_on or _NUMBERED.search(before)
    )


def _is_model(before: str) -> bool:
    """Whether a name stands before it: "Gibson ES-335"."""
    name = _NAME_BEFORE.search(before)
    return bool(name and is_heavy(name[0]))
