"""What the sandbox answers, and what we send, is what supplier-api.yaml promises."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from returns.clock import Clock
from returns.gateways.supplier import (
    ReplacementLine,
    ReplacementRequest,
    RequestedLine,
    ReturnRequest,
    SupplierGateway,
)
from returns.model import Address, ReturnReason
from returns.sandbox.client import SandboxClient
from returns.settings import Settings
from tests.partners import (
    http_reply,
    sandbox_in_thread,
    sandbox_settings,
    scripted,
    wait_until,
)

API = Path(__file__).parents[2] / "returns" / "gateways" / "supplier-api.yaml"
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "null": type(None),
}
ANNOTATIONS = {"description"}

type Schema = dict[str, Any]


class Contract:
    """The part of JSON Schema that supplier-api.yaml uses; any other word fails."""

    def __init__(self, document: Schema) -> None:
        self.document = document

    def at(self, pointer: str) -> Schema:
        found: Any = self.document
        for part in pointer.removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return self.at(found["$ref"]) if "$ref" in found else found

    def answer(self, path: str, method: str, status: int) -> Schema:
        """The schema of one answer; KeyError if the paper does not name it."""
        escaped = path.replace("/", "~1")
        reply = self.at(f"#/paths/{escaped}/{method}/responses/{status}")
        return dict(reply["content"]["application/json"]["schema"])

    def faults(self, schema: Schema, value: Any, where: str = "$") -> list[str]:
        """Everything in the value that the schema does not allow."""
        return [
            fault
            for word, rule in schema.items()
            if word not in ANNOTATIONS
            for fault in getattr(self, f"_{word.lstrip('$')}")(
                schema, rule, value, where
            )
        ]

    def _ref(self, _: Schema, rule: str, value: Any, where: str) -> list[str]:
        return self.faults(self.at(rule), value, where)

    def _allOf(
        self, _: Schema, rule: list[Schema], value: Any, where: str
    ) -> list[str]:
        return [fault for part in rule for fault in self.faults(part, value, where)]

    def _oneOf(
        self, _: Schema, rule: list[Schema], value: Any, where: str
    ) -> list[str]:
        fitting = [part for part in rule if not self.faults(part, value, where)]
        return [] if len(fitting) == 1 else [f"{where}: fits {len(fitting)} of oneOf"]

    def _type(self, _: Schema, rule: Any, value: Any, where: str) -> list[str]:
        allowed = tuple(
            KINDS[kind] for kind in ([rule] if isinstance(rule, str) else rule)
        )
        fits = isinstance(value, allowed) and not isinstance(value, bool)
        return [] if fits else [f"{where}: not a {rule}"]

    def _required(
        self, _: Schema, rule: list[str], value: Any, where: str
    ) -> list[str]:
        return [f"{where}.{name}: missing" for name in rule if name not in value]

    def _properties(
        self, _: Schema, rule: dict[str, Schema], value: Any, where: str
    ) -> list[str]:
        return [
            fault
            for name, schema in rule.items()
            if isinstance(value, dict) and name in value
            for fault in self.faults(schema, value[name], f"{where}.{name}")
        ]

    def _items(self, _: Schema, rule: Schema, value: Any, where: str) -> list[str]:
        return [
            fault
            for index, item in enumerate(value)
            for fault in self.faults(rule, item, f"{where}[{index}]")
        ]

    def _said(self, holds: bool, where: str, word: str) -> list[str]:
        return [] if holds else [f"{where}: {word}"]

    def _enum(self, _: Schema, rule: list[Any], value: Any, where: str) -> list[str]:
        return self._said(value in rule, where, "enum")

    def _const(self, _: Schema, rule: Any, value: Any, where: str) -> list[str]:
        return self._said(value == rule, where, "const")

    def _pattern(self, _: Schema, rule: str, value: Any, where: str) -> list[str]:
        fits = not isinstance(value, str) or re.search(rule, value)
        return self._said(bool(fits), where, "pattern")

    def _format(self, _: Schema, rule: str, value: Any, where: str) -> list[str]:
        assert rule == "date-time"
        fits = value is None or datetime.fromisoformat(value).tzinfo is not None
        return self._said(fits, where, "format")

    def _minLength(self, _: Schema, rule: int, value: Any, where: str) -> list[str]:
        return self._said(_length(value, rule) >= rule, where, "minLength")

    def _maxLength(self, _: Schema, rule: int, value: Any, where: str) -> list[str]:
        return self._said(_length(value, rule) <= rule, where, "maxLength")

    def _minItems(self, _: Schema, rule: int, value: Any, where: str) -> list[str]:
        return self._said(len(value) >= rule, where, "minItems")

    def _maxItems(self, _: Schema, rule: int, value: Any, where: str) -> list[str]:
        return self._said(len(value) <= rule, where, "maxItems")

    def _minimum(self, _: Schema, rule: int, value: Any, where: str) -> list[str]:
        return self._said(value >= rule, where, "minimum")

    def _maximum(self, _: Schema, rule: int, value: Any, where: str) -> list[str]:
        return self._said(value <= rule, where, "maximum")


def _length(value: Any, otherwise: int) -> int:
    return len(value) if isinstance(value, str) else otherwise


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(yaml.safe_load(API.read_text()))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    found = sandbox_settings(tmp_path_factory.mktemp("contract"))
    with sandbox_in_thread(found, Clock()):
        yield found


HOME = Address("Camille Durand", "3 rue des Lilas", "69003", "Lyon", "FR")
LINE = RequestedLine("VASE-B", 2, "damaged_in_transit", "Cassé")
REPLACEMENT_LINE = ReplacementLine("VASE-B", 1)


class Caller:
    """Calls the sandbox's supplier as a stranger's program would."""

    def __init__(self, settings: Settings, contract: Contract, slug: str) -> None:
        self.url = f"{settings.sandbox_url}/suppliers/{slug}"
        self.token = settings.secret(f"supplier_{slug}")
        self.contract = contract

    def call(
        self, method: str, path: str, template: str | None = None, **more: Any
    ) -> tuple[int, Any]:
        """The answer, which must be one that the paper names for this path."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        reply = requests.request(
            method, f"{self.url}{path}", headers=headers, timeout=5, **more
        )
        schema = self.contract.answer(
            template or path, method.lower(), reply.status_code
        )
        assert self.contract.faults(schema, reply.json()) == []
        return reply.status_code, reply.json()

    def post(self, path: str, key: str | None, body: Any) -> tuple[int, Any]:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.call("POST", path, headers=headers, json=body)


