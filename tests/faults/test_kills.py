"""kill -9 at every commit boundary: nothing lost, nothing paid twice."""

import pytest

from returns.services import evidence
from tests.faults.journeys import REPLACEMENT, Journey, eventually
from tests.pictures import photo
from tests.stack import Stack

pytestmark = pytest.mark.fault("F1")

TURN = ("turn.claimed", "turn.before_commit", "turn.after_commit")
CONFIRM = ("confirm.before_commit", "confirm.after_commit")
AUTHORISE = (
    "authorise.before_call",
    "authorise.after_call",
    "authorise.before_commit",
    "authorise.after_commit",
)
REFUND = (
    "refund.taken",
    "refund.before_call",
    "refund.after_call",
    "refund.settled",
)
EVIDENCE = ("evidence.before_call", "evidence.after_call")
REPLACE = (
    "replacement.before_call",
    "replacement.after_call",
    "replacement.before_commit",
)


def _restart_with(stack: Stack, part: str, failpoint: str) -> None:
    stack.kill(part)
    stack.start(part, failpoint=f"{failpoint}:kill")
    stack.wait_ready()


@pytest.mark.parametrize("failpoint", TURN)
def test_desk_killed_in_a_turn(faulty: Stack, failpoint: str, trial: int) -> None:
    """The yes that killed the desk is answered once, and leads to one payment."""
    journey = Journey(faulty).to_the_recap()
    _restart_with(faulty, "desk", failpoint)
    journey.say_yes()
    faulty.wait_dead("desk")
    faulty.start("desk")
    faulty.wait_ready()
    journey.say_yes_until_answered()
    journey.must_be_whole()
    journey.must_be_paid_once()


@pytest.mark.parametrize("failpoint", CONFIRM)
def test_actions_killed_in_the_yes(faulty: Stack, failpoint: str, trial: int) -> None:
    """One case, and the repeated turn hears what a yes hears, not "nothing to do"."""
    journey = Journey(faulty).to_the_recap()
    _restart_with(faulty, "actions", failpoint)
    journey.say_yes()
    faulty.wait_dead("actions")
    faulty.start("actions")
    faulty.wait_ready()
    journey.must_be_whole()
    journey.must_have_heard_the_yes()
    journey.must_be_paid_once()


def test_rasa_killed_while_the_yes_is_worked_on(faulty: Stack, trial: int) -> None:
    """Stock Rasa refunds twice here, five times of five; ours pays once."""
    journey = Journey(faulty).to_the_recap()
    faulty.kill("actions")
    faulty.start("actions", failpoint="confirm.after_commit:sleep")
    faulty.wait_ready()
    journey.say_yes()
    faulty.kill("rasa")
    faulty.restart("actions")
    faulty.start("rasa")
    faulty.wait_ready()
    journey.must_be_whole()
    journey.must_have_heard_the_yes()
    journey.must_be_paid_once()


@pytest.mark.parametrize("failpoint", AUTHORISE)
def test_worker_killed_while_it_authorises(
    faulty: Stack, failpoint: str, trial: int
) -> None:
    """The supplier gives one RMA however often the worker dies asking for it."""
    journey = Journey(faulty).to_the_recap()
    _restart_with(faulty, "worker", failpoint)
    journey.say_yes()
    faulty.wait_dead("worker")
    faulty.start("worker")
    faulty.wait_ready()
    journey.must_be_whole()
    journey.must_be_paid_once()


@pytest.mark.parametrize("failpoint", REFUND)
def test_worker_killed_while_it_pays(faulty: Stack, failpoint: str, trial: int) -> None:
    """Killed before, between and after the bank's answer: one payment in its book."""
    journey = Journey(faulty).to_the_recap()
    journey.say_yes()
    journey.must_be_whole()
    _restart_with(faulty, "worker", failpoint)
    journey.goods_arrive()
    faulty.wait_dead("worker")
    faulty.start("worker")
    faulty.wait_ready()
    eventually(lambda: journey.status() == "closed", "closed")
    assert len(journey.payments()) == 1


@pytest.mark.parametrize("failpoint", REPLACE)
def test_worker_killed_while_it_replaces(
    faulty: Stack, failpoint: str, trial: int
) -> None:
    """One replacement at the supplier, however often the worker dies ordering it."""
    journey = Journey(faulty, REPLACEMENT).to_the_recap()
    _restart_with(faulty, "worker", failpoint)
    journey.say_yes()
    faulty.wait_dead("worker")
    faulty.start("worker")
    faulty.wait_ready()
    eventually(lambda: len(journey.replacements()) == 1, "ordered")
    journey.must_be_whole()
    assert journey.payments() == []
    assert len(journey.replacements()) == 1


@pytest.mark.parametrize("failpoint", EVIDENCE)
def test_worker_killed_while_it_sends_a_picture(
    faulty: Stack, failpoint: str, trial: int
) -> None:
    """The supplier has the picture once, however often the worker dies sending it."""
    journey = Journey(faulty).to_the_recap()
    journey.say_yes()
    journey.must_be_whole()
    _restart_with(faulty, "worker", failpoint)
    upload_id = journey.customer.upload(photo())
    talk = journey.customer.conversation_id
    assert evidence.add_later(faulty.house, talk, [upload_id])
    faulty.wait_dead("worker")
    faulty.start("worker")
    faulty.wait_ready()
    eventually(lambda: "evidence.sent" in journey.events(), "the picture is sent")
    assert [row["pictures"] for row in journey.supplier_returns()] == [1]
