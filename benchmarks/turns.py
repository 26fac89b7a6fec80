"""Whole returns in the web chat, over HTTP, against all processes on SQLite.

Each conversation has eight messages in French, from « bonjour » over the order and a
question in between to the yes and the good-bye, on an order of its own; every one
must reach its recap and open its return. Latency is from the request's first byte to
the answer's last, as the customer's browser would see it on the same machine; client
and product share the cores. An answer that the desk first put off (« c'est plus long
que prévu ») has taken until it came, and is counted. Limits on visitors are off.
"""

import time
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import sqlalchemy as sa

from benchmarks.tools.measurement import Measurement, percentile, spread
from benchmarks.tools.processes import memory_mb
from benchmarks.tools.product import product
from desk import transcript
from desk.tables import inbound_messages, messages
from returns.services import views
from tests.orders import new_order
from tests.stack import Customer, Stack

CONVERSATIONS = 32
CROWDS = (1, 4, 16)
WARM_UP = 2
PAUSE_SECONDS = 0.05
OK, UNAVAILABLE = 200, 503
KINDS = {
    "small talk": "rules and words only",
    "action turn": "one or more custom actions, with database",
    "confirming turn": "opens the return and waits for the supplier's number",
}


@dataclass(frozen=True)
class Turn:
    """seconds: until its answer; refused: how often it had to be sent again."""

    kind: str
    seconds: float
    refused: int


def run() -> list[Measurement]:
    with product() as stack:
        stack.wait_ready()
        crowd(stack, WARM_UP, 1)
        found: list[Measurement] = []
        for many in CROWDS:
            turns, seconds = crowd(stack, CONVERSATIONS, many)
            if many == 1:
                found += _by_kind(turns)
            found += _throughput(turns, seconds, many)
        return [*found, _put_off(stack), *_memory(stack)]


def crowd(stack: Stack, conversations: int, many: int) -> tuple[list[Turn], float]:
    """So many conversations, this many of them at the same time."""
    orders = [new_order(stack.house) for _ in range(conversations)]
    began = time.monotonic()
    with ThreadPoolExecutor(many) as pool:
        told = list(pool.map(lambda order: _conversation(stack, order), orders))
    seconds = time.monotonic() - began
    for order in orders:
        opened = views.all_returns(stack.house, order["order_number"])
        if len(opened) != 1:
            raise AssertionError(f"{len(opened)} returns opened instead of one")
    return [turn for turns in told for turn in turns], seconds


def _conversation(stack: Stack, order: dict[str, object]) -> list[Turn]:
    customer = stack.customer()
    turns: list[Turn] = []

    def say(kind: str, text: str) -> None:
        turns.append(_say(stack, customer, kind, text))

    number = str(order["order_number"])
    say("small talk", "bonjour")
    say("action turn", "ma robe est arrivée déchirée, je veux être remboursée")
    say("action turn", "quelles sont vos conditions de retour ?")
    say("action turn", number)
    say("action turn", f"{number.lower()}@example.com")
    if customer.expects != "confirmation":
        raise AssertionError(f"no recap: {customer.heard[-1]['text']}")
    say("confirming turn", "oui")
    say("small talk", "merci beaucoup")
    say("small talk", "au revoir")
    return turns


def _say(stack: Stack, customer: Customer, kind: str, text: str) -> Turn:
    """As a widget does: the same message again while the desk cannot take it."""
    body = {"message_id": str(uuid.uuid4()), "text": text}
    began = time.monotonic()
    refused = 0
    while (reply := customer.post(body)).status_code == UNAVAILABLE:
        refused += 1
        time.sleep(PAUSE_SECONDS)
    seconds = time.monotonic() - began
    if reply.status_code != OK:
        raise AssertionError(f"{text!r}: {reply.status_code} {reply.text}")
    customer.heard += reply.json()["messages"]
    while _is_open(stack, customer):
        time.sleep(PAUSE_SECONDS)
        customer.news()
        seconds = time.monotonic() - began
    return Turn(kind, seconds, refused)


def _is_open(stack: Stack, customer: Customer) -> bool:
    """Whether the desk still owes an answer."""
    here = inbound_messages.c.conversation_id == customer.conversation_id
    query = sa.select(inbound_messages.c.inbound_id).where(
        here, inbound_messages.c.state != "answered"
    )
    with stack.house.reader.connect() as connection:
        return connection.execute(query).first() is not None


def _put_off(stack: Stack) -> Measurement:
    query = sa.select(sa.func.count()).where(messages.c.n == transcript.DESK_WORD)
    with stack.house.reader.connect() as connection:
        count = int(connection.execute(query).scalar_one())
    how = "« c'est plus long que prévu », of all turns at any number at a time"
    return Measurement("answers put off", count, "", how)


def _by_kind(turns: list[Turn]) -> list[Measurement]:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for turn in turns:
        by_kind[turn.kind].append(turn.seconds)
    found = spread("any turn", _seconds(turns), "one conversation at a time")
    for kind, what in KINDS.items():
        found += spread(kind, by_kind[kind], what)
    return found


def _throughput(turns: list[Turn], seconds: float, crowd: int) -> list[Measurement]:
    how = f"{CONVERSATIONS} conversations, {crowd} at a time; n={len(turns)}"
    late = percentile(_seconds(turns), 95) * 1000
    rate = len(turns) / seconds
    refused = sum(turn.refused for turn in turns)
    again = "503, and the same message sent again until the desk took it"
    return [
        Measurement(f"throughput, {crowd} at a time", rate, "messages/s", how),
        Measurement(f"any turn, {crowd} at a time, p95", late, "ms", how),
        Measurement(f"messages refused, {crowd} at a time", refused, "", again),
    ]


def _seconds(turns: list[Turn]) -> list[float]:
    return [turn.seconds for turn in turns]


def _memory(stack: Stack) -> list[Measurement]:
    found, total = [], 0.0
    for name, process in sorted(stack.processes.items()):
        now, highest = memory_mb(process.pid)
        how = f"VmRSS after all conversations; highest {highest:.0f} MB"
        found.append(Measurement(f"memory of {name}", now, "MB", how))
        total += now
    how = "sum of the above; shared pages are counted in each"
    return [*found, Measurement("memory of all", total, "MB", how)]
