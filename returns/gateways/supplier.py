"""The supplier API of supplier-api.yaml, as seen by the services.

Every write carries the caller's key and reference, so a repeat is the same request;
still, a caller whose last attempt was unknown reads (`find_…`) before it writes (X11).
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from returns.errors import PartnerRefused, PartnerUnknown
from returns.gateways import books
from returns.gateways.http import TIMEOUT, PartnerClient, PartnerModel, plain_reason
from returns.model import Address

PENDING_STATUS = 202

Text = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Identifier = Annotated[
    str, StringConstraints(min_length=1, max_length=120, pattern=r"^[!-~]+$")
]
WebLink = Annotated[
    str, StringConstraints(max_length=500, pattern=r"^https://[!-;=?-~]+$")
]


@dataclass(frozen=True)
class RequestedLine:
    """return_reason: a code of ReturnReason. detail: the customer's words, or None."""

    sku: str
    quantity: int
    return_reason: str
    detail: str | None = None


@dataclass(frozen=True)
class ReturnRequest:
    """reference: our return_id."""

    reference: str
    supplier_order_reference: str
    order_number: str
    lines: tuple[RequestedLine, ...]


@dataclass(frozen=True)
class Authorisation:
    """What the supplier granted.

    ship_by: None when it set no day. who_pays: the parcel back, "supplier" or "shop".
    received_at: when the supplier says the goods came, None before.
    """

    rma_number: str
    return_address: Address
    ship_by: datetime | None
    who_pays: str
    label_url: str | None
    received_at: datetime | None = None


@dataclass(frozen=True)
class Pending:
    """The supplier has the request and will decide later."""


@dataclass(frozen=True)
class ReplacementLine:
    sku: str
    quantity: int


@dataclass(frozen=True)
class ReplacementRequest:
    """reference: our replacement_id. check_note: what to check before packing."""

    reference: str
    supplier_order_reference: str
    lines: tuple[ReplacementLine, ...]
    ship_to: Address
    check_note: str


@dataclass(frozen=True)
class ReplacementOrder:
    """reference: the supplier's own order reference."""

    reference: str


class SupplierGateway:
    """One supplier. Every method may raise the three PartnerErrors.

    Raises ConfigurationError when base_url is not acceptable.
    client: instead of the one made from base_url, token, allow_private and ca_file.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        client: PartnerClient | None = None,
        allow_private: bool = False,
        ca_file: str | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._client = client or PartnerClient(
            base_url,
            token,
            allow_private=allow_private,
            ca_file=ca_file,
            timeout=timeout,
        )

    def request_return(
        self, request: ReturnRequest, key: str
    ) -> Authorisation | Pending:
        """Ask for an RMA. Raises PartnerRefused with the supplier's reason."""
        reply = self._client.post("returns", key=key, json=asdict(request))
        if reply.status == PENDING_STATUS:
            return Pending()
        return _authorisation(reply.read(_Authorised))

    def find_return(self, reference: str) -> Authorisation | Pending | None:
        """What the supplier holds under our reference; None: certainly nothing.

        Raises PartnerRefused if what it holds is a refusal.
        """
        reply = self._client.get("returns", params={"reference": reference})
        stored = _only(reply.read(_ReturnList).returns, reference)
        if isinstance(stored, _StoredReturn):
            return _authorisation(stored)
        return _undecided(stored)

    def since(self, moment: datetime) -> list[books.HeldReturn]:
        """All that its book holds since then. Raises PartnerRefused: no such list."""
        return books.returns_since(self._client, moment)

    def request_replacement(
        self, request: ReplacementRequest, key: str
    ) -> ReplacementOrder | Pending:
        """Order another one. Raises PartnerRefused with the supplier's reason."""
        reply = self._client.post("replacements", key=key, json=asdict(request))
        if reply.status == PENDING_STATUS:
            return Pending()
        return ReplacementOrder(reply.read(_Ordered).order_reference)

    def find_replacement(self, reference: str) -> ReplacementOrder | Pending | None:
        """What the supplier holds under our reference; None: certainly nothing.

        Raises PartnerRefused if what it holds is a refusal.
        """
        reply = self._client.get("replacements", params={"reference": reference})
        stored = _only(reply.read(_ReplacementList).replacements, reference)
        if isinstance(stored, _StoredReplacement):
            return ReplacementOrder(stored.order_reference)
        return _undecided(stored)

    def evidence_keys(self, rma: str) -> frozenset[str]:
        """The keys of the pictures it has; empty too if it does not list them."""
        listed = self._client.get("returns", rma).read(_EvidenceList).evidence
        return frozenset(one.key for one in listed if one.key is not None)

    def add_evidence(
        self, rma: str, key: str, filename: str, content: bytes, content_type: str
    ) -> None:
        """Send one picture; the same key again adds nothing."""
        reply = self._client.post_file(
            *("returns", rma, "evidence"),
            key=key,
            filename=filename,
            content=content,
            content_type=content_type,
        )
        reply.read(_Evidence)


class _Address(PartnerModel):
    name: Text
    line1: Text
    line2: Text | None = None
    postcode: Text
    city: Text
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class _Authorised(PartnerModel):
    rma_number: Identifier
    return_address: _Address
    ship_by: AwareDatetime | None = None
    who_pays: Literal["supplier", "shop"]
    label_url: WebLink | None = None
    received_at: AwareDatetime | None = None


class _Stored(PartnerModel):
    reference: str


class _StoredReturn(_Stored, _Authorised):
    status: Literal["authorised", "received"]


class _StoredPending(_Stored):
    status: Literal["pending"]


class _StoredRefusal(_Stored):
    status: Literal["refused"]
    reason: str


class _ReturnList(PartnerModel):
    returns: list[
        Annotated[
            _StoredReturn | _StoredPending | _StoredRefusal,
            Field(discriminator="status"),
        ]
    ]


class _Ordered(PartnerModel):
    order_reference: Identifier


class _StoredReplacement(_Stored, _Ordered):
    status: Literal["ordered"]


class _ReplacementList(PartnerModel):
    replacements: list[
        Annotated[
            _StoredReplacement | _StoredPending | _StoredRefusal,
            Field(discriminator="status"),
        ]
    ]


class _Evidence(PartnerModel):
    evidence_id: Identifier
    key: str | None = None


class _EvidenceList(PartnerModel):
    rma_number: Identifier
    evidence: tuple[_Evidence, ...] = ()


def _only[S: _Stored](found: list[S], reference: str) -> S | None:
    """Raises PartnerUnknown if the list is not about this reference alone."""
    if any(item.reference != reference for item in found):
        raise PartnerUnknown("wrong_reference")
    if len(found) > 1:
        raise PartnerUnknown("several_for_one_reference")
    return found[0] if found else None


def _undecided(stored: _StoredPending | _StoredRefusal | None) -> Pending | None:
    """Raises PartnerRefused for a stored refusal."""
    if isinstance(stored, _StoredRefusal):
        raise PartnerRefused(plain_reason(stored.reason) or "refused")
    return None if stored is None else Pending()


def _authorisation(reply: _Authorised) -> Authorisation:
    return Authorisation(
        rma_number=reply.rma_number,
        return_address=Address(**reply.return_address.model_dump()),
        ship_by=reply.ship_by,
        who_pays=reply.who_pays,
        label_url=reply.label_url,
        received_at=reply.received_at,
    )
