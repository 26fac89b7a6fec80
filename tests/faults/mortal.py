"""One piece of work in a process of its own that dies at a commit or a failpoint (F1).

Or whose database is gone at a commit (F10), before it or before it is confirmed.

The child is forked from a server that has everything imported, so that a real
`kill -9` costs a moment. Its database and the partners' books live on without it.
"""

import multiprocessing
import os
import signal
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from desk import hooks, inbox, texts, turns
from desk import workflows as desk_workflows
from returns import deadlines, workflows
from returns.clock import FixedClock
from returns.engines import make_engine, sqlite_module
from returns.gateways.mail import SmtpMailer
from returns.importing import import_orders, orders
from returns.services import cases, drafts, identity
from returns.settings import Settings, load_settings
from returns.wiring import House
from returns.work import WorkKind, item_of
from tests.desks import FakeRasa
from tests.houses import FRIDAY_NOON, RememberingQueue, TestHouse, shop_of
from tests.sandboxed import SandboxGateways

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.faults.mortal"])
KILLED, RAISED, UNHARMED = -signal.SIGKILL, 1, 0
PATIENCE = 60.0

# What is read late elsewhere is there before the fork.
shop_of(load_settings().shop_file)
deadlines.next_working_day(FRIDAY_NOON.date(), "FR")
texts.responses()


@dataclass(frozen=True)
class Death:
    """At a named failpoint, or before or after the n-th commit.

    connection: not the process dies, but its connection to the database.
    """

    point: str = ""
    commit: int = 0
    after: bool = False
    connection: bool = False

    def __str__(self) -> str:
        when = "after" if self.after else "before"
        return self.point or f"{when} commit {self.commit}"


@dataclass(frozen=True)
class Place:
    """What a process needs to open the house. sandbox: of the partners it calls."""

    url: str
    var: Path
    now: datetime
    sandbox: Settings

    def open(self) -> TestHouse:
        settings = replace(
            load_settings(), var=self.var, database_url=self.url, production=False
        )
        shop = shop_of(settings.shop_file)
        engine, clock = make_engine(self.url), FixedClock(self.now)
        house = TestHouse(settings, shop, engine, clock, RememberingQueue())
        house.gateways = with_mail(self.sandbox)
        return house


class WithMail(SandboxGateways):
    """The sandbox's mailbox as well."""

    def mailer(self) -> SmtpMailer:
        port = self._settings.sandbox_port + 1
        sender = "returns@shop.example"
        clock = FixedClock(datetime.fromisoformat("2026-11-20T12:00:00+00:00"))
        return SmtpMailer("127.0.0.1", port, sender, starttls=False, clock=clock)


def with_mail(settings: Settings) -> WithMail:
    """Patient: the partners are well here, and the machine may be busy."""
    return WithMail(settings, (10.0, 30.0))


def run(place: Place, death: Death | None, job: str, *arguments: Any) -> int:
    """The child's end: KILLED, RAISED or UNHARMED."""
    child = PROCESSES.Process(target=_live, args=(place, death, job, arguments))
    child.start()
    child.join(PATIENCE)
    if child.exitcode is None:
        child.kill()
        child.join()
        raise AssertionError(f"{job} hangs")
    ended = child.exitcode
    child.close()
    return ended


def _live(
    place: Place, death: Death | None, job: str, arguments: tuple[Any, ...]
) -> None:
    house = place.open()
    if death is not None and death.point:
        os.environ["BONRETOUR_FAILPOINT"] = f"{death.point}:kill"
    elif death is not None:
        _die_at_commit(house, death)
    try:
        globals()[f"do_{job}"](house, *arguments)
    except sa.exc.DBAPIError:
        os._exit(RAISED)


def _die_at_commit(house: House, death: Death) -> None:
    """All of the house's commits are counted, whoever asks for them."""
    dialect, done = house.engine.dialect, 0
    commit = dialect.do_commit

    def mortal(connection: Any) -> None:
        nonlocal done
        done += 1
        if done != death.commit:
            commit(connection)
            return
        if death.after:
            commit(connection)
        if not death.connection:
            os.kill(os.getpid(), signal.SIGKILL)
        raise gone(connection.dbapi_connection)

    dialect.do_commit = mortal  # type: ignore


def gone(connection: Any) -> Exception:
    """What the driver says when its connection, or SQLite's disk, is gone."""
    driver = sqlite_module()
    if isinstance(connection, driver.Connection):
        return driver.OperationalError("disk I/O error")  # type: ignore[no-any-return]
    connection.close()
    return psycopg.OperationalError("server closed the connection unexpectedly")


def do_receive(house: House, talk: str, message_id: str, text: str) -> None:
    turns.receive(house, talk, inbox.Incoming(message_id, text))


def do_answer(house: House, inbound_id: str) -> None:
    turns.answer_one(house, FakeRasa(), inbound_id)


def do_prove(house: House, messages: list[Any], talk: str) -> None:
    """All that a customer's turns before the recap commit."""
    for message in messages:
        drafts.hear(house, message)
    identity.look_up_order(house, talk)
    drafts.ask(house, talk, "fr", "web")


def do_confirm(house: House, talk: str, message_id: str) -> None:
    cases.confirm(house, talk, message_id)


def do_hook(house: House, slug: str, event: dict[str, str]) -> None:
    hooks._goods(house, slug, hooks.Event(**event))


def do_work(house: House, kind: str, subject_id: str) -> None:
    """The worker's handler, once."""
    found = {**workflows.handlers(house), **desk_workflows.handlers(house)}
    found[WorkKind(kind)](subject_id)


def do_give_up(house: House, kind: str, subject_id: str) -> None:
    workflows.give_up(house, item_of(house.reader, WorkKind(kind), subject_id))


def do_import(house: House, lines: list[str], at_once: int) -> None:
    orders.CHUNK = at_once
    import_orders(house.engine, lines, house.clock.now())
