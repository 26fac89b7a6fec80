"""The chat API's pictures, over HTTP: in by rules, out to their owner alone."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from desk import inbox, sessions, texts, turns
from desk.app import create_app
from desk.inbox import Incoming
from desk.openapi import describe
from desk.rasa import RasaClient
from returns.errors import NotFound
from returns.services import uploads
from tests.houses import TestHouse, opened
from tests.partners import served
from tests.pictures import CANARY, REFUSED, TAKEN, located, photo

OTHER_SHOP = "https://elsewhere.example"


class Hearing(RasaClient):
    """Rasa's door, wide enough for a turn: it remembers what it was told."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def take_turn(self, body: dict[str, Any], patience: float) -> dict[str, Any]:
        self.bodies.append(body)
        reply = {"response": "utter_x", "text": "Merci", "images": [], "buttons": []}
        told = {**reply, "choose": "one", "expects": None}
        return {"replies": [told], "handoff": None, "parse": {}, "events": []}

    def forget(self, conversation_id: str) -> None:
        return

    def close(self) -> None:
        return


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


@pytest.fixture
def rasa() -> Hearing:
    return Hearing()


@pytest.fixture
def desk(house: TestHouse, rasa: Hearing) -> Iterator[httpx.Client]:
    app = create_app(house)
    app.state.rasa.close()
    app.state.rasa = rasa
    with served(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


class Customer:
    """One visitor with a session of their own."""

    def __init__(self, desk: httpx.Client, language: str = "fr") -> None:
        opened = desk.post("/chat/sessions", json={"language": language}).json()
        self.desk = desk
        self.conversation_id: str = opened["conversation_id"]
        self.headers = {"Authorization": f"Bearer {opened['token']}"}

    def send(self, content: bytes, **more: Any) -> httpx.Response:
        name, kind = more.get("name", "photo.jpg"), more.get("kind", "image/jpeg")
        files = {more.get("field", "file"): (name, content, kind)}
        return self.desk.post("/chat/uploads", files=files, headers=self.headers)

    def sent(self, content: bytes = TAKEN["JPEG"]) -> str:
        reply = self.send(content)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["upload_id"])

    def see(self, upload_id: str) -> httpx.Response:
        return self.desk.get(f"/chat/uploads/{upload_id}", headers=self.headers)

    def say(self, message_id: str | None = None, **body: Any) -> httpx.Response:
        told = {"message_id": message_id or str(uuid.uuid4()), **body}
        return self.desk.post("/chat/messages", json=told, headers=self.headers)

    def messages(self) -> list[dict[str, Any]]:
        told = self.desk.get("/chat/messages", headers=self.headers).json()
        return [m for m in told["messages"] if m["author"] == "customer"]


@pytest.fixture
def camille(desk: httpx.Client) -> Customer:
    return Customer(desk)


def limit(house: TestHouse, **changes: Any) -> None:
    house.shop = replace(house.shop, limits=replace(house.shop.limits, **changes))


def files_of(house: TestHouse) -> list[Path]:
    folder = house.settings.var / "uploads"
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_customer_sees_what_they_sent(camille: Customer) -> None:
    """A plain JPEG comes back, in a way that no browser can run or keep."""
    seen = camille.see(camille.sent(located(6)))
    assert seen.status_code == 200
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert seen.headers["content-disposition"].startswith("attachment")
    assert seen.headers["content-security-policy"].startswith("sandbox")
    assert "no-store" in seen.headers["cache-control"]
    assert CANARY not in seen.content


def test_nobody_else_sees_it(desk: httpx.Client, camille: Customer) -> None:
    """Another conversation, no token, an invented id: it might as well not exist."""
    upload_id = camille.sent()
    stranger = Customer(desk)
    assert stranger.see(upload_id).status_code == 404
    assert stranger.see(str(uuid.uuid4())).json() == stranger.see(upload_id).json()
    assert desk.get(f"/chat/uploads/{upload_id}").status_code == 401
    files = {"file": ("a.jpg", TAKEN["JPEG"], "image/jpeg")}
    assert desk.post("/chat/uploads", files=files).status_code == 401
    foreign = {**camille.headers, "Origin": OTHER_SHOP}
    assert desk.get(f"/chat/uploads/{upload_id}", headers=foreign).status_code == 403
    for odd in ("%00", "..%2F..%2Fsecrets%2Fprivate", "%ED%A0%80", "x" * 3000):
        assert camille.see(odd).status_code == 404


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused_with_a_sentence(
    house: TestHouse, camille: Customer, name: str
) -> None:
    """Whatever name and type it claims; nothing of it is stored."""
    content, reason = REFUSED[name]
    reply = camille.send(content)
    statuses = {"other_kind": 415, "heic": 415, "too_large": 413, "unreadable": 422}
    assert reply.status_code == statuses[reason]
    assert reply.headers["content-type"] == "application/problem+json"
    detail = {"limit": 10}
    assert reply.json()["detail"] == texts.say(
        house, f"utter_upload_{reason}", "fr", detail
    )
    assert files_of(house) == []


