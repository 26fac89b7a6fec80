"""Supplier and bank: replies become values, and doubtful ones never do."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from returns.errors import PartnerRefused, PartnerUnknown, PaymentDiffers
from returns.gateways import books
from returns.gateways.books import HeldReturn, Payment
from returns.gateways.payments import Paid, PaymentGateway, RefundOrder
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
from tests.partners import ScriptedPartner, http_reply, scripted

ADDRESS = Address(
    "Maison Lumen", "14 chemin des Verriers", "69800", "Saint-Priest", "FR"
)
GRANT: dict[str, Any] = {
    "rma_number": "ML000001R",
    "return_address": {
        "name": "Maison Lumen",
        "line1": "14 chemin des Verriers",
        "postcode": "69800",
        "city": "Saint-Priest",
        "country": "FR",
    },
    "ship_by": "2026-12-06T12:00:00Z",
    "who_pays": "supplier",
    "label_url": "https://labels.maison-lumen.example/ML000001R.pdf",
}
STORED = {"reference": "R-1", "status": "authorised", **GRANT}
AUTHORISED = Authorisation(
    rma_number="ML000001R",
    return_address=ADDRESS,
    ship_by=datetime(2026, 12, 6, 12, tzinfo=UTC),
    who_pays="supplier",
    label_url="https://labels.maison-lumen.example/ML000001R.pdf",
)
RETURN = ReturnRequest(
    "R-1",
    "SO-9",
    "FR-1042",
    (RequestedLine("VASE-B", 2, "damaged_in_transit", "Cassé"),),
)
REPLACEMENT = ReplacementRequest(
    "P-1", "SO-9", (ReplacementLine("VASE-B", 1),), ADDRESS, "Check the glaze"
)
REFUND = RefundOrder("rf-1", "key-1", "pay_9", 4590, "EUR")
PAID = {
    "reference": "BK1",
    "refund_id": "rf-1",
    "amount_minor": 4590,
    "currency": "EUR",
}


def supplier(partner: ScriptedPartner) -> SupplierGateway:
    return SupplierGateway(partner.url, "token", allow_private=True, timeout=(1.0, 1.0))


def bank(partner: ScriptedPartner) -> PaymentGateway:
    return PaymentGateway(partner.url, "token", allow_private=True, timeout=(1.0, 1.0))


def found(*items: dict[str, Any], kind: str = "returns") -> bytes:
    return http_reply(200, json.dumps({kind: items}))


def test_asks_for_a_return() -> None:
    """The request carries all that the contract names, and the grant comes back."""
    with scripted(http_reply(201, json.dumps(GRANT))) as partner:
        assert supplier(partner).request_return(RETURN, "key-1") == AUTHORISED
        asked = partner.asked[0]
    assert asked.line == "POST /api/returns HTTP/1.1"
    assert asked.headers["idempotency-key"] == "key-1"
    assert json.loads(asked.body) == {
        "reference": "R-1",
        "supplier_order_reference": "SO-9",
        "order_number": "FR-1042",
        "lines": [
            {
                "sku": "VASE-B",
                "quantity": 2,
                "return_reason": "damaged_in_transit",
                "detail": "Cassé",
            }
        ],
    }


def test_only_the_required_fields_are_needed() -> None:
    """A supplier that sets no day and has no label is understood."""
    small = {name: GRANT[name] for name in ("rma_number", "return_address", "who_pays")}
    with scripted(http_reply(201, json.dumps(small))) as partner:
        grant = supplier(partner).request_return(RETURN, "key-1")
    assert isinstance(grant, Authorisation)
    assert (grant.ship_by, grant.label_url, grant.received_at) == (None, None, None)


def test_a_supplier_may_decide_later() -> None:
    """202 is pending for a return and for a replacement, whatever its body."""
    with scripted(http_reply(202, "")) as partner:
        gateway = supplier(partner)
        assert gateway.request_return(RETURN, "key-1") == Pending()
        assert gateway.request_replacement(REPLACEMENT, "key-2") == Pending()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["rma_number"], ""),
        (["rma_number"], "ML 1\r\nX"),
        (["rma_number"], 12),
        (["rma_number"], "x" * 121),
        (["ship_by"], "2026-12-06T12:00:00"),
        (["ship_by"], 1765022400),
        (["ship_by"], "tomorrow"),
        (["who_pays"], "customer"),
        (["label_url"], "javascript:alert(1)"),
        (["label_url"], "http://labels.example/1.pdf"),
        (["label_url"], "https://labels.example/<script>"),
        (["return_address"], None),
        (["return_address"], "14 rue de la Gare"),
        (["return_address", "country"], "France"),
        (["return_address", "city"], ""),
        (["return_address", "line1"], "x" * 201),
        (["return_address", "name"], "Lumen\nhttps://evil.example"),
    ],
)
def test_a_doubtful_grant_is_unknown(path: list[str], value: object) -> None:
    """A customer is never sent to an address or a label that is not in order."""
    spoilt = deepcopy(GRANT)
    holder = spoilt
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    with (
        scripted(http_reply(201, json.dumps(spoilt))) as partner,
        pytest.raises(PartnerUnknown, match="unexpected_reply"),
    ):
        supplier(partner).request_return(RETURN, "key-1")


def test_finds_what_the_supplier_holds() -> None:
    """Each stored state is read as what it is; an empty list is a certain no."""
    pending = {"reference": "R-1", "status": "pending"}
    received = {**STORED, "status": "received", "received_at": "2026-12-01T08:00:00Z"}
    scripts = (found(), found(pending), found(STORED), found(received))
    with scripted(*scripts) as partner:
        answers = [supplier(partner).find_return("R-1") for _ in range(4)]
        assert partner.asked[0].line == "GET /api/returns?reference=R-1 HTTP/1.1"
    assert answers[:3] == [None, Pending(), AUTHORISED]
    assert isinstance(answers[3], Authorisation)
    assert answers[3].received_at == datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "told"),
    [("outside_terms", "outside_terms"), ("Mrs Durand is rude", "refused")],
)
def test_a_stored_refusal_is_a_refusal(reason: str, told: str) -> None:
    """What the supplier refused once stays refused when it is read."""
    stored = {"reference": "R-1", "status": "refused", "reason": reason}
    with scripted(found(stored), found(stored, kind="replacements")) as partner:
        for find in (
            supplier(partner).find_return,
            supplier(partner).find_replacement,
        ):
            with pytest.raises(PartnerRefused) as caught:
                find("R-1")
            assert caught.value.reason == told


@pytest.mark.parametrize(
    "reply",
    [
        found({**STORED, "reference": "R-2"}),
        found(STORED, STORED),
        found({**STORED, "status": "lost"}),
        found({"reference": "R-1"}),
        http_reply(200, "{}"),
        http_reply(200, "[]"),
        http_reply(200, "null"),
    ],
)
def test_never_takes_a_doubtful_list_for_a_no(reply: bytes) -> None:
    """Only an empty list says that there is nothing; all else is unknown."""
    with scripted(reply) as partner, pytest.raises(PartnerUnknown):
        supplier(partner).find_return("R-1")


def test_a_missing_page_is_not_a_no() -> None:
    """404 on the search is an error of the address, not the absence of a return."""
    with scripted(http_reply(404)) as partner, pytest.raises(PartnerRefused):
        supplier(partner).find_return("R-1")


def test_orders_a_replacement() -> None:
    """The request carries address and note; the supplier's reference comes back."""
    with scripted(http_reply(201, '{"order_reference": "LUMEN-SO-7"}')) as partner:
        ordered = supplier(partner).request_replacement(REPLACEMENT, "key-2")
        body = json.loads(partner.asked[0].body)
    assert ordered == ReplacementOrder("LUMEN-SO-7")
    assert body["ship_to"]["city"] == "Saint-Priest"
    assert body["check_note"] == "Check the glaze"
    assert body["lines"] == [{"sku": "VASE-B", "quantity": 1}]


