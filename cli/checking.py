"""`check`: what is wrong with the configuration, and where."""

import argparse
import socket
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa

from cli.commands import Commands, moment
from desk.channels import accounts, lag
from returns import repository
from returns.errors import ConfigurationError
from returns.formats import Money, format_money
from returns.services import reconciling
from returns.settings import LOCK_VARIABLE, Settings
from returns.supplier_terms import Gap, gaps
from returns.wiring import House, open_house

REDIS_PORT = 6379


def add_commands(commands: Commands) -> None:
    checking = commands.add_parser("check", help="check shop.yml and what is running")
    checking.set_defaults(run=check)


def check(_asked: argparse.Namespace) -> int:
    """0 when everything is in order. Raises ConfigurationError for shop.yml."""
    house = open_house()
    print(f"{house.settings.shop_file.name}: in order ({house.shop.name}).")
    wrong = [
        *_secrets(house),
        *accounts.mistakes(house),
        *_suppliers(house),
        *_locks(house.settings),
    ]
    for line in wrong:
        print(line)
    _print_gaps(house)
    for line in (*_lags(house), *_books(house)):
        print(line)
    print(_running(house))
    return 1 if wrong else 0


def _secrets(house: House) -> list[str]:
    """Production needs every secret set."""
    names = ["private", "codes", "audit", "vault", "photos"]
    for supplier in house.shop.suppliers.values():
        if supplier.api:
            names += [f"supplier_{supplier.slug}", f"webhook_{supplier.slug}"]
    if house.shop.mail.username:
        names.append("mail")
    missing = []
    for name in names:
        try:
            house.settings.secret(name)
        except ConfigurationError as error:
            missing.append(str(error))
    return missing


def _suppliers(house: House) -> list[str]:
    """Each supplier's address must be one that we would call."""
    wrong = []
    for supplier in house.shop.suppliers.values():
        if not supplier.api:
            print(f"  {supplier.name}: no API; its returns become tasks for staff.")
            continue
        try:
            house.gateways.supplier(supplier.name)
            print(f"  {supplier.name}: API {supplier.api}")
        except ConfigurationError as error:
            wrong.append(f"shop.yml: suppliers.{supplier.name}.api: {error}")
    if house.settings.production and house.shop.mail.server == "sandbox":
        wrong.append("shop.yml: mail.server: the sandbox does not run in production")
    if house.settings.production and house.shop.payment_method == "sandbox":
        wrong.append("shop.yml: payment_method: expected manual in production")
    return wrong


def _locks(settings: Settings) -> list[str]:
    """Several Rasa processes need a Redis that answers; one needs none."""
    url = urlsplit(settings.rasa_lock_url)
    if not url.hostname:
        if not settings.rasa_database_url.startswith("sqlite"):
            print(f"  {LOCK_VARIABLE}: memory, so run one Rasa process only.")
        return []
    try:
        address = (url.hostname, url.port or REDIS_PORT)
        socket.create_connection(address, timeout=2).close()
    except (OSError, ValueError):
        return [f"{LOCK_VARIABLE}: nothing answers at {url.netloc.rpartition('@')[2]}"]
    print(f"  {LOCK_VARIABLE}: a Redis at {url.hostname}, for several Rasa processes.")
    return []


def _print_gaps(house: House) -> None:
    """Where suppliers give less than the law or the shop; never an error."""
    found = gaps(house.shop, _averages(house))
    if found:
        print("Where a supplier gives you less than you owe customers:")
    for gap in found:
        print(f"  {gap.supplier}, {gap.key}: {gap.says} ({gap.law}).{_cost(gap)}")


def _averages(house: House) -> dict[str, dict[str, int]]:
    """What suppliers' order lines cost customers; {} without a database."""
    try:
        with house.reader.connect() as connection:
            return repository.average_line_values(connection)
    except sa.exc.SQLAlchemyError:
        return {}


def _cost(gap: Gap) -> str:
    """About what one such return costs, in each currency it was sold in."""
    amounts = [
        format_money(Money(minor, currency), "en")
        for currency, minor in gap.cost.items()
    ]
    return f" About {' or '.join(amounts)} each time." if amounts else ""


def _lags(house: House) -> list[str]:
    """How far the platforms that are on are behind; nothing without a database."""
    try:
        behind = lag.lags(house)
    except sa.exc.SQLAlchemyError:
        return []
    return [
        f"{channel}: oldest unanswered message {one.unanswered} s, "
        f"oldest unsent reply {one.unsent} s"
        for channel, one in behind.items()
    ]


def _books(house: House) -> list[str]:
    """What the last comparison with the partners' books came to."""
    try:
        report = reconciling.last(house)
    except sa.exc.SQLAlchemyError:
        return []
    if report is None:
        return ["Books: not compared with the partners' yet."]
    unread = "" if report.complete else ", not all could be read"
    told = f"{report.unexplained} unexplained differences{unread}"
    return [f"Books: compared {moment(report.at)}, {told}."]


def _running(house: House) -> str:
    url = f"http://127.0.0.1:{house.settings.port}/readyz"
    try:
        parts = httpx.get(url, timeout=5, trust_env=False).json()
    except httpx.HTTPError:
        return "The desk is not running here (start it with: make run)."
    told = ", ".join(
        f"{part} {'ok' if ok else 'MISSING'}"
        for part, ok in parts.items()
        if isinstance(ok, bool)
    )
    return f"Running: {told}"
