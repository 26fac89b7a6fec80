"""B19, B20, E2, E3, E11: Rasa's door and the actions' refuse what is not the desk's."""

import hashlib
import hmac
import json
import random
import time
import uuid
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fault_counts import Record
from tests.faults.hostile import MEGABYTE, Thing
from tests.stack import Stack

SEED = 20261129
HEADERS = ("Bonretour-Time", "Bonretour-Signature")
pytestmark = pytest.mark.fault("F12")

# What stock Rasa serves with --enable-api, and its stock connectors.
STOCK = (
    *(
        "/conversations/x/tracker",
        "/conversations/x/messages",
        "/conversations/x/execute",
    ),
    *(
        "/conversations/x/predict",
        "/conversations/x/trigger_intent",
        "/model",
        "/domain",
    ),
    *("/conversations/x/tracker/events", "/model/train", "/model/test", "/model/parse"),
    *("/status", "/webhooks/rest/webhook", "/webhooks/callback/webhook", "/socket.io/"),
)


class Door:
    """Rasa's three routes, with whatever signature is wanted."""

    def __init__(self, stack: Stack) -> None:
        self._secret = stack.settings.private_secret.encode()
        self.http = httpx.Client(
            base_url=stack.settings.rasa_url, timeout=30, trust_env=False
        )

    def signature(
        self, method: str, path: str, body: bytes, moment: object
    ) -> dict[str, bytes]:
        signed = f"{moment}\n{method}\n{path}\n".encode() + body
        digest = hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        return dict(zip(HEADERS, (str(moment).encode(), digest.encode()), strict=True))

    def send(
        self, body: bytes, signature: dict[str, bytes], path: str = "/turns"
    ) -> httpx.Response:
        return self.http.post(path, content=body, headers=signature)

    def turn(self, body: bytes) -> httpx.Response:
        """Signed as the desk does."""
        return self.send(body, self.signature("POST", "/turns", body, _now()))


def _now() -> int:
    return int(time.time())


def _turn(**more: Any) -> dict[str, Any]:
    return {
        "conversation_id": str(uuid.uuid4()),
        "message_id": str(uuid.uuid4()),
        "channel": "web",
        "language": "fr",
        "text": "bonjour",
        **more,
    }


@pytest.fixture
def door(faulty: Stack) -> Iterator[Door]:
    found = Door(faulty)
    yield found
    found.http.close()


def test_rasas_door_wants_a_fresh_signature(door: Door) -> None:
    """Neither another's nor one of another body, path, method or moment is one."""
    body = json.dumps(_turn()).encode()
    good = door.signature("POST", "/turns", body, _now())
    digest = good["Bonretour-Signature"]
    wrong: list[dict[str, bytes]] = [{}, {"Bonretour-Time": str(_now()).encode()}]
    wrong += [door.signature("POST", "/turns", body, _now() + off) for off in (-62, 75)]
    wrong += [door.signature("DELETE", "/turns", body, _now())]
    wrong += [door.signature("POST", "/ready", body, _now())]
    wrong += [door.signature("POST", "/turns", body + b" ", _now())]
    for moment in ("", "0", "-1", "²", "１", "1e9", "9" * 12, "9" * 5000, "nan"):
        wrong.append(door.signature("POST", "/turns", body, moment))
    for told in (b"", b"\xe9", b"\xff\xfe", digest.upper(), digest[:-1], digest + b"0"):
        wrong.append({**good, "Bonretour-Signature": told})
    wrong.append({**good, "Bonretour-Time": b"\xb2"})
    for signature in wrong:
        got = door.send(body, signature)
        assert (got.status_code, got.json()) == (401, {"error": "not signed"}), (
            signature
        )
    got = door.http.delete("/conversations/x")
    assert (got.status_code, got.json()) == (401, {"error": "not signed"})