def test_finds_a_replacement() -> None:
    """A stored replacement order is read back, and an empty list is a certain no."""
    ordered = {"reference": "P-1", "status": "ordered", "order_reference": "SO-7"}
    none, one = found(kind="replacements"), found(ordered, kind="replacements")
    with scripted(none, one) as partner:
        gateway = supplier(partner)
        assert gateway.find_replacement("P-1") is None
        assert gateway.find_replacement("P-1") == ReplacementOrder("SO-7")


def test_sends_evidence_with_the_callers_key() -> None:
    """The key is the caller's, so that it can be read back; no field is forged."""
    with scripted(http_reply(201, '{"evidence_id": "EV-1"}')) as partner:
        gateway = supplier(partner)
        name = 'a"\r\nX-Evil: 1.png'
        gateway.add_evidence("KADO/1", "R-1:u1", name, b"one", "image/png")
        (asked,) = partner.asked
    assert asked.headers["idempotency-key"] == "R-1:u1"
    assert asked.line == "POST /api/returns/KADO%2F1/evidence HTTP/1.1"
    assert b"\r\nX-Evil" not in asked.body


def test_reads_which_pictures_a_supplier_has() -> None:
    """Keys come from its list; one that lists nothing, or no keys, has none."""
    listed = [{"evidence_id": "EV-1", "key": "R-1:u1"}, {"evidence_id": "EV-2"}]
    kept, silent = {"rma_number": "K/1", "evidence": listed}, {"rma_number": "K/1"}
    replies = [http_reply(200, json.dumps(body)) for body in (kept, silent)]
    with scripted(*replies) as partner:
        gateway = supplier(partner)
        assert gateway.evidence_keys("K/1") == {"R-1:u1"}
        assert gateway.evidence_keys("K/1") == frozenset()
        assert partner.asked[0].line == "GET /api/returns/K%2F1 HTTP/1.1"