@pytest.fixture(params=["nordlys", "lumen", "kado", "brightway"])
def caller(
    settings: Settings, contract: Contract, request: pytest.FixtureRequest
) -> Caller:
    return Caller(settings, contract, request.param)


def body_of(reference: str) -> dict[str, Any]:
    return {
        "reference": reference,
        "supplier_order_reference": "SO-9",
        "order_number": "FR-1042",
        "lines": [{"sku": "VASE-B", "quantity": 1, "return_reason": "too_small"}],
    }


def test_every_answer_about_returns_keeps_the_contract(
    caller: Caller, settings: Settings
) -> None:
    """Granted, pending, refused, unknown, malformed: each answer fits its schema."""
    admin = SandboxClient(settings)
    slug = caller.url.rpartition("/")[2]
    status, granted = caller.post("/returns", "k1", body_of("R-1"))
    assert status == 201
    admin.fault(slug, "pending", times=1)
    assert caller.post("/returns", "k2", body_of("R-2"))[0] == 202
    admin.fault(slug, "refuse", times=1)
    assert caller.post("/returns", "k3", body_of("R-3"))[0] == 422
    assert caller.post("/returns", "k1", body_of("R-4"))[0] == 409
    assert caller.post("/returns", None, body_of("R-5"))[0] == 400
    assert caller.post("/returns", "k6", {"reference": "R-6"})[0] == 422
    assert caller.call("GET", "/returns")[0] == 400
    for reference in ("R-1", "R-2", "R-3", "R-none"):
        found = caller.call("GET", "/returns", params={"reference": reference})
        assert found[0] == 200
    admin.receive(granted["rma_number"])
    rma = granted["rma_number"].replace("/", "%2F")
    one = "/returns/{rma_number}"
    assert caller.call("GET", f"/returns/{rma}", one)[1]["status"] == "received"
    assert caller.call("GET", "/returns/none", one)[0] == 404
    page = caller.call("GET", "/book", params={"since": "2026-01-01T00:00:00Z"})
    held = {one["reference"]: one["status"] for one in page[1]["returns"]}
    assert held == {"R-1": "received", "R-2": "pending", "R-3": "refused"}
    assert caller.call("GET", "/book", params={"since": "yesterday"})[0] == 400
    caller.token = "wrong"
    assert caller.call("GET", "/book", params={"since": "2026-01-01"})[0] == 401
    assert caller.post("/returns", "k7", body_of("R-7"))[0] == 401
    assert caller.call("GET", "/returns", params={"reference": "R-1"})[0] == 401


def test_every_answer_about_evidence_keeps_the_contract(caller: Caller) -> None:
    """A picture kept, missing or of nothing known: each answer fits its schema."""
    _, granted = caller.post("/returns", "e1", body_of("R-e1"))
    rma = granted["rma_number"].replace("/", "%2F")
    template = "/returns/{rma_number}/evidence"
    key = {"headers": {"Idempotency-Key": "e"}}
    picture = {"file": ("a.png", b"png", "image/png")}
    send = ("POST", f"/returns/{rma}/evidence", template)
    assert caller.call(*send, files=picture, **deepcopy(key))[0] == 201
    one = ("GET", f"/returns/{rma}", "/returns/{rma_number}")
    assert [kept["key"] for kept in caller.call(*one)[1]["evidence"]] == ["e"]
    assert caller.call(*send, files=picture)[0] == 400
    text = {"file": ("a.txt", b"x", "text/plain")}
    assert caller.call(*send, files=text, **deepcopy(key))[0] == 422
    nowhere = ("POST", "/returns/none/evidence", template)
    assert caller.call(*nowhere, files=picture, **deepcopy(key))[0] == 404


