"""Meta's doors: who may knock, and what is kept of what is brought (M1-M4, E6)."""

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from desk.channels.signatures import sign
from desk.privacy import aged
from returns.shop_channels import Channels
from tests.graph import body_of, forged, receipt
from tests.platforms import SECRET, SECRETS, Desk

CHANNELS = ("messenger", "whatsapp")
VERIFY = SECRETS["BONRETOUR_SECRET_META_VERIFY"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_handshake(desk: Desk, channel: str) -> None:
    """The right token gets its challenge back, any other 403."""
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    path = f"/webhooks/{channel}"
    good = desk.client.get(path, params={**asked, "hub.verify_token": VERIFY})
    assert (good.status_code, good.text) == (200, "1158201444")
    assert good.headers["content-type"].startswith("text/plain")
    for token in ("", "wrong", VERIFY + "x", "é"):
        bad = desk.client.get(path, params={**asked, "hub.verify_token": token})
        assert bad.status_code == 403
    assert desk.client.get(path, params=asked).status_code == 403


@pytest.mark.parametrize("channel", CHANNELS)
def test_forged_signatures(
    desk: Desk, channel: str, pytestconfig: pytest.Config
) -> None:
    """None opens the door, and none leaves a row."""
    rng = random.Random(8)
    rounds = 100 if pytestconfig.getoption("--full") else 3
    for _ in range(rounds):
        body = body_of(channel, [desk.person(channel).text(f"bonjour {rng.random()}")])
        for header in forged(SECRET, body, rng):
            assert desk.courier.send(channel, body, header) == 401
    assert desk.rows() == []


def test_a_second_secret_counts_while_it_is_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What either secret signed is taken."""
    following = "f" * 32
    body = body_of("whatsapp", [desk.person("whatsapp").text("bonjour")])
    assert desk.courier.send("whatsapp", body, sign(following, body)) == 401
    monkeypatch.setenv("BONRETOUR_SECRET_META_APP_NEXT", following)
    assert desk.courier.send("whatsapp", body, sign(following, body)) == 200
    assert desk.courier.send("whatsapp", body) == 200
    assert len(desk.rows()) == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_event_of_a_batch_is_kept_once(any_desk: Desk, channel: str) -> None:
    """Fifty in one webhook, brought three times in any order: fifty rows."""
    person = any_desk.person(channel)
    events = [person.text(f"message {n}") for n in range(50)]
    any_desk.courier.bring(channel, *events, batch=50, repeats=3)
    any_desk.courier.bring(channel, *events, batch=7, repeats=2, shuffled=True)
    assert len(any_desk.rows()) == 50


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_not_ours_leaves_no_row(desk: Desk, channel: str) -> None:
    """Another page or number, an echo, another object: signed, and not stored."""
    person = desk.person(channel)
    foreign = body_of(channel, [person.text("bonjour")], account="999999999999")
    assert desk.courier.send(channel, foreign) == 200
    other = "page" if channel == "whatsapp" else "whatsapp_business_account"
    wrong = json.loads(body_of(channel, [person.text("bonjour")])) | {"object": other}
    assert desk.courier.send(channel, json.dumps(wrong).encode()) == 200
    if channel == "messenger":
        echo = person.text("nous")
        echo["message"]["is_echo"] = True
        assert desk.courier.send(channel, body_of(channel, [echo])) == 200
    assert desk.rows() == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_signed_body_is_our_fault(desk: Desk, channel: str) -> None:
    """Whatever is changed in a webhook, it is answered below 500."""
    rng = random.Random(12)
    person = desk.person(channel)
    plain = json.loads(body_of(channel, [person.text("a"), person.photo("12345")]))
    values = [None, 0, -1, True, "", "x" * 500, [], {}, [[]], "\x00", "\ud800", 1e300]
    for _ in range(150):
        body = json.loads(json.dumps(plain))
        spot, key = rng.choice(list(_spots(body)))
        spot[key] = rng.choice(values)
        assert desk.courier.send(channel, json.dumps(body).encode()) in (200, 422)
    for raw in (b"", b"[]", b"null", b"{", b"\xff", b"[" * 50_000, b'{"a":1e999}'):
        assert desk.courier.send(channel, raw) in (200, 422)
    assert desk.courier.send(channel, b" " * 3_800_000) == 413


def _spots(value: object) -> list[tuple[object, object]]:
    inner = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inner = enumerate(value)
    return [(value, key) for key, _one in inner] + [
        spot for _key, one in inner for spot in _spots(one)
    ]


def test_a_channel_that_is_off_has_no_door(desk: Desk) -> None:
    """Not in shop.yml, or unknown: 404, also for what is signed well."""
    desk.house.shop = replace(desk.house.shop, channels=Channels())
    body = body_of("whatsapp", [desk.person("whatsapp").text("bonjour")])
    for channel in ("whatsapp", "messenger", "telegram"):
        assert desk.courier.send(channel, body) == 404
    assert desk.rows() == []


def test_a_database_that_fails_is_not_acknowledged(desk: Desk) -> None:
    """503, so that Meta brings it again; nothing was stored by halves."""
    body = body_of("whatsapp", [desk.person("whatsapp").text(str(n)) for n in range(3)])
    with desk.house.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE work RENAME TO work_away"))
    assert desk.courier.send("whatsapp", body) == 503
    with desk.house.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE work_away RENAME TO work"))
    assert desk.rows() == []
    assert desk.courier.send("whatsapp", body) == 200
    assert len(desk.rows()) == 3


def test_receipts_only_move_forwards(desk: Desk) -> None:
    """Delivered, then a late sent, then read: the message is read."""
    person = desk.person("whatsapp")
    desk.hear(person, "bonjour")
    (first, *_rest) = desk.meta.sent
    assert set(desk.states()) == {"accepted"}
    for state in ("delivered", "sent", "read", "delivered"):
        desk.courier.bring("whatsapp", receipt(first, state))
    assert desk.states()[0] == "read"


@pytest.mark.parametrize("channel", CHANNELS)
def test_late_duplicates(desk: Desk, channel: str, pytestconfig: pytest.Config) -> None:
    """Again an hour, a day and an hour, six days after it was answered: no turn."""
    people = 50 if pytestconfig.getoption("--full") else 3
    bodies = []
    for n in range(people):
        person = desk.person(channel, f"3361234{n:04}")
        desk.wrote(person)
        bodies.append(body_of(channel, [person.text(f"bonjour {n}")]))
        assert desk.courier.send(channel, bodies[-1]) == 200
        desk.work()
    assert len(desk.rasa.asked) == people
    sent = len(desk.meta.sent)
    for late in (timedelta(hours=1), timedelta(hours=24), timedelta(days=5)):
        desk.house.clock.move(seconds=late.total_seconds())
        aged.bodies(desk.house)
        for body in bodies:
            assert desk.courier.send(channel, body) == 200
        desk.work()
    assert (len(desk.rasa.asked), len(desk.meta.sent)) == (people, sent)
    assert len(desk.rows()) == people