def test_the_sentence_is_in_the_customers_language(desk: httpx.Client) -> None:
    """An English conversation hears English, whatever the browser prefers."""
    told = Customer(desk, "en").send(REFUSED["HEIC"][0]).json()["detail"]
    assert "please send it as JPEG" in told


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/zip", ""])
def test_the_claimed_type_counts_for_nothing(camille: Customer, kind: str) -> None:
    """A photo is a photo by its bytes, and always goes out as what it is."""
    reply = camille.send(TAKEN["PNG"], name="../../evil.html", kind=kind)
    assert reply.status_code == 201
    seen = camille.see(reply.json()["upload_id"])
    assert seen.headers["content-type"] == "image/jpeg"


def test_no_file_is_kept_as_it_came(house: TestHouse, camille: Customer) -> None:
    """Every kind we take is in the folder under our own name, drawn anew."""
    upload_ids = {camille.sent(content) for content in TAKEN.values()}
    files = files_of(house)
    assert {file.stem for file in files} == upload_ids
    kept = {file.read_bytes() for file in files}
    assert not kept & set(TAKEN.values())
    assert not any(CANARY in content for content in kept)


def test_a_file_too_large_is_not_read_to_its_end(
    house: TestHouse, camille: Customer
) -> None:
    """Announced or not, past the limit reading stops, with a sentence."""
    limit(house, upload_megabytes=1)
    assert camille.send(photo() + b"x" * 1_040_000).status_code == 201
    reply = camille.send(photo() + b"x" * 1_050_000)
    assert (reply.status_code, "1\xa0Mo" in reply.json()["detail"]) == (413, True)

    def unannounced() -> Iterator[bytes]:
        named = b'Content-Disposition: form-data; name="file"; filename="a"'
        yield b"--B\r\n" + named + b"\r\n\r\n"
        for _ in range(100):
            yield b"x" * 65_536

    headers = {**camille.headers, "Content-Type": "multipart/form-data; boundary=B"}
    reply = camille.desk.post("/chat/uploads", content=unannounced(), headers=headers)
    assert reply.status_code == 413
    assert len(files_of(house)) == 1


def test_a_body_that_is_no_upload_is_refused(camille: Customer) -> None:
    """Another type, no file, another field, two files, torn multipart: 422."""
    post, mine = camille.desk.post, camille.headers
    torn = {**mine, "Content-Type": "multipart/form-data; boundary=B"}
    bare = {**mine, "Content-Type": "multipart/form-data"}
    two = [("file", ("a", photo(), "image/jpeg"))] * 2
    replies = [
        post("/chat/uploads", json={"file": "x"}, headers=mine),
        post("/chat/uploads", content=photo(), headers=mine),
        post("/chat/uploads", data={"file": "x"}, files={}, headers=mine),
        post("/chat/uploads", files=two, headers=mine),
        post("/chat/uploads", content=b"--B\r\nnonsense", headers=torn),
        post("/chat/uploads", content=b"", headers=torn),
        post("/chat/uploads", content=b"--B--", headers=bare),
        camille.send(photo(), field="picture"),
    ]
    assert [reply.status_code for reply in replies] == [422] * len(replies)


def test_a_day_has_a_limit(house: TestHouse, camille: Customer) -> None:
    """One more than shop.yml allows: 429, a sentence, and when to come back."""
    limit(house, uploads_per_conversation=1)
    camille.sent()
    reply = camille.send(photo(width=90))
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "86400")
    assert reply.json()["detail"] == texts.say(house, "utter_upload_too_many", "fr")
    limit(house, enabled=False)
    camille.sent(photo(width=90))


