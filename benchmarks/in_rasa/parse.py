"""`python -m benchmarks.in_rasa.parse MODEL`: how a model loads and parses.

JSON lines: first it tells how long loading took, then it answers each text with how
long the parse took, and at the end of input it tells the most memory held.
"""

import asyncio
import json
import logging
import os
import resource
import sys
import time
from typing import Any, Text, TextIO

from bot.quiet import hush

hush()


def main(model: Text) -> None:
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)  # as bot/__main__.py does
    answers = _keep_stdout_to_ourselves()
    began = time.perf_counter()
    agent = Agent.load(model)
    _tell(answers, load_seconds=time.perf_counter() - began)
    loop = asyncio.new_event_loop()
    for line in sys.stdin:
        text = json.loads(line)
        began, worked = time.perf_counter(), time.process_time()
        loop.run_until_complete(agent.parse_message(text))
        _tell(
            answers,
            seconds=time.perf_counter() - began,
            cpu_seconds=time.process_time() - worked,
        )
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scale = 1 if sys.platform == "darwin" else 1024
    _tell(answers, memory_mb=most * scale / 1e6)


def _keep_stdout_to_ourselves() -> TextIO:
    """Rasa's log lines go there too; from here on they go to stderr."""
    kept = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return kept


def _tell(answers: TextIO, **told: Any) -> None:
    print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
