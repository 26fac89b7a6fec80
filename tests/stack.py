"""The whole product as real processes on free ports, with a folder of its own."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from cli import training
from cli.running import child_environment, prepare
from returns.sandbox.client import SandboxClient
from returns.settings import ROOT, Settings, load_settings
from returns.wiring import House
from tests.partners import free_ports

READY_SECONDS = 180.0
COMMANDS = {
    "sandbox": [str(ROOT / ".venv/bin/python"), "-m", "returns.sandbox"],
    "actions": [str(ROOT / ".venv/bin/python"), "-m", "actions.server"],
    "rasa": [str(ROOT / ".venv-rasa/bin/python"), "-m", "bot"],
    "worker": [str(ROOT / ".venv/bin/python"), "-m", "worker"],
    "desk": [str(ROOT / ".venv/bin/python"), "-m", "desk"],
}
PARTS = tuple(COMMANDS)


def without_limits(folder: Path) -> Path:
    """One customer says here in a second what E13 allows in minutes, and a crowd is
    paid in minutes what X10 allows in an hour.
    """
    free = (ROOT / "shop.yml").read_text(encoding="utf-8")
    for limit, none in (
        ("\n  enabled: true\n", "\n  enabled: false\n"),
        ("    EUR: 20000.00\n", "    EUR: 20000000.00\n"),
        ("    GBP: 17000.00\n", "    GBP: 17000000.00\n"),
    ):
        assert free.count(limit) == 1, limit
        free = free.replace(limit, none)
    path = folder / "shop.yml"
    path.write_text(free, encoding="utf-8")
    return path


@dataclass
class Stack:
    """databases: environment variables that move it to PostgreSQL; empty: SQLite.

    settings_file: shop.yml, else the project's own, without its limits (E13 has
    tests of its own; all customers here come from one address).
    together: in one session, as supervisord starts them; on Linux with autogroups only
    then do their priorities count among them.
    """

    databases: dict[str, str] = field(default_factory=dict)
    settings_file: Path | None = None
    together: bool = False
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    customers: list["Customer"] = field(default_factory=list)

    def __enter__(self) -> "Stack":
        self.folder = tempfile.TemporaryDirectory(prefix="bonretour-test-")
        port = free_ports(5)
        rasa, actions, sandbox = port + 1, port + 2, port + 3
        self._own = {
            "BONRETOUR_VAR": self.folder.name,
            "BONRETOUR_PORT": str(port),
            "BONRETOUR_RASA_PORT": str(rasa),
            "BONRETOUR_ACTIONS_PORT": str(actions),
            "BONRETOUR_SANDBOX_PORT": str(sandbox),
            "BONRETOUR_RETRY_SCALE": "0.1",
            **self.databases,
        }
        shop = self.settings_file or without_limits(Path(self.folder.name))
        self._own["BONRETOUR_SHOP"] = str(shop)
        self._before = {name: os.environ.get(name) for name in self._own}
        model = training.ensure_model(load_settings())
        os.environ.update(self._own)
        self.house: House = prepare()
        self.environment = child_environment(self.settings, str(model))
        return self

    def __exit__(self, *_exc: object) -> None:
        for somebody in self.customers:
            somebody.http.close()
        self.sandbox.close()
        for name in list(self.processes):
            self.kill(name, signal.SIGKILL)
        self.house.close()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self.folder.cleanup()

    @property
    def settings(self) -> Settings:
        return self.house.settings

    @cached_property
    def sandbox(self) -> SandboxClient:
        return SandboxClient(self.settings)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def start(
        self,
        *names: str,
        failpoint: str | None = None,
        home: Path = ROOT,
        **extra: str,
    ) -> None:
        """Start parts (all when none is named); failpoint: of these processes only.

        home: where their source is, if it is another copy.
        """
        for name in names or PARTS:
            part = name.split("#")[0]
            environment = {**self.environment, **extra}
            if failpoint:
                environment["BONRETOUR_FAILPOINT"] = failpoint
            with open(Path(self.folder.name) / f"{name}.log", "ab") as log:
                self.processes[name] = subprocess.Popen(
                    COMMANDS[part],
                    cwd=home,
                    env=environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=not self.together,
                    process_group=0 if self.together else None,
                )

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """End a part and wait until it is gone."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        process.wait(timeout=60)  # told to end, Rasa first ends the turns under way

    def wait_dead(self, name: str, seconds: float = 20.0) -> None:
        """A failpoint was to kill this part."""
        self.processes.pop(name).wait(timeout=seconds)

    def restart(self, name: str) -> None:
        self.kill(name)
        self.start(name)

    def wait_ready(self) -> "Stack":
        until = time.monotonic() + READY_SECONDS
        told: Any = "the desk does not answer"
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                reply = httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False)
                told = reply.json()
                if reply.status_code == 200:
                    return self
            time.sleep(0.1)
        raise AssertionError(f"not ready: {told}\n{self.logs()}")

    def logs(self) -> str:
        """The last lines of every part."""
        texts = []
        for path in sorted(Path(self.folder.name).glob("*.log")):
            texts.append(f"--- {path.name}\n{path.read_text()[-3000:]}")
        return "\n".join(texts)

    def customer(self, language: str = "fr") -> "Customer":
        somebody = Customer(self.url, language)
        self.customers.append(somebody)
        return somebody


