"""Typed text never reaches Rasa as a command (E8). Plain Python: the desk uses it too.

Rasa reads any text that begins with a slash, after white space, as an intent with
entities of the sender's choice; `/restart` and its like exist in every domain.
"""

import re
import unicodedata

SLASHES = {"/", "\uff0f", "\u2044", "\u2215", "\u29f8"}
# What follows the slash in /intent{"entity": "value"}: nobody's words.
PAYLOAD = re.compile(r"[^\s{]+\s*\{")


def without_commands(text: str) -> str:
    """The text without leading white space, invisible characters and slashes.

    Nothing is left of an intent with entities: what it names was not said.
    Lone surrogates and null characters, which no database stores, are dropped.
    """
    kept = "".join(c for c in text if c != "\x00" and not "\ud800" <= c <= "\udfff")
    start = 0
    while start < len(kept) and _is_leading_noise(kept[start]):
        start += 1
    words = kept[start:]
    commanded = not SLASHES.isdisjoint(kept[:start])
    return "" if commanded and PAYLOAD.match(words) else words


def _is_leading_noise(character: str) -> bool:
    if character in SLASHES or character.isspace():
        return True
    category = unicodedata.category(character)
    return category in ("Cf", "Cc", "Mn", "Zs", "Zl", "Zp")
