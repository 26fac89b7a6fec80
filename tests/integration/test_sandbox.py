"""The sandbox as a real process: honest, idempotent, quiet, and not lost by a kill."""

import json
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from returns.clock import Clock
from returns.errors import (
    NotFound,
    PartnerError,
    PartnerMisconfigured,
    PartnerRefused,
    PartnerUnknown,
    PaymentReturned,
)
from returns.gateways.mail import Mail, SmtpMailer
from returns.gateways.payments import Paid, PaymentGateway, RefundOrder
from returns.gateways.signatures import HEADER, is_signed
from returns.gateways.supplier import (
    Authorisation,
    Pending,
    ReplacementLine,
    ReplacementOrder,
    ReplacementRequest,
    RequestedLine,
    ReturnRequest,
    SupplierGateway,
)
from returns.model import Address
from returns.sandbox.client import SandboxClient
from returns.settings import Settings
from tests.partners import (
    ROOT,
    SandboxProcess,
    ScriptedPartner,
    http_reply,
    sandbox_settings,
    scripted,
    wait_until,
)

SHORT = (1.0, 1.0)
HOME = Address("Camille Durand", "3 rue des Lilas", "69003", "Lyon", "FR")
NOTHING_HAPPENED = ("down", "timeout_before", "500", "503", "429", "garbage")
IT_HAPPENED = ("timeout_after", "truncated", "wrong_schema")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox for the module; it must have printed nothing at the end."""
    process = SandboxProcess(sandbox_settings(tmp_path_factory.mktemp("sandbox")))
    process.start()
    yield process
    assert process.stop() == ""


@pytest.fixture
def admin(sandbox: SandboxProcess) -> Iterator[SandboxClient]:
    client = SandboxClient(sandbox.settings)
    yield client
    client.clear()
    client.close()


def supplier(settings: Settings, slug: str = "lumen") -> SupplierGateway:
    url, token = f"{settings.sandbox_url}/suppliers/{slug}", f"supplier_{slug}"
    return SupplierGateway(
        url, settings.secret(token), allow_private=True, timeout=SHORT
    )


def bank(settings: Settings) -> PaymentGateway:
    return PaymentGateway(
        f"{settings.sandbox_url}/bank",
        settings.secret("bank"),
        allow_private=True,
        timeout=SHORT,
    )


def a_return(reference: str, sku: str = "VASE-B") -> ReturnRequest:
    line = RequestedLine(sku, 1, "damaged_in_transit", "Il est cassé")
    return ReturnRequest(reference, "SO-9", "FR-1042", (line,))


def a_replacement(reference: str) -> ReplacementRequest:
    lines = (ReplacementLine("VASE-B", 1),)
    return ReplacementRequest(reference, "SO-9", lines, HOME, "Check the glaze")


def a_refund(refund_id: str, key: str, amount_minor: int = 4590) -> RefundOrder:
    return RefundOrder(refund_id, key, "pay_9", amount_minor, "EUR")


def about(rows: list[dict[str, Any]], reference: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["reference"] == reference]


@pytest.mark.parametrize(
    ("slug", "country"),
    [
        ("nordlys", "FR"),
        ("lumen", "FR"),
        ("kado", "DE"),
        ("brightway", "NL"),
        ("any-other", "BE"),
    ],
)
def test_each_supplier_has_its_own_address_and_numbers(
    sandbox: SandboxProcess, slug: str, country: str
) -> None:
    """Every supplier grants in its own way, and reads back what it granted."""
    gateway = supplier(sandbox.settings, slug)
    granted = gateway.request_return(a_return("R-own"), "own")
    assert isinstance(granted, Authorisation)
    assert granted.return_address.country == country
    assert granted.ship_by is not None
    ahead = granted.ship_by - Clock().now()
    assert timedelta(days=13, hours=23) < ahead <= timedelta(days=14)
    assert gateway.find_return("R-own") == granted
    gateway.add_evidence(granted.rma_number, "own", "v.png", b"png", "image/png")


def test_rma_numbers_differ_between_returns(sandbox: SandboxProcess) -> None:
    """Two returns never share a number."""
    gateway = supplier(sandbox.settings, "kado")
    numbers = set()
    for index in range(5):
        granted = gateway.request_return(a_return(f"R-many-{index}"), f"many-{index}")
        assert isinstance(granted, Authorisation)
        numbers.add(granted.rma_number)
    assert len(numbers) == 5


def test_the_same_request_is_one_return(
    sandbox: SandboxProcess, admin: SandboxClient
) -> None:
    """Twenty at once, by the same or another key, give one RMA."""
    gateway = supplier(sandbox.settings)

    def ask(index: int) -> Authorisation | Pending:
        return gateway.request_return(a_return("R-once"), f"once-{index % 2}")

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(ask, range(20)))
    assert len(answers) == 1
    assert len(about(admin.returns(), "R-once")) == 1


def test_another_request_under_the_same_name_is_refused(
    sandbox: SandboxProcess, admin: SandboxClient
) -> None:
    """A known reference or key with other goods is a conflict, and changes nothing."""
    gateway = supplier(sandbox.settings)
    gateway.request_return(a_return("R-clash"), "clash")
    for reference, key in (("R-clash", "clash"), ("R-clash", "x"), ("R-new", "clash")):
        with pytest.raises(PartnerRefused, match="reference_or_key_already_used"):
            gateway.request_return(a_return(reference, sku="LAMP"), key)
    assert [row["request"]["lines"][0]["sku"] for row in admin.returns()].count(
        "LAMP"
    ) == 0
    assert gateway.find_return("R-new") is None


def test_replacements_are_ordered_once(
    sandbox: SandboxProcess, admin: SandboxClient
) -> None:
    """A replacement repeated is the same order, and read back it is too."""
    gateway = supplier(sandbox.settings)
    assert gateway.find_replacement("P-1") is None
    ordered = gateway.request_replacement(a_replacement("P-1"), "p-1")
    assert isinstance(ordered, ReplacementOrder)
    assert gateway.request_replacement(a_replacement("P-1"), "p-1") == ordered
    assert gateway.find_replacement("P-1") == ordered
    (row,) = about(admin.replacements(), "P-1")
    assert row["request"]["ship_to"]["city"] == "Lyon"


def test_evidence_is_kept_once(sandbox: SandboxProcess, admin: SandboxClient) -> None:
    """The same key again adds nothing, another one does; what is kept is listed."""
    gateway = supplier(sandbox.settings, "kado")
    granted = gateway.request_return(a_return("R-evidence"), "evidence")
    assert isinstance(granted, Authorisation)
    rma = granted.rma_number
    assert gateway.evidence_keys(rma) == frozenset()
    for key in ("one", "one", "two"):
        gateway.add_evidence(rma, key, "a.png", b"png", "image/png")
    assert gateway.evidence_keys(rma) == {"one", "two"}
    with pytest.raises(PartnerRefused, match="not_an_image"):
        gateway.add_evidence(rma, "three", "a.exe", b"x", "application/x-dosexec")
    with pytest.raises(PartnerRefused, match="unknown_rma"):
        gateway.add_evidence("KADO/2000/1", "three", "a.png", b"x", "image/png")
    assert about(admin.returns(), "R-evidence")[0]["pictures"] == 2


@pytest.mark.parametrize("kind", NOTHING_HAPPENED + IT_HAPPENED)
def test_a_fault_at_a_supplier_is_unknown_and_then_read(
    sandbox: SandboxProcess, admin: SandboxClient, kind: str
) -> None:
    """Whatever the wire does, the reading afterwards tells what really happened."""
    gateway = supplier(sandbox.settings)
    admin.fault("lumen", kind, times=1)
    with pytest.raises(PartnerUnknown):
        gateway.request_return(a_return(f"R-{kind}"), kind)
    found = gateway.find_return(f"R-{kind}")
    assert isinstance(found, Authorisation) == (kind in IT_HAPPENED)
    assert gateway.request_return(a_return(f"R-{kind}"), kind)
    assert len(about(admin.returns(), f"R-{kind}")) == 1


@pytest.mark.parametrize("kind", NOTHING_HAPPENED + IT_HAPPENED)
def test_a_fault_at_the_bank_is_unknown_and_then_read(
    sandbox: SandboxProcess, admin: SandboxClient, kind: str
) -> None:
    """After any fault the same key pays once, and the book agrees with the reading."""
    gateway, order = bank(sandbox.settings), a_refund(f"rf-{kind}", f"key-{kind}")
    admin.fault("bank", kind, times=1, method="POST")
    with pytest.raises(PartnerUnknown):
        gateway.refund(order)
    assert (gateway.find(order) is not None) == (kind in IT_HAPPENED)
    paid = gateway.refund(order)
    assert gateway.find(order) == paid
    entries = [row for row in admin.book() if row["refund_id"] == order.refund_id]
    assert [row["reference"] for row in entries] == [paid.reference]


@pytest.mark.parametrize("kind", NOTHING_HAPPENED + IT_HAPPENED)
def test_a_fault_at_the_mailbox_is_unknown(
    sandbox: SandboxProcess,
    admin: SandboxClient,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mail sent again after a fault is recognised by its id, and counted."""
    monkeypatch.setattr("returns.gateways.mail.TIMEOUT_SECONDS", 1.0)
    port = sandbox.settings.sandbox_port + 1
    mailer = SmtpMailer("127.0.0.1", port, "retours@shop.example", starttls=False)
    mail = Mail(f"n-{kind}", "camille@example.com", "Votre retour — reçu", "Bonjour é")
    admin.fault("mail", kind, times=1)
    with pytest.raises(PartnerUnknown):
        mailer.send(mail)
    mailer.send(mail)
    kept = [row for row in admin.mails() if row["message_id"] == f"n-{kind}"]
    assert [row["copy_no"] for row in kept] == ([1, 2] if kind in IT_HAPPENED else [1])
    assert kept[0]["subject"] == "Votre retour — reçu"
    assert kept[0]["text"].strip() == "Bonjour é"


