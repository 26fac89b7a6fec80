"""Acknowledging Meta's webhooks while Rasa answers at its own pace.

Two hundred signed WhatsApp messages a second, each in a webhook of its own, from two
hundred people, for fifteen seconds, sent at their moments whether or not the earlier
ones are acknowledged. Latency is from the request's first byte to the end of the 200.
The whole product, the simulated platform and the sender share the cores. Every message
acknowledged must be a row. On SQLite, and on PostgreSQL where one answers.
"""

import asyncio
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.tools.measurement import Measurement, percentile
from desk.channels.signatures import HEADER, sign
from desk.channels.tables import arrivals
from desk.tables import inbound_messages
from returns.clock import Clock
from returns.waits import SCALE_VARIABLE
from tests.databases import KINDS, server_answers, three_databases
from tests.graph import Person, body_of, simulated
from tests.platforms import SECRET, SECRETS, TOKENS, shop_with_both
from tests.stack import Stack

PER_SECOND = 200
SECONDS = 15
PEOPLE = 200
IDLE_SECONDS = 2.0
OK = 200
PATH = "/webhooks/whatsapp"
type Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Taken:
    """seconds: until the acknowledgement; status: 200, or it is to come again."""

    seconds: float
    status: int


def run() -> list[Measurement]:
    kinds = KINDS if server_answers() else KINDS[:1]
    return [measurement for kind in kinds for measurement in _on(kind)]


def _on(kind: str) -> list[Measurement]:
    with (
        tempfile.TemporaryDirectory() as folder,
        simulated(SECRET, TOKENS) as meta,
        three_databases(kind, Path(folder)) as databases,
    ):
        own = {
            **SECRETS,
            **databases,
            SCALE_VARIABLE: "1",
            "BONRETOUR_GRAPH_URL": meta.url,
        }
        with Stack(own, shop_with_both(Path(folder)), together=True) as stack:
            stack.start()
            stack.wait_ready()
            sent_from_afar(stack.settings.port, signed(PER_SECOND, "w"))
            before = _cpu(stack)
            taken = sent_from_afar(
                stack.settings.port, signed(PER_SECOND * SECONDS, "m")
            )
            spent = {
                part: seconds - before[part] for part, seconds in _cpu(stack).items()
            }
            return [
                replace(one, what=f"{kind}: {one.what}")
                for one in _measured(stack, taken, spent)
            ]


def signed(count: int, name: str) -> list[bytes]:
    """Requests of one message each; the same name gives the same messages' ids."""
    clock = Clock()
    people = [
        Person("whatsapp", f"3360000{n:04}", clock=clock.now) for n in range(PEOPLE)
    ]
    return [
        _request(people[n % PEOPLE].text("bonjour", id=f"wamid.{name}{n}"))
        for n in range(count)
    ]


def _request(event: dict[str, Any]) -> bytes:
    body = body_of("whatsapp", [event])
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\n"
        f"{HEADER}: {sign(SECRET, body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def sent_from_afar(port: int, requests: list[bytes]) -> list[Taken]:
    """By a process of its own, so that only the product's slowness is measured."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as sender:
        return sender.submit(_send_all, port, requests).result()


def _send_all(port: int, requests: list[bytes]) -> list[Taken]:
    return asyncio.run(_send(port, requests))


async def _send(port: int, requests: list[bytes]) -> list[Taken]:
    """One each 1/PER_SECOND of a second, whatever became of those before."""
    idle: list[tuple[float, Wire]] = []
    began = time.monotonic()
    sending = []
    for n, request in enumerate(requests):
        await asyncio.sleep(max(0.0, began + n / PER_SECOND - time.monotonic()))
        sending.append(asyncio.create_task(_one(port, request, idle)))
    taken = list(await asyncio.gather(*sending))
    for _since, (_reader, writer) in idle:
        writer.close()
    return taken


async def _one(port: int, request: bytes, idle: list[tuple[float, Wire]]) -> Taken:
    """Over a connection that is free, else over a new one."""
    began = time.monotonic()
    try:
        wire = await _wire(port, idle)
        reader, writer = wire
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        await reader.readexactly(length)
    except (OSError, EOFError):  # Meta would bring it again
        return Taken(time.monotonic() - began, 0)
    idle.append((time.monotonic(), wire))
    return Taken(time.monotonic() - began, int(head.split()[1]))


async def _wire(port: int, idle: list[tuple[float, Wire]]) -> Wire:
    """The one that was free last; one that the desk may be closing is not used."""
    while idle:
        since, wire = idle.pop()
        if time.monotonic() - since < IDLE_SECONDS:
            return wire
        wire[1].close()
    return await asyncio.open_connection("127.0.0.1", port)


def _measured(
    stack: Stack, taken: list[Taken], spent: dict[str, float]
) -> list[Measurement]:
    acknowledged = [one for one in taken if one.status == OK]
    seconds = [one.seconds for one in acknowledged]
    stored, answered = _counts(stack)
    if stored < len(acknowledged) + PER_SECOND:
        raise AssertionError(f"{len(acknowledged)} acknowledged, {stored} stored")
    how = f"{PER_SECOND} a second for {SECONDS} s; n={len(taken)}"
    return [
        Measurement("acknowledgement, p50", percentile(seconds, 50) * 1000, "ms", how),
        Measurement("acknowledgement, p99", percentile(seconds, 99) * 1000, "ms", how),
        Measurement("acknowledgement, max", max(seconds) * 1000, "ms", how),
        Measurement(
            "not acknowledged", len(taken) - len(acknowledged), "", "come again"
        ),
        Measurement(
            "acknowledged and lost",
            0,
            "",
            f"rows counted: {stored} of {len(acknowledged) + PER_SECOND}",
        ),
        Measurement(
            "answered meanwhile", answered, "", "turns done when the last was taken"
        ),
        *(
            Measurement(f"CPU of {part}", seconds / SECONDS, "cores", "meanwhile")
            for part, seconds in spent.items()
        ),
    ]


def _cpu(stack: Stack) -> dict[str, float]:
    """Seconds of processor time that each part has had, and Meta's side."""
    found = {
        part: _cpu_seconds(process.pid) for part, process in stack.processes.items()
    }
    return {**found, "Meta": time.process_time()}


def _cpu_seconds(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _counts(stack: Stack) -> tuple[int, int]:
    with stack.house.reader.connect() as connection:
        rows = sa.select(sa.func.count()).select_from(arrivals)
        done = sa.select(sa.func.count()).where(inbound_messages.c.state == "answered")
        return (
            int(connection.execute(rows).scalar_one()),
            int(connection.execute(done).scalar_one()),
        )
