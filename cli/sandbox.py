"""`sandbox`: the demo's partners: goods, books, faults, the clock."""

import argparse
import re
from datetime import timedelta

import sqlalchemy as sa

from cli.commands import Commands, print_json
from returns.errors import ReturnsError
from returns.sandbox.client import SandboxClient
from returns.sandbox.faults import DECISIONS, ON_THE_WIRE, parse_kind
from returns.tables import clock_offset
from returns.wiring import open_house

OTHER_TARGETS = ("bank", "mail", "*")
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


class BadDistance(ReturnsError):
    """A distance in time reads +3d, +12h, +30m or +10s."""


class UnknownFault(ReturnsError):
    """What the sandbox cannot spoil, or not in this way."""


class NotInProduction(ReturnsError):
    """Production has no sandbox, and its clock does not move."""


def add_commands(commands: Commands) -> None:
    top = commands.add_parser("sandbox", help="the demo's suppliers, bank and mailbox")
    acts = top.add_subparsers(required=True, metavar="ACT")
    receive = acts.add_parser("receive", help="the goods of an RMA arrive")
    receive.add_argument("rma")
    receive.set_defaults(run=lambda asked: _client().receive(asked.rma))
    telling = acts.add_parser("bank", help="the bank tells how a payment ended")
    telling.add_argument("reference", help="of the payment, as in: sandbox book")
    telling.add_argument("news", choices=("failed", "succeeded"))
    telling.set_defaults(run=lambda a: _client().tell_payment(a.reference, a.news))
    for book in ("book", "mails", "returns", "replacements"):
        showing = acts.add_parser(book, help=f"show the sandbox's {book}")
        showing.add_argument("--json", action="store_true")
        showing.set_defaults(run=show, book=book)
    fault = acts.add_parser("fault", help="spoil the next calls of a partner")
    fault.add_argument("target", help="a supplier's slug, *, bank or mail; or: clear")
    fault.add_argument("kind", nargs="?")
    fault.add_argument("--times", type=int, help="until cleared, if not said")
    fault.set_defaults(run=set_fault)
    clock = acts.add_parser("clock", help="move the clock of every process")
    clock.add_argument("distance", help="such as +3d or +12h")
    clock.set_defaults(run=move_clock)


def show(asked: argparse.Namespace) -> int:
    rows = getattr(_client(), asked.book)()
    if asked.json:
        print_json(rows)
        return 0
    for row in rows:
        print("  ".join(f"{k}={v}" for k, v in row.items() if v is not None)[:400])
    return 0


def set_fault(asked: argparse.Namespace) -> int:
    """Raises UnknownFault."""
    if asked.target == "clear":
        _client().clear()
        return 0
    house = open_house()
    slugs = [one.slug for one in house.shop.suppliers.values() if one.api == "sandbox"]
    if asked.target not in (*slugs, *OTHER_TARGETS):
        known = ", ".join((*slugs, *OTHER_TARGETS))
        raise UnknownFault(f"{asked.target}: expected {known}, or clear")
    try:
        parse_kind(asked.kind or "")
    except ValueError as error:
        known = ", ".join(sorted(ON_THE_WIRE.keys() | DECISIONS))
        raise UnknownFault(f"{asked.kind or 'no fault'}: expected {known}") from error
    SandboxClient(house.settings).fault(asked.target, asked.kind, asked.times)
    return 0


def move_clock(asked: argparse.Namespace) -> int:
    """Raises BadDistance, NotInProduction."""
    house = open_house()
    if house.settings.production:
        raise NotInProduction
    found = re.fullmatch(r"([+-]\d{1,5})([dhms])", asked.distance)
    if found is None:
        raise BadDistance
    amount, unit = found.groups()
    seconds = timedelta(**{UNITS[unit]: int(amount)}).total_seconds()
    with house.engine.begin() as connection:
        moved = connection.execute(
            clock_offset.update().values(seconds=clock_offset.c.seconds + seconds)
        )
        if moved.rowcount == 0:
            connection.execute(
                clock_offset.insert().values(clock_id=1, seconds=seconds)
            )
        total = connection.execute(sa.select(clock_offset.c.seconds)).scalar_one()
    print(f"The clock is now {timedelta(seconds=total)} ahead.")
    return 0


def _client() -> SandboxClient:
    return SandboxClient(open_house().settings)