def test_a_replayed_turn_is_the_same_turn(door: Door) -> None:
    """Within its minute a copied request says nothing new."""
    body = json.dumps(_turn()).encode()
    signature = door.signature("POST", "/turns", body, _now())
    first, again = (door.send(body, signature) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["replies"] == again.json()["replies"]


def test_rasas_door_is_narrow(door: Door) -> None:
    """Nothing of stock Rasa is served; a long body is cut off before it is read."""
    for path in STOCK:
        for method in ("GET", "POST", "PUT", "DELETE"):
            if (method, path.count("/")) != ("DELETE", 2):
                got = door.http.request(method, path)
                assert got.status_code in (404, 405), (method, path)
    for size in (65 * 1024, 20 * MEGABYTE):
        body = b'{"text": "' + b"a" * size + b'"}'
        try:
            got = door.turn(body)
        except httpx.TransportError:  # it hung up while we still sent
            continue
        assert got.status_code == 413
        assert b"aaaa" not in got.content


@pytest.mark.timeout(1800)
def test_no_signed_turn_is_an_incident(
    door: Door, pytestconfig: pytest.Config, record_property: Record
) -> None:
    """Whatever the desk might be made to pass on: understood or refused, never 500."""
    count = 1000 if pytestconfig.getoption("--full") else 12
    thing = Thing(random.Random(SEED))
    for _ in range(count):
        more: dict[str, Any] = {"expects": None, "said_meanwhile": [], "upload_ids": []}
        if thing.dice.random() < 0.4:
            more["text"] = thing.text()
            content = json.dumps(_turn(**more)).encode()
        else:
            content = thing.json_of(_turn(**more))
        got = door.turn(content)
        assert got.status_code in (200, 413, 422), (got.status_code, content[:500])
    record_property("trials", count)
    record_property("seed", SEED)


@pytest.mark.parametrize(
    "name", ["", "c" * 256, "c\x00", "c\ud800", "c\r\n"], ids=ascii
)
def test_a_name_that_no_table_holds_is_malformed(door: Door, name: str) -> None:
    """Of a conversation, a message, an intent … (found by the fuzz on PostgreSQL)."""
    named = ("conversation_id", "message_id", "channel", "language", "expects")
    pressed = {"intent": name, "entities": {}}
    for more in ({"payload": pressed}, *({one: name} for one in named)):
        got = door.turn(json.dumps({**_turn(), **more}).encode())
        assert (got.status_code, got.json()) == (422, {"error": "malformed turn"})


def test_a_text_that_would_hold_up_others_is_malformed(door: Door) -> None:
    """Longer than any shop may let its customers write (found by the fuzz)."""
    got = door.turn(json.dumps(_turn(text="a" * 10_001)).encode())
    assert (got.status_code, got.json()) == (422, {"error": "malformed turn"})


@pytest.mark.parametrize("where", ["actions", "rasa"])
def test_a_deflate_bomb_stays_small(faulty: Stack, where: str) -> None:
    """300 MB in 292 KB (B20): refused as it is, never inflated."""
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(b" " * MEGABYTE) for _ in range(300))
    bomb += packer.flush()
    headers = {"Content-Encoding": "deflate", "Content-Type": "application/json"}
    before = _memory_kib(faulty, where)
    if where == "actions":
        url = f"http://127.0.0.1:{faulty.settings.actions_port}/webhook"
        secret = f"Bearer {faulty.settings.private_secret}"
        for key in ({}, {"Authorization": secret}):
            got = httpx.post(url, content=bomb, headers={**headers, **key}, timeout=30)
            assert got.status_code == (415 if key else 401), got.text
            assert set(got.json()) == {"error"}
    else:
        url = f"{faulty.settings.rasa_url}/turns"
        got = httpx.post(url, content=bomb[:60_000], headers=headers, timeout=30)
        assert got.status_code == 401
    assert _memory_kib(faulty, where) - before < 100 * 1024


def _memory_kib(stack: Stack, part: str) -> int:
    """The most that this process ever held."""
    status = f"/proc/{stack.processes[part].pid}/status"
    with open(status, encoding="ascii") as lines:
        (peak,) = [line for line in lines if line.startswith("VmHWM")]
    return int(peak.split()[1])
