"""`import`: orders and products from JSON Lines or Shopify's exports."""

import argparse
from pathlib import Path

from cli.commands import Commands
from returns.importing import IMPORTERS
from returns.services import product_pictures
from returns.services.tombstones import Graveyard
from returns.wiring import House, open_house

PROBLEMS_FOUND = 1


def add_commands(commands: Commands) -> None:
    importing = commands.add_parser("import", help="take in orders or products")
    importing.add_argument("what", choices=sorted(IMPORTERS))
    importing.add_argument(
        "file", type=Path, help="JSON Lines or Shopify's CSV export (see docs/shop.md)"
    )
    importing.add_argument(
        "--no-pictures",
        action="store_true",
        help="leave the products' pictures where they are; a later import copies them",
    )
    importing.set_defaults(run=take_in)


def take_in(asked: argparse.Namespace) -> int:
    """A bad line is reported by number; the rest goes in."""
    house = open_house()
    report = IMPORTERS[asked.what](
        house.engine,
        house.shop,
        asked.file,
        house.clock.now(),
        Graveyard(house.settings).left_out,
    )
    for line_no, message in report.problems:
        print(f"{asked.file}:{line_no}: {message}")
    print(
        f"{report.imported} new, {report.changed} changed, "
        f"{report.unchanged} unchanged, {len(report.problems)} with problems"
        + (f", {report.erased} left out: erased here" if report.erased else "")
    )
    if not asked.no_pictures:
        _copy_pictures(house, asked.file.parent)
    return PROBLEMS_FOUND if report.problems else 0


def _copy_pictures(house: House, folder: Path) -> None:
    """After all is taken in: a picture that cannot be had fails nothing."""
    copied = product_pictures.copy_missing(house, folder)
    for source, problem in copied.problems:
        print(f"{source}: no picture ({problem})")
    if copied.count or copied.problems:
        print(f"pictures: {copied.count} copied, {len(copied.problems)} not")
