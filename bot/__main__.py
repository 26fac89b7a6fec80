"""`python -m bot`: Rasa's server with our connector, on loopback, quietly.

Never with the HTTP API: every other route of stock Rasa answers 404.
"""

import os
import sys
from pathlib import Path
from typing import Any

from bot.model_file import ModelRefused, check
from bot.quiet import hush
from bot.secret_files import SecretFileRefused, read_secret_files

hush()

STORES = {
    "tracker_store": "bot.trackers.UrlTrackerStore",
    "lock_store": "bot.locks.ConversationLocks",
}


def main() -> None:
    """Serve BONRETOUR_MODEL on BONRETOUR_RASA_PORT until told to stop."""
    try:
        read_secret_files(os.environ)
        check(Path(os.environ["BONRETOUR_MODEL"]), os.environ)
    except (SecretFileRefused, ModelRefused) as refused:
        sys.exit(f"rasa: {refused}")
    import logging

    import rasa.core.run
    import structlog
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.log_utils import configure_structlog

    from bot.redaction import guard_logging, only_names

    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    refuse_other_stores(endpoints)
    configure_structlog(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            only_names,
            structlog.processors.JSONRenderer(),
        ]
    )
    guard_logging()
    logging.disable(logging.WARNING)  # below an error Rasa prints customers' words
    private = os.environ.get("BONRETOUR_PRIVATE_NETWORK") == "1"
    rasa.core.run.serve_application(
        model_path=os.environ["BONRETOUR_MODEL"],
        interface="0.0.0.0" if private else "127.0.0.1",  # noqa: S104
        port=int(os.environ["BONRETOUR_RASA_PORT"]),
        credentials="credentials.yml",
        endpoints=endpoints,
        enable_api=False,
    )


def refuse_other_stores(endpoints: Any) -> None:
    """Rasa takes a misspelt store for "in memory" and forgets; we end with a line."""
    from bot.locks import check_url

    for name, ours in STORES.items():
        found = getattr(endpoints, name)
        if found is None or found.type != ours:
            sys.exit(f"rasa: endpoints.yml: {name}: expected type {ours}")
    try:
        check_url(endpoints.lock_store.url or "")
    except ValueError as error:
        sys.exit(f"rasa: {error}")


if __name__ == "__main__":
    main()
