"""`reconcile`: our books beside the bank's and the suppliers' (docs/operations.md)."""

import argparse
from dataclasses import asdict
from typing import Any

from cli.commands import Commands, moment, print_json
from returns.formats import Money, format_money
from returns.services import reconciling
from returns.services.reconciling import Report
from returns.wiring import open_house


def add_commands(commands: Commands) -> None:
    command = commands.add_parser(
        "reconcile", help="compare our books with the bank's and the suppliers'"
    )
    command.add_argument("--days", type=_days, default=reconciling.DAYS)
    command.add_argument(
        "--last", action="store_true", help="the last report, nothing is asked anew"
    )
    command.add_argument("--all", action="store_true", help="what is explained, too")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=reconcile)


def reconcile(asked: argparse.Namespace) -> int:
    """1 when something is unexplained, or a book could not be read."""
    house = open_house()
    if asked.last:
        report = reconciling.last(house)
    else:
        report = reconciling.run(house, asked.days)
    house.close()
    if report is None:
        print("Nothing was compared yet.")
        return 0
    if asked.json:
        print_json([asdict(report)])
    else:
        _print(report, explained=asked.all)
    return 0 if report.complete and not report.unexplained else 1


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= 3650:
        raise argparse.ArgumentTypeError("from 1 to 3650 days")
    return days


def _print(report: Report, *, explained: bool) -> None:
    print(f"{moment(report.at)}, what happened since {moment(report.since)}:")
    for book in report.books:
        told = f"{book['entries']} entries, {book['agreed']} as in our books"
        if book["unread"] is not None:
            told = f"COULD NOT BE READ ({book['unread']})"
        print(f"  {book['book']}: {told}")
    for one in report.differences:
        if explained or one["because"] is None:
            print(f"  {_line(one)}")
    print(f"{report.unexplained} unexplained, {report.explained} explained.")
    if report.unexplained:
        print("Each is a task of kind explain_difference: ./bonretour tasks")


def _line(one: dict[str, Any]) -> str:
    """Ids and amounts only, as the report holds them."""
    sums = [
        f"{whose} {format_money(Money(one[key], one['currency']), 'en')}"
        for whose, key in (("ours", "ours"), ("theirs", "theirs"))
        if one[key] is not None and one["currency"]
    ]
    case = f" of {one['return_id']}" if one["return_id"] else ""
    because = f" ({one['because']})" if one["because"] else ""
    told = f"{one['book']}: {one['what']} {one['subject']}{case}{because}"
    return ", ".join([told, *sums])
