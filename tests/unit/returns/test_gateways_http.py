"""The HTTP client for partners: what comes back, and what never leaves."""

import logging
import socket
import struct
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from structlog.testing import capture_logs

from returns.errors import (
    ConfigurationError,
    PartnerError,
    PartnerMisconfigured,
    PartnerRefused,
    PartnerUnknown,
)
from returns.gateways import http
from returns.gateways.http import PartnerClient, PartnerModel
from tests.partners import ScriptedPartner, hang, http_reply, scripted

TOKEN = "token-that-no-log-may-hold"


class Thing(PartnerModel):
    name: str
    count: int


THING = '{"name": "vase", "count": 2, "news": [1]}'


def client_of(partner: ScriptedPartner) -> PartnerClient:
    return PartnerClient(partner.url, TOKEN, allow_private=True, timeout=(1.0, 0.4))


def post(partner: ScriptedPartner) -> Thing:
    return client_of(partner).post("things", key="k-1", json={"a": 1}).read(Thing)


def reset(connection: socket.socket) -> None:
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def test_reads_a_reply_and_ignores_unknown_fields() -> None:
    """A good reply is a value, also when the partner says more than we know."""
    with scripted(http_reply(201, THING)) as partner:
        assert post(partner) == Thing(name="vase", count=2)
        asked = partner.asked[0]
    assert asked.line == "POST /api/things HTTP/1.1"
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["idempotency-key"] == "k-1"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, PartnerRefused),
        (404, PartnerRefused),
        (409, PartnerRefused),
        (422, PartnerRefused),
        (401, PartnerMisconfigured),
        (403, PartnerMisconfigured),
        (301, PartnerMisconfigured),
        (307, PartnerMisconfigured),
        (408, PartnerUnknown),
        (425, PartnerUnknown),
        (429, PartnerUnknown),
        (500, PartnerUnknown),
        (502, PartnerUnknown),
        (503, PartnerUnknown),
        (504, PartnerUnknown),
    ],
)
def test_a_status_is_one_error_and_a_write_is_sent_once(
    status: int, error: type[PartnerError]
) -> None:
    """Each status means what X11 says, and a write is never repeated here."""
    with scripted(http_reply(status)) as partner:
        with pytest.raises(error) as caught:
            post(partner)
        assert partner.connections == 1
    assert type(caught.value) is error
    assert str(status) in caught.value.reason or status in {301, 307}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"reason": "outside_terms"}', "outside_terms"),
        ('{"reason": "Camille Durand complained"}', "http_422"),
        ('{"reason": 7}', "http_422"),
        ("<html>", "http_422"),
        ('{"reason": "' + "x" * 61 + '"}', "http_422"),
    ],
)
def test_keeps_a_reason_code_only(body: str, reason: str) -> None:
    """A refusal's code is kept; free text, which may hold a name, is not."""
    with (
        scripted(http_reply(422, body)) as partner,
        pytest.raises(PartnerRefused) as caught,
    ):
        post(partner)
    assert caught.value.reason == reason


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["Retry-After: 7"], 7.0),
        (["Retry-After: 99999999"], 86_400.0),
        (
            [
                f"Retry-After: {format_datetime(NOON + timedelta(seconds=30), True)}",
                f"Date: {format_datetime(NOON, True)}",
            ],
            30.0,
        ),
        ([f"Retry-After: {format_datetime(NOON, True)}"], None),
        (["Retry-After: soon", f"Date: {format_datetime(NOON, True)}"], None),
        (["Retry-After: -5"], None),
        ([], None),
    ],
)
def test_passes_on_how_long_to_wait(headers: list[str], seconds: float | None) -> None:
    """Retry-After in either form reaches the caller, by the partner's own clock."""
    with (
        scripted(http_reply(503, "", *headers)) as partner,
        pytest.raises(PartnerUnknown) as caught,
    ):
        post(partner)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (http_reply(200, "<html>It works"), "unexpected_reply"),
        (http_reply(200, '{"name": "vase", "count": "2"}'), "unexpected_reply"),
        (http_reply(200, '{"name": "vase"}'), "unexpected_reply"),
        (http_reply(204, ""), "unexpected_reply"),
        (http_reply(200, THING)[:-5], "connection_failed"),
        (
            http_reply(200, b"\x1f\x8b\x08", "Content-Encoding: gzip"),
            "unexpected_reply",
        ),
        (http_reply(200, b" " * 1_000_001), "too_big"),
        (http_reply(422, b" " * 1_000_001), "too_big"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "connection_failed"),
        (b"", "connection_failed"),
        (hang, "timeout"),
        (reset, "connection_failed"),
    ],
)
def test_an_unclear_answer_is_unknown(reply: bytes, reason: str) -> None:
    """Garbage, half an answer, too much or none: nobody knows, nothing repeats."""
    with scripted(reply) as partner:
        with pytest.raises(PartnerUnknown) as caught:
            post(partner)
        assert partner.connections == 1
    assert caught.value.reason == reason


