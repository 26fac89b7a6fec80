"""F9: many at once on one order; the bank's own book says one refund for each unit.

Every race has its own order and is run to its end: authorised, received, paid.
"""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from desk import inbox, sessions, transcript
from desk.tables import inbound_messages, messages
from returns.errors import ReturnsError
from returns.model import By, ReturnReason
from returns.sandbox.client import SandboxClient
from returns.services import (
    authorisations,
    cancelling,
    cases,
    drafts,
    refunds,
)
from returns.tables import refund_components, returns
from returns.unit import writing
from tests.databases import KINDS
from tests.faults import mortal
from tests.houses import FRIDAY_NOON, TestHouse, ask, heard, opened
from tests.orders import new_order
from tests.partners import SandboxProcess, sandbox_settings
from tests.unit.returns.test_money import wish

pytestmark = pytest.mark.fault("F9")

RACES, RACES_IN_FULL = 1, 65  # of each kind on each database
SIZES = (2, 2, 3, 3, 4, 5, 8, 13, 50)
GOODS, DELIVERY = 5990, 490


@dataclass
class Arena:
    """One house, and the bank's book in another process."""

    house: TestHouse
    books: SandboxClient

    def at_once(self, acts: Sequence[Callable[[], Any]]) -> list[Any]:
        """Their results, or the business's errors: all start together."""
        gate = threading.Barrier(len(acts))

        def run(act: Callable[[], Any]) -> Any:
            gate.wait()
            while True:
                try:
                    return act()
                except sa.exc.TimeoutError:  # the desk's 503: ask again
                    continue
                except ReturnsError as error:
                    return error

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(run, acts))

    def recaps(self, order: dict[str, Any], many: int, **facts: Any) -> list[str]:
        """So many conversations, each with a recap of the order."""
        talks = [str(uuid4()) for _ in range(many)]
        for talk in talks:
            wish(self.house, order, talk, **facts)
        return talks

    def must_pay_once(self, order: dict[str, Any], units: int = 1) -> None:
        """To the end, by several workers at once; then the bank is asked."""
        house, number = self.house, order["order_number"]
        for return_id in self._returns(number):
            self.at_once([partial(authorisations.authorise, house, return_id)] * 2)
            arrive = partial(
                authorisations.receive_goods, house, return_id, By.SUPPLIER
            )
            self.at_once([arrive] * 2)
            with house.reader.connect() as connection:
                refund = refunds.of_return(connection, return_id)
            if refund is not None:
                self.at_once([partial(refunds.pay, house, refund.refund_id)] * 3)
        paid = order["payment"]["reference"]
        book = [r for r in self.books.book() if r["payment_reference"] == paid]
        assert sum(row["amount_minor"] for row in book) == GOODS * units + DELIVERY
        parts = self._components(number)
        assert len(parts) == len(set(parts)) == units + 1

    def _returns(self, number: str) -> list[str]:
        query = sa.select(returns.c.return_id).where(
            returns.c.order_number == number, returns.c.status != "cancelled"
        )
        with self.house.reader.connect() as connection:
            return list(connection.execute(query).scalars())

    def _components(self, number: str) -> list[str]:
        query = sa.select(refund_components.c.component).where(
            refund_components.c.order_number == number
        )
        with self.house.reader.connect() as connection:
            return list(connection.execute(query).scalars())


