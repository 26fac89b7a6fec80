"""The same eight messages through the whole product and through stock Rasa.

Ours: the public chat API, so desk, Rasa, actions, worker and supplier. Stock: `rasa
run` 3.6.21 on its REST channel with its SQL tracker store on SQLite, calling the same
action server; once with our model and pipeline, which must open its return as ours
does, once with the pipeline and policies of `rasa init` (no order number is read there,
so its conversation only goes on; few epochs, which changes no speed). The stocks
store no message, check no session and decide nothing. In each round the same number of
conversations goes through one after the other, so that a disturbance of the machine
meets all. Then one conversation of 1,000 messages, small talk and an action in turns.
"""

import itertools
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.stock import stock_rasa
from benchmarks.tools.machine import RASA_PYTHON
from benchmarks.tools.measurement import Measurement, percentile, spread
from benchmarks.tools.processes import memory_mb
from benchmarks.tools.product import product
from cli import training
from returns.services import views
from returns.settings import ROOT
from tests.orders import new_order
from tests.stack import Stack

ROUNDS, EACH = 3, 8
CROWDS = (1, 8)
LONG = int(os.environ.get("BONRETOUR_BENCH_LONG", "1000"))
EARLY, LATE = slice(10, 30), slice(LONG - 20, LONG)
STOCKS = int(os.environ.get("BONRETOUR_BENCH_STOCKS", "2"))
LONG_MESSAGES = ("bonjour", "quelles sont vos conditions de retour ?")
PATIENCE = 60.0
OURS, STOCK, INIT = "ours", "stock Rasa, our pipeline", "stock Rasa, rasa init"

# Says a text; seconds until the answer is there.
type Say = Callable[[str], float]


@dataclass
class Side:
    """One of the three. begins: a conversation's way to speak; opens: its return."""

    begins: Callable[[], Say]
    opens: bool
    pid: int
    taken: dict[int, list[float]] = field(default_factory=dict)
    lasted: dict[int, float] = field(default_factory=dict)


def run() -> list[Measurement]:
    init = _init_model() if STOCKS > 1 else Path()
    with product() as stack, ExitStack() as stocks:
        folder = Path(stack.folder.name)
        ours = stack.environment["BONRETOUR_MODEL"]
        stack.wait_ready()
        sides = {OURS: Side(_ours(stack), True, stack.processes["rasa"].pid)}
        for name, model in ((STOCK, ours), (INIT, str(init)))[:STOCKS]:
            home = folder / f"stock-{len(sides)}"
            port, pid = stocks.enter_context(stock_rasa(stack, home, model))
            begins = stocks.enter_context(_stock(stack, port))
            sides[name] = Side(begins, name == STOCK, pid)
        for side in sides.values():
            _crowd(stack, side, 2, 2)  # warms up
        for crowd, _round in itertools.product(CROWDS, range(ROUNDS)):
            for side in sides.values():
                _take(stack, side, crowd)
        found = [*_spoken(sides), *_compared(sides)]
        for name in (OURS, STOCK):
            found += _long(name, sides[name].begins())
        return found + [_memory(name, side.pid) for name, side in sides.items()]


def _init_model() -> Path:
    """Trained for minutes, so it is kept beside ours."""
    model = ROOT / "var" / "models" / f"init-{training.fingerprint()}.tar.gz"
    module = "benchmarks.in_rasa.train_stock"
    if not model.exists():
        command = [RASA_PYTHON, "-m", module, str(model), "core"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"rasa init's model: {done.stderr[-200:]}")
    return model


def _ours(stack: Stack) -> Callable[[], Say]:
    def begins() -> Say:
        customer = stack.customer()

        def say(text: str) -> float:
            body = {"message_id": str(uuid.uuid4()), "text": text}
            began = time.perf_counter()
            reply = customer.post(body)
            took = time.perf_counter() - began
            if not reply.json()["messages"]:
                raise AssertionError(f"no answer to {text!r}: {reply.text}")
            return took

        return say

    return begins


