"""`python -m benchmarks.in_rasa.timed MODULE FILE`: runs it with its parts timed.

In Rasa's environment or the other. The times since the start are written to the file
four times a second: for every part how often it ran and how many seconds it took.
"""

import functools
import importlib
import inspect
import json
import os
import runpy
import sys
import threading
import time
from typing import Any, Callable, Dict, List, Text, Tuple

LOOK_SECONDS = 0.25
SQL = (
    ("sqlalchemy.engine.default", "DefaultDialect.do_execute", "SQL"),
    ("sqlalchemy.engine.default", "DefaultDialect.do_executemany", "SQL"),
    ("sqlalchemy.engine.default", "DefaultDialect.do_commit", "commits"),
)
PARTS: Dict[Text, Tuple[Tuple[Text, Text, Text], ...]] = {
    "bot": (
        ("bot.turns", "take_turn", "turn"),
        ("rasa.core.processor", "MessageProcessor.parse_message", "NLU"),
        ("bot.graph", "parse_all", "NLU"),
        (
            "rasa.core.processor",
            "MessageProcessor._predict_next_with_tracker",
            "policies",
        ),
        ("bot.action_calls", "BudgetedEndpoint._asked", "actions"),
        ("bot.trackers", "UrlTrackerStore.retrieve", "trackers"),
        ("bot.trackers", "UrlTrackerStore.save", "trackers"),
    ),
    "desk": (
        ("desk.chat", "_answer", "turn"),
        ("desk.rasa", "RasaClient.take_turn", "Rasa"),
    ),
    "actions.server": (
        ("actions.base", "ReturnsAction.run", "turn"),
        ("actions.return_request", "_await_supplier", "supplier"),
    ),
}

_taken: Dict[Text, List[float]] = {}
_one_writer = threading.Lock()


def main(module: Text, file: Text) -> None:
    if module == "bot":
        importlib.import_module("bot.quiet").hush()
    for where, what, part in (*SQL, *PARTS[module]):
        _time(where, what, part)
    threading.Thread(target=_tell, args=(file,), daemon=True).start()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__")


def _time(where: Text, what: Text, part: Text) -> None:
    owner: Any = importlib.import_module(where)
    *outer, name = what.split(".")
    for one in outer:
        owner = getattr(owner, one)
    setattr(owner, name, _timed(getattr(owner, name), part))


def _timed(work: Callable[..., Any], part: Text) -> Callable[..., Any]:
    @functools.wraps(work)
    def at_once(*told: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return work(*told, **named)
        finally:
            _note(part, time.perf_counter() - began)

    @functools.wraps(work)
    async def later(*told: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return await work(*told, **named)
        finally:
            _note(part, time.perf_counter() - began)

    return later if inspect.iscoroutinefunction(work) else at_once


def _note(part: Text, seconds: float) -> None:
    with _one_writer:
        noted = _taken.setdefault(part, [0, 0.0])
        noted[0] += 1
        noted[1] += seconds


def _tell(file: Text) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        with _one_writer:
            told = json.dumps(_taken)
        with open(file + ".new", "w") as out:
            out.write(told)
        os.replace(file + ".new", file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
