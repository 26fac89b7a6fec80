"""F11: no room, no file descriptors, a clock that jumps: no money state is lost, and
what is wrong can be read.
"""

import errno
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from returns import workflows
from returns.errors import OrderNotGranted, PartnerUnknown
from returns.model import By, ReturnReason
from returns.services import (
    authorisations,
    cases,
    reconciling,
    refunds,
    reminders,
    safekeeping,
)
from returns.settings import ROOT
from returns.tables import refunds as refund_rows
from returns.tables import uploads
from returns.work import WorkKind
from tests.databases import KINDS
from tests.desks import FakeRasa, enter, web
from tests.fault_counts import Record
from tests.faults.agreeing import unexplained
from tests.faults.journeys import Journey, eventually
from tests.houses import OneEach, TestHouse, opened
from tests.orders import new_order
from tests.pictures import TAKEN
from tests.stack import Stack
from tests.unit.returns.test_money import REFUND, wish

pytestmark = pytest.mark.fault("F11")

FEW_FILES = 64
CROWD = 80
TORN = (ReturnReason.DAMAGED_IN_TRANSIT,)
STEPS = ("yes", "ask", "goods", "pay", "read")
PARIS = ZoneInfo("Europe/Paris")
# 25 October 2026 and 28 March 2027: summer time ends, and begins.
NIGHTS = (
    datetime(2026, 10, 24, 12, tzinfo=UTC),
    datetime(2027, 3, 27, 12, tzinfo=UTC),
)


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        house.gateways = OneEach()
        yield house


# ─────────────────────────────────────── room ──────────────────────────────────────


