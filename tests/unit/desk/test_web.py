"""The public door: documented, honest about its health, closed to other sites."""

import shutil
from dataclasses import replace
from typing import Any
from uuid import uuid1, uuid4

import pytest
import structlog
from starlette.routing import Route

from returns.heartbeats import beat
from returns.unit import writing
from returns.work import WorkKind
from tests.desks import FakeRasa, WebClient, answer, enter, reply, say, web
from tests.houses import TestHouse
from tests.partners import http_reply, scripted
from tests.schemas import problems

# Public, and described elsewhere: pages, health, webhooks (docs/supplier-api.md).
NOT_CHAT = {
    "/",
    "/withdraw",
    "/static",
    "/openapi.json",
    "/livez",
    "/readyz",
    "/metrics",
    "/hooks/suppliers/{slug}",
    "/hooks/payments/{name}",
    "/webhooks/{channel:str}",
    "/widget/{name:path}",
}
LISTED, FOREIGN = "https://www.example.com", "https://evil.example.net"
BUTTON = {"title": "oui", "payload": {"intent": "affirm", "entities": {}}}


@pytest.fixture
def document(client: WebClient) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/openapi.json").json()
    return told


def calls(routes: list[Any]) -> set[tuple[str, str]]:
    return {
        (route.path, method.lower())
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }


def test_every_call_is_documented_and_exists(
    client: WebClient, document: dict[str, Any]
) -> None:
    """The document and the routes name the same calls."""
    documented = {
        (path, method) for path, calls in document["paths"].items() for method in calls
    }
    served = {
        c
        for c in calls(client.app.routes)
        if c[0] not in NOT_CHAT and not c[0].startswith("/console")
    }
    assert served == documented
    assert {route.path for route in client.app.routes} >= NOT_CHAT


def fits(document: dict[str, Any], path: str, method: str, reply: Any) -> list[str]:
    """What is wrong with the reply, by the document's own schema."""
    answers = document["paths"][path][method]["responses"]
    described = answers.get(str(reply.status_code), answers["default"])
    ((kind, content),) = described["content"].items()
    found = problems(reply.json(), content["schema"], document)
    if not reply.headers["content-type"].startswith(kind):
        found.append(f"{reply.headers['content-type']} is not {kind}")
    return found


def test_answers_are_as_documented(
    client: WebClient, rasa: FakeRasa, document: dict[str, Any]
) -> None:
    """Opened, answered, read and refused: each body fits its schema."""
    opened = client.post("/chat/sessions", json={})
    assert fits(document, "/chat/sessions", "post", opened) == []
    client.headers["Authorization"] = f"Bearer {opened.json()['token']}"
    question = reply("On y va ?", buttons=[BUTTON], expects="confirmation")
    rasa.answers = lambda _body: answer(reply("Bien."), question)
    body = {"message_id": str(uuid4()), "text": "bonjour"}
    answered = client.post("/chat/messages", json=body)
    assert len(answered.json()["messages"]) == 2
    refused = client.post("/chat/messages", json={"message_id": "x"})
    for got in (answered, refused):
        assert fits(document, "/chat/messages", "post", got) == []
    read = client.get("/chat/messages", params={"after": 0})
    assert len(read.json()["messages"]) == 4
    assert fits(document, "/chat/messages", "get", read) == []
    rasa.answers = lambda _body: answer(reply("?", expects="nonsense"))
    told = client.post("/chat/messages", json={**body, "message_id": str(uuid4())})
    assert len(fits(document, "/chat/messages", "post", told)) == 2  # expects, asked


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"text": "bonjour"}, 422),
        ({"message_id": "no-uuid", "text": "bonjour"}, 422),
        ({"message_id": str(uuid4())}, 422),
        ({"message_id": str(uuid4()), "text": "oui", "button_ids": ["b"]}, 422),
        ({"message_id": str(uuid4()), "text": 7}, 422),
        ({"message_id": str(uuid4()), "text": "x" * 4001}, 413),
        ({"message_id": str(uuid4()), "text": "x" * 70_000}, 413),
    ],
)
def test_what_does_not_fit_is_refused(
    client: WebClient, rasa: FakeRasa, body: dict[str, Any], status: int
) -> None:
    """A problem with a sentence; Rasa hears nothing of it."""
    enter(client)
    refused = client.post("/chat/messages", json=body)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"]
    assert rasa.asked == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 30, b"\xff\xfe"])
