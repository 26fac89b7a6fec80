"""`import`: orders and products from JSON Lines files."""

import argparse
from pathlib import Path

from cli.commands import Commands
from returns.importing import import_orders, import_products, read_lines
from returns.wiring import open_house

IMPORTERS = {"orders": import_orders, "products": import_products}
PROBLEMS_FOUND = 1


def add_commands(commands: Commands) -> None:
    importing = commands.add_parser("import", help="take in orders or products")
    importing.add_argument("what", choices=sorted(IMPORTERS))
    importing.add_argument("file", type=Path, help="JSON Lines (see docs/shop.md)")
    importing.set_defaults(run=take_in)


def take_in(asked: argparse.Namespace) -> int:
    """A bad line is reported by number; the rest goes in."""
    house = open_house()
    report = IMPORTERS[asked.what](
        house.engine, read_lines(asked.file), house.clock.now()
    )
    for line_no, message in report.problems:
        print(f"{asked.file}:{line_no}: {message}")
    print(
        f"{report.imported} new, {report.changed} changed, "
        f"{report.unchanged} unchanged, {len(report.problems)} with problems"
    )
    return PROBLEMS_FOUND if report.problems else 0
