"""How long durable work and partners are left alone before the next try (X11)."""

import os
import random
from datetime import timedelta

from returns.errors import ConfigurationError

SETTLE = timedelta(seconds=5)
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 900.0
SHORT_WAIT_SECONDS = 60.0  # where a customer waits for the answer
SCALE_VARIABLE = "BONRETOUR_RETRY_SCALE"


def wait_seconds(attempt: int, longest: float = LONGEST_WAIT_SECONDS) -> float:
    """Jitter up to min(longest, 2 s * 2^attempt), never under a quarter of it (X11)."""
    ceiling = min(longest, FIRST_WAIT_SECONDS * 2.0**attempt)
    return random.uniform(ceiling / 4, ceiling) * retry_scale()  # noqa: S311


def settle() -> timedelta:
    """How long an attempt may lie before the sweep looks after it."""
    return SETTLE * retry_scale()


def refuse_scale_in_production(production: bool) -> None:
    """Raises ConfigurationError when tests' short waits are set in production."""
    if production and SCALE_VARIABLE in os.environ:
        raise ConfigurationError(f"{SCALE_VARIABLE} is for tests, not for production")


def retry_scale() -> float:
    """Tests shorten every wait by it; 1 in production."""
    return float(os.environ.get(SCALE_VARIABLE, "1"))
