"""`python -m bot`: Rasa's server with our connector, on loopback, quietly.

Never with the HTTP API: every other route of stock Rasa answers 404.
"""

import os

from bot.quiet import hush

hush()


def main() -> None:
    """Serve BONRETOUR_MODEL on BONRETOUR_RASA_PORT until told to stop."""
    import logging

    import rasa.core.run
    import structlog
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.log_utils import configure_structlog

    from bot.redaction import guard_logging, only_names

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
        endpoints=AvailableEndpoints.read_endpoints("endpoints.yml"),
        enable_api=False,
    )


if __name__ == "__main__":
    main()
