"""`python -m returns.sandbox`: the partners of the demo, in a process of their own."""

import socket
import sys

from returns.errors import ConfigurationError
from returns.sandbox.app import make_server
from returns.settings import Settings
from returns.wiring import open_house


def main() -> int:
    """Serve until told to stop; 2 when the configuration does not allow it."""
    try:
        house = open_house()
        _check(house.settings)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    make_server(house.settings, house.clock).run()
    return 0


def _check(settings: Settings) -> None:
    """Raises ConfigurationError in production and for a port that is taken."""
    if settings.production:
        raise ConfigurationError("the sandbox does not run in production")
    for port in (settings.sandbox_port, settings.sandbox_port + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise ConfigurationError(
                    f"sandbox: port {port} is taken (BONRETOUR_SANDBOX_PORT)"
                ) from error


if __name__ == "__main__":
    sys.exit(main())
