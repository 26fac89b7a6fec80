"""Structured logs with ids only: never message text, names, addresses (P3).

A field that is not listed here is not shown: whoever logs a new one decides, in this
file, that it can hold no customer's words.
"""

import logging
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import structlog

from bot.redaction import guard_logging, redacted
from returns.errors import ConfigurationError

SHOWN = frozenset(
    {
        "action",
        "arrival_id",
        "at",
        "attempt",
        "channel",
        "code",
        "conversation_id",
        "error",
        "event",
        "events",
        "host",
        "incident",
        "kind",
        "level",
        "message_id",
        "method",
        "outbound_id",
        "part",
        "reason",
        "seconds",
        "see",
        "state",
        "subject_id",
        "text",  # of DBOS's own warnings
        "timestamp",
        "upload_id",
        "work_id",
        "worker",
        "workflow_id",
    }
)
HIDDEN = "‹hidden›"
LEVEL_VARIABLE = "BONRETOUR_LOG_LEVEL"
LEVELS = {"info": logging.INFO, "warning": logging.WARNING}


def quiet_logs(libraries: int = logging.WARNING) -> None:
    """One JSON line per event on standard error; of libraries only from this level on.

    Raises ConfigurationError when BONRETOUR_LOG_LEVEL is no level of ours.
    """
    level = min(LEVELS[level_name()], libraries)
    guard_logging()
    logging.basicConfig(level=libraries, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_ids,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: Lines(),
        cache_logger_on_first_use=True,
    )


class Lines:
    """Lines on standard error. Where that takes none any more, such as a full disk,
    they are lost: no message, yes or payment fails for it (F11).
    """

    def msg(self, message: str) -> None:
        with suppress(OSError):
            print(message, file=sys.stderr, flush=True)

    log = debug = info = warn = warning = error = critical = exception = msg


def level_name() -> str:
    """info tells the path of each message; in the demo only what goes wrong is told.

    Raises ConfigurationError.
    """
    production = os.environ.get("BONRETOUR_ENV") == "production"
    name = os.environ.get(LEVEL_VARIABLE, "info" if production else "warning")
    if name not in LEVELS:
        raise ConfigurationError(f"{LEVEL_VARIABLE}: expected {' or '.join(LEVELS)}")
    return name


def only_ids(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Structlog's processor: listed fields alone, and those without personal data."""
    return {
        name: _shown(value) if name in SHOWN else HIDDEN
        for name, value in event.items()
    }


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    return redacted(str(value))