def test_a_fault_ends_after_its_calls(
    sandbox: SandboxProcess, admin: SandboxClient
) -> None:
    """times=2 spoils two calls and no third; without times only clear() ends it."""
    gateway = bank(sandbox.settings)
    admin.fault("bank", "500", times=2, method="POST")
    for _ in range(2):
        with pytest.raises(PartnerUnknown):
            gateway.refund(a_refund("rf-times", "times"))
    assert gateway.refund(a_refund("rf-times", "times"))
    admin.fault("bank", "500")
    for _ in range(3):
        with pytest.raises(PartnerUnknown):
            gateway.refund(a_refund("rf-times", "times"))
    admin.clear()
    assert gateway.refund(a_refund("rf-times", "times"))


def test_a_fault_meets_its_target_only(
    sandbox: SandboxProcess, admin: SandboxClient
) -> None:
    """One supplier down leaves the others and the bank alone; `*` is every supplier."""
    admin.fault("kado", "500", method="POST")
    assert supplier(sandbox.settings).request_return(a_return("R-t1"), "t1")
    admin.fault("*", "503", method="POST")
    with pytest.raises(PartnerUnknown, match="http_503") as caught:
        supplier(sandbox.settings).request_return(a_return("R-t2"), "t2")
    assert caught.value.retry_after == 2.0
    assert bank(sandbox.settings).refund(a_refund("rf-t", "t"))


