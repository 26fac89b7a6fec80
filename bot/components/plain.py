"""Text as it is compared: spelling without what hurried people leave out."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def plain(text: str) -> str:
    """`text` in lower case without accents and with straight apostrophes."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def typed(text: str) -> str:
    """`text` as plain keys write it, character by character: digits, hyphens, blanks.

    As long as before, so that places in it are places in `text`.
    """
    return text if text.isascii() else "".join(map(_key, text))


@lru_cache(maxsize=4096)
def _key(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind == "Pd" or character in "−⁃":
        return "-"
    if kind in ("Zs", "Cf"):
        return " "
    wide = 0xFF01 <= ord(character) <= 0xFF5E
    return chr(ord(character) - 0xFEE0) if wide else character
