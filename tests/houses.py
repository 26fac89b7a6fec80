"""A house for one test: its own database, a clock that stands, partners in memory."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

import desk.tables  # noqa: F401  the migrations expect all tables of the metadata
from returns import ids
from returns.clock import FixedClock
from returns.engines import make_engine, one_writer
from returns.errors import PartnerUnknown, PaymentDiffers, PaymentReturned
from returns.gateways.books import HeldReturn, Payment
from returns.gateways.payments import Paid, PaymentGateway, RefundOrder
from returns.gateways.supplier import (
    Authorisation,
    Pending,
    ReplacementOrder,
    ReplacementRequest,
    ReturnRequest,
    SupplierGateway,
)
from returns.migrations import migrate
from returns.model import Address, Heard, Question
from returns.one_writer import OneWriter
from returns.services import drafts, identity
from returns.settings import load_settings
from returns.shop import Shop, load_shop
from returns.wiring import Gateways, House
from returns.work import Progress, WorkItem, WorkKind, WorkQueue
from tests.databases import throwaway

FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NORDLYS = "Nordlys Apparel"  # of tests/orders.py
WAREHOUSE = Address("Nordlys Retours", "1 rue du Port", "59000", "Lille", "FR")


class RememberingQueue(WorkQueue):
    """Runs nothing; knows what was pushed."""

    def __init__(self) -> None:
        self.pushed: list[WorkItem] = []

    def push(self, item: WorkItem) -> None:
        self.pushed.append(item)

    def progress(self, item: WorkItem) -> Progress:
        return Progress.UNKNOWN

    def subjects(self, kind: WorkKind) -> list[str]:
        return [item.subject_id for item in self.pushed if item.kind is kind]


class FakeBank(PaymentGateway):
    """Pays once per key and AGAIN for a new one; may go silent after it has paid.

    silences: how many of the next payments are made but never answered.
    came_back: refund_ids whose money the bank got back.
    """

    def __init__(self) -> None:
        self.payments: dict[str, RefundOrder] = {}
        self.silences = 0
        self.came_back: set[str] = set()
        self._lock = threading.Lock()

    def refund(self, order: RefundOrder) -> Paid:
        with self._lock:
            self.payments.setdefault(order.key, order)
            if self.silences > 0:
                self.silences -= 1
                raise PartnerUnknown("timeout")
        return Paid(f"BANK-{order.key[:8]}")

    def find(self, order: RefundOrder) -> Paid | None:
        with self._lock:
            ours = order.refund_id
            made = [p for p in self.payments.values() if p.refund_id == ours]
        if any(p.amount_minor != order.amount_minor for p in made):
            raise PaymentDiffers("payment_differs")
        if ours in self.came_back:
            raise PaymentReturned(f"BANK-{made[0].key[:8]}")
        return Paid(f"BANK-{made[0].key[:8]}") if made else None

    def since(self, moment: datetime) -> list[Payment]:
        with self._lock:
            return [
                Payment(
                    paid.refund_id,
                    f"BANK-{paid.key[:8]}",
                    paid.amount_minor,
                    paid.currency,
                    paid.refund_id not in self.came_back,
                )
                for paid in self.payments.values()
            ]

    def paid_minor(self) -> int:
        return sum(order.amount_minor for order in self.payments.values())


class FakeSupplier(SupplierGateway):
    """Authorises everything at once, and keeps a book of it."""

    def __init__(self) -> None:
        self.returns: dict[str, Authorisation] = {}
        self.replacements: Counter[str] = Counter()
        self.evidence: dict[str, dict[str, bytes]] = defaultdict(dict)

    def request_return(
        self, request: ReturnRequest, key: str
    ) -> Authorisation | Pending:
        granted = Authorisation(f"RMA-{key[:12]}", WAREHOUSE, None, "supplier", None)
        return self.returns.setdefault(request.reference, granted)

    def find_return(self, reference: str) -> Authorisation | Pending | None:
        return self.returns.get(reference)

    def since(self, moment: datetime) -> list[HeldReturn]:
        return [
            HeldReturn(
                reference,
                "authorised" if one.received_at is None else "received",
                one.rma_number,
            )
            for reference, one in self.returns.items()
        ]

    def request_replacement(
        self, request: ReplacementRequest, key: str
    ) -> ReplacementOrder | Pending:
        self.replacements[request.reference] += 1
        return ReplacementOrder(f"NEW-{key[:12]}")

    def evidence_keys(self, rma: str) -> frozenset[str]:
        return frozenset(self.evidence[rma])

    def add_evidence(
        self, rma: str, key: str, filename: str, content: bytes, content_type: str
    ) -> None:
        self.evidence[rma][key] = content

    def find_replacement(self, reference: str) -> ReplacementOrder | Pending | None:
        known = self.replacements[reference]
        return ReplacementOrder(f"NEW-{reference[:12]}") if known else None


class FakeGateways(Gateways):
    """One bank, one supplier for every name, no mail."""

    def __init__(self) -> None:
        self.bank = FakeBank()
        self.any_supplier = FakeSupplier()

    def payments(self) -> FakeBank:
        return self.bank

    def supplier(self, name: str) -> FakeSupplier:
        return self.any_supplier


class OneEach(FakeGateways):
    """Each supplier has a book of its own; any_supplier is Nordlys."""

    def __init__(self) -> None:
        super().__init__()
        self.each: dict[str, FakeSupplier] = defaultdict(FakeSupplier)
        self.each[NORDLYS] = self.any_supplier

    def supplier(self, name: str) -> FakeSupplier:
        return self.each[name]


class TestHouse(House):
    """A House whose fakes the test can reach."""

    __test__ = False
    clock: FixedClock
    queue: RememberingQueue
    gateways: FakeGateways


@cache
def shop_of(path: Path) -> Shop:
    """Read once a process, since reading takes longer than most tests."""
    return load_shop(path)


def be_patient(engine: Engine, seconds: float) -> None:
    writer = one_writer(engine)
    if isinstance(writer, OneWriter):
        writer.patience = seconds


def make_house(
    url: str, folder: Path, now: datetime = FRIDAY_NOON, at_head: bool = False
) -> TestHouse:
    """A house on the database at url, then migrated; the caller closes it."""
    settings = replace(load_settings(), var=folder, database_url=url, production=False)
    engine = make_engine(url)
    if not at_head:
        migrate(engine)
    refuse_a_second_connection(engine)
    shop = shop_of(settings.shop_file)
    house = TestHouse(settings, shop, engine, FixedClock(now), RememberingQueue())
    house.gateways = FakeGateways()
    be_patient(engine, 60)  # a slow machine is no fault
    return house


def refuse_a_second_connection(engine: Engine) -> None:
    """A thread that holds one connection and waits for another may wait for ever."""
    holders: set[int] = set()

    def out(_dbapi: object, record: Any, _proxy: object) -> None:
        thread = threading.get_ident()
        assert thread not in holders, "this thread holds a connection already"
        holders.add(thread)
        record.info["thread"] = thread

    def back(_dbapi: object, record: Any) -> None:
        holders.discard(record.info.pop("thread", 0))

    event.listen(engine, "checkout", out)
    event.listen(engine, "checkin", back)


@contextmanager
def opened(kind: str, folder: Path, now: datetime = FRIDAY_NOON) -> Iterator[TestHouse]:
    """A house on a throwaway database of this kind."""
    with throwaway(kind, folder, migrated=True) as url:
        house = make_house(url, folder, now, at_head=True)
        try:
            yield house
        finally:
            house.close()


def heard(
    message_id: str,
    intent: str = "request_return",
    conversation_id: str = "c1",
    **facts: Any,
) -> Heard:
    """What was understood in one French web message."""
    return Heard(conversation_id, message_id, "web", "fr", intent, **facts)


def ask(house: House, conversation_id: str = "c1") -> Question:
    return drafts.ask(house, conversation_id, "fr", "web")


def tell_all(
    house: House, order: dict[str, Any], conversation_id: str = "c1", **facts: Any
) -> Question:
    """Say everything in one message, prove the order; the question that follows."""
    proof = {
        "order_number": order["order_number"],
        "email": order["customer"]["email"],
    }
    message = heard("m1", conversation_id=conversation_id, **proof, **facts)
    drafts.hear(house, message)
    identity.look_up_order(house, conversation_id)
    return ask_on(house, conversation_id)


def ask_on(house: House, conversation_id: str = "c1") -> Question:
    """The next question that needs an answer: details and pictures are left out."""
    question = ask(house, conversation_id)
    while question.expects in ("detail", "photo"):
        told = heard(ids.new_id(), "inform", conversation_id, skip=True, pressed=True)
        drafts.hear(house, told)
        question = ask(house, conversation_id)
    return question
