"""The forms in which what identifies an order is compared, however it is typed."""

import re
import unicodedata

SHORTEST_BARE_NUMBER = 4
PARTICLES = frozenset(
    {"de", "du", "des", "d", "da", "dos", "di", "la", "le", "les", "l", "van", "von"}
    | {"der", "den", "ter"}
)
TITLES = frozenset(
    {"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle"}
    | {"mrs", "ms", "miss", "dr"}
)
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})


def order_key(text: str) -> str:
    """What is left of an order number: small letters a-z and digits ("fr1042")."""
    return re.sub(r"[^a-z0-9]", "", _folded(text))


def order_digits(text: str) -> str:
    """The digits of an order number; "" when it has none."""
    return re.sub(r"\D", "", order_key(text))


def order_counter(text: str) -> str:
    """Under what failures are counted: "FR-1042", "fr1042" and "1042" count alike."""
    return order_digits(text) or order_key(text)


def same_order(one: str, other: str) -> bool:
    """Whether both may mean one order: "1042" may be FR-1042, UK-1042 may not."""
    keys = order_key(one), order_key(other)
    digits = order_digits(one), order_digits(other)
    if keys[0] == keys[1]:
        return bool(keys[0])
    alike = digits[0] == digits[1] and len(digits[0]) >= SHORTEST_BARE_NUMBER
    return alike and (keys[0] == digits[0] or keys[1] == digits[1])


def email_key(text: str) -> str:
    """An e-mail address without outer spaces, in small letters."""
    return _folded(text).strip()


def postcode_key(text: str) -> str:
    """Letters and digits alone: no country before it, no zero that a sheet drops."""
    plain = re.sub(r"[\W_]", "", _folded(text))
    plain = re.sub(r"^[a-z]{1,2}(?=\d{4,5}$)", "", plain)
    return plain.lstrip("0") if plain.isdigit() else plain


def surname_keys(text: str, first_name: str = "") -> tuple[str, str]:
    """A surname with and without its particles ("delatour", "tour").

    A title, and the person's own first name before or after it, are left out: what
    else is said belongs to the surname, so that a list of surnames matches none.
    """
    words = _words(text)
    first = set(_words(first_name))
    for left_out in (TITLES, first):
        while len(words) > 1 and words[0] in left_out:
            words = words[1:]
    while len(words) > 1 and words[-1] in first:
        words = words[:-1]
    core = [word for word in words if word not in PARTICLES] or words
    return "".join(words), "".join(core)


def _words(text: str) -> list[str]:
    """Without accents, case, hyphens and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[^\W\d_]+", plain)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
