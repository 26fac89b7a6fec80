"""What a partner's book holds since a day, page by page: for reconciling (X9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, StringConstraints

from returns.errors import PartnerUnknown
from returns.gateways.http import PartnerClient, PartnerModel

MOST_PAGES = 1000

Name = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
Cursor = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,500}$")]


@dataclass(frozen=True)
class Payment:
    """reference: the bank's own. stands: False once the money came back."""

    refund_id: str
    reference: str
    amount_minor: int
    currency: str
    stands: bool


@dataclass(frozen=True)
class HeldReturn:
    """status: pending, refused, authorised, received."""

    reference: str
    status: str
    rma_number: str | None


class _Payment(PartnerModel):
    refund_id: Name
    reference: Name
    amount_minor: int
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    state: Literal["succeeded", "failed"] = "succeeded"


class _Payments(PartnerModel):
    refunds: list[_Payment]
    next: Cursor | None = None


class _Return(PartnerModel):
    reference: Name
    status: Literal["pending", "refused", "authorised", "received"]
    rma_number: Name | None = None
    received_at: AwareDatetime | None = None


class _Returns(PartnerModel):
    returns: list[_Return]
    next: Cursor | None = None


def payments_since(client: PartnerClient, since: datetime) -> list[Payment]:
    """All that was paid since then. Raises the three PartnerErrors."""
    return [
        Payment(
            one.refund_id,
            one.reference,
            one.amount_minor,
            one.currency,
            one.state == "succeeded",
        )
        for page in _pages(client, "refunds", since, _Payments)
        for one in page.refunds
    ]


def returns_since(client: PartnerClient, since: datetime) -> list[HeldReturn]:
    """All that was asked for, or arrived, since then. Raises the three PartnerErrors;
    PartnerRefused where the supplier keeps no such list.
    """
    return [
        HeldReturn(one.reference, one.status, one.rma_number)
        for page in _pages(client, "book", since, _Returns)
        for one in page.returns
    ]


def _pages[P: (_Payments, _Returns)](
    client: PartnerClient, path: str, since: datetime, model: type[P]
) -> Iterator[P]:
    """Raises PartnerUnknown for a list without an end."""
    params = {"since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"}
    for _ in range(MOST_PAGES):
        page = client.get(path, params=params).read(model)
        yield page
        if page.next is None:
            return
        params = {**params, "after": page.next}
    raise PartnerUnknown("endless_list")
