"""F15: whatever customer, supplier, bank and staff do in turn, as the model says.

Three steps of ten are done twice with the same key, as a crash repeats them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from returns import ids
from returns.errors import PartnerUnknown, RecapChanged, ReturnsError
from returns.gateways.supplier import (
    Authorisation,
    Pending,
    ReplacementOrder,
    ReplacementRequest,
    ReturnRequest,
)
from returns.model import By, Outcome, Resolution, ReturnReason
from returns.services import (
    authorisations,
    cancelling,
    cases,
    drafts,
    finishing,
    history,
    identity,
    parcels,
    refunds,
    reminders,
    replacements,
    tasks,
)
from returns.services.finishing import Given
from returns.tables import confirmations, held_units, refund_components, returns
from returns.tables import refunds as refund_rows
from returns.tables import tasks as task_rows
from tests.fault_counts import Record
from tests.faults.model import Book, Case, Silence
from tests.houses import FakeGateways, FakeSupplier, TestHouse, ask_on, heard, opened
from tests.orders import new_order

SEED = 20261129
R = ReturnReason
TALKS = ("a", "b", "c")
STATES = {  # the model's words for the refund's columns state and due_at
    ("due", False): "reserved",
    ("due", True): "owed",
    ("in_flight", True): "flight",
    ("manual", True): "manual",
    ("paid", True): "paid",
}
pytestmark = pytest.mark.fault("F15")
twice = st.sampled_from([True] * 3 + [False] * 7)
wishes = st.fixed_dictionaries(
    {
        "which": st.sampled_from([(0,), (1,), (0, 1)]),
        "quantity": st.integers(1, 3),
        "reason": st.sampled_from(
            [R.DAMAGED_IN_TRANSIT, R.DAMAGED_IN_TRANSIT, R.CHANGED_MIND, R.TOO_SMALL]
        ),
        "wish": st.sampled_from([Resolution.REFUND, Resolution.REPLACEMENT]),
        "withdraws": st.sampled_from([False, False, False, True]),
    }
)
some = st.integers(0, 9)


class Forgetful(FakeSupplier):
    """Does what it is asked, and once does not answer."""

    silent = False

    def request_return(
        self, request: ReturnRequest, key: str
    ) -> Authorisation | Pending:
        return self._answer(super().request_return(request, key))

    def request_replacement(
        self, request: ReplacementRequest, key: str
    ) -> ReplacementOrder | Pending:
        return self._answer(super().request_replacement(request, key))

    def _answer[A](self, given: A) -> A:
        if self.silent:
            self.silent = False
            raise PartnerUnknown("timeout")
        return given


class Returns(RuleBasedStateMachine):
    """house: set by the test; it is shared, each sequence has an order of its own."""

    house: TestHouse

    @initialize(by_hand=st.booleans(), quantity=st.integers(1, 3), wish=wishes)
    def buy(self, by_hand: bool, quantity: int, wish: dict[str, Any]) -> None:
        """Each sequence begins with an order and, mostly, a return of it."""
        self.house.clock.move(hours=2)  # the limit of an hour is not what is tried here
        self.house.gateways = FakeGateways()
        self.supplier = self.house.gateways.any_supplier = Forgetful()
        many = {"quantity": quantity, "paid_minor": 3000 * quantity}
        method = "manual" if by_hand else "sandbox"
        self.by_hand = by_hand
        self.order = new_order(
            self.house,
            lines=[many, {"paid_minor": 2500, "sku": "NOR-02"}],
            payment={"method": method, "reference": f"pay-{ids.new_id()}"},
        )
        first, second = (line["line_id"] for line in self.order["lines"])
        units = {(first, n): 3000 for n in range(1, quantity + 1)}
        self.book = Book({**units, (second, 1): 2500}, delivery=490)
        self.recaps: dict[str, int] = {}  # by talk: the version that it was told at
        self.carried: dict[str, int] = {}  # as recaps: one of them went elsewhere
        self.version = 0
        self.wish("b", **wish)
        self.say_yes("b", False)

    # ─────────────────────────────── what a customer does ──────────────────────────

    @rule(talk=st.sampled_from(TALKS), wish=wishes, again=twice)
    def wish_and_say_yes(self, talk: str, wish: dict[str, Any], again: bool) -> None:
        self.wish(talk, **wish)
        self.say_yes(talk, again)

    @rule(talk=st.sampled_from(TALKS), wish=wishes)
    def only_wish(self, talk: str, wish: dict[str, Any]) -> None:
        self.wish(talk, **wish)

    def wish(
        self,
        talk: str,
        which: tuple[int, ...],
        quantity: int,
        reason: ReturnReason,
        wish: Resolution,
        withdraws: bool,
    ) -> None:
        talk_id = self._id(talk)
        drafts.drop(self.house, talk_id, start_over=True)
        lines = tuple(self.order["lines"][n]["line_id"] for n in which)
        facts: dict[str, Any] = {"reasons": (reason,), "resolution": wish}
        if withdraws:
            facts = {"no_reason": True}
        message = heard(
            ids.new_id(),
            "withdraw_from_contract" if withdraws else "request_return",
            talk_id,
            order_number=self.order["order_number"],
            email=self.order["customer"]["email"],
            line_ids=lines,
            quantity=quantity,
            **facts,
        )
        drafts.hear(self.house, message)
        identity.look_up_order(self.house, talk_id)
        self.recaps.pop(talk, None)
        if withdraws:
            self._one_is_carried()
        if ask_on(self.house, talk_id).expects == "confirmation":
            self.recaps[talk] = self.version

    @rule(talk=st.sampled_from(TALKS), again=twice)
    def say_yes(self, talk: str, again: bool) -> None:
        yes = ids.new_id()
        told = [self._try(lambda: cases.confirm(self.house, self._id(talk), yes))]
        stayed = self.carried.pop(talk, None)
        at = self.recaps.pop(talk, None)
        if at is None and isinstance(told[0], ReturnsError):
            return
        at = stayed if at is None else at
        assert at is not None, repr(told[0])
        if again:
            told.append(
                self._try(lambda: cases.confirm(self.house, self._id(talk), yes))
            )
            assert repr(told[0]) == repr(told[1])
        if isinstance(told[0], ReturnsError):
            assert isinstance(told[0], RecapChanged), repr(told[0])
            assert at != self.version, self.book
            if ask_on(self.house, self._id(talk)).expects == "confirmation":
                self.recaps[talk] = self.version
            return
        for return_id in told[0].return_ids:
            self.book.open(return_id, self._as_confirmed(return_id))
        self.version += 1

    @precondition(lambda self: self.book.cases)
    @rule(n=some, again=twice)
    def post_the_parcel(self, n: int, again: bool) -> None:
        return_id, case = self._case(n)
        if not case.goods:
            return
        number = _tracking_number(list(self.book.cases).index(return_id), self.order)
        message = heard(
            ids.new_id(),
            "give_tracking_number",
            self._id("a"),
            tracking_number=number,
            return_id=return_id,
        )
        self._prove()

        def post() -> None:
            parcels.give_tracking_number(self.house, message)

        self._do(post, case.prove_sending, again)

    @precondition(lambda self: self.book.cases)
    @rule(n=some, again=twice)
    def cancel(self, n: int, again: bool) -> None:
        return_id, case = self._case(n)
        self._prove()
        talk = self._id("a")
        self._do(
            lambda: cancelling.cancel(self.house, talk, return_id), case.cancel, again
        )

    # ─────────────────────────── what partners and days do ─────────────────────────

    @precondition(lambda self: self.book.cases)
    @rule(n=some, silent=st.booleans(), again=twice)
    def ask_the_supplier(self, n: int, silent: bool, again: bool) -> None:
        return_id, case = self._case(n)
        if not case.goods:
            self._settle(return_id, case, again)
            return
        asked = return_id in self.supplier.returns
        self.supplier.silent = silent and case.status == "requested" and not asked

        def expected() -> None:
            if self.expects_silence:
                raise Silence
            case.authorise()

        self.expects_silence = self.supplier.silent
        self._do(
            lambda: authorisations.authorise(self.house, return_id), expected, again
        )

    @precondition(lambda self: self.book.cases)
    @rule(n=some, again=twice)
    def take_the_goods_in(self, n: int, again: bool) -> None:
        return_id, case = self._case(n)
        self._do(
            lambda: authorisations.receive_goods(self.house, return_id, By.SUPPLIER),
            case.receive,
            again,
        )

    @precondition(lambda self: self.book.cases)
    @rule(n=some, silent=st.booleans(), again=twice)
    def pay(self, n: int, silent: bool, again: bool) -> None:
        return_id, case = self._case(n)
        row = self._refund(return_id)
        if row is None or row.due_at is None:
            return
        self.house.gateways.bank.silences = int(silent and case.refund == "owed")
        told = iter([silent])
        self._do(
            lambda: refunds.pay(self.house, row.refund_id),
            lambda: case.pay(next(told, False)),
            again,
        )

    @precondition(lambda self: self.book.cases)
    @rule(n=some, silent=st.booleans(), again=twice)
    def send_another(self, n: int, silent: bool, again: bool) -> None:
        return_id, case = self._case(n)
        with self.house.reader.connect() as connection:
            row = replacements.of_return(connection, return_id)
        if row is None:
            return
        self.supplier.silent = silent and case.replacement == "due"
        told = iter([silent])
        self._do(
            lambda: replacements.order(self.house, row.replacement_id),
            lambda: case.replace(next(told, False)),
            again,
        )

    @rule()
    def let_days_pass(self) -> None:
        self.house.clock.move(days=6)
        reminders.look(self.house)
        self.recaps.clear()
        self.carried.clear()
        for case in self.book.cases.values():
            case.wait_long_enough()

    # ──────────────────────────────── what staff do ────────────────────────────────

    @precondition(lambda self: self.book.cases)
    @rule(n=some, yes=st.booleans(), again=twice)
    def decide(self, n: int, yes: bool, again: bool) -> None:
        return_id, case = self._case(n)
        given = Given(decision="allow" if yes else "decline", reason="trop tard")
        expected = case.allow if yes else case.decline
        self._by_staff("review_return", return_id, given, expected, again)

    @precondition(lambda self: self.book.cases)
    @rule(n=some, again=twice)
    def pay_by_hand(self, n: int, again: bool) -> None:
        return_id, case = self._case(n)
        given = Given(reference="VIR-7")
        self._by_staff("pay_refund", return_id, given, case.pay_by_hand, again)

    # ─────────────────────────────── what must be true ─────────────────────────────

    @invariant()
    def the_services_say_what_the_model_says(self) -> None:
        if not hasattr(self, "book"):
            return
        self.book.must_balance()
        its_refund = returns.c.return_id == refund_rows.c.return_id
        both = sa.outerjoin(returns, refund_rows, its_refund)
        query = sa.select(returns, refund_rows.c.state, refund_rows.c.due_at)
        here = returns.c.order_number == self.order["order_number"]
        with self.house.reader.connect() as connection:
            rows = connection.execute(query.select_from(both).where(here)).all()
        found = {
            row.return_id: (
                row.status,
                STATES[row.state, row.due_at is not None] if row.state else "none",
            )
            for row in rows
        }
        told = {
            key: (case.status, case.refund) for key, case in self.book.cases.items()
        }
        assert found == told, self.book

    @invariant()
    def the_ledger_is_the_banks_book(self) -> None:
        if not hasattr(self, "book"):
            return
        bank = self.house.gateways.bank
        assert bank.paid_minor() == self.book.paid_by_machine
        refunded = [order.refund_id for order in bank.payments.values()]
        assert len(refunded) == len(set(refunded)), "one refund was paid twice"
        here = refund_components.c.order_number == self.order["order_number"]
        with self.house.reader.connect() as connection:
            sums = sa.func.coalesce(sa.func.sum(refund_components.c.amount_minor), 0)
            reserved = connection.execute(sa.select(sums).where(here)).scalar_one()
        owing = [c.minor for c in self.book.cases.values() if c.refund != "none"]
        assert reserved == sum(owing)

    @invariant()
    def a_unit_is_in_one_return(self) -> None:
        if not hasattr(self, "book"):
            return
        here = held_units.c.order_number == self.order["order_number"]
        with self.house.reader.connect() as connection:
            rows = connection.execute(sa.select(held_units).where(here)).all()
        held = {(row.line_id, row.unit_no) for row in rows}
        assert held == {u for case in self.book.cases.values() for u in case.holds}

    def teardown(self) -> None:
        """I-2: with well partners and a little time everything comes to its end."""
        if not hasattr(self, "book"):
            return
        for return_id, case in self.book.cases.items():
            n = list(self.book.cases).index(return_id)
            self.decide(n, True, False)
            self.ask_the_supplier(n, False, False)
            # In this order a replacement leaves before its goods are back, and a
            # parcel's waiting days end before it arrives.
            self.send_another(n, False, False)
            self.post_the_parcel(n, False)
            self.let_days_pass()
            self.the_services_say_what_the_model_says()
            self.take_the_goods_in(n, False)
            self.pay(n, False, False)
            self.pay_by_hand(n, False)
            ended = ("closed", "cancelled", "declined")
            assert case.status in ended, (return_id, case)
        self.the_services_say_what_the_model_says()
        self.the_ledger_is_the_banks_book()

    # ─────────────────────────────────── by what ───────────────────────────────────

    def _do(
        self, act: Callable[[], Any], expected: Callable[[], None], again: bool
    ) -> None:
        """The step, and perhaps once more with the same key; the model likewise."""
        for _ in range(1 + again):
            told = self._try(act)
            before = repr(self.book.cases)
            try:
                expected()
            except Silence:
                assert isinstance(told, PartnerUnknown), told
                self.expects_silence = False
            else:
                assert not isinstance(told, ReturnsError), told
            self.version += repr(self.book.cases) != before

    def _try(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except ReturnsError as error:
            return error

    def _settle(self, return_id: str, case: Case, again: bool) -> None:
        """What keeps its goods is settled by durable work of its own."""
        if case.status == "authorised":
            self._do(
                lambda: authorisations.settle_without_goods(self.house, return_id),
                case.set_going,
                again,
            )

    def _by_staff(
        self,
        kind: str,
        return_id: str,
        given: Given,
        expected: Callable[[], None],
        again: bool,
    ) -> None:
        """By the task; one that is done already is refused and changes nothing."""
        for task in self._open_tasks(kind, return_id):
            finishing.finish(self.house, task, given, "lea")
            expected()
            self.version += 1
            if again:
                self._try(lambda t=task: finishing.finish(self.house, t, given, "lea"))

    def _as_confirmed(self, return_id: str) -> Case:
        """As the decision has it; which is the policy's, and tested there."""
        with self.house.reader.connect() as connection:
            row = history.get_return(connection, return_id)
            lines = cases.lines_of(connection, return_id)
            mine = held_units.c.return_id == return_id
            held = connection.execute(sa.select(held_units).where(mine)).all()
            mine = confirmations.c.draft_id == row.draft_id
            query = sa.select(confirmations.c.decision).where(mine)
            decision = connection.execute(query).scalar_one()
        back = {ln.line_id for ln in lines if ln.resolution == Resolution.REFUND}
        units = frozenset((one.line_id, one.unit_no) for one in held)
        goods = sum(self.book.units[unit] for unit in units if unit[0] in back)
        told = sum(ln.refund_minor for ln in lines if ln.line_id in back)
        assert row.outcome != Outcome.ALLOW or goods == told, lines
        return Case(
            self.book,
            units,
            row.status,
            price=goods,
            with_delivery=bool(decision["delivery_refund_minor"]),
            goods=cases.needs_goods_back(lines),
            again=any(line.resolution == Resolution.REPLACEMENT for line in lines),
            by_hand=self.by_hand,
        )

    def _prove(self) -> None:
        """The customer proves the order again, in the talk that cares for parcels."""
        drafts.drop(self.house, self._id("a"), start_over=True)
        number, email = self.order["order_number"], self.order["customer"]["email"]
        proof = heard(
            ids.new_id(),
            conversation_id=self._id("a"),
            order_number=number,
            email=email,
        )
        drafts.hear(self.house, proof)
        identity.look_up_order(self.house, self._id("a"))
        self._one_is_carried()

    def _one_is_carried(self) -> None:
        """Who proves an order and tells nothing goes on with what is open elsewhere."""
        self.carried |= self.recaps
        self.recaps.clear()

    def _open_tasks(self, kind: str, return_id: str) -> list[tasks.Task]:
        mine = (task_rows.c.kind == kind, task_rows.c.return_id == return_id)
        query = sa.select(task_rows.c.task_id).where(
            *mine, task_rows.c.done_at.is_(None)
        )
        with self.house.reader.connect() as connection:
            found = connection.execute(query).scalars().all()
        return [tasks.find_task(self.house, task_id) for task_id in found]

    def _case(self, n: int) -> tuple[str, Case]:
        return list(self.book.cases.items())[n % len(self.book.cases)]

    def _id(self, talk: str) -> str:
        return f"{talk}-{self.order['order_number']}"

    def _refund(self, return_id: str) -> Any:
        query = sa.select(refund_rows).where(refund_rows.c.return_id == return_id)
        with self.house.reader.connect() as connection:
            return connection.execute(query).first()


def _tracking_number(place: int, order: dict[str, Any]) -> str:
    """By the postal union's standard, one for each return."""
    digits = f"{int(order['order_number'][-5:]) * 100 + place:08}"[-8:]
    total = sum(
        int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)
    )
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    return f"RR{digits}{check}FR"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.mark.timeout(3600)
def test_the_services_do_what_the_model_does(
    house: TestHouse, trial: int, pytestconfig: pytest.Config, record_property: Record
) -> None:
    """Each sequence is an order of its own; in the full run ten times 500 of 40."""
    full = pytestconfig.getoption("--full")
    sequences, steps = (500, 40) if full else (25, 12)
    Returns.house = house
    told = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # shrinking takes longer than reading the steps
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(SEED + trial)(Returns), settings=told)
    record_property("trials", sequences)
    record_property("seed", SEED)
