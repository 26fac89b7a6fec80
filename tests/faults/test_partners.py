"""F5: whatever a partner's wire does, in any step, it ends well and nothing is twice.

The sandbox is a real server with its own books; our durable work runs here, attempt
after attempt, by a clock that the test moves on. After each test our ledger and the
partners' books are compared (X9): nothing is unexplained.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from returns import workflows
from returns.clock import Clock
from returns.model import By, ReturnReason
from returns.queue import AttemptFailed
from returns.sandbox.client import SandboxClient
from returns.services import authorisations, cases, evidence, refunds, replacements
from returns.services import uploads as pictures
from returns.settings import Settings
from returns.tables import tasks, work
from returns.work import Progress, WorkItem, WorkKind, WorkQueue, sweep
from tests.faults.agreeing import unexplained
from tests.houses import FRIDAY_NOON, TestHouse, opened
from tests.orders import new_order
from tests.partners import empty_books, sandbox_in_thread, sandbox_settings
from tests.pictures import TAKEN
from tests.sandboxed import SandboxGateways
from tests.unit.returns.test_money import REFUND, REPLACEMENT, wish
from worker.attempts import try_once

pytestmark = pytest.mark.fault("F5")

SHORT = (0.5, 0.5)
FAULTS_IN_A_ROW = 3
DAYS_ENOUGH = 2
# The kinds of F5; a wrong TLS host is in test_gateways_tls.py.
UNCLEAR = (
    *("down", "timeout_before", "timeout_after", "429", "500", "503", "garbage"),
    *("truncated", "wrong_schema", "wrong_values", "huge", "drip", "redirect"),
)
FOR_GOOD = ("400", "409")
STEPS = ("authorise", "pay", "replace", "show")
KINDS = {
    "authorise": WorkKind.AUTHORISE_RETURN,
    "pay": WorkKind.PAY_REFUND,
    "replace": WorkKind.ORDER_REPLACEMENT,
    "show": WorkKind.SEND_EVIDENCE,
}


class Ended(WorkQueue):
    """Remembers what the sweep wants done; what was tried has ended."""

    def __init__(self) -> None:
        self.wanted: list[WorkItem] = []
        self.tried: set[tuple[str, int]] = set()

    def push(self, item: WorkItem) -> None:
        self.wanted.append(item)

    def progress(self, item: WorkItem) -> Progress:
        known = (item.work_id, item.attempt) in self.tried
        return Progress.ENDED if known else Progress.UNKNOWN


@dataclass
class Desk:
    """One house, its worker's loop, and the partners' own books."""

    house: TestHouse
    admin: SandboxClient

    def work_on(self, kind: WorkKind) -> str:
        """Attempts of this kind until none is open, days if need be; its end."""
        queue, handler = Ended(), workflows.handlers(self.house)[kind]
        until = self.house.clock.now().timestamp() + DAYS_ENOUGH * 86_400
        while self.states(kind) == ["pending"]:
            assert self.house.clock.now().timestamp() < until, "it never ends"
            self._sweep(queue)
            for item in queue.wanted:
                if item.kind is kind:
                    queue.tried.add((item.work_id, item.attempt))
                    with suppress(AttemptFailed):
                        try_once(self.house, kind, handler, item.subject_id)
            queue.wanted.clear()
            self.house.clock.move(seconds=30)
        (state,) = self.states(kind)
        return state

    def _sweep(self, queue: Ended) -> None:
        def give_up(item: WorkItem) -> None:
            workflows.give_up(self.house, item)

        sweep(self.house.engine, queue, self.house.clock.now(), give_up)

    def states(self, kind: WorkKind) -> list[str]:
        query = sa.select(work.c.state).where(work.c.kind == kind.value)
        with self.house.reader.connect() as connection:
            return list(connection.execute(query).scalars())

    def open_tasks(self) -> list[str]:
        query = sa.select(tasks.c.kind).where(tasks.c.done_at.is_(None))
        with self.house.reader.connect() as connection:
            return sorted(connection.execute(query).scalars())


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    found = sandbox_settings(tmp_path_factory.mktemp("partners"))
    with sandbox_in_thread(found, Clock()):
        yield found


@pytest.fixture
def desk(settings: Settings, tmp_path: Path) -> Iterator[Desk]:
    admin = SandboxClient(settings)
    empty_books(settings)
    with opened("sqlite", tmp_path, FRIDAY_NOON) as house:
        house.gateways = SandboxGateways(settings, SHORT)
        yield Desk(house, admin)
        admin.clear()
        assert unexplained(house) == []
    admin.close()


def brought_to(step: str, desk: Desk) -> tuple[str, dict[str, Any]]:
    """A return whose next piece of work is this step; its id and its order."""
    house, order = desk.house, new_order(desk.house)
    torn = {"reasons": (ReturnReason.DAMAGED_IN_TRANSIT,)}
    wished = REPLACEMENT if step == "replace" else REFUND
    wish(house, order, resolution=wished, **torn)
    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    if step == "authorise":
        return return_id, order
    refunds.start(house, return_id)
    replacements.start(house, return_id)
    authorisations.authorise(house, return_id)
    if step == "pay":
        authorisations.receive_goods(house, return_id, By.SUPPLIER)
    if step == "show":
        upload_id = pictures.keep(house, "c1", TAKEN["JPEG"])
        evidence.add_later(house, "c1", [upload_id])
    return return_id, order


def done_at_the_partner(step: str, desk: Desk, return_id: str, order: Any) -> int:
    """How often the partner's own book has it."""
    held = [row for row in desk.admin.returns() if row["reference"] == return_id]
    if step == "authorise":
        return len(held)
    if step == "show":
        return int(held[0]["pictures"])
    if step == "pay":
        paid = order["payment"]["reference"]
        return len([r for r in desk.admin.book() if r["payment_reference"] == paid])
    sent = order["lines"][0]["supplier_order_reference"]
    return len(
        [
            row
            for row in desk.admin.replacements()
            if row["request"]["supplier_order_reference"] == sent
        ]
    )


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", UNCLEAR)
def test_an_unclear_answer_ends_done_once(
    desk: Desk, settings: Settings, step: str, kind: str, partner_trial: int
) -> None:
    """Three spoilt calls, then a well partner: done, once, with no task for staff."""
    return_id, order = brought_to(step, desk)
    target = "bank" if step == "pay" else "nordlys"
    reads_too = (partner_trial + len(kind)) % 2 == 0
    only = None if reads_too else "POST"
    desk.admin.fault(target, kind, times=FAULTS_IN_A_ROW, method=only)
    before = desk.open_tasks()
    assert desk.work_on(KINDS[step]) == "done"
    assert done_at_the_partner(step, desk, return_id, order) == 1
    lies = step == "pay" and kind == "wrong_values" and reads_too
    looked_at = ["check_payment"] if lies else []  # "I paid you another amount"
    assert desk.open_tasks() == sorted(before + looked_at)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", FOR_GOOD)
