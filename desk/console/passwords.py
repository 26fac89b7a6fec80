"""Passwords: argon2id, long rather than odd, and none that everybody uses (C1)."""

import secrets
import threading
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from returns.errors import ReturnsError

SHORTEST, LONGEST = 12, 128
FEWEST_DIFFERENT = 5
AT_ONCE = threading.BoundedSemaphore(2)  # each hash takes 64 MB
_hasher = PasswordHasher()


class PasswordRefused(ReturnsError):
    """The password is too short, too long or too easy; `why` names which."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the password is refused: {why.replace('_', ' ')}")
        self.why = why


def check(password: str, *known: str) -> None:
    """known: words an attacker would try, such as name and shop. Raises."""
    if len(password) < SHORTEST:
        raise PasswordRefused("too_short")
    if len(password) > LONGEST:
        raise PasswordRefused("too_long")
    plain = password.casefold()
    words = [word.casefold() for word in known if len(word) > 2]
    rest = plain
    for word in words:
        rest = rest.replace(word, "")
    easy = plain in _common() or len(set(plain)) < FEWEST_DIFFERENT
    if easy or len(rest) < SHORTEST - 4:
        raise PasswordRefused("too_easy")


def made_up() -> str:
    """A one-time password that can be read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def hashed(password: str) -> str:
    with AT_ONCE:
        return _hasher.hash(password)


def fits(stored: str | None, password: str) -> bool:
    """In the same time for an account that does not exist (stored None)."""
    try:
        with AT_ONCE:
            right = _hasher.verify(stored or _nobodys(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def is_stale(stored: str) -> bool:
    """Whether it was hashed with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex(16))


@cache
def _common() -> frozenset[str]:
    text = (Path(__file__).parent / "common_passwords.txt").read_text("utf-8")
    return frozenset(text.split())
