"""`suppliers`: who causes justified complaints, by product."""

import argparse

from cli.commands import Commands, print_json
from returns.services import flags
from returns.wiring import open_house


def add_commands(commands: Commands) -> None:
    top = commands.add_parser("suppliers", help="complaints that suppliers caused")
    top.add_argument("--json", action="store_true")
    top.set_defaults(run=show)


def show(asked: argparse.Namespace) -> int:
    found = flags.report(open_house())
    if asked.json:
        print_json(found)
        return 0
    for row in found:
        print(
            f"{row['supplier']:<20} {row['product_id']:<12} {row['faulty']} of"
            f" {row['sold']} sold ({row['rate']} %)  {row['title']}"
        )
    if not found:
        print("No supplier was at fault so far.")
    return 0
