"""A webhook counts once, only signed, only fresh, only for the sender's own return."""

import json
from datetime import timedelta

import httpx
import pytest

from desk.tables import supplier_events
from returns.gateways.signatures import HEADER, sign
from returns.work import WorkKind
from tests.desks import WebClient
from tests.houses import TestHouse
from tests.orders import new_order
from tests.unit.returns.test_money import count, open_one

SLUG = "nordlys"


@pytest.fixture
def return_id(house: TestHouse) -> str:
    return open_one(house, new_order(house))


def body_of(
    reference: str, event_id: str = "e1", kind: str = "return.received"
) -> bytes:
    event = {"event_id": event_id, "type": kind, "reference": reference}
    return json.dumps(event).encode()


def send(
    house: TestHouse,
    client: WebClient,
    body: bytes,
    *,
    slug: str = SLUG,
    signed: bytes | None = None,
    age: timedelta = timedelta(0),
) -> httpx.Response:
    """signed: the body that the signature is of, if it is another."""
    secret = house.settings.secret(f"webhook_{SLUG}")
    header = sign(secret, body if signed is None else signed, house.clock.now() - age)
    path = f"/hooks/suppliers/{slug}"
    return client.post(path, content=body, headers={HEADER: header})


def confirmed(house: TestHouse) -> list[str]:
    """The returns whose receipt the worker will read in the supplier's book."""
    return house.queue.subjects(WorkKind.CONFIRM_RECEIPT)


def test_goods_received_are_looked_up(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """A good webhook is only a hint: it makes work, and moves nothing by itself."""
    taken = send(house, client, body_of(return_id))
    assert (taken.status_code, taken.json()) == (200, {"taken": True})
    assert confirmed(house) == [return_id]


def test_a_replayed_webhook_counts_once(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """The same event, also freshly signed, is taken and does nothing more."""
    for age in (timedelta(0), timedelta(minutes=1)):
        assert send(house, client, body_of(return_id), age=age).status_code == 200
    assert confirmed(house) == [return_id]
    assert count(house, supplier_events) == 1


def test_a_signature_fits_its_body_and_moment(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """Altered, unsigned, five minutes old or from the future: 401, nothing stored."""
    body = body_of(return_id)
    refused = [
        send(house, client, body, signed=body_of("R-OTHER")),
        send(house, client, body, age=timedelta(minutes=5, seconds=1)),
        send(house, client, body, age=-timedelta(minutes=5, seconds=1)),
        send(house, client, body, slug="lumen"),
        send(house, client, body, slug="no-such-supplier"),
        client.post(f"/hooks/suppliers/{SLUG}", content=body),
    ]
    assert [reply.status_code for reply in refused] == [401] * len(refused)
    assert confirmed(house) == []
    assert count(house, supplier_events) == 0


def test_a_supplier_speaks_of_its_own_returns_only(
    house: TestHouse, client: WebClient
) -> None:
    """Another supplier's return, and one that does not exist, make no work."""
    lamp = {"supplier": "Maison Lumen", "supplier_order_reference": "LUM-1"}
    theirs = open_one(house, new_order(house, lines=[lamp]))
    for number, reference in enumerate((theirs, "R-NOBODYS")):
        taken = send(house, client, body_of(reference, f"e{number}"))
        assert taken.status_code == 200
    assert confirmed(house) == []


def test_an_event_of_another_type_makes_no_work(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """A supplier may announce what we do not know yet."""
    sent = send(house, client, body_of(return_id, kind="return.cancelled"))
    assert sent.status_code == 200
    assert confirmed(house) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"event_id": 1}'])
def test_a_signed_body_must_still_fit(
    house: TestHouse, client: WebClient, body: bytes
) -> None:
    """422, and no incident."""
    assert send(house, client, body).status_code == 422


def test_a_long_body_is_cut_off(house: TestHouse, client: WebClient) -> None:
    """Nobody fills our memory before being known."""
    assert send(house, client, b"x" * (64 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 50_000,
        body_of("R-1\ud800"),
        body_of("R-1", event_id="e\x00"),
        body_of("R-1", event_id="e" * 65),
    ],
)
def test_no_signed_body_is_an_incident(
    house: TestHouse, client: WebClient, body: bytes
) -> None:
    """What a database cannot keep, or Python not read, is refused (I-8)."""
    assert send(house, client, body).status_code == 422
    assert count(house, supplier_events) == 0


def test_suppliers_count_their_events_alike(
    house: TestHouse, client: WebClient, return_id: str
) -> None:
    """Another supplier's event 1 does not swallow this one's."""
    body = body_of(return_id)
    secret = house.settings.secret("webhook_lumen")
    header = {HEADER: sign(secret, body, house.clock.now())}
    client.post("/hooks/suppliers/lumen", content=body, headers=header)
    assert confirmed(house) == []
    send(house, client, body)
    assert confirmed(house) == [return_id]
