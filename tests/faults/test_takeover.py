"""The desk is killed while a person answers and a customer writes: all is kept."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
import sqlalchemy as sa

from desk import claiming, idle
from desk.console.accounts import Role
from desk.console.tables import conversation_claims
from desk.tables import conversations, messages
from returns.unit import writing
from tests.console_staff import AtConsole, employed
from tests.faults.journeys import eventually
from tests.stack import Customer, Stack

pytestmark = pytest.mark.fault("F1")

REPLY = ("reply.before_commit", "reply.after_commit")
ANSWER, LATER = "Bonjour, je regarde tout de suite.", "et il manque aussi la notice"


@contextmanager
def taken_over(stack: Stack) -> Iterator[tuple[Customer, AtConsole, str]]:
    """A customer who asked for a person, and the person who took it; its address."""
    agent = employed(stack.house, "Inès", Role.AGENT)
    customer = stack.customer()
    customer.say("je veux parler à un conseiller")
    assert customer.mode == "waiting"
    ines = AtConsole(stack.url, agent.email)
    path = f"/console/conversations/{customer.conversation_id}"
    claimed = ines.post(f"{path}/claim")
    assert claimed is not None
    assert claimed.status_code == 303
    yield customer, ines, path
    ines.close()


def texts(stack: Stack, customer: Customer, author: str) -> list[str]:
    query = sa.select(messages.c.text).where(
        messages.c.conversation_id == customer.conversation_id,
        messages.c.author == author,
    )
    with stack.house.reader.connect() as connection:
        return list(connection.execute(query.order_by(messages.c.seq)).scalars())


@pytest.mark.parametrize("failpoint", REPLY)
def test_desk_killed_while_a_person_answers(
    faulty: Stack, failpoint: str, trial: int
) -> None:
    """Both send again what was not confirmed: each word is there, once."""
    with taken_over(faulty) as (customer, ines, path):
        faulty.kill("desk")
        faulty.start("desk", failpoint=f"{failpoint}:kill")
        faulty.wait_ready()
        once, message_id = str(uuid.uuid4()), str(uuid.uuid4())

        def answer() -> bool:
            got = ines.post(f"{path}/reply", text=ANSWER, once=once)
            return got is not None and got.status_code == 303

        def write() -> bool:
            try:
                customer.say(LATER, message_id)
            except httpx.TransportError:
                return False
            return True

        with ThreadPoolExecutor(2) as both:
            written, answered = both.submit(write), both.submit(answer)
            assert answered.result() is False
            written.result()
        faulty.wait_dead("desk")
        faulty.start("desk")
        faulty.wait_ready()
        eventually(answer, "the desk takes the answer")
        eventually(write, "the desk takes the message")
        answer()
        assert texts(faulty, customer, "staff") == [ANSWER]
        assert texts(faulty, customer, "customer").count(LATER) == 1
        customer.news()
        assert [m["text"] for m in customer.heard].count(ANSWER) == 1


def test_back_to_the_bot_while_the_desk_is_gone(faulty: Stack, trial: int) -> None:
    """The worker gives back and answers what was said since, once."""
    with taken_over(faulty) as (customer, ines, path):
        ines.post(f"{path}/reply", text=ANSWER, once=str(uuid.uuid4()))
        customer.say("bonjour, êtes-vous un robot ?")
        faulty.kill("desk")
        long_ago = faulty.house.clock.now() - claiming.claim_life(faulty.house)
        mine = conversation_claims.c.conversation_id == customer.conversation_id
        with writing(faulty.house) as unit:
            unit.connection.execute(
                conversation_claims.update().where(mine).values(at=long_ago)
            )
        here = conversations.c.conversation_id == customer.conversation_id

        def is_back() -> bool:
            with faulty.house.reader.connect() as connection:
                mode = connection.execute(sa.select(conversations.c.mode).where(here))
                return bool(mode.scalar_one() == "bot")

        eventually(is_back, "the bot is back")
        faulty.start("desk")
        faulty.wait_ready()
        robot = "automatique"
        eventually(
            lambda: len(texts(faulty, customer, "bot")) >= 4, "the bot has answered"
        )
        idle.return_idle(faulty.house)
        told = texts(faulty, customer, "bot")
        assert len(told) == len(set(told)), told
        assert robot in told[-1]
        assert texts(faulty, customer, "staff") == [ANSWER]
