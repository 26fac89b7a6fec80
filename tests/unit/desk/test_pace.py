"""One address cannot use the desk up, nor name itself otherwise (E13)."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from desk import pace
from tests.desks import FakeRasa, web
from tests.houses import TestHouse

PROXIES = (ip_network("10.0.0.0/8"),)


@pytest.fixture
def strict(house: TestHouse, monkeypatch: pytest.MonkeyPatch) -> TestHouse:
    """Three requests a minute, and the minute does not end."""
    monkeypatch.setattr(pace.time, "monotonic", lambda: 90.0)
    few = replace(house.shop.limits, requests_per_minute_per_address=3)
    house.shop = replace(house.shop, limits=few)
    return house


def test_an_address_that_asks_too_often_waits(strict: TestHouse) -> None:
    """429 with a sentence and the seconds left; a header makes nobody another."""
    with web(strict, FakeRasa()) as client:
        for number in range(3):
            spoof = {"X-Forwarded-For": f"198.51.100.{number}"}
            opened = client.post("/chat/sessions", headers=spoof)
            assert opened.status_code == 201
        english = {"Accept-Language": "en", "Origin": "https://www.example.com"}
        refused = client.post("/chat/sessions", headers=english)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
        assert refused.headers["content-type"] == "application/problem+json"
        assert "wait" in refused.json()["detail"]
        assert refused.headers["access-control-expose-headers"] == "Retry-After"
        assert client.get("/livez").status_code == 200
        assert client.post("/hooks/suppliers/nordlys").status_code == 401


def test_the_next_minute_is_a_new_one(
    strict: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is locked out."""
    with web(strict, FakeRasa()) as client:
        told = [client.post("/chat/sessions").status_code for _ in range(4)]
        assert told == [201, 201, 201, 429]
        monkeypatch.setattr(pace.time, "monotonic", lambda: 121.0)
        assert client.post("/chat/sessions").status_code == 201


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "192.0.2.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "192.0.2.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
        ("", "203.0.113.9", ""),
    ],
)
def test_only_named_proxies_tell_an_address(
    peer: str, forwarded: str, address: str
) -> None:
    """The last one that no proxy of ours passed on; neighbours in IPv6 are one."""
    assert pace.client_address(peer, forwarded, PROXIES) == address