@pytest.fixture(scope="module", params=KINDS)
def arena(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    settings = sandbox_settings(tmp_path_factory.mktemp("partners"))
    partners = SandboxProcess(settings)
    partners.start()
    books = SandboxClient(settings)
    folder = tmp_path_factory.mktemp("races")
    try:
        with opened(request.param, folder, FRIDAY_NOON) as house:
            house.gateways = mortal.with_mail(settings)
            yield Arena(house, books)
    finally:
        books.close()
        partners.stop()


def confirming(arena: Arena, talk: str, yes: str = "yes") -> Callable[[], Any]:
    return lambda: cases.confirm(arena.house, talk, yes)


def opened_by(results: list[Any]) -> set[tuple[str, ...]]:
    return {told.return_ids for told in results if isinstance(told, cases.Opened)}


def many_conversations(arena: Arena, many: int) -> None:
    """Clients, channels and tabs that each have a recap of the same unit."""
    order = new_order(arena.house)
    talks = arena.recaps(order, many)
    results = arena.at_once([confirming(arena, talk) for talk in talks])
    assert len(opened_by(results)) == 1, results
    arena.must_pay_once(order)


def the_same_yes(arena: Arena, many: int) -> None:
    """One message, sent again and again: each hears of the one return."""
    order = new_order(arena.house)
    (talk,) = arena.recaps(order, 1)
    results = arena.at_once([confirming(arena, talk)] * many)
    assert [type(told) for told in results] == [cases.Opened] * many
    assert len(opened_by(results)) == 1
    arena.must_pay_once(order)


def two_tabs(arena: Arena, many: int) -> None:
    """One conversation, a yes of its own from each tab."""
    order = new_order(arena.house)
    (talk,) = arena.recaps(order, 1)
    acts = [confirming(arena, talk, f"yes {n}") for n in range(many)]
    assert len(opened_by(arena.at_once(acts))) == 1
    arena.must_pay_once(order)


def a_changed_mind(arena: Arena, many: int) -> None:
    """Yes, and at the same moment another reason: what was agreed to, or nothing."""
    order = new_order(arena.house)
    (talk,) = arena.recaps(order, 1)
    other = heard("other", "inform", talk, reasons=(ReturnReason.DAMAGED_IN_TRANSIT,))
    acts = [confirming(arena, talk)] * (many - 1)
    acts.append(lambda: drafts.hear(arena.house, other))
    arena.at_once(acts)
    if not arena._returns(order["order_number"]):
        assert ask(arena.house, talk).expects == "confirmation"
        cases.confirm(arena.house, talk, "yes to the new one")
    arena.must_pay_once(order)


def a_cancellation(arena: Arena, many: int) -> None:
    """Yes, then back and forth: what is cancelled may be returned again, once."""
    order = new_order(arena.house)
    first, second = arena.recaps(order, 2)
    (return_id,) = cases.confirm(arena.house, first, "yes").return_ids
    acts: list[Callable[[], Any]] = [confirming(arena, second)] * (many - 1)
    acts.append(lambda: cancelling.cancel(arena.house, first, return_id))
    arena.at_once(acts)
    if not arena._returns(order["order_number"]):
        cases.confirm(arena.house, second, "yes")
    arena.must_pay_once(order)


def an_old_recap(arena: Arena, many: int) -> None:
    """A recap that no longer holds, and one of somebody else's: neither opens any."""
    order, theirs = new_order(arena.house), new_order(arena.house)
    talks = arena.recaps(order, many)
    (stranger,) = arena.recaps(theirs, 1)
    told = heard("more", "inform", talks[0], reasons=(ReturnReason.DAMAGED_IN_TRANSIT,))
    drafts.hear(arena.house, told)
    acts = [confirming(arena, talk) for talk in talks]
    acts.append(confirming(arena, stranger))
    results = arena.at_once(acts)
    assert isinstance(results[0], ReturnsError), results[0]
    assert len(opened_by(results)) == 2
    arena.must_pay_once(order)
    arena.must_pay_once(theirs)


def one_button(arena: Arena, many: int) -> None:
    """The same button of one question: spent once, whoever presses, and no stranger."""
    house = arena.house
    talk, foreign = (sessions.open_session(house, "fr")[1] for _ in range(2))
    button = {"title": "Oui", "payload": {"intent": "affirm", "entities": {}}}
    with writing(house) as unit:
        line = transcript.Line("bot", "D’accord ?", buttons=[button])
        transcript.add(unit, talk, line)
    with house.reader.connect() as connection:
        rows = transcript.last_question(connection, talk)
        (shown,) = transcript.shown(connection, rows)
    pressed = (shown["buttons"][0]["id"],)

    def press(where: str) -> Callable[[], Any]:
        incoming = inbox.Incoming(str(uuid4()), button_ids=pressed)
        return lambda: inbox.receive(house, where, incoming)

    results = arena.at_once([press(talk) for _ in range(many)] + [press(foreign)])
    kept = [told for told in results if isinstance(told, inbox.Received)]
    assert len(kept) == 1, results
    assert isinstance(results[-1], inbox.SpentButton)
    here = inbound_messages.c.conversation_id == talk
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).select_from(inbound_messages).where(here)
        assert connection.execute(query).scalar_one() == 1


def one_message(arena: Arena, many: int) -> None:
    """The same message id at once: one row, one line of the transcript."""
    house = arena.house
    talk = sessions.open_session(house, "fr")[1]
    incoming = inbox.Incoming(str(uuid4()), "bonjour")
    results = arena.at_once([lambda: inbox.receive(house, talk, incoming)] * many)
    assert len({told.inbound_id for told in results}) == 1
    said = (messages.c.conversation_id == talk, messages.c.author == "customer")
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).select_from(messages).where(*said)
        assert connection.execute(query).scalar_one() == 1


KINDS_OF_RACE = (
    many_conversations,
    the_same_yes,
    two_tabs,
    a_changed_mind,
    a_cancellation,
    an_old_recap,
    one_button,
    one_message,
)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("race", KINDS_OF_RACE, ids=lambda race: race.__name__)
def test_races(
    arena: Arena,
    race: Callable[[Arena, int], None],
    pytestconfig: pytest.Config,
    record_property: Callable[[str, object], None],
) -> None:
    """Two to fifty at once on one order: by the bank's book each unit is paid once."""
    full = pytestconfig.getoption("--full")
    seed = random.randrange(10**6) if full else 1
    races = RACES_IN_FULL if full else RACES
    record_property("trials", races)
    record_property("seed", seed)
    dice = random.Random(seed)
    sizes = SIZES if full else SIZES[:-2]
    for _ in range(races):
        arena.house.clock.move(minutes=10)  # so much money an hour is a person's
        race(arena, dice.choice(sizes))
