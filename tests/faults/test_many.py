"""Many at once: yeses, customers, processes, versions; one case, one payment."""

import shutil
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from returns.heartbeats import workers_alive
from returns.settings import ROOT
from tests.faults.journeys import FIRST_ANSWERS, Journey, eventually
from tests.partners import free_ports
from tests.stack import Stack

pytestmark = pytest.mark.fault("F9")

MANY = 50
WORKER_NEEDS = ("bot", "desk", "returns", "worker")
OLD_STEP = "    def attempt(subject_id: str) -> None:\n"
NEW_STEP = """    def attempt(subject_id: str) -> None:
        (house.settings.var / "edited").touch()
"""
# What the others hear who wanted the same goods back at the same moment.
TOO_LATE = {"utter_already_in_return", "utter_recap_changed"}


def test_fifty_parallel_yeses_make_one_case(faulty: Stack) -> None:
    """One case, one RMA, one refund, and every yes has an answer."""
    journey = Journey(faulty).to_the_recap()

    def yes(_n: int) -> httpx.Response:
        body = {"message_id": str(uuid.uuid4()), "text": "oui"}
        reply = journey.customer.post(body)
        while reply.status_code == 503:  # too many wait on a slow machine: ask again
            reply = journey.customer.post(body)
        return reply

    with ThreadPoolExecutor(MANY) as pool:
        replies = list(pool.map(yes, range(MANY)))
    assert [reply.status_code for reply in replies] == [200] * MANY
    assert all(reply.json()["messages"] for reply in replies)
    journey.must_be_whole()
    journey.must_be_paid_once()


def test_fifty_customers_want_the_same_unit(faulty: Stack) -> None:
    """Fifty recaps of one order, one yes each: one case; the others hear it is not."""
    first = Journey(faulty)
    others = [Journey(faulty, order=first.order) for _ in range(MANY - 1)]
    journeys = [first, *others]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(Journey.to_the_recap_at_once, journeys))
    with ThreadPoolExecutor(MANY) as pool:
        list(pool.map(Journey.say_yes, journeys))
    for journey in journeys:
        journey.must_be_answered()
    heard = [journey.answer_to_the_yes()[0] for journey in journeys]
    winners = [
        j for j, said in zip(journeys, heard, strict=True) if said not in TOO_LATE
    ]
    assert len(winners) == 1, heard
    assert winners[0].answer_to_the_yes()[0] in FIRST_ANSWERS
    winners[0].must_be_whole()
    winners[0].must_be_paid_once()


def test_two_conversations_cannot_return_the_same_unit(faulty: Stack) -> None:
    """The second yes is told so; one case, one payment."""
    first = Journey(faulty).to_the_recap()
    second = Journey(faulty, order=first.order).to_the_recap()
    first.say_yes()
    second.say_yes()
    assert second.answer_to_the_yes()[0] in TOO_LATE
    first.must_be_whole()
    first.must_be_paid_once()


def test_second_desk_actions_and_worker_come_and_go_during_a_payment(
    faulty: Stack,
) -> None:
    """More processes of each kind, started and stopped mid-step: one payment."""
    journey = Journey(faulty).to_the_recap()
    journey.say_yes()
    journey.must_be_whole()
    faulty.kill("worker")
    faulty.start("worker", failpoint="refund.after_call:sleep")
    faulty.wait_ready()
    journey.goods_arrive()
    eventually(lambda: len(journey.payments()) == 1, "the bank paid")
    desk, actions = free_ports(1), free_ports(1)
    faulty.start("desk#2", BONRETOUR_PORT=str(desk))
    faulty.start("actions#2", BONRETOUR_ACTIONS_PORT=str(actions))
    faulty.start("worker#2", BONRETOUR_WORKER="worker-2")
    eventually(lambda: _answers(desk, "/livez"), "a second desk")
    eventually(lambda: _answers(actions, "/health"), "second actions")
    eventually(lambda: "worker-2" in _alive(faulty), "a second worker")
    for part in ("worker#2", "desk#2", "actions#2"):
        faulty.kill(part, signal.SIGTERM)
    faulty.restart("worker")
    faulty.wait_ready()
    eventually(lambda: journey.status() == "closed", "closed")
    assert len(journey.payments()) == 1


def test_a_workflow_edited_between_kill_and_restart_finishes(
    faulty: Stack, tmp_path: Path
) -> None:
    """A refund begun by one version of the source is finished by the next, once."""
    journey = Journey(faulty).to_the_recap()
    journey.say_yes()
    journey.must_be_whole()
    faulty.kill("worker")
    faulty.start("worker", failpoint="refund.after_call:kill")
    faulty.wait_ready()
    journey.goods_arrive()
    faulty.wait_dead("worker")
    assert journey.status() == "received"
    faulty.start("worker", home=_edited_source(tmp_path))
    faulty.wait_ready()
    eventually(lambda: journey.status() == "closed", "closed")
    assert (faulty.settings.var / "edited").exists()
    assert len(journey.payments()) == 1
    faulty.restart("worker")
    faulty.wait_ready()


def _edited_source(folder: Path) -> Path:
    """A copy of all that a worker is made of; its workflow does something more."""
    for room in WORKER_NEEDS:
        shutil.copytree(ROOT / room, folder / room)
    for name in ("domain.yml", "shop.yml"):
        shutil.copy(ROOT / name, folder)
    workflow = folder / "worker" / "attempts.py"
    source = workflow.read_text(encoding="utf-8")
    assert OLD_STEP in source
    workflow.write_text(source.replace(OLD_STEP, NEW_STEP), encoding="utf-8")
    return folder


def _answers(port: int, path: str) -> bool:
    try:
        url = f"http://127.0.0.1:{port}{path}"
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _alive(stack: Stack) -> list[str]:
    return workers_alive(stack.house.reader, stack.house.clock.now())
