"""A customer's way to the yes, and what must be true in the end."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import sqlalchemy as sa

from desk.tables import inbound_messages, messages
from returns.services import views
from tests.orders import new_order
from tests.stack import Customer, Stack

PATIENCE = 60.0
REFUND = "elle est arrivée déchirée, je veux être remboursée"
REPLACEMENT = "elle est arrivée déchirée, je veux un remplacement"


# How a yes may be answered: with the number and address, that the supplier has yet
# to give them, or, if the news of them was quicker, how the return stands.
FIRST_ANSWERS = {
    "utter_return_authorised",
    "utter_return_waits_for_supplier",
    "utter_return_status",
}


class Journey:
    """One customer, one wish, one order: a fresh one if none is given."""

    def __init__(
        self,
        stack: Stack,
        wish: str = REFUND,
        order: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        self.stack = stack
        self.order = order or new_order(stack.house, **changes)
        self.number: str = self.order["order_number"]
        self.wish = wish
        self.customer: Customer = stack.customer()
        self.yes_id = str(uuid.uuid4())

    def to_the_recap(self) -> "Journey":
        self.customer.say(self.wish)
        self.customer.say(self.number)
        self.customer.say(self.order["customer"]["email"])
        self._must_see_the_recap()
        return self

    def to_the_recap_at_once(self) -> "Journey":
        """All in one message."""
        told = f"{self.wish}, commande {self.number}, {self.order['customer']['email']}"
        self.customer.say(told)
        self._must_see_the_recap()
        return self

    def say_yes(self) -> str | None:
        """The answer; None when the desk died under the request."""
        try:
            return self.customer.say("oui", self.yes_id)
        except httpx.TransportError:
            return None

    def say_yes_until_answered(self) -> str:
        """As a widget does: the same message again until the desk takes it."""
        return str(eventually(self.say_yes, "the desk takes the yes"))

    def returns(self) -> list[dict[str, Any]]:
        return views.all_returns(self.stack.house, self.number)

    def status(self) -> str:
        found = self.returns()
        return found[0]["status"] if found else "none"

    def events(self) -> list[str]:
        return [entry["event"] for case in self.returns() for entry in case["history"]]

    def payments(self) -> list[dict[str, Any]]:
        reference = self.order["payment"]["reference"]
        book = self.stack.sandbox.book()
        return [row for row in book if row["payment_reference"] == reference]

    def supplier_returns(self) -> list[dict[str, Any]]:
        ids = {case["return_id"] for case in self.returns()}
        return [r for r in self.stack.sandbox.returns() if r["reference"] in ids]

    def replacements(self) -> list[dict[str, Any]]:
        lines = {line["supplier_order_reference"] for line in self.order["lines"]}
        return [
            row
            for row in self.stack.sandbox.replacements()
            if row["request"]["supplier_order_reference"] in lines
        ]

    def goods_arrive(self) -> None:
        eventually(lambda: self.returns()[0]["rma_number"], "the RMA number")
        self.stack.sandbox.receive(self.returns()[0]["rma_number"])

    def must_have_heard_the_yes(self) -> None:
        """The yes is answered as a yes however often it had to run."""
        self.must_be_answered()
        first, *rest = self.answer_to_the_yes()
        assert first in FIRST_ANSWERS, (first, rest)
        promised = ["utter_refund_when_received", "utter_anything_else"]
        assert rest == promised, (first, rest)
        assert self.say_yes_until_answered() == self.say_yes_until_answered()

    def must_be_answered(self) -> None:
        eventually(self._answered, "every message is answered")

    def answer_to_the_yes(self) -> list[str]:
        """The responses' names, without the desk's own word while it took longer."""
        query = (
            sa.select(messages.c.response)
            .join(
                inbound_messages, messages.c.inbound_id == inbound_messages.c.inbound_id
            )
            .where(
                inbound_messages.c.conversation_id == self.customer.conversation_id,
                inbound_messages.c.message_id == self.yes_id,
                messages.c.n >= 0,
            )
            .order_by(messages.c.n)
        )
        with self.stack.house.reader.connect() as connection:
            return list(connection.execute(query).scalars())

    def must_be_whole(self) -> None:
        """One case, one RMA, the yes answered once, the address told once."""
        eventually(lambda: self.status() not in ("none", "requested"), "authorised")
        assert len(self.returns()) == 1
        assert len(self.supplier_returns()) == 1
        self.must_be_answered()
        rma = self.returns()[0]["rma_number"]
        told = eventually(lambda: self._said(rma), f"the customer is told {rma}")
        assert len(told) == 1, told
        self._no_message_twice()

    def must_be_paid_once(self) -> None:
        """Through to the money, by the bank's own book."""
        self.goods_arrive()
        eventually(lambda: self.status() == "closed", "closed")
        paid = self.payments()
        assert [row["amount_minor"] for row in paid] == [6480], paid
        assert self.returns()[0]["refund"]["state"] == "paid"

    def _must_see_the_recap(self) -> None:
        told = self.customer.heard[-1]
        assert told["expects"] == "confirmation", (told, self.stack.logs())

    def _said(self, words: str) -> list[str]:
        here = messages.c.conversation_id == self.customer.conversation_id
        query = sa.select(messages.c.text).where(here, messages.c.author == "bot")
        with self.stack.house.reader.connect() as connection:
            texts = connection.execute(query).scalars()
            return [text for text in texts if words in text]

    def _answered(self) -> bool:
        here = inbound_messages.c.conversation_id == self.customer.conversation_id
        query = sa.select(inbound_messages.c.inbound_id).where(
            here, inbound_messages.c.state != "answered"
        )
        with self.stack.house.reader.connect() as connection:
            return connection.execute(query).first() is None

    def _no_message_twice(self) -> None:
        here = messages.c.conversation_id == self.customer.conversation_id
        query = sa.select(messages.c.inbound_id, messages.c.response).where(
            here, messages.c.author == "bot", messages.c.inbound_id.is_not(None)
        )
        with self.stack.house.reader.connect() as connection:
            told = [tuple(row) for row in connection.execute(query)]
        assert len(told) == len(set(told)), told


def eventually[T](holds: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """The first true value. Errors of the moment (a part is down) are waited out."""
    until = time.monotonic() + seconds
    seen: object = None
    while time.monotonic() < until:
        seen = holds()
        if seen:
            return seen
        time.sleep(0.1)
    raise AssertionError(f"never: {what}; last seen {seen!r}")
