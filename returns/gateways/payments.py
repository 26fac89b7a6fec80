"""Refunds through the sandbox's bank; real providers join behind the same class."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from returns.errors import PartnerUnknown, PaymentDiffers, PaymentReturned
from returns.gateways import books
from returns.gateways.http import REFUSED, TIMEOUT, PartnerClient, PartnerModel

Reference = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
# A bank's 409 is a clash with a call still running, not a no (X11).
BANK_REFUSED = REFUSED - {409}


@dataclass(frozen=True)
class RefundOrder:
    """key: stored before the first call and never made anew (X2)."""

    refund_id: str
    key: str
    payment_reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Paid:
    """reference: the bank's own, for the customer's statement."""

    reference: str


class PaymentGateway:
    """The bank. Every method may raise the three PartnerErrors, and PaymentReturned.

    Raises ConfigurationError when base_url is not acceptable.
    client: instead of the one made from the other arguments.
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
            refused=BANK_REFUSED,
        )

    def refund(self, order: RefundOrder) -> Paid:
        """Pay back to the original means. The key is safe to repeat for 20 h (X3)."""
        body = asdict(order)
        key = body.pop("key")
        paid = self._client.post("refunds", key=key, json=body).read(_Refund)
        told = (paid.refund_id, paid.amount_minor, paid.currency)
        if told != (order.refund_id, order.amount_minor, order.currency):
            raise PartnerUnknown("wrong_refund")
        return _standing([paid])

    def find(self, order: RefundOrder) -> Paid | None:
        """The payment made under this id; None: the bank certainly made none.

        Raises PaymentDiffers when amount or currency are not as ordered.
        """
        reply = self._client.get("refunds", params={"refund_id": order.refund_id})
        found = reply.read(_RefundList).refunds
        if any(refund.refund_id != order.refund_id for refund in found):
            raise PartnerUnknown("wrong_refund")
        ours = (order.amount_minor, order.currency)
        if any((paid.amount_minor, paid.currency) != ours for paid in found):
            raise PaymentDiffers("payment_differs")
        return _standing(found) if found else None

    def since(self, moment: datetime) -> list[books.Payment]:
        """All that its book holds since then, whoever asked for it."""
        return books.payments_since(self._client, moment)


class _Refund(PartnerModel):
    """state: failed when the money came back; a bank that says none only pays."""

    reference: Reference
    refund_id: str
    amount_minor: int
    currency: str
    state: Literal["succeeded", "failed"] = "succeeded"


class _RefundList(PartnerModel):
    refunds: list[_Refund]


def _standing(entries: list[_Refund]) -> Paid:
    """Raises PaymentReturned when none of them stands."""
    standing = [entry for entry in entries if entry.state == "succeeded"]
    if not standing:
        raise PaymentReturned(entries[-1].reference)
    return Paid(standing[0].reference)
