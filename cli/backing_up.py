"""`backup`, `restore`, `catch-up`: docs/operations.md says when."""

import argparse
from pathlib import Path

from cli.commands import Commands
from returns import backups
from returns.heartbeats import workers_alive
from returns.migrations import migrate
from returns.services import catching_up
from returns.settings import load_settings
from returns.wiring import open_house


def add_commands(commands: Commands) -> None:
    making = commands.add_parser("backup", help="copy database and pictures, running")
    making.add_argument("folder", type=Path, help="a folder that does not exist yet")
    making.set_defaults(run=make)
    back = commands.add_parser("restore", help="bring a backup back, all stopped")
    back.add_argument("folder", type=Path)
    back.set_defaults(run=bring_back)
    catching = commands.add_parser(
        "catch-up", help="after a restore: read the suppliers' books"
    )
    catching.set_defaults(run=catch_up)


def make(asked: argparse.Namespace) -> int:
    """Raises BackupRefused."""
    house = open_house()
    made = backups.make(house, asked.folder.absolute())
    house.close()
    print(f"{asked.folder}: database and {made.files} pictures as of {made.made_at}.")
    print("Secrets are not in it: keep them apart (docs/operations.md).")
    return 0


def bring_back(asked: argparse.Namespace) -> int:
    """Raises BackupRefused."""
    made = backups.bring_back(load_settings(), asked.folder.absolute())
    house = open_house()
    migrate(house.engine)
    house.close()
    print(f"Brought back as of {made.made_at}. Put the secrets in place, start")
    print("everything, then run: ./bonretour catch-up")
    return 0


def catch_up(_asked: argparse.Namespace) -> int:
    """1 while some supplier did not answer."""
    house = open_house()
    arrived, unknown = catching_up.read_books(house)
    print(f"{arrived} returns had arrived meanwhile.")
    for return_id in unknown:
        print(f"{return_id}: its supplier did not answer; run it again, or ask.")
    if not workers_alive(house.reader, house.clock.now()):
        print("No worker is running: what falls due waits for one.")
    house.close()
    return 1 if unknown else 0
