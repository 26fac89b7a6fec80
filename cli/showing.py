"""`returns list` and `conversations show`: what is in the books, as JSON or lines."""

import argparse

from cli.commands import Commands, moment, print_json
from desk import transcript
from returns.services import views
from returns.wiring import open_house


def add_commands(commands: Commands) -> None:
    returns = commands.add_parser("returns", help="list returns")
    listing = returns.add_subparsers(required=True, metavar="list").add_parser("list")
    listing.add_argument("--order", help="only this order's")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=list_returns)
    talks = commands.add_parser("conversations", help="show a conversation")
    showing = talks.add_subparsers(required=True, metavar="show").add_parser("show")
    showing.add_argument("conversation_id")
    showing.add_argument("--json", action="store_true")
    showing.set_defaults(run=show_conversation)


def list_returns(asked: argparse.Namespace) -> int:
    found = views.all_returns(open_house(), asked.order)
    if asked.json:
        print_json(found)
        return 0
    for case in found:
        print(
            f"{case['return_id']}  {case['order_number']}  {case['status']:<13}"
            f" RMA {case['rma_number'] or '-'}  refund {case['refund']['state']}"
        )
    if not found:
        print("No returns yet.")
    return 0


def show_conversation(asked: argparse.Namespace) -> int:
    house = open_house()
    with house.reader.connect() as connection:
        transcript.get_conversation(connection, asked.conversation_id)
        rows = transcript.after(connection, asked.conversation_id, 0)
        shown = transcript.shown(connection, rows)
    if asked.json:
        print_json(shown)
        return 0
    for row in rows:
        said = " ".join([row.text, *row.images]).strip()
        print(f"{moment(row.at)}  {row.author_name or row.author}: {said}")
    return 0