def test_pictures_travel_with_a_message(
    house: TestHouse, rasa: Hearing, camille: Customer
) -> None:
    """The transcript shows them and Rasa hears their ids, beside the words."""
    one, two = camille.sent(), camille.sent(TAKEN["PNG"])
    said = camille.say(text="elle est déchirée", upload_ids=[one, two, one])
    assert said.status_code == 200
    (shown,) = camille.messages()
    assert shown["text"] == "elle est déchirée"
    assert shown["images"] == [f"/chat/uploads/{one}", f"/chat/uploads/{two}"]
    assert rasa.bodies[0]["upload_ids"] == [one, two]
    assert rasa.bodies[0]["text"] == "elle est déchirée"
    seen = camille.desk.get(shown["images"][0], headers=camille.headers)
    assert seen.content == uploads.content_of(house, one)


def test_a_message_may_be_only_pictures(rasa: Hearing, camille: Customer) -> None:
    """No words, no button: the picture itself is what the customer says."""
    upload_id = camille.sent()
    assert camille.say(upload_ids=[upload_id]).json()["messages"][0]["text"] == "Merci"
    assert (rasa.bodies[0]["text"], rasa.bodies[0]["payload"]) == ("", None)
    assert rasa.bodies[0]["upload_ids"] == [upload_id]
    assert [m["text"] for m in camille.messages()] == [""]


def test_a_message_without_pictures_is_what_it_was(
    rasa: Hearing, camille: Customer
) -> None:
    """Words alone carry no upload ids, nor an image."""
    camille.say(text="bonjour")
    assert rasa.bodies[0]["upload_ids"] == []
    assert camille.messages()[0]["images"] == []


def test_the_same_message_gives_the_same_answer(
    rasa: Hearing, camille: Customer
) -> None:
    """Same id, same pictures: heard once. Same id, other pictures: 409."""
    one, two = camille.sent(), camille.sent(TAKEN["PNG"])
    message_id = str(uuid.uuid4())
    first = camille.say(message_id, upload_ids=[one])
    assert camille.say(message_id, upload_ids=[one]).json() == first.json()
    for other in ({"upload_ids": [two]}, {"text": "", "upload_ids": [one]}):
        assert camille.say(message_id, **other).status_code == 409
    assert len(rasa.bodies) == len(camille.messages()) == 1


def test_anothers_picture_is_left_out(
    desk: httpx.Client, rasa: Hearing, camille: Customer
) -> None:
    """The words are heard without it; alone it changes nothing at all."""
    foreign, own = Customer(desk).sent(), camille.sent()
    camille.say(text="voici", upload_ids=[foreign, own, "no-such", "\x00"])
    assert rasa.bodies[0]["upload_ids"] == [own]
    assert camille.messages()[0]["images"] == [f"/chat/uploads/{own}"]
    alone = camille.say(upload_ids=[foreign])
    assert alone.status_code == 200
    assert alone.json()["messages"][-1]["author"] == "bot"
    assert len(rasa.bodies) == len(camille.messages()) == 1


def test_a_message_says_something(camille: Customer) -> None:
    """Nothing at all, words with a button, five pictures: 422."""
    five = [str(uuid.uuid4()) for _ in range(5)]
    for body in ({}, {"text": "a", "button_ids": ["b"]}, {"upload_ids": five}):
        assert camille.say(**body).status_code == 422


def test_pictures_reach_a_turn_that_the_worker_takes(
    house: TestHouse, rasa: Hearing, camille: Customer
) -> None:
    """What the desk left undone is done later with the pictures it came with."""
    pictures = (camille.sent(), camille.sent(TAKEN["PNG"]))
    left = Incoming("m1", upload_ids=pictures)
    inbound_id = inbox.receive(house, camille.conversation_id, left).inbound_id
    turns.answer_one(house, rasa, inbound_id)
    assert [body["upload_ids"] for body in rasa.bodies] == [list(pictures)]


def test_ending_the_session_erases_the_pictures(
    house: TestHouse, desk: httpx.Client, camille: Customer
) -> None:
    """Without a return nothing is left of them; a stranger's stay."""
    upload_id, stays = camille.sent(), Customer(desk).sent()
    assert sessions.end(house, camille.conversation_id)
    with pytest.raises(NotFound):
        uploads.content_of(house, upload_id)
    assert [file.stem for file in files_of(house)] == [stays]


def test_the_document_describes_uploads() -> None:
    """Both calls are in the OpenAPI document, and so is what they give."""
    paths = describe()["paths"]
    taking = paths["/chat/uploads"]["post"]
    assert "multipart/form-data" in taking["requestBody"]["content"]
    assert "201" in taking["responses"]
    giving = paths["/chat/uploads/{upload_id}"]["get"]
    assert "image/jpeg" in giving["responses"]["200"]["content"]
