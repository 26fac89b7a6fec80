"""The sandbox by a clock that the test moves: keys, days, signatures."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from returns.clock import FixedClock
from returns.gateways.payments import PaymentGateway, RefundOrder
from returns.gateways.signatures import HEADER, is_signed
from returns.gateways.supplier import (
    Authorisation,
    RequestedLine,
    ReturnRequest,
    SupplierGateway,
)
from returns.sandbox.client import SandboxClient
from returns.settings import Settings
from tests.partners import (
    ScriptedPartner,
    http_reply,
    sandbox_in_thread,
    sandbox_settings,
    scripted,
    wait_until,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDER = RefundOrder("rf-1", "key-1", "pay_9", 4590, "EUR")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def desk() -> Iterator[ScriptedPartner]:
    with scripted(http_reply(204, "")) as partner:
        yield partner


@pytest.fixture
def settings(
    tmp_path: Path, clock: FixedClock, desk: ScriptedPartner
) -> Iterator[Settings]:
    found = sandbox_settings(tmp_path, f"http://127.0.0.1:{desk.port}")
    with sandbox_in_thread(found, clock):
        yield found


def test_a_key_is_forgotten_after_a_day(settings: Settings, clock: FixedClock) -> None:
    """Within 24 hours a key pays once; after them the same key pays again (X3)."""
    bank = PaymentGateway(
        f"{settings.sandbox_url}/bank", settings.secret("bank"), allow_private=True
    )
    first = bank.refund(ORDER)
    clock.move(hours=23, minutes=59)
    assert bank.refund(ORDER) == first
    clock.move(minutes=1)
    assert bank.refund(ORDER) != first
    assert bank.find(ORDER) == first
    times = [row["at"] for row in SandboxClient(settings).book()]
    assert times == ["2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z"]


def test_days_and_signatures_follow_the_clock(
    settings: Settings, clock: FixedClock, desk: ScriptedPartner
) -> None:
    """A moved clock moves ship_by, the arrival and the signature's time together."""
    clock.move(days=40)
    supplier = SupplierGateway(
        f"{settings.sandbox_url}/suppliers/brightway",
        settings.secret("supplier_brightway"),
        allow_private=True,
    )
    line = RequestedLine("LAMP", 1, "too_small")
    granted = supplier.request_return(
        ReturnRequest("R-1", "SO-1", "EN-2001", (line,)), "key"
    )
    assert isinstance(granted, Authorisation)
    assert granted.rma_number == "BW202701010001"
    assert granted.ship_by == clock.now() + timedelta(days=14)
    SandboxClient(settings).receive(granted.rma_number)
    wait_until(lambda: bool(desk.asked), "the webhook")
    header, body = desk.asked[0].headers[HEADER.lower()], desk.asked[0].body
    assert is_signed(settings.secret("webhook_brightway"), header, body, clock.now())
    assert not is_signed(settings.secret("webhook_brightway"), header, body, NOON)
