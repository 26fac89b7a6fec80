"""Customers with whole returns while processes die: each asks again like a widget.

What must be true afterwards is read in the partners' own books (I-1 to I-4, I-7).
"""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa

from desk.tables import inbound_messages, messages
from returns.errors import PartnerUnknown
from returns.services import views
from returns.tables import refund_components, work
from tests.orders import new_order
from tests.stack import Customer, Stack

ASK_AGAIN_SECONDS = 0.2
PATIENCE = 240.0
PRICE = 6480
WORDS = {
    "fr": (
        "elle est arrivée déchirée, je veux être remboursée, commande {0}, {1}",
        "oui",
    ),
    "en": ("it arrived torn, I want my money back, order {0}, {1}", "yes"),
}
UNCERTAIN = (httpx.TransportError, PartnerUnknown, sa.exc.OperationalError)


@dataclass
class Bought:
    """One return of one customer. silence: the longest wait for any word, seconds.

    took: how long each message was not answered, looked at every 0.2 s.
    """

    order: dict[str, Any]
    language: str
    customer: Customer | None = None
    said: list[tuple[str, str]] = field(default_factory=list)
    silence: float = 0.0
    took: list[float] = field(default_factory=list)

    @property
    def number(self) -> str:
        return str(self.order["order_number"])


def persist[T](
    act: Callable[[], T | None], what: str, why: Callable[[], object] = str
) -> T:
    """What it gives in the end; a part that is down is waited for."""
    until = time.monotonic() + PATIENCE
    last: object = None
    while time.monotonic() < until:
        try:
            found = act()
            if found is not None:
                return found
        except UNCERTAIN as error:
            last = error
        time.sleep(ASK_AGAIN_SECONDS)
    raise AssertionError(f"never: {what}; last {last!r}; {why()}")


class Shopper:
    """One thread's customer: return after return until told to stop."""

    def __init__(self, stack: Stack, language: str, dice: random.Random) -> None:
        self.stack, self.language, self.dice = stack, language, dice
        self.done: list[Bought] = []
        self._waits_for = ""

    def shop(self, go_on: Callable[[], bool]) -> list[Bought]:
        while True:
            bought = Bought(self._order(), self.language)
            self.done.append(bought)
            self._give_back(bought)
            if not go_on():
                return self.done

    def _order(self) -> dict[str, Any]:
        def buy() -> dict[str, Any]:
            return new_order(self.stack.house, language=self.language)

        return persist(buy, "an order is imported")

    def _give_back(self, bought: Bought) -> None:
        bought.customer = persist(self._enter, "a session")
        wish, yes = WORDS[self.language]
        self._say(bought, wish.format(bought.number, bought.order["customer"]["email"]))
        assert bought.customer.expects == "confirmation", bought.customer.heard
        time.sleep(self.dice.uniform(0, 1))
        self._say(bought, yes)
        rma = persist(lambda: self._case(bought).get("rma_number"), "the RMA number")
        time.sleep(self.dice.uniform(0, 1))
        persist(lambda: self._arrive(rma), "the parcel arrives")
        persist(lambda: self._case(bought)["status"] == "closed" or None, "closed")
        bought.customer.http.close()

    def _enter(self) -> Customer | None:
        try:
            return self.stack.customer(self.language)
        except AssertionError:  # 503: it is not stored, so ask again
            return None

    def _say(self, bought: Bought, text: str) -> None:
        """The same message until the desk takes it, then until it is answered."""
        customer, message_id = bought.customer, str(uuid.uuid4())
        assert customer is not None
        bought.said.append((message_id, text))
        body = {"message_id": message_id, "text": text}
        asked = time.monotonic()

        def send() -> bool | None:
            reply = customer.post(body)
            assert reply.status_code in (200, 503), reply.text
            return reply.status_code == 200 or None

        persist(send, "the desk takes it")
        bought.silence = max(bought.silence, time.monotonic() - asked)
        persist(lambda: self._answered(message_id), "an answer", self._why)
        bought.took.append(time.monotonic() - asked)
        persist(lambda: customer.news() or True, "the news")

    def _answered(self, message_id: str) -> bool | None:
        self._waits_for = message_id
        query = sa.select(inbound_messages.c.state).where(
            inbound_messages.c.message_id == message_id
        )
        with self.stack.house.reader.connect() as connection:
            return connection.execute(query).scalar() == "answered" or None

    def _why(self) -> object:
        """How the message and its work stand that was never answered."""
        query = (
            sa.select(inbound_messages.c.state, inbound_messages.c.claim_until, work)
            .join(work, work.c.subject_id == inbound_messages.c.inbound_id)
            .where(inbound_messages.c.message_id == self._waits_for)
        )
        with self.stack.house.reader.connect() as connection:
            return connection.execute(query).all(), self.stack.house.clock.now()

    def _case(self, bought: Bought) -> dict[str, Any]:
        found = views.all_returns(self.stack.house, bought.number)
        return found[0] if found else {"status": "none"}

    def _arrive(self, rma: str) -> bool:
        self.stack.sandbox.receive(rma)
        return True


