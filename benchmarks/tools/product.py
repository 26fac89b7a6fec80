"""The running product for measurements: real waits, no limits on visitors."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from returns.waits import SCALE_VARIABLE
from tests.stack import Stack, without_limits

READY_SECONDS = 120.0


@contextmanager
def product(*parts: str, databases: dict[str, str] | None = None) -> Iterator[Stack]:
    """These parts started (all when none is named); not yet ready.

    databases: variables that move it away from SQLite.
    """
    with tempfile.TemporaryDirectory(prefix="bonretour-bench-") as folder:
        told = {SCALE_VARIABLE: "1", **(databases or {})}
        with Stack(told, settings_file=without_limits(Path(folder))) as stack:
            stack.start(*parts)
            yield stack


def wait_until_ok(url: str) -> float:
    """Seconds until this address answers 200. Raises TimeoutError."""
    began = time.monotonic()
    while time.monotonic() - began < READY_SECONDS:
        with suppress(httpx.HTTPError):
            reply = httpx.get(url, timeout=5, trust_env=False)
            if reply.status_code == 200:
                return time.monotonic() - began
        time.sleep(0.05)
    raise TimeoutError(f"{url} was not ready after {READY_SECONDS:.0f} s")
