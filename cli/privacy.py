"""`export`, `erase`, `photos`: one person's data, and the key of the pictures."""

import argparse
import json
import os
from pathlib import Path

from cli.commands import Commands
from desk.privacy import erasing, exporting, scope
from desk.rasa import RasaClient
from returns.services import safekeeping
from returns.settings import load_settings
from returns.wiring import House, open_house

BUSY = (
    "The rows are gone, but a database was busy and its files still hold their traces:"
    " run `./bonretour erase --clean` once the processes are quiet."
)


def add_commands(commands: Commands) -> None:
    giving = commands.add_parser("export", help="all that is kept of one person")
    _whose(giving)
    giving.add_argument("--output", type=Path, help="a file, for your eyes only")
    giving.set_defaults(run=export)
    erasing_ = commands.add_parser("erase", help="erase one person everywhere")
    _whose(erasing_, "--clean")
    erasing_.add_argument(
        "--dry-run", action="store_true", help="only say what would go"
    )
    erasing_.set_defaults(run=erase)
    keeping = commands.add_parser("photos", help="the key that customers' photos need")
    acts = keeping.add_subparsers(required=True, metavar="rotate")
    rotating = acts.add_parser(
        "rotate", help="every photo under the key in use, also what lay open before"
    )
    rotating.add_argument("--new-key", action="store_true", help="make one (demo)")
    rotating.set_defaults(run=rotate)


def rotate(asked: argparse.Namespace) -> int:
    """Raises ConfigurationError for --new-key where the environment gives the key."""
    settings = load_settings()
    if asked.new_key:
        settings.renew_secret("photos")
    done = safekeeping.rotate(settings)
    print(f"{done.rewrapped} under the new key, {done.sealed} sealed.")
    for upload_id in done.unreadable:
        print(f"no key fits {upload_id}")
    return 1 if done.unreadable else 0


def _whose(command: argparse.ArgumentParser, *more: str) -> None:
    whose = command.add_mutually_exclusive_group(required=True)
    whose.add_argument("--email", help="every order and talk of this address")
    whose.add_argument("--order", help="this order and its talks")
    whose.add_argument("--conversation", help="this talk; its order stays")
    for option in more:
        whose.add_argument(
            option, action="store_true", help="only rewrite the databases' files"
        )
    command.add_argument("--by", default="command line", help="your name, for the log")


def _found(house: House, asked: argparse.Namespace) -> tuple[str, scope.Scope]:
    kind = next(kind for kind in scope.FINDERS if getattr(asked, kind))
    return kind, scope.find(house, kind, getattr(asked, kind))


def export(asked: argparse.Namespace) -> int:
    """Raises NotFound."""
    house = open_house()
    kind, found = _found(house, asked)
    told = exporting.export(house, found, asked.by, kind)
    text = json.dumps(told, ensure_ascii=False, indent=2)
    if asked.output is None:
        print(text)
        return 0
    handle = os.open(asked.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"Written to {asked.output}. Delete it once the person has it.")
    return 0


def erase(asked: argparse.Namespace) -> int:
    """Raises NotFound, StillOpen."""
    house = open_house()
    if asked.clean:
        clean = erasing.clean(house)
        print("No trace is left in the databases' files." if clean else BUSY)
        return 0 if clean else 1
    kind, found = _found(house, asked)
    if asked.dry_run:
        return _tell(house, found)
    rasa = RasaClient(house.settings)
    try:
        done = erasing.erase(house, rasa, found, asked.by, kind)
    finally:
        rasa.close()
    print(f"Erased: {sum(done.rows.values())} rows in {len(done.rows)} tables.")
    if done.blanked:
        print(f"{done.blanked} returns stay as amounts, under a made-up subject.")
    if done.suppliers:
        print(f"Tell them too (GDPR 19): {', '.join(done.suppliers)}.")
    print("Backups and mailboxes are yours to clear.")
    if not done.clean:
        print(BUSY)
    return 0 if done.clean else 1


def _tell(house: House, found: scope.Scope) -> int:
    with house.reader.connect() as connection:
        hindering = erasing.hindrances(connection, found)
        for name, count in erasing.counted(connection, found).items():
            print(f"{name:<22} {count}")
    for one in hindering:
        print(f"still open: {one}")
    return 1 if hindering else 0
