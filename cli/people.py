"""`handoffs` and `tasks`: what waits for a person."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from cli.commands import Commands, moment, print_json
from desk import handoffs
from returns.errors import ReturnsError
from returns.gateways.supplier import Authorisation
from returns.model import Address
from returns.services import finishing, second_person, tasks
from returns.services.finishing import Given
from returns.wiring import open_house


class BadAddressFile(ReturnsError):
    """The address file is not as the README describes it."""


def add_commands(commands: Commands) -> None:
    _add_handoffs(commands)
    _add_tasks(commands)


def _add_handoffs(commands: Commands) -> None:
    top = commands.add_parser("handoffs", help="conversations that wait for a person")
    top.add_argument("--json", action="store_true")
    top.set_defaults(run=list_handoffs)
    acts = top.add_subparsers(metavar="list | reply | release")
    listing = acts.add_parser("list", help="who waits, longest first")
    _json_too(listing)
    listing.set_defaults(run=list_handoffs)
    replying = acts.add_parser("reply", help="answer the customer")
    replying.add_argument("conversation_id")
    replying.add_argument("text")
    _by(replying)
    replying.set_defaults(run=reply)
    releasing = acts.add_parser("release", help="give it back to the bot")
    releasing.add_argument("conversation_id")
    _by(releasing)
    releasing.set_defaults(run=release)


def _add_tasks(commands: Commands) -> None:
    top = commands.add_parser("tasks", help="what only a person can do")
    top.add_argument("--json", action="store_true")
    top.set_defaults(run=list_tasks)
    acts = top.add_subparsers(metavar="list | done")
    listing = acts.add_parser("list", help="oldest due first")
    _json_too(listing)
    listing.set_defaults(run=list_tasks)
    done = acts.add_parser("done", help="finish one")
    done.add_argument("task_id", help="its id, or the first characters of it")
    done.add_argument("--reference", help="the bank's or the supplier's own number")
    done.add_argument("--address", type=Path, help="JSON file: number and address")
    done.add_argument("--amount", help="what a receipt says, such as 12.40")
    done.add_argument("--decision", choices=["allow", "decline"])
    done.add_argument("--reason", default="", help="what the customer is told")
    _by(done)
    done.set_defaults(run=finish_task)


def _json_too(listing: argparse.ArgumentParser) -> None:
    """Also after the word list; without it what stands before the word counts."""
    listing.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def _by(command: argparse.ArgumentParser) -> None:
    command.add_argument("--by", required=True, help="your first name")


def list_handoffs(asked: argparse.Namespace) -> int:
    found = handoffs.waiting(open_house())
    if asked.json:
        print_json([asdict(handoff) for handoff in found])
        return 0
    for handoff in found:
        print(
            f"{handoff.conversation_id}  {handoff.mode:<8} since"
            f" {moment(handoff.waiting_since)}  {handoff.language}  {handoff.reason}"
        )
        print(f"    {json.dumps(handoff.summary, ensure_ascii=False)}")
    if not found:
        print("Nobody is waiting.")
    return 0


def reply(asked: argparse.Namespace) -> int:
    house = open_house()
    handoffs.reply(house, asked.conversation_id, asked.text, asked.by)
    minutes = house.shop.staff.bot_returns_after_minutes
    print("Said. The bot stays silent until: ./bonretour handoffs release …")
    print(f"or until {minutes} minutes pass without a word of yours.")
    return 0


def release(asked: argparse.Namespace) -> int:
    handoffs.release(open_house(), asked.conversation_id)
    print("The bot is back.")
    return 0


def list_tasks(asked: argparse.Namespace) -> int:
    house = open_house()
    found = tasks.open_tasks(house)
    if asked.json:
        print_json([asdict(task) for task in found])
        return 0
    requests = second_person.requests_of(house, found)
    for task in found:
        due = moment(task.due_at) or "-"
        print(
            f"{task.task_id[:8]}  {task.kind:<22} due {due:<28} {task.return_id or ''}"
        )
        print(f"    {json.dumps(task.facts, ensure_ascii=False)}")
        if task.task_id in requests:
            print(f"    {_two_people(requests[task.task_id])}")
    if not found:
        print("Nothing to do.")
    return 0


def _two_people(request: second_person.Request) -> str:
    if request.asked_by is None:
        return "This sum needs two people: one asks, another one does it."
    return f"Asked by {request.asked_by}, waits for a second person."


def finish_task(asked: argparse.Namespace) -> int:
    """Raises WrongState, BadAddressFile."""
    house = open_house()
    task = tasks.find_task(house, asked.task_id)
    if task.done_at is not None:
        when = moment(task.done_at)
        print(f"Nothing to do: {task.done_by} finished this {task.kind} on {when}.")
        return 1
    given = Given(
        reference=asked.reference or "",
        amount=asked.amount or "",
        decision=asked.decision or "",
        reason=asked.reason,
        address=_read_address(asked.address) if asked.address else None,
    )
    request = second_person.request_of(house, task)
    waits = request is not None and request.asked_by is None
    if not waits and not finishing.is_enough(task.kind, given):
        print(f"A {task.kind} is finished with {NEEDS[task.kind]}.")
        return 1
    if finishing.finish(house, task, given, asked.by):
        print("Done.")
    else:
        print("Asked for. At this sum somebody else must do it, by the same command.")
    return 0


NEEDS = {
    "check_payment": "--reference (the bank's), once book and case agree",
    "pay_postage": "--amount (the receipt's) and --reference (the bank's)",
    "pay_compensation": "--reference (the bank's)",
    "confirm_adjustment": "--decision allow|decline",
    "check_proof": "--decision allow|decline",
    "supplier_claim": "--reference (what the supplier paid), or --decision decline",
    "pay_refund": "--reference (the bank's)",
    "order_replacement": "--reference (the supplier's order)",
    "supplier_address": "--address FILE",
    "review_return": "--decision allow|decline, and --reason to decline",
    "send_evidence": "no option, once its pictures are with the supplier",
    "given_up": "no option: it is tried again",
}


def _read_address(path: Path) -> Authorisation:
    """Raises BadAddressFile."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        ship_by = given.get("ship_by")
        return Authorisation(
            rma_number=given["rma_number"],
            return_address=Address(**given["return_address"]),
            ship_by=datetime.fromisoformat(ship_by) if ship_by else None,
            who_pays=given.get("who_pays", "shop"),
            label_url=given.get("label_url"),
        )
    except (AttributeError, OSError, ValueError, KeyError, TypeError) as error:
        raise BadAddressFile(
            f"{path}: expected JSON with rma_number and return_address"
            f" (name, line1, postcode, city, country); found a problem at {error}"
        ) from error