def test_pays_and_reads_a_refund() -> None:
    """A refund's reference comes back from the payment and from the reading."""
    paid = http_reply(201, json.dumps(PAID))
    with scripted(paid, found(PAID, kind="refunds"), found(kind="refunds")) as partner:
        gateway = bank(partner)
        assert gateway.refund(REFUND) == Paid("BK1")
        assert gateway.find(REFUND) == Paid("BK1")
        assert gateway.find(REFUND) is None
        asked = partner.asked[0]
    assert asked.headers["idempotency-key"] == "key-1"
    assert json.loads(asked.body) == {
        "refund_id": "rf-1",
        "payment_reference": "pay_9",
        "amount_minor": 4590,
        "currency": "EUR",
    }


@pytest.mark.parametrize(
    "change",
    [{"amount_minor": 45900}, {"currency": "USD"}, {"refund_id": "rf-2"}],
)
def test_a_payment_of_something_else_is_unknown(change: dict[str, object]) -> None:
    """Another amount, currency or refund in the answer is never taken for ours."""
    with (
        scripted(http_reply(201, json.dumps(PAID | change))) as partner,
        pytest.raises(PartnerUnknown, match="wrong_refund"),
    ):
        bank(partner).refund(REFUND)


@pytest.mark.parametrize("change", [{"amount_minor": 45900}, {"currency": "USD"}])
def test_a_payment_that_differs_is_no_payment_of_ours(
    change: dict[str, object],
) -> None:
    """The book has our refund with another amount: neither ours nor none (X9)."""
    with (
        scripted(found(PAID | change, kind="refunds")) as partner,
        pytest.raises(PaymentDiffers),
    ):
        bank(partner).find(REFUND)


def test_reads_the_banks_book_page_by_page() -> None:
    """All pages, with what came back; a list without an end is unknown."""
    first = json.dumps({"refunds": [PAID], "next": "7"})
    second = json.dumps({"refunds": [PAID | {"state": "failed"}]})
    with scripted(http_reply(200, first), http_reply(200, second)) as partner:
        told = bank(partner).since(datetime(2026, 11, 1, 12, tzinfo=UTC))
        lines = [asked.line for asked in partner.asked]
    paid = Payment("rf-1", "BK1", 4590, "EUR", stands=True)
    assert told == [paid, replace(paid, stands=False)]
    assert lines == [
        "GET /api/refunds?since=2026-11-01T12%3A00%3A00Z HTTP/1.1",
        "GET /api/refunds?since=2026-11-01T12%3A00%3A00Z&after=7 HTTP/1.1",
    ]


def test_a_book_without_an_end_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partner that always names a next page is not read for ever."""
    monkeypatch.setattr(books, "MOST_PAGES", 3)
    page = http_reply(200, json.dumps({"returns": [], "next": "1"}))
    with scripted(page) as partner, pytest.raises(PartnerUnknown, match="endless"):
        supplier(partner).since(datetime(2026, 11, 1, tzinfo=UTC))


def test_reads_the_suppliers_book() -> None:
    """Numbers where there are some; no such list is a refusal, garbage is unknown."""
    held = [{"reference": "R-2", "status": "pending"}, STORED]
    with scripted(found(*held), http_reply(404), http_reply(200, "[]")) as partner:
        gateway, since = supplier(partner), datetime(2026, 11, 1, tzinfo=UTC)
        assert gateway.since(since) == [
            HeldReturn("R-2", "pending", None),
            HeldReturn("R-1", "authorised", "ML000001R"),
        ]
        with pytest.raises(PartnerRefused):
            gateway.since(since)
        with pytest.raises(PartnerUnknown):
            gateway.since(since)


def test_a_clash_at_the_bank_is_unknown() -> None:
    """409 from a bank may be our own first call still running: read first."""
    with scripted(http_reply(409)) as partner, pytest.raises(PartnerUnknown):
        bank(partner).refund(REFUND)