def test_a_slow_partner_still_answers(
    sandbox: SandboxProcess, admin: SandboxClient
) -> None:
    """slow:<ms> delays and changes nothing else."""
    admin.fault("lumen", "slow:300", times=1)
    began = Clock().now()
    assert supplier(sandbox.settings).find_return("R-slow") is None
    assert Clock().now() - began >= timedelta(milliseconds=300)


def test_a_refusal_is_stored(sandbox: SandboxProcess, admin: SandboxClient) -> None:
    """What a supplier refused stays refused by every way of asking again."""
    gateway = supplier(sandbox.settings)
    admin.fault("lumen", "refuse", times=1)
    for _ in range(2):
        with pytest.raises(PartnerRefused, match="outside_supplier_terms"):
            gateway.request_return(a_return("R-no"), "no")
    with pytest.raises(PartnerRefused, match="outside_supplier_terms"):
        gateway.find_return("R-no")
    admin.fault("bank", "refuse", times=1)
    with pytest.raises(PartnerRefused, match="refund_refused"):
        bank(sandbox.settings).refund(a_refund("rf-no", "no"))
    assert bank(sandbox.settings).find(a_refund("rf-no", "no")) is None


def test_what_is_pending_is_decided_later(
    sandbox: SandboxProcess, admin: SandboxClient
) -> None:
    """pending:2 is granted after two reads, pending when the faults are cleared."""
    gateway = supplier(sandbox.settings)
    admin.fault("lumen", "pending:2", times=1)
    assert gateway.request_return(a_return("R-p2"), "p2") == Pending()
    reads = [type(gateway.find_return("R-p2")) for _ in range(3)]
    assert reads == [Pending, Pending, Authorisation]
    admin.fault("lumen", "pending", times=1)
    assert gateway.request_replacement(a_replacement("P-p"), "pp") == Pending()
    assert {type(gateway.find_replacement("P-p")) for _ in range(4)} == {Pending}
    admin.clear()
    assert isinstance(gateway.find_replacement("P-p"), ReplacementOrder)


