"""`run`: everything under one process manager in the foreground."""

import argparse
import os
import socket
import sys
import time

import httpx

from cli import training
from cli.commands import Commands
from desk import index
from desk.console import demo
from returns.demo import seed_demo
from returns.errors import ConfigurationError
from returns.logs import level_name
from returns.migrations import migrate
from returns.settings import ROOT, Settings, load_settings
from returns.wiring import House, open_house

READY_SECONDS = 180
SUPPLIER_SECRETS = ("supplier", "webhook")


def add_commands(commands: Commands) -> None:
    run = commands.add_parser("run", help="start everything (Ctrl-C stops it)")
    run.set_defaults(run=start)
    teaching = commands.add_parser("train", help="train the model if it is out of date")
    teaching.set_defaults(run=train)
    migrating = commands.add_parser("migrate", help="bring the database up to date")
    migrating.set_defaults(run=bring_up_to_date)
    announcing = commands.add_parser("announce")  # no help: for the Procfile
    announcing.set_defaults(run=announce)


def start(_asked: argparse.Namespace) -> int:
    """Prepare, then become the process manager."""
    house = prepare()
    settings = house.settings
    _check_ports(settings)
    model = training.ensure_model(settings)
    environment = child_environment(settings, str(model))
    house.close()
    supervisord = str(ROOT / ".venv" / "bin" / "supervisord")
    config = str(ROOT / "deploy" / "supervisord.conf")
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(supervisord, [supervisord, "-n", "-s", "-c", config], environment)  # noqa: S606


def train(_asked: argparse.Namespace) -> int:
    training.ensure_model(load_settings())
    return 0


def bring_up_to_date(_asked: argparse.Namespace) -> int:
    prepare().close()
    print("The database is up to date.")
    return 0


def prepare() -> House:
    """Folders, secrets, tables, and in the demo the orders."""
    house = open_house()
    migrate(house.engine)
    if not house.settings.production:
        seed_demo(house.engine, house.clock.now())
        demo.add_admin(house)
    index.catch_up(house)
    return house


def child_environment(settings: Settings, model: str) -> dict[str, str]:
    """What every process started from here is told."""
    return {
        **os.environ,
        "BONRETOUR_VAR": str(settings.var),
        "BONRETOUR_PORT": str(settings.port),
        "BONRETOUR_RASA_PORT": str(settings.rasa_port),
        "BONRETOUR_ACTIONS_PORT": str(settings.actions_port),
        "BONRETOUR_SANDBOX_PORT": str(settings.sandbox_port),
        "BONRETOUR_ACTIONS_URL": settings.actions_url,
        "BONRETOUR_RASA_DATABASE_URL": settings.rasa_database_url,
        "BONRETOUR_RASA_LOCK_URL": settings.rasa_lock_url,
        "BONRETOUR_SECRET_PRIVATE": settings.private_secret,
        "BONRETOUR_WORKER": settings.worker,
        "BONRETOUR_LOG_LEVEL": level_name(),
        "BONRETOUR_MODEL": model,
        "BONRETOUR_ROOT": str(ROOT),
    }


def announce(_asked: argparse.Namespace) -> int:
    """Wait until everything is ready, then say what runs where."""
    house = open_house()
    settings = house.settings
    url = f"http://127.0.0.1:{settings.port}"
    missing = _wait_until_ready(f"{url}/readyz")
    if missing:
        print(f"Not ready after {READY_SECONDS} s: {', '.join(missing)}.", flush=True)
        return 1
    print(_welcome(house, url), flush=True)
    return 0


def _wait_until_ready(url: str) -> list[str]:
    until = time.monotonic() + READY_SECONDS
    parts: dict[str, bool] = {"desk": False}
    while time.monotonic() < until:
        try:
            reply = httpx.get(url, timeout=5, trust_env=False)
            parts = reply.json()
            if reply.status_code == 200:
                return []
        except httpx.HTTPError:
            parts = {"desk": False}
        time.sleep(0.2)
    return [part for part, ready in parts.items() if not ready]


def _welcome(house: House, url: str) -> str:
    settings = house.settings
    return f"""
{house.shop.name}: the returns desk is ready.

  desk     {url}          open it in a browser; chat API: {url}/openapi.json
  Rasa     127.0.0.1:{settings.rasa_port}   actions 127.0.0.1:{settings.actions_port}
  sandbox  127.0.0.1:{settings.sandbox_port}   suppliers, bank and mailbox of the demo
  worker   {settings.worker}          everything written is in {settings.var}

{_console(house, url)}Talk to it:      ./bonretour chat
Orders to try:   FR-1042  camille.durand@example.com   a dress, delivered 3 days ago
                 FR-1045  thomas.petit@example.com     never arrived
                 UK-2051  emily.clarke@example.com     a lamp, in English
Goods come back: ./bonretour sandbox receive RMA       then: ./bonretour sandbox book
Stop:            Ctrl-C
"""


def _console(house: House, url: str) -> str:
    password = None if house.settings.production else demo.one_time_password(house)
    if password is None:
        return ""
    return f"""Staff console:   {url}/console
Sign in:         {demo.EMAIL}   one-time password {password}
                 then a code of your phone's app, or: ./bonretour staff code
"""


def _check_ports(settings: Settings) -> None:
    """Raises ConfigurationError, one line, for a port that is taken."""
    ports = {
        "BONRETOUR_PORT": settings.port,
        "BONRETOUR_RASA_PORT": settings.rasa_port,
        "BONRETOUR_ACTIONS_PORT": settings.actions_port,
        "BONRETOUR_SANDBOX_PORT": settings.sandbox_port,
        "BONRETOUR_SANDBOX_PORT (mailbox, one above)": settings.sandbox_port + 1,
    }
    for variable, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.private_host, port))
            except OSError as error:
                raise ConfigurationError(
                    f"port {port} is taken; stop what uses it or set {variable}"
                ) from error
