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
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
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