@pytest.mark.parametrize("kind", ["", "slow:x", "explode", "503:-1"])
def test_an_unknown_fault_is_refused(admin: SandboxClient, kind: str) -> None:
    """A misspelt fault is an error and not a test that proves nothing."""
    with pytest.raises(PartnerRefused, match="http_422"):
        admin.fault("bank", kind)


def test_every_door_is_locked(sandbox: SandboxProcess, admin: SandboxClient) -> None:
    """No token, or another's token, opens nothing."""
    settings = sandbox.settings
    other = settings.secret("supplier_kado")
    stranger = SupplierGateway(
        f"{settings.sandbox_url}/suppliers/lumen", other, allow_private=True
    )
    with pytest.raises(PartnerMisconfigured, match="http_401"):
        stranger.request_return(a_return("R-stranger"), "stranger")
    for method, path in (
        ("GET", "/book"),
        ("GET", "/mails"),
        ("GET", "/returns"),
        ("POST", "/faults"),
        ("DELETE", "/faults"),
        ("POST", "/suppliers/lumen/returns/ML000001R/receive"),
        ("POST", "/bank/refunds"),
    ):
        reply = requests.request(
            method,
            settings.sandbox_url + path,
            headers={"Authorization": f"Bearer {other}"},
            timeout=5,
        )
        assert (path, reply.status_code) == (path, 401)
    assert about(admin.returns(), "R-stranger") == []


def test_the_book_is_an_honest_oracle(
    sandbox: SandboxProcess, admin: SandboxClient
) -> None:
    """The same key pays once; another key pays again, and the book shows both."""
    gateway = bank(sandbox.settings)
    with ThreadPoolExecutor(10) as pool:
        orders = [a_refund("rf-book", "book-1")] * 10
        references = {paid.reference for paid in pool.map(gateway.refund, orders)}
    assert len(references) == 1
    second = gateway.refund(a_refund("rf-book", "book-2"))
    assert second not in {Paid(reference) for reference in references}
    entries = [row for row in admin.book() if row["refund_id"] == "rf-book"]
    assert [row["key"] for row in entries] == ["book-1", "book-2"]
    with pytest.raises(PartnerRefused, match="key_used_for_another_refund"):
        gateway.refund(a_refund("rf-book", "book-1", amount_minor=1))


def test_the_mailbox_keeps_each_reader_apart(
    sandbox: SandboxProcess, admin: SandboxClient
) -> None:
    """Any SMTP client is served, and a mail to two readers is one copy for each."""
    port = sandbox.settings.sandbox_port + 1
    text = "Message-ID: <two@shop.example>\r\nSubject: Hi\r\n\r\nHello\r\n"
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.sendmail("a@b.example", ["x@c.example", "y@c.example"], text)
    kept = [row for row in admin.mails() if row["message_id"] == "two"]
    assert [(row["to"], row["copy_no"]) for row in kept] == [
        ("x@c.example", 1),
        ("y@c.example", 1),
    ]


def signed_by(settings: Settings, slug: str, desk: ScriptedPartner) -> bool:
    asked = desk.asked[-1]
    secret = settings.secret(f"webhook_{slug}")
    header = asked.headers[HEADER.lower()]
    return is_signed(secret, header, asked.body, Clock().now())


def test_goods_that_arrive_are_told_until_heard(tmp_path: Path) -> None:
    """The signed webhook is repeated, over a kill -9, until the desk took it."""
    with scripted(http_reply(503), http_reply(500), http_reply(204, "")) as desk:
        settings = sandbox_settings(tmp_path, f"http://127.0.0.1:{desk.port}")
        process, admin = SandboxProcess(settings), SandboxClient(settings)
        process.start()
        gateway = supplier(settings, "kado")
        granted = gateway.request_return(a_return("R-goods"), "goods")
        assert isinstance(granted, Authorisation)
        admin.receive(granted.rma_number)
        wait_until(lambda: len(desk.asked) == 1, "the first sending")
        process.stop(signal.SIGKILL)
        process.start()
        wait_until(lambda: bool(admin.hooks()[0]["delivered_at"]), "delivery")
        admin.receive(granted.rma_number)
        found = gateway.find_return("R-goods")
        assert isinstance(found, Authorisation)
        assert isinstance(found.received_at, datetime)
        assert signed_by(settings, "kado", desk)
        assert process.stop() == ""
    bodies = [json.loads(asked.body) for asked in desk.asked]
    assert desk.asked[0].line == "POST /hooks/suppliers/kado HTTP/1.1"
    assert len(bodies) == 3
    assert len({body["event_id"] for body in bodies}) == 1
    assert bodies[0]["type"] == "return.received"
    assert bodies[0]["reference"] == "R-goods"
    assert bodies[0]["rma_number"] == granted.rma_number


