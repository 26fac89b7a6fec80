"""Where the time of a turn goes: whole returns as in `turns`, one at a time.

Desk, Rasa and actions run with their parts timed (benchmarks/in_rasa/timed.py), which
costs some microseconds a part; so the shares are to be read, and the times in `turns`.
SQL and commits are those of the three processes together; the worker works beside a
turn, and is seen only where one waits for the supplier.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import turns
from benchmarks.in_rasa.timed import LOOK_SECONDS
from benchmarks.tools.measurement import Measurement
from benchmarks.tools.product import product
from tests.stack import COMMANDS, Stack

CONVERSATIONS, WARM_UP = 24, 3
MODULES = {"desk": "desk", "rasa": "bot", "actions": "actions.server"}

# Seconds by process and part.
type Taken = dict[tuple[str, str], float]


def run() -> list[Measurement]:
    with _timed_commands(), product("sandbox", "worker") as stack:
        folder = Path(stack.folder.name)
        for part in MODULES:
            COMMANDS[part][-1] = str(folder / f"{part}.json")
            stack.start(part)
        stack.wait_ready()
        turns.crowd(stack, WARM_UP, 1)
        before = _taken(stack)
        told, _ = turns.crowd(stack, CONVERSATIONS, 1)
        after = _taken(stack)
    spent = {key: seconds - before.get(key, 0.0) for key, seconds in after.items()}
    return _shares(spent, sum(turn.seconds for turn in told), len(told))


@contextmanager
def _timed_commands() -> Iterator[None]:
    before = {part: list(COMMANDS[part]) for part in MODULES}
    for part, module in MODULES.items():
        python = COMMANDS[part][0]
        timed = "benchmarks.in_rasa.timed"
        COMMANDS[part] = [python, "-m", timed, module, "file"]
    try:
        yield
    finally:
        COMMANDS.update(before)


def _taken(stack: Stack) -> Taken:
    time.sleep(3 * LOOK_SECONDS)
    found: Taken = {}
    for process in MODULES:
        told = json.loads((Path(stack.folder.name) / f"{process}.json").read_text())
        found |= {(process, part): seconds for part, (_, seconds) in told.items()}
    return found


def _shares(spent: Taken, whole: float, count: int) -> list[Measurement]:
    def took(process: str, *parts: str) -> float:
        return sum(spent.get((process, part), 0.0) for part in parts)

    database = ("SQL", "commits")
    at_rasa = took("rasa", "NLU", "policies", "actions", "trackers")
    supplier = took("actions", "supplier")
    parts = {
        "web server and client": whole - took("desk", "turn"),
        "desk": took("desk", "turn") - took("desk", "Rasa", *database),
        "between desk and Rasa": took("desk", "Rasa") - took("rasa", "turn"),
        "NLU": took("rasa", "NLU"),
        "policies": took("rasa", "policies"),
        "trackers": took("rasa", "trackers") - took("rasa", *database),
        "Rasa's rest": took("rasa", "turn") - at_rasa,
        "actions, and the way there": (
            took("rasa", "actions") - supplier - took("actions", *database)
        ),
        "waiting for the supplier": supplier,
        "SQL": sum(took(process, "SQL") for process in MODULES),
        "commits": sum(took(process, "commits") for process in MODULES),
    }
    found = []
    for part, seconds in parts.items():
        how = f"of a turn, mean; n={count}"
        share = seconds / whole * 100
        found.append(Measurement(part, share, "%", how))
        found.append(Measurement(f"{part}, time", seconds / count * 1000, "ms", how))
    found.append(Measurement("a turn", whole / count * 1000, "ms", "mean"))
    return found