def test_a_no_goes_to_a_person_and_is_not_repeated(
    desk: Desk, settings: Settings, step: str, kind: str
) -> None:
    """400 and 409 are for good (X11): nothing is done, and somebody is asked.

    But for a bank's 409, which is a clash with a call still running.
    """
    return_id, order = brought_to(step, desk)
    target = "bank" if step == "pay" else "nordlys"
    desk.admin.fault(target, kind, times=1, method="POST")
    before = desk.open_tasks()
    ended = desk.work_on(KINDS[step])
    done = done_at_the_partner(step, desk, return_id, order)
    told = len(desk.open_tasks()) - len(before)
    if (step, kind) == ("pay", "409"):
        assert (ended, done, told) == ("done", 1, 0)
    else:
        by_sweep = "given_up" if step == "pay" else "done"
        assert (ended, done, told) == (by_sweep, 0, 1)


@pytest.mark.parametrize("step", STEPS)
def test_a_partner_that_never_answers_is_given_up_to_a_person(
    desk: Desk, settings: Settings, step: str
) -> None:
    """Twelve tries or a day (X6), then a task; the book has it once at most."""
    return_id, order = brought_to(step, desk)
    target = "bank" if step == "pay" else "nordlys"
    desk.admin.fault(target, "500", times=None, method="POST")
    before = desk.open_tasks()
    assert desk.work_on(KINDS[step]) == "given_up"
    assert len(desk.open_tasks()) == len(before) + 1
    desk.admin.clear()
    assert done_at_the_partner(step, desk, return_id, order) == 0
