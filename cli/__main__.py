"""`./bonretour`: every command, one line of help each."""

import argparse
import sys

from cli import chatting, checking, data, people, running, sandbox, showing
from returns.errors import ReturnsError


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="bonretour", description="The returns desk of your shop."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (running, data, checking, chatting, showing, people, sandbox):
        module.add_commands(commands)
    return top


def main() -> int:
    """0 done, 1 refused or failed with a sentence, 2 called wrongly."""
    asked = parser().parse_args()
    try:
        code = asked.run(asked)
    except ReturnsError as error:
        told = str(error) or (type(error).__doc__ or "").split("\n")[0]
        print(f"bonretour: {told}", file=sys.stderr)
        return 1
    except (BrokenPipeError, KeyboardInterrupt):
        return 130
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