def load(
    stack: Stack,
    crowd: int,
    seed: int,
    meanwhile: Callable[[], object],
    kind: type[Shopper] = Shopper,
) -> list[Bought]:
    """So many customers, return after return, until `meanwhile` is over."""
    over = threading.Event()
    shoppers = [
        kind(stack, ("fr", "en")[n % 2], random.Random(seed * 1000 + n))
        for n in range(crowd)
    ]
    with ThreadPoolExecutor(crowd) as pool:
        shopping = [
            pool.submit(one.shop, lambda: not over.is_set()) for one in shoppers
        ]
        try:
            meanwhile()
        finally:
            over.set()
        return [bought for each in shopping for bought in each.result()]


@dataclass
class Books:
    """What the partners say, read once after all is over."""

    bank: list[dict[str, Any]]
    supplier: list[dict[str, Any]]
    mails: list[dict[str, Any]]

    @classmethod
    def of(cls, stack: Stack) -> "Books":
        sandbox = stack.sandbox
        return cls(sandbox.book(), sandbox.returns(), sandbox.mails())

    def must_agree_with(self, stack: Stack, bought: Bought) -> None:
        """One payment, one RMA, our ledger the same, each mail under one id."""
        paid = bought.order["payment"]["reference"]
        payments = [r for r in self.bank if r["payment_reference"] == paid]
        assert [row["amount_minor"] for row in payments] == [PRICE], payments
        (case,) = views.all_returns(stack.house, bought.number)
        assert (case["status"], case["refund"]["state"]) == ("closed", "paid")
        asked = [r for r in self.supplier if r["reference"] == case["return_id"]]
        assert len(asked) == 1, asked
        assert _ledger(stack, bought.number) == PRICE
        self._must_have_told(bought)

    def _must_have_told(self, bought: Bought) -> None:
        address = bought.order["customer"]["email"]
        mine = [row for row in self.mails if row["to"] == address]
        by_subject = {row["subject"]: row["message_id"] for row in mine}
        assert len(by_subject) == len({row["message_id"] for row in mine}), mine
        assert len(by_subject) >= 3, by_subject

    def repeated_mails(self) -> int:
        """Copies under the same id: a kill between the server's 250 and our commit."""
        return sum(1 for row in self.mails if row["copy_no"] > 1)


def must_be_in_order(stack: Stack, bought: Bought) -> None:
    """Each message there once, answered once, and in the order it was said."""
    assert bought.customer is not None
    talk = bought.customer.conversation_id
    query = (
        sa.select(messages, inbound_messages.c.message_id.label("answers"))
        .outerjoin(
            inbound_messages, inbound_messages.c.inbound_id == messages.c.inbound_id
        )
        .where(messages.c.conversation_id == talk)
        .order_by(messages.c.seq)
    )
    with stack.house.reader.connect() as connection:
        rows = connection.execute(query).all()
    said = [(r.message_id, r.text) for r in rows if r.author == "customer"]
    assert said == bought.said
    told = [(r.answers, r.n) for r in rows if r.author == "bot" and r.answers]
    assert len(told) == len(set(told)), told
    whole = [(answers, n) for answers, n in told if n >= 0]
    wanted = [message_id for message_id, _text in said]
    assert whole == sorted(whole, key=lambda pair: (wanted.index(pair[0]), pair[1]))
    assert {answers for answers, _n in whole} == set(wanted)
    notices = Counter(row.notice_id for row in rows if row.notice_id)
    assert set(notices.values()) <= {1}, notices


def _ledger(stack: Stack, number: str) -> int:
    query = sa.select(sa.func.sum(refund_components.c.amount_minor)).where(
        refund_components.c.order_number == number
    )
    with stack.house.reader.connect() as connection:
        return int(connection.execute(query).scalar() or 0)