def test_no_room_for_a_picture(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 and a sentence, no row, no half a file; a line names why. Then it is kept."""

    def no_room(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    files = {"file": ("photo.jpg", TAKEN["JPEG"], "image/jpeg")}
    with web(house, FakeRasa()) as client:
        enter(client)
        with monkeypatch.context() as patched, capture_logs() as lines:
            patched.setattr(safekeeping.os, "fsync", no_room)
            refused = client.post("/chat/uploads", files=files)
        assert refused.status_code == 503, refused.text
        assert refused.headers["retry-after"] and refused.json()["detail"]
        told = [(line["event"], line["error"]) for line in lines]
        assert told == [("desk.out_of_room", "ENOSPC")]
        assert list((house.settings.var / "uploads").iterdir()) == []
        with house.reader.connect() as connection:
            assert connection.execute(sa.select(uploads)).all() == []
        kept = client.post("/chat/uploads", files=files)
        assert kept.status_code == 201, kept.text


def test_no_room_for_lines() -> None:
    """Whoever logs goes on, and a worker that must end still ends with its code."""
    script = (
        "from returns.logs import quiet_logs; quiet_logs()\n"
        "import logging, structlog\n"
        "from worker.process import Stop\n"
        "for level in ('debug', 'info', 'warning', 'error'):\n"
        "    getattr(structlog.get_logger(), level)('work.done', kind='x')\n"
        "    getattr(logging.getLogger('uvicorn'), level)('no room')\n"
        "stop = Stop(); stop.because(5, 'a database is gone')\n"
        "print(stop.code, stop.event.is_set(), flush=True)\n"
        "import os; os._exit(0)\n"
    )
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "BONRETOUR_LOG_LEVEL": "info"},
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            check=False,
            timeout=60,
        )
    assert (ended.returncode, ended.stdout) == (0, "5 True\n")


# ────────────────────────────────── file descriptors ───────────────────────────────


@contextmanager
def few_files(stack: Stack, *parts: str) -> Iterator[None]:
    """What runs may open 64 files and connections, and no more."""
    limit, pids = resource.RLIMIT_NOFILE, [stack.processes[p].pid for p in parts]
    before = {pid: resource.prlimit(pid, limit) for pid in pids}
    for pid, (_soft, hard) in before.items():
        resource.prlimit(pid, limit, (FEW_FILES, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, limit, limits)


def test_few_file_descriptors(faulty: Stack, record_property: Record) -> None:
    """Desk, actions and worker with 64 each, and a crowd that takes the desk's: it says
    so; the yes is refused or late, never lost: one case and one payment.
    """
    journey = Journey(faulty).to_the_recap()
    body = {"message_id": journey.yes_id, "text": "oui"}
    with few_files(faulty, "desk", "actions", "worker"):
        with ExitStack() as crowd:
            for _ in range(CROWD):
                one = socket.create_connection(("127.0.0.1", faulty.settings.port))
                crowd.enter_context(one)
            told = journey.customer.http.get("/readyz")
            assert (told.status_code, told.json()["files"]) == (503, False)
            with suppress(httpx.TransportError):
                assert journey.customer.post(body).status_code in (200, 503)
        eventually(lambda: _takes(journey, body), "the desk takes the yes")
        journey.must_be_whole()
        journey.must_be_paid_once()
    faulty.wait_ready()
    assert unexplained(faulty.house) == []
    record_property("note", f"{FEW_FILES} files each, {CROWD} idle connections")


def _takes(journey: Journey, body: dict[str, str]) -> bool:
    with suppress(httpx.TransportError):
        return journey.customer.post(body).status_code == 200
    return False


# ─────────────────────────────────────── clock ─────────────────────────────────────


@pytest.mark.parametrize("hours", [24, -24], ids=["ahead", "behind"])
@pytest.mark.parametrize("before", STEPS)
def test_the_clock_jumps(house: TestHouse, before: str, hours: int) -> None:
    """By a day before this step, and back after it: one RMA, one payment, no alarm."""
    order = new_order(house)
    wish(house, order, resolution=REFUND, reasons=TORN)
    return_id = ""
    for step in STEPS:
        if step == before:
            house.clock.move(hours=hours)
        if step == "yes":
            return_id = _yes(house, order)
        elif step == "ask":
            authorisations.authorise(house, return_id)
            authorisations.authorise(house, return_id)
        elif step == "goods":
            authorisations.receive_goods(house, return_id, By.SUPPLIER)
        elif step == "pay":
            house.gateways.bank.silences = 1
            with pytest.raises(PartnerUnknown):
                refunds.pay(house, _refund(house).refund_id)
        else:
            refunds.pay(house, _refund(house).refund_id)
        reminders.look(house)
        if step == before:
            house.clock.move(hours=-hours)
    assert len(house.gateways.any_supplier.returns) == 1
    assert house.gateways.bank.paid_minor() == _refund(house).amount_minor
    assert _refund(house).state == "paid"
    assert reconciling.run(house).unexplained == 0


def _yes(house: TestHouse, order: dict[str, Any]) -> str:
    """A proof that a clock ahead has ended is given again."""
    try:
        (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    except OrderNotGranted:
        wish(house, order, "c2", resolution=REFUND, reasons=TORN)
        (return_id,) = cases.confirm(house, "c2", "yes").return_ids
    return return_id


def _refund(house: TestHouse) -> Any:
    with house.reader.connect() as connection:
        return connection.execute(sa.select(refund_rows)).one()


@pytest.mark.parametrize("noon", NIGHTS, ids=["winter", "summer"])
def test_the_hour_that_is_there_twice_or_never(tmp_path: Path, noon: datetime) -> None:
    """Day by day the night's work is written down once; a refund is paid once."""
    with opened("sqlite", tmp_path, noon) as house:
        wish(house, new_order(house), reasons=TORN)
        (return_id,) = cases.confirm(house, "c1", "yes").return_ids
        authorisations.authorise(house, return_id)
        authorisations.receive_goods(house, return_id, By.SUPPLIER)
        refund_id = _refund(house).refund_id
        days = set()
        for _ in range(4 * 36):
            house.clock.move(minutes=15)
            workflows.each_day(house, WorkKind.RECONCILE)()
            reminders.look(house)
            refunds.pay(house, refund_id)
            days.add(house.clock.now().astimezone(PARIS).date().isoformat())
        assert sorted(days) == sorted(house.queue.subjects(WorkKind.RECONCILE))
        assert len(house.gateways.bank.payments) == 1
