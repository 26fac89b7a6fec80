"""F12: nothing that anybody sends is our fault (5xx), hangs, or grows the desk."""

import gc
import json
import random
import resource
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from structlog.testing import capture_logs

from desk.channels.signatures import HEADER as META_HEADER
from desk.channels.signatures import sign as sign_as_meta
from desk.console import accounts, passwords, second_factor
from desk.console.accounts import Role
from desk.console.tables import staff
from returns.unit import writing
from tests.databases import KINDS
from tests.desks import FakeRasa, enter, web
from tests.fault_counts import Record
from tests.faults.doors import AIMS, FORM, STATEMENT, Attack, Front
from tests.faults.hostile import MEGABYTE, Thing, storable, texts
from tests.graph import Person, body_of
from tests.houses import opened
from tests.orders import new_order
from tests.platforms import NAMES, SECRET, set_secrets, with_both
from tests.unit.desk_console.conftest import PASSWORD
from tests.unit.desk_console.staff import Browser
from tests.unit.desk_console.talks import HANDOFF, begin
from tests.unit.desk_console.talks import say as told
from tests.unit.returns.test_money import open_one

pytestmark = pytest.mark.fault("F12")

SEED = 20261129
COSTS = {"uploads": 8}  # each starts a process that draws
LONGEST_SECONDS = 2.0
MOST_GROWTH_KIB = 200 * 1024


@pytest.fixture(scope="module", params=KINDS)
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """A desk with something in it: a talk that waits, a case, every platform on."""
    folder: Path = tmp_path_factory.mktemp("front")
    rasa = FakeRasa()
    with (
        pytest.MonkeyPatch.context() as patch,
        opened(request.param, folder) as house,
        web(house, rasa) as client,
    ):
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(passwords, "_hasher", cheap)
        passwords._nobodys.cache_clear()
        set_secrets(patch)
        with_both(house)
        return_id = open_one(house, new_order(house))
        talk = begin(house)
        inbound_id = told(house, rasa, talk, "un conseiller", handoff=HANDOFF)
        rasa.answers = FakeRasa().answers
        ids = {"conversation_id": talk, "return_id": return_id}
        token = enter(client)["token"]
        client.headers.pop("Authorization")
        yield Front(house, client, token, {**ids, "inbound_id": inbound_id})


@pytest.fixture(scope="module")
def browsers(front: Front) -> dict[Role, Browser]:
    """One of each role, signed in; who failed at the doors before had to wait."""
    front.house.clock.move(hours=2)
    return {role: _signed_in(front, role) for role in Role}


def _signed_in(front: Front, role: Role) -> Browser:
    house, email = front.house, f"{role}@example.com"
    member, _ = accounts.add(house, role.title(), email, role, "t", PASSWORD)
    with writing(house) as unit:
        unit.connection.execute(staff.update().values(must_change=False))
    browser = Browser(front.client)
    assert browser.sign_in(email, PASSWORD).status_code == 303
    if second_factor.is_needed(house, member):
        code = second_factor.current_code(house, member.staff_id)
        assert code and browser.prove(code).status_code in (200, 303)
    return browser


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("group", AIMS)
def test_nothing_sent_is_our_fault(
    front: Front,
    group: str,
    request: pytest.FixtureRequest,
    record_property: Record,
) -> None:
    """Each group of doors: never 5xx, never long, and the session goes on."""
    full = request.config.getoption("--full")
    count = (520 if full else 8) // COSTS.get(group, 1)
    thing = Thing(random.Random(f"{SEED}-{group}"))
    browser: Browser | None = None
    if group.startswith("console"):
        browser = request.getfixturevalue("browsers")[Role(group.split()[1])]
    slowest, before, crashes = 0.0, _memory(), set()
    for _ in range(count):
        attack = thing.dice.choice(AIMS[group])(front, thing)
        began = time.process_time()
        with capture_logs() as logged:
            status = _status(front, attack, browser)
        slowest = max(slowest, time.process_time() - began)
        if status >= 500:
            where = [(line.get("error"), line.get("at")) for line in logged]
            crashes.add((str(where), attack.method, attack.path.partition("?")[0]))
        if group == "login":
            front.house.clock.move(minutes=1)  # who fails often must wait
    assert not crashes
    if browser is not None:
        assert browser.get("/console/account").status_code == 200
    record_property("trials", count)
    record_property("seed", SEED)
    if full:
        assert slowest < LONGEST_SECONDS
        assert _memory() - before < MOST_GROWTH_KIB


FAR, LONG = "9999-12-31", "9" * 5000
# What the fuzz found, each once our fault.
FOUND = (
    *(f"/console/conversations?until={FAR}", "/console/conversations?since=0001-01-01"),
    *(f"/console/cases?until={FAR}", f"/console/statistics?until={FAR}&since={FAR}"),
    "/console/conversations?before=0001-01-01T00:00:00%2B14:00~x",
    f"/console/conversations?below={LONG[:250]}",
    *(
        "/console/conversations?q=a%00b",
        "/console/cases/R%00",
        "/console/cases?order=%00",
    ),
    f"/console/conversations/x/after/{LONG}",
    *(
        "/console/conversations/x/after/%c2%b2",
        "/chat/uploads/%00",
        "/chat/pictures/%00",
    ),
)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path[:40])
def test_what_was_our_fault_once(
    front: Front, browsers: dict[Role, Browser], path: str
) -> None:
    """Answered below 500, on both databases."""
    assert browsers[Role.ADMIN].get(path).status_code < 500


