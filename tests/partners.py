"""Partners for tests: one that sends scripted bytes, and the real sandbox."""

import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import requests
import uvicorn
from starlette.types import ASGIApp

from returns.clock import Clock
from returns.sandbox.app import make_server
from returns.sandbox.store import metadata as store
from returns.sandbox.store import open_store
from returns.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60.0

Script = bytes | Callable[[socket.socket], None]


def wait_until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, f"still not: {what}"
        time.sleep(0.02)


def http_reply(status: int, body: bytes | str = b"{}", *headers: str) -> bytes:
    content = body if isinstance(body, bytes) else body.encode()
    head = [
        f"HTTP/1.1 {status} X",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


class ScriptedPartner:
    """Answers the n-th connection with the n-th script; the last one repeats."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = scripts
        self.asked: list[Asked] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/api"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # else a waiting accept keeps it open
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            threading.Thread(
                target=self._answer, args=(connection, script), daemon=True
            ).start()

    def _answer(self, connection: socket.socket, script: Script) -> None:
        with connection:
            asked = _read_request(connection)
            if asked is None:
                return
            self.asked.append(asked)
            try:
                if isinstance(script, bytes):
                    connection.sendall(script)
                else:
                    script(connection)
            except OSError:
                return


def _read_request(connection: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65_536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (r.partition(":") for r in rest)
    }
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65_536)
    return Asked(line, headers, body)


@contextmanager
def scripted(*scripts: Script) -> Iterator[ScriptedPartner]:
    partner = ScriptedPartner(*scripts)
    try:
        yield partner
    finally:
        partner.close()


def hang(connection: socket.socket) -> None:
    """Say nothing until the caller leaves."""
    select.select([connection], [], [], PATIENCE_SECONDS)


def free_ports(count: int = 2) -> int:
    """The first of so many free ports in a row.

    Below the range from which the system takes ports for outgoing connections: a
    server that starts seconds later, or again, still finds its port free.
    """
    while True:
        port = random.randrange(15_000, 31_000)
        if port + count < 65_536 and all(map(_is_free, range(port, port + count))):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def sandbox_settings(var: Path, desk_url: str = "http://127.0.0.1:9") -> Settings:
    """Settings for a sandbox of its own; nobody listens at the default desk_url."""
    port = free_ports()
    return replace(
        load_settings(),
        var=var,
        sandbox_port=port,
        public_url=desk_url,
        production=False,
    )


def empty_books(settings: Settings) -> None:
    """Partners that know nothing yet, in a sandbox that several tests use in turn."""
    engine = open_store(settings.var / "sandbox.db")
    with engine.begin() as connection:
        for table in reversed(store.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()


@contextmanager
def sandbox_in_thread(settings: Settings, clock: Clock) -> Iterator[None]:
    """The sandbox in this process, by a clock that the test holds."""
    server = make_server(settings, clock)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, "the sandbox started")
        yield
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """An application on a port of its own in this process; its address."""
    port = free_ports(1)
    config = uvicorn.Config(app, port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, "the application is served")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


class SandboxProcess:
    """`python -m returns.sandbox` as a process that can be killed and started again."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.env = {
            **os.environ,
            "BONRETOUR_VAR": str(settings.var),
            "BONRETOUR_SANDBOX_PORT": str(settings.sandbox_port),
            "BONRETOUR_PUBLIC_URL": settings.public_url,
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "returns.sandbox"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_until(self._ready, "the sandbox is ready")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        """End it; what it printed."""
        if self.process is None:
            return ""
        self.process.send_signal(how)
        printed, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        self.process = None
        return printed

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.process.communicate()[0]
        try:
            return requests.get(f"{self.settings.sandbox_url}/ready", timeout=2).ok
        except requests.ConnectionError:
            return False
