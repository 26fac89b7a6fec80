"""One, two and four processes of each kind on PostgreSQL and Redis, the same crowd.

Whole returns as in `turns`, 16 conversations at a time, through one balancer for each
kind. Every process of the product, the databases, the client and its balancers share
this machine's cores: where one Rasa, one desk, one action server and one worker use
them up already, more of them can only cost. `CPU of a message` is of the product's
processes; it says what a machine with more cores would have to give.
"""

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks import turns
from benchmarks.tools.measurement import Measurement, percentile
from benchmarks.tools.processes import cpu_seconds, memory_mb
from returns.waits import SCALE_VARIABLE
from tests.databases import SERVER, server_answers, three_databases
from tests.partners import free_ports
from tests.stack import without_limits
from tests.topology import PAIRS, Topology

SIZES = (1, 2, 4)
# Of one set of four processes, by docs/operations.md: so many for each connection of a
# pool, and so many besides. The server keeps some for us and for itself.
EACH, BESIDES, KEPT = 4, 19, 10
FEWEST, USUAL = 3, 10
CONNECTIONS_VARIABLE = "BONRETOUR_DATABASE_CONNECTIONS"
CROWD, CONVERSATIONS, WARM_UP = 16, 48, 8
PORTS = {
    "desk": "BONRETOUR_PORT",
    "rasa": "BONRETOUR_RASA_PORT",
    "actions": "BONRETOUR_ACTIONS_PORT",
}
PATHS = {"desk": "/livez", "rasa": "/ready", "actions": "/health"}
READY_SECONDS = 240.0


class Several(Topology):
    """So many processes of each kind."""

    def __init__(
        self, databases: dict[str, str], shop: Path, size: int, connections: int
    ) -> None:
        own = {SCALE_VARIABLE: "1", CONNECTIONS_VARIABLE: str(connections)}
        super().__init__({**databases, **own})
        self.settings_file = shop
        self._size = size

    def __enter__(self) -> "Several":
        super().__enter__()
        for balancer in self.balancers.values():
            del balancer.ports[1:]
        self.start("sandbox", *PAIRS)
        for number in range(2, self._size + 1):
            self._start_more(number)
        return self

    def _start_more(self, number: int) -> None:
        self.start(f"worker#{number}", BONRETOUR_WORKER=f"worker-{number}")
        for kind, variable in PORTS.items():
            port = free_ports(1)
            own: dict[str, Any] = {variable: str(port)}
            self.start(f"{kind}#{number}", **own)
            self.balancers[kind].ports.append(port)

    def wait_all(self) -> None:
        """Until every process answers."""
        self.wait_ready()
        for kind, balancer in self.balancers.items():
            for port in balancer.ports:
                _wait(f"http://127.0.0.1:{port}{PATHS[kind]}")


def run() -> list[Measurement]:
    if not server_answers():
        how = f"no PostgreSQL answers at {SERVER}"
        return [Measurement("throughput", None, "messages/s", how)]
    allowed = _allowed()
    found: list[Measurement] = []
    first = 0.0
    for size in SIZES:
        connections = min(USUAL, ((allowed - KEPT) // size - BESIDES) // EACH)
        if connections < FEWEST:
            how = f"the server allows {allowed} connections"
            found.append(Measurement(f"{size} of each / 1", None, "times", how))
            continue
        rate, rows = _measured(size, connections)
        first = first or rate
        how = "messages/s divided by that with one of each kind"
        found += [*rows, Measurement(f"{size} of each / 1", rate / first, "times", how)]
    return found


def _allowed() -> int:
    """How many connections the server takes."""
    with psycopg.connect(f"{SERVER}/postgres") as server:
        row = server.execute("SHOW max_connections").fetchone()
    return int(row[0]) if row else 0


def _measured(size: int, connections: int) -> tuple[float, list[Measurement]]:
    with tempfile.TemporaryDirectory(prefix="bonretour-bench-") as name:
        folder = Path(name)
        shop = without_limits(folder)
        with (
            three_databases("postgresql", folder) as databases,
            Several(databases, shop, size, connections) as several,
        ):
            several.wait_all()
            turns.crowd(several, WARM_UP, CROWD)
            worked = _cpu(several)
            told, seconds = turns.crowd(several, CONVERSATIONS, CROWD)
            worked = _cpu(several) - worked
            memory = sum(memory_mb(p.pid)[0] for p in several.processes.values())
    taken = [turn.seconds for turn in told]
    rate, name = len(told) / seconds, f"{size} of each kind"
    how = (
        f"{CONVERSATIONS} conversations, {CROWD} at a time; {os.cpu_count()} cores; "
        f"pools of {connections}"
    )
    return rate, [
        Measurement(f"{name}, throughput", rate, "messages/s", how),
        Measurement(f"{name}, p50", percentile(taken, 50) * 1000, "ms", how),
        Measurement(f"{name}, p95", percentile(taken, 95) * 1000, "ms", how),
        Measurement(f"{name}, CPU of a message", worked / len(told) * 1000, "ms", how),
        Measurement(f"{name}, memory", memory, "MB", "all processes of the product"),
    ]


def _cpu(several: Several) -> float:
    return sum(cpu_seconds(p.pid) for p in several.processes.values())


def _wait(url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with suppress(httpx.TransportError):
            if httpx.get(url, timeout=5, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise TimeoutError(url)