@pytest.mark.parametrize("odd", ["\ud800", "\x00", "é" * 500, ""])
def test_an_odd_button_is_a_spent_one(front: Front, odd: str) -> None:
    """The open question again, as for every button that is not this talk's."""
    body = {"message_id": str(uuid4()), "button_ids": [odd]}
    attack = Attack("POST", "/chat/messages", front.bearer, json.dumps(body).encode())
    assert front.send(attack).status_code == 200


def test_half_a_character_is_left_out(front: Front) -> None:
    """A lone surrogate, which JSON can hold and no database (found by the fuzz)."""
    odd = {**STATEMENT, "statement_id": str(uuid4()), "name": "Zo\ud800é"}
    body = json.dumps(odd).encode()
    got = front.send(Attack("POST", "/withdraw/statements", {}, body))
    assert got.status_code == 201 and "Zoé" in got.text
    person = Person("messenger", NAMES["messenger"], clock=front.house.clock.now)
    told = body_of("messenger", [person.text("bonjour")])
    content = told.replace(b'"mid": "', b'"mid": "\\ud800')
    assert content != told
    signed = {META_HEADER: sign_as_meta(SECRET, content)}
    attack = Attack("POST", "/webhooks/messenger", signed, content)
    assert front.send(attack).status_code == 200


def test_a_picture_that_was_cut_off(front: Front) -> None:
    """Refused, and its file is closed (found by the fuzz): else warnings fail this."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    kind = {**front.bearer, "Content-Type": "multipart/form-data; boundary=x"}
    got = front.send(Attack("POST", "/chat/uploads", kind, head + b"\xff\xd8 half"))
    gc.collect()
    assert got.status_code == 422


def _status(front: Front, attack: Attack, browser: Browser | None) -> int:
    if browser is None:
        return front.send(attack).status_code
    if attack.form is None:
        return browser.get(attack.path).status_code
    form = {"csrf": browser.csrf, **attack.form}
    content = urlencode(form, errors="replace").encode()
    headers = {"Content-Type": FORM}
    return browser.send("POST", attack.path, headers, content=content).status_code


def _memory() -> int:
    """The most that this process ever held, KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_what_is_said_is_kept_as_it_is(
    front: Front, pytestconfig: pytest.Config, record_property: Record
) -> None:
    """Said, answered, stored and read again: each text as it came, or without what
    no database can keep."""
    count = 500 if pytestconfig.getoption("--full") else 40
    front.client.headers.update(front.bearer)
    seen = _read(front)[-1]["seq"]
    for text in _some(count):
        body = {"message_id": str(uuid4()), "text": text}
        got = front.client.post("/chat/messages", content=json.dumps(body).encode())
        assert got.status_code == 200, ascii(text)
        said = [m for m in _read(front, seen) if m["author"] == "customer"]
        assert [m["text"] for m in said] == [storable(text)], ascii(text)
        seen = _read(front, seen)[-1]["seq"]
    front.client.headers.pop("Authorization")
    record_property("trials", count)
    record_property("seed", SEED)


def _some(count: int) -> Iterator[str]:
    found = texts(random.Random(SEED))
    return (next(found) for _ in range(count))


def _read(front: Front, after: int = 0) -> list[dict[str, object]]:
    got = front.client.get("/chat/messages", params={"after": after})
    messages: list[dict[str, object]] = got.json()["messages"]
    return messages


BODIES = {
    "/chat/sessions": "application/json",
    "/chat/messages": "application/json",
    "/chat/uploads": "multipart/form-data; boundary=x",
    "/withdraw/statements": "application/json",
    "/withdraw": "application/x-www-form-urlencoded",
    "/hooks/suppliers/nordlys": "application/json",
    "/webhooks/whatsapp": "application/json",
    "/console/login": "application/x-www-form-urlencoded",
}


@pytest.mark.parametrize("path", BODIES)
def test_twenty_megabytes_are_not_read(front: Front, path: str) -> None:
    """Unannounced, a piece at a time: reading stops a little after the limit."""
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(20 * 16):
            sent += MEGABYTE // 16
            yield b"[" * (MEGABYTE // 16)

    headers = {
        **front.bearer,
        "Content-Type": BODIES[path],
        "Origin": "http://desk.test",
    }
    got = front.client.post(path, content=pieces(), headers=headers)
    assert got.status_code in (401, 413, 422, 429), got.text
    assert sent <= front.house.shop.limits.upload_megabytes * MEGABYTE + MEGABYTE
    if "uploads" not in path and "webhooks" not in path:
        assert sent <= MEGABYTE
