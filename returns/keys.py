"""The forms in which order numbers and e-mails are compared, however they are typed."""

import re
import unicodedata


def order_key(text: str) -> str:
    """What is left of an order number: small letters a-z and digits ("fr1042")."""
    return re.sub(r"[^a-z0-9]", "", _folded(text))


def email_key(text: str) -> str:
    """An e-mail address without outer spaces, in small letters."""
    return _folded(text).strip()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