def test_a_body_that_is_no_object_is_refused(client: WebClient, content: bytes) -> None:
    """Also one that is nested too deep; never an incident of ours."""
    enter(client)
    assert client.post("/chat/messages", content=content).status_code == 422


DEEP = '{"z": ' * 19 + "[]" + "}" * 19
DEEPER = '{"z": ' * 20 + "[]" + "}" * 20


@pytest.mark.parametrize(("extra", "status"), [(DEEP, 200), (DEEPER, 422)])
def test_nesting_is_counted_outside_of_texts(
    client: WebClient, extra: str, status: int
) -> None:
    """Brackets in a customer's words are words; twenty levels of JSON are enough."""
    enter(client)
    head = f'"message_id": "{uuid4()}", "text": "{"[{" * 40}"'
    content = f"{{{head}, {extra[1:]}".encode()
    assert client.post("/chat/messages", content=content).status_code == status


@pytest.mark.parametrize("make", [uuid1, uuid4])
def test_any_uuid_names_a_message(client: WebClient, make: Any) -> None:
    """Which version a client makes is its own affair."""
    enter(client)
    body = {"message_id": str(make()), "text": "bonjour"}
    assert client.post("/chat/messages", json=body).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nope", 404), ("PUT", "/chat/messages", 405)],
)
def test_what_is_not_served_is_a_problem_too(
    client: WebClient, method: str, path: str, status: int
) -> None:
    """Errors have one form, also those of the router."""
    refused = client.request(method, path)
    assert (refused.status_code, refused.json()["status"]) == (status, status)
    assert refused.headers["content-type"] == "application/problem+json"
    assert ("allow" in refused.headers) == (status == 405)


def test_too_many_messages_are_slowed_down(
    house: TestHouse, client: WebClient, rasa: FakeRasa
) -> None:
    """E13: 429 with a sentence and when to come back; a repeated id stays free."""
    enter(client)
    first = str(uuid4())
    say(client, "0", first)
    for number in range(1, house.shop.limits.messages_per_minute):
        say(client, str(number))
    body = {"message_id": str(uuid4()), "text": "encore"}
    refused = client.post("/chat/messages", json=body)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert "encore" not in rasa.texts
    say(client, "0", first)
    house.clock.move(seconds=60)
    assert client.post("/chat/messages", json=body).status_code == 200


def test_without_limits_nobody_is_slowed_down(house: TestHouse, rasa: FakeRasa) -> None:
    """As the fault tests run: limits.enabled false."""
    free = replace(house.shop.limits, enabled=False)
    house.shop = replace(house.shop, limits=free)
    with web(house, rasa) as client:
        enter(client)
        for number in range(free.messages_per_minute + 2):
            say(client, str(number))


