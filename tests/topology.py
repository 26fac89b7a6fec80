"""Two of every kind behind balancers, as on several machines; Redis keeps the locks."""

import asyncio
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from desk.tables import inbound_messages
from returns.heartbeats import workers_alive
from tests.partners import free_ports
from tests.stack import Customer, Stack

REDIS = "redis://127.0.0.1:6379/9"
PATIENCE = 60.0
PAIRS = ("desk", "rasa", "actions", "worker")


class Balancer:
    """One TCP address for several processes, as a Kubernetes service is.

    A connection goes to the next process that takes it. served: connections of each.
    """

    def __init__(self) -> None:
        self.ports: list[int] = []
        self.served: Counter[int] = Counter()
        self.port = free_ports(1)
        self._next = 0

    async def start(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._next += 1
        for n in range(len(self.ports)):
            port = self.ports[(self._next + n) % len(self.ports)]
            try:
                there = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
            self.served[port] += 1
            await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))
            return
        writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


class PatientCustomer(Customer):
    """As a widget: what nobody took is sent again under the same message_id, and what
    takes longer is waited for.
    """

    def __init__(self, stack: Stack, url: str, language: str) -> None:
        self._house = stack.house
        super().__init__(url, language)

    def _send(self, body: dict[str, Any], message_id: str | None) -> str:
        told = super()._send(body, message_id)
        until = time.monotonic() + PATIENCE
        while not self._answered(body["message_id"]):
            assert time.monotonic() < until, "the answer never comes"
            time.sleep(0.1)
        return "\n".join([told, *(message["text"] for message in self.news())])

    def _answered(self, message_id: str) -> bool:
        query = sa.select(inbound_messages.c.state).where(
            inbound_messages.c.conversation_id == self.conversation_id,
            inbound_messages.c.message_id == message_id,
        )
        with self._house.reader.connect() as connection:
            return bool(connection.execute(query).scalar_one() == "answered")

    def news(self) -> list[dict[str, Any]]:
        until = time.monotonic() + PATIENCE
        while True:
            with suppress(httpx.TransportError):
                return super().news()
            assert time.monotonic() < until, "no desk tells the news"
            time.sleep(0.2)

    def post(self, body: dict[str, Any]) -> httpx.Response:
        until = time.monotonic() + PATIENCE
        while True:
            with suppress(httpx.TransportError):
                reply = super().post(body)
                if reply.status_code < 500:
                    return reply
            assert time.monotonic() < until, "no desk takes the message"
            time.sleep(0.2)


class Topology(Stack):
    """name is the first of its kind, name#2 the second; each kind has one address."""

    def __init__(self, databases: dict[str, str]) -> None:
        self.balancers = {kind: Balancer() for kind in ("desk", "rasa", "actions")}
        url = {k: f"http://127.0.0.1:{b.port}" for k, b in self.balancers.items()}
        own = {
            "BONRETOUR_PUBLIC_URL": url["desk"],
            "BONRETOUR_RASA_URL": url["rasa"],
            "BONRETOUR_ACTIONS_URL": url["actions"],
            "BONRETOUR_RASA_LOCK_URL": REDIS,
            "BONRETOUR_LOG_LEVEL": "info",
            # All eight, and what else is tested meanwhile, on one server's 100.
            "BONRETOUR_DATABASE_CONNECTIONS": "5",
        }
        super().__init__({**databases, **own})

    def __enter__(self) -> "Topology":
        super().__enter__()
        settings = self.settings
        desk, rasa, actions = free_ports(1), free_ports(1), free_ports(1)
        self._second: dict[str, dict[str, Any]] = {
            "desk": {"BONRETOUR_PORT": str(desk)},
            "rasa": {"BONRETOUR_RASA_PORT": str(rasa)},
            "actions": {"BONRETOUR_ACTIONS_PORT": str(actions)},
            "worker": {"BONRETOUR_WORKER": "worker-1"},
        }
        self.balancers["desk"].ports = [settings.port, desk]
        self.balancers["rasa"].ports = [settings.rasa_port, rasa]
        self.balancers["actions"].ports = [settings.actions_port, actions]
        self._balance()
        return self

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join()

    @property
    def door(self) -> str:
        """Where customers reach whichever desk is there."""
        return f"http://127.0.0.1:{self.balancers['desk'].port}"

    def customer(self, language: str = "fr") -> Customer:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                somebody = PatientCustomer(self, self.door, language)
            except (httpx.TransportError, AssertionError):
                assert time.monotonic() < until, "no desk opens a session"
                time.sleep(0.2)
                continue
            self.customers.append(somebody)
            return somebody

    def start_one(self, name: str) -> None:
        kind, _, second = name.partition("#")
        self.start(name, **(self._second[kind] if second else {}))

    def start_all(self) -> None:
        """Whatever of the eight, and the sandbox, is not there."""
        if "sandbox" not in self.processes:
            self.start("sandbox")
        for name in (*PAIRS, *(f"{kind}#2" for kind in PAIRS)):
            if name not in self.processes:
                self.start_one(name)
        self.wait_ready()
        until = time.monotonic() + PATIENCE
        while not self._all_ready():
            assert time.monotonic() < until, self.logs()
            time.sleep(0.1)

    def told_of(self, conversation_id: str) -> set[str]:
        """The kinds of process in whose logs the conversation is found by its id."""
        return {
            path.name.split("#")[0].removesuffix(".log")
            for path in Path(self.folder.name).glob("*.log")
            if conversation_id in path.read_text()
        }

    def _all_ready(self) -> bool:
        paths = {"desk": "/livez", "rasa": "/ready", "actions": "/health"}
        for kind, balancer in self.balancers.items():
            for port in balancer.ports:
                url = f"http://127.0.0.1:{port}{paths[kind]}"
                try:
                    if httpx.get(url, timeout=2, trust_env=False).status_code != 200:
                        return False
                except httpx.TransportError:
                    return False
        return len(workers_alive(self.house.reader, self.house.clock.now())) == 2

    def _balance(self) -> None:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()

        async def serve() -> None:
            self._ends = asyncio.Event()
            servers = [await b.start() for b in self.balancers.values()]
            started.set()
            await self._ends.wait()
            for server in servers:
                server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        def run() -> None:
            self._loop.run_until_complete(serve())
            self._loop.close()

        self._thread = threading.Thread(target=run)
        self._thread.start()
        assert started.wait(10)


def needs_redis() -> None:
    """Skips where none answers."""
    try:
        socket.create_connection(("127.0.0.1", 6379), timeout=2).close()
    except OSError:
        pytest.skip("no Redis answers on 127.0.0.1:6379")
