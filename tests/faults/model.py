"""What a confirmed return may become, and what it may cost: pure, without a database.

One `Case` is one return; the `Book` is one order's money. A step that does not apply
changes nothing, so that the same step twice is the same as once.
"""

from dataclasses import dataclass, field

Unit = tuple[str, int]  # line_id, unit_no
STOPPABLE = ("requested", "needs_review", "authorised")
LIVE = (*STOPPABLE, "in_transit", "received")


class Silence(Exception):
    """The partner did it and never answered."""


@dataclass
class Case:
    """price: of what is paid back. with_delivery: so it was confirmed; whoever is
    first takes it. goods: they must come back. again: they are sent anew. by_hand:
    people pay.

    refund: none, reserved, owed, flight, manual, paid. replacement: none, due, flight,
    ordered. checked: a person looks at its proof of sending.
    """

    book: "Book" = field(repr=False)
    units: frozenset[Unit]
    status: str
    price: int = 0
    with_delivery: bool = False
    delivery: int = 0
    goods: bool = True
    again: bool = False
    by_hand: bool = False
    refund: str = "none"
    replacement: str = "none"
    proved: bool = False
    checked: bool = False

    def authorise(self) -> None:
        if self.status == "requested":
            self.status = "authorised"
            self.set_going()

    def set_going(self) -> None:
        if self.price and self.refund == "none":
            self.delivery = self.book.free_delivery if self.with_delivery else 0
            self.refund = "reserved"
            if not self.goods:
                self.owe()
        if self.again and self.replacement == "none":
            self.replacement = "due"

    def owe(self) -> None:
        if self.refund == "reserved":
            self.refund = "manual" if self.by_hand else "owed"

    def allow(self) -> None:
        if self.status == "needs_review":
            self.status = "requested" if self.goods else "authorised"

    def decline(self) -> None:
        if self.status == "needs_review":
            self.status = "declined"

    def prove_sending(self) -> None:
        if self.proved:
            return
        if self.status == "authorised":
            self.status, self.proved = "in_transit", True
        else:
            self.checked = True

    def wait_long_enough(self) -> None:
        if self.proved:
            self.owe()

    def receive(self) -> None:
        if self.status in ("authorised", "in_transit"):
            self.status = "received"
            self.set_going()
            self.owe()
            self.close()

    def pay(self, silent: bool) -> None:
        """By the machine; a silence comes once, for the next try reads the book."""
        if self.refund == "owed" and silent:
            self.refund = "flight"
            raise Silence
        if self.refund in ("owed", "flight"):
            self.refund = "paid"
            self.close()

    def pay_by_hand(self) -> None:
        if self.refund == "manual":
            self.refund = "paid"
            self.close()

    def replace(self, silent: bool) -> None:
        if self.replacement == "due" and silent:
            self.replacement = "flight"
            raise Silence
        if self.replacement in ("due", "flight"):
            self.replacement = "ordered"
            self.close()

    def cancel(self) -> None:
        unpaid = self.refund in ("none", "reserved", "owed")
        unordered = self.replacement in ("none", "due")
        if self.status in STOPPABLE and unpaid and unordered and not self.checked:
            self.status, self.refund, self.replacement = "cancelled", "none", "none"
            self.delivery = 0

    def close(self) -> None:
        settled = self.refund in ("none", "paid")
        back = not self.goods or self.status == "received"
        sent = not self.again or self.replacement == "ordered"
        if settled and back and sent and self.status in ("authorised", "received"):
            self.status = "closed"

    @property
    def minor(self) -> int:
        return self.price + self.delivery

    @property
    def holds(self) -> frozenset[Unit]:
        """Units that no other return may have; a replaced one may come back again."""
        ended = self.status in ("cancelled", "declined")
        replaced = self.status == "closed" and self.again
        return frozenset() if ended or replaced else self.units


@dataclass
class Book:
    """One order: what was paid for each unit and its delivery, and its returns."""

    units: dict[Unit, int]
    delivery: int
    cases: dict[str, Case] = field(default_factory=dict)

    def open(self, return_id: str, case: Case) -> None:
        taken = [unit for other in self.cases.values() for unit in other.holds]
        asked = case.holds if case.status != "needs_review" else frozenset()
        assert not asked & set(taken), f"{return_id} holds what another return holds"
        assert set(case.units) <= set(self.units)
        self.cases[return_id] = case

    @property
    def free_delivery(self) -> int:
        return self.delivery - sum(case.delivery for case in self.cases.values())

    def must_balance(self) -> None:
        """I-1: nothing twice, never above what was captured."""
        paying = [c for c in self.cases.values() if c.refund != "none"]
        assert sum(c.minor for c in paying) <= sum(self.units.values()) + self.delivery

    @property
    def paid_by_machine(self) -> int:
        """What the bank's own book must hold: also what it never confirmed."""
        done = [c for c in self.cases.values() if c.refund in ("flight", "paid")]
        return sum(c.minor for c in done if not c.by_hand)
