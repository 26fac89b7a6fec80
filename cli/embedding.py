"""`widget`: the line that a shop copies into its pages."""

import argparse

from cli.commands import Commands
from desk import widget
from returns.errors import ConfigurationError
from returns.settings import load_settings


def add_commands(commands: Commands) -> None:
    top = commands.add_parser("widget", help="the line that embeds the chat in a shop")
    top.add_argument("--language", choices=("fr", "en"), default="fr")
    top.add_argument("--pinned", action="store_true", help="with its SRI hash")
    top.set_defaults(run=show)


def show(asked: argparse.Namespace) -> int:
    """Raises ConfigurationError."""
    file = widget.built("v1.js")
    if file is None:
        raise ConfigurationError("The widget is not built: run `make widget`.")
    url = load_settings().public_url
    print(widget.tag(url, asked.language, file if asked.pinned else None))
    return 0
