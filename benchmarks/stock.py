"""Two messages in our Rasa process and in a stock one, asked in turns; no desk.

Ours: `python -m bot` (short calls, one NumPy thread, trackers kept short). Stock:
`rasa run` 3.6.21 with its REST channel, its SQL tracker store and its own check. Both
run the same model and pipeline, speak through bot/nlg.py (the words are not in the
model) and call the same action server; SQLite; no desk. Every message goes first to
the one, then to the other, so that whatever disturbs the machine disturbs both.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.tools.measurement import Measurement, percentile, spread
from benchmarks.tools.processes import memory_mb, running
from benchmarks.tools.product import product, wait_until_ok
from desk.rasa import RasaClient
from returns import ids
from returns.settings import ROOT
from tests.partners import free_ports
from tests.stack import Stack

# Plain answers and custom actions alternate.
MESSAGES = ("bonjour", "quelles sont vos conditions de retour ?")
SHORT, LONG = 10, 200
SHORT_CONVERSATIONS, LONG_CONVERSATIONS = 10, 3
LAST = 20
PATIENCE = 30.0
ENDPOINTS = """
action_endpoint:
  url: ${BONRETOUR_ACTIONS_URL}/webhook
  headers:
    Authorization: Bearer ${BONRETOUR_SECRET_PRIVATE}
tracker_store:
  type: SQL
  dialect: sqlite
  db: tracker.db
nlg:
  type: bot.nlg.BilingualGenerator
"""

# Says a text in a conversation; how many messages came back.
type Say = Callable[[str, str], int]
# Seconds of plain and of action turns.
type Taken = tuple[list[float], list[float]]


def run() -> list[Measurement]:
    with (
        product("actions", "rasa") as stack,
        stock_rasa(
            stack,
            Path(stack.folder.name) / "stock",
            stack.environment["BONRETOUR_MODEL"],
        ) as (port, pid),
    ):
        wait_until_ok(f"{stack.settings.rasa_url}/ready")
        wait_until_ok(f"{stack.settings.actions_url}/health")
        sayers = {"ours": _ours(stack), "stock": _stock(port)}
        found = _measure(sayers)
        pids = {"ours": stack.processes["rasa"].pid, "stock": pid}
        return found + [_memory(whose, pid) for whose, pid in pids.items()]


@contextmanager
def stock_rasa(stack: Stack, folder: Path, model: str) -> Iterator[tuple[int, int]]:
    """Port and process id of a `rasa run` that is ready, beside these parts."""
    folder.mkdir()
    (folder / "endpoints.yml").write_text(ENDPOINTS)
    (folder / "credentials.yml").write_text("rest:\n")
    port = free_ports(1)
    command = _command(model, port)
    with running(command, folder, _environment(stack), folder / "log") as process:
        wait_until_ok(f"http://127.0.0.1:{port}/webhooks/rest/")
        yield port, process.pid


def _environment(stack: Stack) -> dict[str, str]:
    return {
        **os.environ,
        **stack.environment,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def _command(model: str, port: int) -> list[str]:
    return [
        str(ROOT / ".venv-rasa" / "bin" / "rasa"),
        "run",
        *("--model", model),
        *("--interface", "127.0.0.1"),
        *("--port", str(port)),
        *("--endpoints", "endpoints.yml"),
        *("--credentials", "credentials.yml"),
    ]


def _ours(stack: Stack) -> Say:
    rasa = RasaClient(stack.settings)

    def say(conversation_id: str, text: str) -> int:
        body = {
            "conversation_id": conversation_id,
            "message_id": ids.new_id(),
            "channel": "web",
            "language": "fr",
            "text": text,
        }
        return len(rasa.take_turn(body, PATIENCE)["replies"])

    return say


def _stock(port: int) -> Say:
    url = f"http://127.0.0.1:{port}"
    client = httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False)

    def say(conversation_id: str, text: str) -> int:
        body = {"sender": conversation_id, "message": text}
        reply = client.post("/webhooks/rest/webhook", json=body)
        reply.raise_for_status()
        return len(reply.json())

    return say


def _measure(sayers: dict[str, Say]) -> list[Measurement]:
    _converse(sayers, SHORT, SHORT)  # warms up
    short: dict[str, Taken] = {whose: ([], []) for whose in sayers}
    for _ in range(SHORT_CONVERSATIONS):
        _add(short, _converse(sayers, SHORT, SHORT))
    long: dict[str, Taken] = {whose: ([], []) for whose in sayers}
    for _ in range(LONG_CONVERSATIONS):
        _add(long, _converse(sayers, LONG, LAST))
    return [
        *_compared(f"turns 1 to {SHORT}", short),
        *_compared(f"turns {LONG - LAST + 1} to {LONG}", long),
    ]


def _converse(sayers: dict[str, Say], turns: int, last: int) -> dict[str, Taken]:
    """One conversation with each; the times of its last so many turns."""
    taken: dict[str, Taken] = {whose: ([], []) for whose in sayers}
    conversation_id = ids.new_id()
    for turn in range(turns):
        kind = turn % len(MESSAGES)
        for whose, say in sayers.items():
            began = time.perf_counter()
            answers = say(conversation_id, MESSAGES[kind])
            seconds = time.perf_counter() - began
            if not answers:
                raise AssertionError(f"{whose}: no answer to {MESSAGES[kind]!r}")
            if turn >= turns - last:
                taken[whose][kind].append(seconds)
    return taken


def _add(total: dict[str, Taken], more: dict[str, Taken]) -> None:
    for whose, kinds in more.items():
        for place, seconds in enumerate(kinds):
            total[whose][place].extend(seconds)


def _compared(when: str, taken: dict[str, Taken]) -> list[Measurement]:
    found: list[Measurement] = []
    for place, kind in enumerate(("plain turn", "action turn")):
        middle = {}
        for whose, kinds in taken.items():
            what = f"{whose}, {kind}, {when}"
            found += spread(what, kinds[place], "HTTP, one at a time")
            middle[whose] = percentile(kinds[place], 50)
        how = "p50 of stock divided by p50 of ours: over 1, ours is faster"
        ratio = middle["stock"] / middle["ours"]
        found.append(Measurement(f"stock / ours, {kind}, {when}", ratio, "times", how))
    return found


def _memory(whose: str, pid: int) -> Measurement:
    now, highest = memory_mb(pid)
    how = f"VmRSS after all conversations; highest {highest:.0f} MB"
    return Measurement(f"{whose}, memory", now, "MB", how)
