"""Postcodes that look like order numbers: "Las Vegas NV 89109", "CH-1204 Genève"."""

from __future__ import annotations

import re

from bot.components.lone import is_heavy


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


_SMALL = r"""(?:gen[eè]ve|geneva|lausanne|z[uü]rich|berne?|b[aâ]le|basel|fribourg
    |neuch[aâ]tel|sion|lugano|montreux|vevey|nyon|bruxelles|brussels?|li[eè]ge|namur
    |gand|gent|ghent|anvers|antwerp\w*|charleroi|mons|bruges?|louvain|luxembourg|esch
    |wien|vienn[ea]|salzb(?:ou)?rg)\b"""
_TOWNS = rf"""(?:{_SMALL}|(?:suisse|switzerland|belgi\w+|berlin|munich|m[uü]nchen
    |hamb(?:ou)?rg|k[oö]ln|cologne|frankfurt|francfort|stuttgart|paris|lyon|marseille
    |lille|nantes|bordeaux|toulouse|strasbourg|milano?|roma|madrid|barcelon[ae])\b)"""
_CODE = r"""(?:(?:ch|be?|lu?|at?)[ -](?P<value>\d{4})
    |(?:de?|fr?|it|es)[ -](?P<value2>\d{5}))(?!\w|-?\d)"""
_BEHIND_TOWN = _compile(
    rf"(?: {_TOWNS}[,\s(]{{1,3}} | \b(?:à|a|in)\s(?-i:[A-ZÉ])[\w-]+,\s?){_CODE}"
)
_BEFORE_TOWN = _compile(rf"(?<![\w@.-]){_CODE}\s{_TOWNS}")
_BARE = _compile(
    rf"(?<![\w@.-])(?P<value>\d{{4}})\s{_SMALL}|\b{_SMALL}\s\((?P<value2>\d{{4}})\)"
)
# In small letters only those that are no words; CA and DE are shops' countries too.
_STATES = r"""(?:ak|az|ct|fl|ga|ia|ks|ky|md|mi|mn|ms|mt|nc|nd|nh|nj|nm|nv|ny|ri|sc|sd|tn
    |tx|ut|vt|wa|wi|wv|wy|(?-i:AL|AR|CO|HI|ID|IL|IN|LA|MA|ME|MO|NE|OH|OK|OR|PA|VA|DC))"""
_STATE = _compile(
    rf"""(?<!\w)(?P<place>[a-z][a-z.'-]+)(?:,?\s{_STATES}|(?-i:,\s(?:CA|DE)))
    \s(?P<value>\d{{5}})(?:-\d{{4}})?(?!\w|-?\d)"""
)


def postcodes(text: str) -> list[tuple[str, int, int]]:
    """The digits of every such postcode, and where it stands."""
    found = [
        (match["value"] or match["value2"], *match.span())
        for pattern in (_BEHIND_TOWN, _BEFORE_TOWN, _BARE)
        for match in pattern.finditer(text)
    ]
    for match in _STATE.finditer(text):
        if is_heavy(match["place"]):
            found.append((match["value"], match.start("value") - 3, match.end()))
    return found
