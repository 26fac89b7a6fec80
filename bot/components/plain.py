"""Text as it is compared: spelling without what hurried people leave out."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """`text` in lower case without accents and with straight apostrophes."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