def test_stops_reading_what_never_ends() -> None:
    """An endless body costs at most a little over the limit."""
    sent = []

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sent.append(connection.send(b" " * 65_536))

    with scripted(endless) as partner, pytest.raises(PartnerUnknown, match="too_big"):
        post(partner)
    assert sum(sent) < 12_000_000


def test_stops_waiting_for_what_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partner that sends byte after byte does not hold us longer than the budget."""
    monkeypatch.setattr(http, "BODY_SECONDS", 0.3)

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        while True:
            connection.sendall(b" ")
            time.sleep(0.02)

    began = time.monotonic()
    with scripted(drip) as partner, pytest.raises(PartnerUnknown, match="too_slow"):
        post(partner)
    assert time.monotonic() - began < 2.0


def test_reads_are_tried_again() -> None:
    """A read survives two failures of the partner."""
    failures = (http_reply(500), reset)
    with scripted(*failures, http_reply(200, THING)) as partner:
        assert client_of(partner).get("things").read(Thing).count == 2
        assert partner.connections == 3


def test_reads_are_given_up() -> None:
    """A read is tried four times, then nobody knows."""
    with scripted(http_reply(503, "", "Retry-After: 9")) as partner:
        with pytest.raises(PartnerUnknown) as caught:
            client_of(partner).get("things")
        assert partner.connections == 4
    assert (caught.value.reason, caught.value.retry_after) == ("http_503", 9.0)


def test_follows_no_redirect() -> None:
    """Where a partner points us, nothing arrives: no request and no token."""
    with scripted(http_reply(200, THING)) as other:
        there = f"Location: http://127.0.0.1:{other.port}/latest/meta-data"
        for status in (301, 302, 303, 307, 308):
            with (
                scripted(http_reply(status, "", there)) as partner,
                pytest.raises(PartnerMisconfigured, match="redirected"),
            ):
                client_of(partner).get("things")
        assert other.connections == 0


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("KADO/2026/0001", "KADO%2F2026%2F0001"),
        ("../refunds/1", "..%2Frefunds%2F1"),
        ("1?x=2#y", "1%3Fx%3D2%23y"),
        ("%2e%2e", "%252e%252e"),
        ("a\r\nX-Evil: 1", "a%0D%0AX-Evil%3A%201"),
        ("é", "%C3%A9"),
    ],
)
def test_path_parts_stay_data(part: str, path: str) -> None:
    """Whatever an identifier holds, it stays one part of the path."""
    with scripted(http_reply(200, THING)) as partner:
        client_of(partner).get("things", part)
        asked = partner.asked[0]
    assert asked.line == f"GET /api/things/{path} HTTP/1.1"
    assert "x-evil" not in asked.headers


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_refuses_a_path_part_that_would_vanish(part: str) -> None:
    """What a client or server would fold away is never sent."""
    with scripted(http_reply(200, THING)) as partner:
        with pytest.raises(PartnerRefused, match="invalid_request"):
            client_of(partner).get("things", part, "refunds")
        assert partner.connections == 0


def test_query_values_stay_data() -> None:
    """A reference cannot add a parameter."""
    with scripted(http_reply(200, THING)) as partner:
        client_of(partner).get("things", params={"reference": "R&all=1 \r\nX: y"})
        assert partner.asked[0].line == (
            "GET /api/things?reference=R%26all%3D1+%0D%0AX%3A+y HTTP/1.1"
        )


def test_a_key_cannot_add_a_header() -> None:
    """A key with a line break is refused before anything is sent."""
    with scripted(http_reply(200, THING)) as partner:
        with pytest.raises(PartnerRefused, match="invalid_request"):
            client_of(partner).post("things", key="k\r\nX-Evil: 1", json={})
        assert partner.asked == []


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no other authority from the environment."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "nowhere")
    with scripted(http_reply(200, THING)) as partner:
        assert client_of(partner).get("things").read(Thing).name == "vase"


def test_keeps_no_cookie() -> None:
    """A partner cannot mark us."""
    with scripted(http_reply(200, THING, "Set-Cookie: id=1; Path=/")) as partner:
        client = client_of(partner)
        client.get("things")
        client.get("things")
        assert "cookie" not in partner.asked[1].headers


def test_logs_ids_but_no_token(caplog: pytest.LogCaptureFixture) -> None:
    """A failure leaves one log line that says where and why, without the token."""
    caplog.set_level(logging.DEBUG)
    with (
        scripted(http_reply(500)) as partner,
        capture_logs() as logs,
        pytest.raises(PartnerUnknown),
    ):
        post(partner)
    assert [line["event"] for line in logs] == ["partner.request.failed"]
    assert logs[0]["reason"] == "http_500"
    assert TOKEN not in f"{logs}{caplog.text}"


@pytest.mark.parametrize(
    "base_url",
    [
        "http://supplier.example/api",
        "ftp://supplier.example",
        "supplier.example/api",
        "https://",
        "https://user:word@supplier.example",
        "https://supplier.example/api?x=1",
        "https://supplier.example/#x",
    ],
)
def test_refuses_an_address_that_is_no_plain_https(base_url: str) -> None:
    """A base URL without TLS, or with more than an address, is refused at start."""
    with pytest.raises(ConfigurationError):
        PartnerClient(base_url, TOKEN)


def test_a_missing_file_of_certificates_is_told_at_once() -> None:
    """A wrong ca_file never waits for the first call."""
    with pytest.raises(ConfigurationError, match=r"nowhere\.pem"):
        PartnerClient("https://supplier.example", TOKEN, ca_file="nowhere.pem")


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Addresses that a connection was tried to; none succeeds."""
    tried: list[str] = []

    def record(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("urllib3.util.connection.create_connection", record)
    yield tried


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Let the resolver give these answers, one after the other."""
    remaining = iter(answers)

    def getaddrinfo(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (address, 443)) for address in next(remaining)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "ff02::1",
    ],
)
def test_never_connects_to_a_private_address(
    address: str, monkeypatch: pytest.MonkeyPatch, connected: list[str]
) -> None:
    """A name that leads inside is refused before a connection is made."""
    resolve_to(monkeypatch, ["93.184.215.14", address])
    with pytest.raises(PartnerMisconfigured, match="private_address"):
        PartnerClient("https://supplier.example", TOKEN).get("returns")
    assert connected == []


def test_connects_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch, connected: list[str]
) -> None:
    """The name is resolved once: a later answer that leads inside is not used."""
    resolve_to(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    with pytest.raises(PartnerUnknown, match="connection_failed"):
        PartnerClient("https://supplier.example", TOKEN).post(
            "returns", key="k", json={}
        )
    assert connected == ["93.184.215.14"]


def test_a_name_that_nobody_knows_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that fails is a failed connection, not a crash."""

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(PartnerUnknown, match="connection_failed"):
        PartnerClient("https://supplier.example", TOKEN).post(
            "returns", key="k", json={}
        )
