"""`./bonretour`: every command, one line of help each."""

import argparse
import sys

import sqlalchemy as sa
import structlog

from cli import (
    backing_up,
    bill_of_materials,
    chatting,
    checking,
    data,
    embedding,
    flags,
    people,
    privacy,
    reconciling,
    running,
    sandbox,
    showing,
    staffing,
)
from returns.errors import ReturnsError

SENTENCES = {
    "sandbox_unreachable": "The sandbox is not running here (start it with: make run)."
}
NO_DATABASE = (
    "The database does not answer or has no tables yet. `make run` sets it up;"
    " if it is elsewhere, look at BONRETOUR_VAR and BONRETOUR_DATABASE_URL."
)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="bonretour", description="The returns desk of your shop."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = (
        running,
        data,
        checking,
        embedding,
        chatting,
        showing,
        people,
        flags,
        staffing,
        privacy,
        backing_up,
        reconciling,
        bill_of_materials,
        sandbox,
    )
    for module in modules:
        module.add_commands(commands)
    return top


def main() -> int:
    """0 done, 1 refused or failed with a sentence, 2 called wrongly."""
    asked = parser().parse_args()
    try:
        code = asked.run(asked)
    except ReturnsError as error:
        told = str(error) or (type(error).__doc__ or "").split("\n")[0]
        return _failed(SENTENCES.get(told, told))
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        return _failed(NO_DATABASE)
    except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
        return _failed(f"{error.filename}: {error.strerror}")
    except (BrokenPipeError, KeyboardInterrupt):
        return 130
    return int(code or 0)


def _failed(told: str) -> int:
    print(f"bonretour: {told}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    # What a command prints may be read by a program; log lines go beside it.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    sys.exit(main())