@contextmanager
def _stock(stack: Stack, port: int) -> Iterator[Callable[[], Say]]:
    url = f"http://127.0.0.1:{port}"
    kept = httpx.Limits(keepalive_expiry=3)  # Rasa closes what is idle after 5
    with httpx.Client(
        base_url=url, timeout=PATIENCE, trust_env=False, limits=kept
    ) as client:

        def begins() -> Say:
            customer = stack.customer()  # only so that the news have where to go

            def say(text: str) -> float:
                body = {"sender": customer.conversation_id, "message": text}
                began = time.perf_counter()
                client.post("/webhooks/rest/webhook", json=body).raise_for_status()
                return time.perf_counter() - began

            return say

        yield begins


def _take(stack: Stack, side: Side, crowd: int) -> None:
    taken, seconds = _crowd(stack, side, EACH, crowd)
    side.taken.setdefault(crowd, []).extend(taken)
    side.lasted[crowd] = side.lasted.get(crowd, 0.0) + seconds


def _crowd(
    stack: Stack, side: Side, conversations: int, crowd: int
) -> tuple[list[float], float]:
    """Seconds of each message, and of all together."""
    orders = [str(new_order(stack.house)["order_number"]) for _ in range(conversations)]
    began = time.perf_counter()
    with ThreadPoolExecutor(crowd) as pool:
        told = list(pool.map(lambda order: _conversation(side.begins(), order), orders))
    seconds = time.perf_counter() - began
    for order in orders:
        opened = len(views.all_returns(stack.house, order))
        if opened != int(side.opens):
            raise AssertionError(f"{opened} returns opened of {order}")
    return [one for each in told for one in each], seconds


def _conversation(say: Say, number: str) -> list[float]:
    return [
        say(text)
        for text in (
            "bonjour",
            "ma robe est arrivée déchirée, je veux être remboursée",
            "quelles sont vos conditions de retour ?",
            number,
            f"{number.lower()}@example.com",
            "oui",
            "merci beaucoup",
            "au revoir",
        )
    ]


def _spoken(sides: dict[str, Side]) -> list[Measurement]:
    found: list[Measurement] = []
    for name, side in sides.items():
        for crowd, taken in side.taken.items():
            rate = len(taken) / side.lasted[crowd]
            how = f"{crowd} conversations at a time"
            found.append(
                Measurement(f"{name}, {crowd} at a time", rate, "messages/s", how)
            )
            found += spread(f"{name}, {crowd} at a time", taken, how)
    return found


def _compared(sides: dict[str, Side]) -> list[Measurement]:
    found: list[Measurement] = []
    ours = sides[OURS]
    for name in (STOCK, INIT)[:STOCKS]:
        for crowd, taken in sides[name].taken.items():
            faster = sides[name].lasted[crowd] / ours.lasted[crowd]
            told = f"ours / {name}, {crowd} at a time"
            how = "over 1: ours answers more in the same time"
            found.append(Measurement(f"{told}, messages/s", faster, "times", how))
            for percent in (50, 95):
                share = percentile(ours.taken[crowd], percent)
                share /= percentile(taken, percent)
                how = "under 1: ours answers sooner"
                found.append(Measurement(f"{told}, p{percent}", share, "times", how))
    return found


def _long(name: str, say: Say) -> list[Measurement]:
    texts = itertools.cycle(LONG_MESSAGES)
    taken = [say(next(texts)) for _ in range(LONG)]
    early, late = percentile(taken[EARLY], 50), percentile(taken[LATE], 50)
    how = "one conversation; small talk and an action in turns"
    last = f"messages {LATE.start + 1}-{LATE.stop}"
    return [
        Measurement(f"{name}, messages 11-30, p50", early * 1000, "ms", how),
        Measurement(f"{name}, {last}, p50", late * 1000, "ms", how),
        Measurement(f"{name}, {last} / 11-30", late / early, "times", how),
    ]


def _memory(name: str, pid: int) -> Measurement:
    now, highest = memory_mb(pid)
    how = f"VmRSS of Rasa's process in the end; highest {highest:.0f} MB"
    return Measurement(f"{name}, memory of Rasa", now, "MB", how)