def test_the_bank_tells_that_money_came_back(tmp_path: Path) -> None:
    """A signed webhook of its own, and a book that says so for good."""
    with scripted(http_reply(200)) as desk:
        settings = sandbox_settings(tmp_path, f"http://127.0.0.1:{desk.port}")
        process, admin = SandboxProcess(settings), SandboxClient(settings)
        process.start()
        gateway, order = bank(settings), a_refund("refund-1", "key-1")
        paid = gateway.refund(order)
        with pytest.raises(NotFound):
            admin.tell_payment("BK0", "failed")
        admin.tell_payment(paid.reference, "succeeded")
        assert gateway.find(order) == paid
        admin.tell_payment(paid.reference, "failed")
        wait_until(lambda: len(desk.asked) == 2, "both webhooks")
        for read in (gateway.find, gateway.refund):
            with pytest.raises(PaymentReturned) as news:
                read(order)
            assert news.value.reference == paid.reference
        assert len(admin.book()) == 1
        assert process.stop() == ""
    secret = settings.secret("payments_sandbox")
    for asked in desk.asked:
        assert asked.line == "POST /hooks/payments/sandbox HTTP/1.1"
        assert is_signed(
            secret, asked.headers[HEADER.lower()], asked.body, Clock().now()
        )
    told = [json.loads(asked.body) for asked in desk.asked]
    assert {body["reference"] for body in told} == {"refund-1"}
    assert sorted(body["type"] for body in told) == [
        "refund.failed",
        "refund.succeeded",
    ]


def test_goods_of_an_unknown_return_do_not_arrive(admin: SandboxClient) -> None:
    """A wrong RMA number is an error that names it."""
    with pytest.raises(NotFound, match="ML999999R"):
        admin.receive("ML999999R")


def test_a_kill_loses_nothing(tmp_path: Path) -> None:
    """What was answered before a kill -9 is there afterwards: book, returns, faults."""
    settings = sandbox_settings(tmp_path)
    process, admin = SandboxProcess(settings), SandboxClient(settings)
    process.start()
    paid = bank(settings).refund(a_refund("rf-kill", "kill"))
    granted = supplier(settings).request_return(a_return("R-kill"), "kill")
    admin.fault("kado", "refuse", times=1)
    process.stop(signal.SIGKILL)
    process.start()
    assert bank(settings).refund(a_refund("rf-kill", "kill")) == paid
    assert supplier(settings).find_return("R-kill") == granted
    with pytest.raises(PartnerRefused):
        supplier(settings, "kado").request_return(a_return("R-kill"), "kill")
    assert len(admin.book()) == 1
    process.stop()


def start(settings: Settings, **env: str) -> tuple[int, str]:
    process = SandboxProcess(settings)
    ended = subprocess.run(
        [sys.executable, "-m", "returns.sandbox"],
        cwd=ROOT,
        env=process.env | env,
        capture_output=True,
        text=True,
        timeout=20,
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("offset", [0, 1])
def test_a_taken_port_is_one_clear_line(tmp_path: Path, offset: int) -> None:
    """Whoever holds the port, the reader learns which one and what to set."""
    settings = sandbox_settings(tmp_path)
    with socket.create_server(("127.0.0.1", settings.sandbox_port + offset)):
        code, printed = start(settings)
    port = settings.sandbox_port + offset
    assert code == 2
    assert printed == f"sandbox: port {port} is taken (BONRETOUR_SANDBOX_PORT)\n"


def test_production_has_no_sandbox(tmp_path: Path) -> None:
    """In production the partners are real."""
    code, printed = start(sandbox_settings(tmp_path), BONRETOUR_ENV="production")
    assert (code, printed) == (2, "the sandbox does not run in production\n")


def test_no_sandbox_is_said_plainly(tmp_path: Path) -> None:
    """A client without a sandbox gets one error of ours."""
    settings = replace(sandbox_settings(tmp_path), sandbox_port=9)
    with pytest.raises(PartnerError, match="sandbox_unreachable"):
        SandboxClient(settings).book()