def test_every_answer_about_replacements_keeps_the_contract(
    caller: Caller, settings: Settings
) -> None:
    """Ordered, pending and refused replacements fit their schemas."""
    admin, slug = SandboxClient(settings), caller.url.rpartition("/")[2]
    body = {
        "supplier_order_reference": "SO-9",
        "lines": [{"sku": "VASE-B", "quantity": 1}],
        "ship_to": {
            "name": "Camille Durand",
            "line1": "3 rue des Lilas",
            "postcode": "69003",
            "city": "Lyon",
            "country": "FR",
        },
        "check_note": "Check the glaze",
    }
    for number, (fault, status) in enumerate(
        [(None, 201), ("pending", 202), ("refuse", 422)]
    ):
        if fault:
            admin.fault(slug, fault, times=1)
        asked = {"reference": f"P-{number}", **body}
        assert caller.post("/replacements", f"p{number}", asked)[0] == status
        wanted = {"reference": f"P-{number}"}
        assert caller.call("GET", "/replacements", params=wanted)[0] == 200


def test_what_we_send_keeps_the_contract(contract: Contract) -> None:
    """Our own requests fit the schemas that we ask suppliers to accept."""
    with scripted(http_reply(202, "")) as partner:
        gateway = SupplierGateway(partner.url, "t", allow_private=True)
        gateway.request_return(ReturnRequest("R-1", "SO-9", "FR-1", (LINE,)), "k")
        gateway.request_replacement(
            ReplacementRequest("P-1", "SO-9", (REPLACEMENT_LINE,), HOME, "Check"), "k"
        )
        bodies = [yaml.safe_load(asked.body) for asked in partner.asked]
    schemas = ["ReturnRequest", "ReplacementRequest"]
    for name, body in zip(schemas, bodies, strict=True):
        schema = contract.at(f"#/components/schemas/{name}")
        assert contract.faults(schema, body) == []
        assert contract.faults(schema, body | {"lines": []}) != []


def test_the_webhook_keeps_the_contract(tmp_path: Path, contract: Contract) -> None:
    """Body and header of return.received are what the paper says."""
    with scripted(http_reply(204, "")) as desk:
        settings = sandbox_settings(tmp_path, f"http://127.0.0.1:{desk.port}")
        with sandbox_in_thread(settings, Clock()):
            caller = Caller(settings, contract, "kado")
            _, granted = caller.post("/returns", "k1", body_of("R-1"))
            SandboxClient(settings).receive(granted["rma_number"])
            wait_until(lambda: bool(desk.asked), "the webhook")
    hook = contract.document["webhooks"]["return.received"]["post"]
    schema = contract.at("#/components/schemas/ReturnReceived")
    assert contract.faults(schema, yaml.safe_load(desk.asked[0].body)) == []
    header = hook["parameters"][0]
    sent = desk.asked[0].headers[header["name"].lower()]
    assert contract.faults(header["schema"], sent) == []


def test_the_paper_knows_every_reason(contract: Contract) -> None:
    """The reasons in the paper are the reasons in the code."""
    listed = contract.at("#/components/schemas/ReturnReason")["enum"]
    assert listed == [reason.value for reason in ReturnReason]


def test_every_reference_in_the_paper_leads_somewhere(contract: Contract) -> None:
    """No $ref of the paper points at nothing."""
    references = re.findall(r'\$ref: "([^"]+)"', API.read_text())
    assert len(references) > 50
    assert all(contract.at(reference) for reference in references)


GRANT: dict[str, Any] = {
    "reference": "R-1",
    "status": "authorised",
    "rma_number": "ML1",
    "return_address": {
        "name": "Maison Lumen",
        "line1": "14 chemin des Verriers",
        "postcode": "69800",
        "city": "Saint-Priest",
        "country": "FR",
    },
    "ship_by": "2026-12-06T12:00:00Z",
    "who_pays": "shop",
}


@pytest.mark.parametrize(
    "change",
    [
        {"rma_number": 1},
        {"rma_number": "two words"},
        {"status": "lost"},
        {"who_pays": None},
        {"ship_by": "2026-12-06T12:00:00"},
        {"label_url": "http://labels.example"},
        {"return_address": {**GRANT["return_address"], "country": "France"}},
        {"return_address": {}},
        {"reference": True},
    ],
)
def test_the_check_itself_finds_faults(
    contract: Contract, change: dict[str, Any]
) -> None:
    """A spoilt answer does not fit; so the tests above can fail."""
    schema = contract.at("#/components/schemas/ReturnList")
    assert contract.faults(schema, {"returns": [GRANT]}) == []
    assert contract.faults(schema, {"returns": [GRANT | change]}) != []
