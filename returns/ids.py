"""Ids that we make: random, and readable aloud where customers see them."""

import secrets
import uuid

READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_id() -> str:
    """For rows that only we see."""
    return str(uuid.uuid4())


def new_return_id() -> str:
    """What customers are told, such as R-7KQ2M9XA (no 0/O, 1/I/L)."""
    return f"R-{_readable()}"


def new_withdrawal_id() -> str:
    """The reference of a stated withdrawal, such as W-7KQ2M9XA."""
    return f"W-{_readable()}"


def _readable() -> str:
    return "".join(secrets.choice(READABLE) for _ in range(8))
