"""Places where tests make a process die, fail or stall (BONRETOUR_FAILPOINT).

The variable reads name:kill, name:raise or name:sleep; refused in production.
"""

import os
import signal
import threading

from returns.errors import ConfigurationError

STALL_SECONDS = 20.0


class FailpointReached(RuntimeError):
    """Raised by name:raise."""


def failpoint(name: str) -> None:
    """Do what BONRETOUR_FAILPOINT says of this name, usually nothing."""
    wanted, _, effect = os.environ.get("BONRETOUR_FAILPOINT", "").partition(":")
    if wanted != name:
        return
    if effect == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if effect == "sleep":
        threading.Event().wait(STALL_SECONDS)
        return
    raise FailpointReached(name)


def refuse_in_production(production: bool) -> None:
    """Raises ConfigurationError when a failpoint is set in production."""
    if production and os.environ.get("BONRETOUR_FAILPOINT"):
        raise ConfigurationError("BONRETOUR_FAILPOINT is for tests, not for production")