class Customer:
    """Somebody in the chat, over the public API."""

    def __init__(self, url: str, language: str = "fr") -> None:
        self.http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        try:
            opened = self.http.post("/chat/sessions", json={"language": language})
            assert opened.status_code == 201, opened.text
        except BaseException:  # else its socket is left open, which is an error later
            self.http.close()
            raise
        body = opened.json()
        self.conversation_id: str = body["conversation_id"]
        self.token: str = body["token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        self.heard: list[dict[str, Any]] = list(body["messages"])
        self.mode: str = body["mode"]

    @property
    def seq(self) -> int:
        return max((message["seq"] for message in self.heard), default=0)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The live buttons of the open question."""
        offered = [m["buttons"] for m in self.heard if m["buttons"]]
        return offered[-1] if offered else []

    @property
    def expects(self) -> str | None:
        waiting = [m["expects"] for m in self.heard if m["author"] == "bot"]
        return waiting[-1] if waiting else None

    def post(self, body: dict[str, Any]) -> httpx.Response:
        return self.http.post("/chat/messages", json=body)

    def say(self, text: str, message_id: str | None = None) -> str:
        """The texts of the answer, in one."""
        return self._send({"text": text}, message_id)

    def upload(self, content: bytes) -> str:
        """Send a picture for a later message; its upload_id."""
        files = {"file": ("photo.jpg", content, "image/jpeg")}
        reply = self.http.post("/chat/uploads", files=files)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["upload_id"])

    def show(self, *upload_ids: str) -> str:
        """A message of pictures alone; the texts of the answer, in one."""
        return self._send({"upload_ids": list(upload_ids)}, None)

    def press(self, *titles: str) -> str:
        """Press the buttons with these titles, or whose titles begin so."""
        chosen = [
            next(b["id"] for b in self.buttons if b["title"].startswith(title))
            for title in titles
        ]
        return self._send({"button_ids": chosen}, None)

    def _send(self, body: dict[str, Any], message_id: str | None) -> str:
        body["message_id"] = message_id or str(uuid.uuid4())
        reply = self.post(body)
        assert reply.status_code == 200, reply.text
        told = reply.json()
        self.mode = told["mode"]
        self.heard += told["messages"]
        return "\n".join(message["text"] for message in told["messages"])

    def news(self) -> list[dict[str, Any]]:
        """Messages since the last one heard."""
        reply = self.http.get("/chat/messages", params={"after": self.seq})
        assert reply.status_code == 200, reply.text
        fresh = reply.json()["messages"]
        self.mode = reply.json()["mode"]
        self.heard += fresh
        return [m for m in fresh if m["author"] != "customer"]

    def wait_for(self, words: str, seconds: float = 30.0) -> str:
        """The first message heard or yet to come that contains these words."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for message in self.heard:
                if message["author"] != "customer" and words in message["text"]:
                    return str(message["text"])
            self.news()
            time.sleep(0.1)
        told = "\n".join(f"{m['author']}: {m['text']}" for m in self.heard)
        raise AssertionError(f"never heard {words!r} in:\n{told}")


if __name__ == "__main__":
    with Stack() as stack:
        stack.start()
        stack.wait_ready()
        print(stack.url, stack.folder.name, file=sys.stderr)
        signal.pause()