def test_listed_shops_may_embed_the_desk(client: WebClient) -> None:
    """They get the headers that browsers want, also before the request itself."""
    opened = client.post("/chat/sessions", headers={"Origin": LISTED})
    assert opened.status_code == 201
    assert opened.headers["access-control-allow-origin"] == LISTED
    asked = {
        "Origin": LISTED,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    allowed = client.request("OPTIONS", "/chat/messages", headers=asked)
    assert allowed.status_code == 200
    assert "POST" in allowed.headers["access-control-allow-methods"]


@pytest.mark.parametrize("origin", [FOREIGN, f"{LISTED}.evil.net", "null", LISTED[:-1]])
def test_other_sites_are_refused(client: WebClient, origin: str) -> None:
    """403 before anything is opened, and no header that would let them read it."""
    refused = client.post("/chat/sessions", headers={"Origin": origin})
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers


def test_the_desks_own_pages_are_no_other_site(client: WebClient) -> None:
    """The demo page on our own address, and clients without an origin."""
    own = client.post("/chat/sessions", headers={"Origin": "http://desk.test"})
    assert (own.status_code, client.post("/chat/sessions").status_code) == (201, 201)


def test_readiness_names_each_part(
    house: TestHouse,
    client: WebClient,
    rasa: FakeRasa,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """503 until database, model, actions and worker all answer; then 200."""
    monkeypatch.setenv("BONRETOUR_ACTIONS_URL", "http://127.0.0.1:9")
    rasa.down = True
    ready = client.get("/readyz")
    parts = {"database": True, "model": False, "actions": False, "worker": False}
    parts |= {"work": True, "disk": True, "files": True}
    assert (ready.status_code, ready.json()) == (503, parts)
    rasa.down = False
    beat(house.engine, "worker-0", house.clock.now())
    assert client.get("/readyz").json() == {**parts, "model": True, "worker": True}
    with scripted(http_reply(200)) as actions:
        url = f"http://127.0.0.1:{actions.port}"
        monkeypatch.setenv("BONRETOUR_ACTIONS_URL", url)
        ready = client.get("/readyz")
    assert (ready.status_code, set(ready.json().values())) == (200, {True})
    house.clock.move(minutes=5)
    assert client.get("/readyz").json()["worker"] is False


def test_work_that_stands_still_is_not_ready(
    house: TestHouse, client: WebClient
) -> None:
    """A worker that beats but sweeps nothing: a minute, then 503."""
    with writing(house) as unit:
        unit.will(WorkKind.DELIVER_NOTICE, "N1")
    house.clock.move(seconds=59)
    assert client.get("/readyz").json()["work"] is True
    house.clock.move(seconds=60)
    assert client.get("/readyz").json()["work"] is False


def test_a_full_disk_is_told_before_it_is_full(
    client: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small disk by its tenth, a large one by 2 GiB."""
    gib = 2**30
    for total, free, well in (
        (10 * gib, gib, True),
        (10 * gib, gib - 1, False),
        (1000 * gib, 2 * gib, True),
        (1000 * gib, 2 * gib - 1, False),
    ):
        disk = shutil._ntuple_diskusage(total, total - free, free)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, disk=disk: disk)
        assert client.get("/readyz").json()["disk"] is well


def test_alive_is_less_than_ready(client: WebClient, rasa: FakeRasa) -> None:
    """A desk whose Rasa is gone must not be restarted for it."""
    rasa.down = True
    assert client.get("/livez").status_code == 200


def test_a_broken_database_is_told_honestly(
    house: TestHouse, client: WebClient
) -> None:
    """503 with a sentence and when to try again; nothing was acknowledged."""
    from desk.tables import chat_sessions

    chat_sessions.drop(house.engine)
    refused = client.post("/chat/sessions")
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert refused.json()["detail"]


def test_a_bug_of_ours_echoes_nothing(
    house: TestHouse, client: WebClient, rasa: FakeRasa
) -> None:
    """500 says that it is our fault, not what was said; a shop's page can read it."""
    enter(client)

    def broken(_body: dict[str, Any]) -> dict[str, Any]:
        raise ZeroDivisionError("secret words")

    rasa.answers = broken
    with structlog.testing.capture_logs() as logged:
        crashed = client.post(
            "/chat/messages",
            json={"message_id": str(uuid4()), "text": "secret"},
            headers={"Origin": LISTED},
        )
    assert crashed.status_code == 500
    assert "secret" not in crashed.text
    assert crashed.headers["access-control-allow-origin"] == LISTED
    told = [line for line in logged if line["event"] == "desk.crashed"]
    assert [line["error"] for line in told] == ["ZeroDivisionError"]
    assert told[0]["at"].startswith("tests/unit/desk/test_web.py:")
    assert "secret" not in str(told)


def test_every_answer_has_the_safe_headers(house: TestHouse) -> None:
    """Also errors, probes and JSON; https is insisted on where it is used."""
    house.settings = replace(house.settings, public_url="https://retours.example.com")
    with web(house, FakeRasa()) as client:
        for path in (
            "/livez",
            "/openapi.json",
            "/no-such-page",
            "/withdraw",
            "/metrics",
        ):
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["referrer-policy"] == "same-origin", path
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path
            assert headers["strict-transport-security"].startswith("max-age=31536000")
        told = client.post("/chat/sessions", json={})
        assert told.headers["cache-control"] == "no-store"
    house.settings = replace(house.settings, public_url="http://127.0.0.1:8000")
    with web(house, FakeRasa()) as client:
        assert "strict-transport-security" not in client.get("/livez").headers
