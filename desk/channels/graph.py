"""Meta's Graph API: send one message, find one file; its error codes in our words."""

from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from desk.channels import accounts, signatures
from returns.errors import ConfigurationError, PartnerRefused, PartnerUnknown
from returns.gateways.downloads import Downloads
from returns.gateways.http import PartnerClient, PartnerModel
from returns.settings import META_GRAPH
from returns.wiring import House

MEDIA_HOSTS = ("*.fbsbx.com", "*.fbcdn.net", "graph.facebook.com")


class Fate(StrEnum):
    """What a failed call means for its message."""

    LATER = "later"  # the same call may succeed
    CLOSED = "closed"  # no free words any more: a template or a mail
    STOPPED = "stopped"  # token or account: nothing goes out until a person acts
    DEAD = "dead"  # never, to this person or in this form


# Codes as `read_code` tells them: code, or code and subcode.
TOO_FAST = frozenset({"4", "80007", "130429", "131048", "131056", "613"})
TROUBLE = frozenset({"1", "2", "131000", "131016", "131057", "133004"})
WINDOW = frozenset({"131047", "10_2018278"})
ACCOUNT = frozenset({"0", "3", "10", "190", "200", "131005", "131031", "368"})
PREFIX = "meta_"


class _Error(PartnerModel):
    code: int
    error_subcode: int | None = None


class _Failure(PartnerModel):
    error: _Error


class _SentId(PartnerModel):
    id: str


class _SentWhatsApp(PartnerModel):
    messages: list[_SentId]


class _SentMessenger(PartnerModel):
    message_id: str


class FoundMedia(PartnerModel):
    """Where a file lies for five minutes, and what its bytes must hash to."""

    url: str
    sha256: str | None = None


def read_code(content: bytes) -> str | None:
    """Such as meta_131047; None for an answer that is not Meta's."""
    try:
        error = _Failure.model_validate_json(content).error
    except ValidationError:
        return None
    exact = f"{error.code}_{error.error_subcode}"
    return PREFIX + (exact if exact in WINDOW else str(error.code))


def fate(reason: str) -> Fate | None:
    """By Meta's code; None for a failure that came without one."""
    code = reason.removeprefix(PREFIX)
    if code == reason:
        return None
    if code in TOO_FAST | TROUBLE:
        return Fate.LATER
    if code in WINDOW:
        return Fate.CLOSED
    return Fate.STOPPED if code in ACCOUNT else Fate.DEAD


class Graph:
    """One platform's account; safe to use from several threads."""

    def __init__(self, house: House, channel: str) -> None:
        """Raises ConfigurationError when the channel is off or has no secrets."""
        account = house.shop.channels.account(channel)
        if account is None:
            raise ConfigurationError(f"channels.{channel} is off in shop.yml")
        base, token = house.settings.graph_url, house.settings.secret(channel)
        proof = signatures.proof(house.settings.secret(accounts.APP), token)
        self._channel, self._account = channel, account
        self._version = house.shop.channels.graph_version
        self._params = {"appsecret_proof": proof}
        elsewhere = base != META_GRAPH
        self._client = PartnerClient(
            base, token, allow_private=elsewhere, reason_of=read_code
        )
        own = (urlsplit(base).hostname or "",) if elsewhere else ()
        with_token = token if channel == "whatsapp" else None
        hosts = (*MEDIA_HOSTS, *own)
        self._downloads = Downloads(hosts, with_token, allow_private=elsewhere)

    def send(self, address: str, payload: dict[str, Any], outbound_id: str) -> str:
        """The platform's id of the message. Raises the three PartnerErrors."""
        body = _addressed(self._channel, address, payload, outbound_id)
        reply = self._client.post(
            self._version,
            self._account,
            "messages",
            key=outbound_id,
            json=body,
            params=self._params,
        )
        if self._channel == "messenger":
            return reply.read(_SentMessenger).message_id
        sent = reply.read(_SentWhatsApp).messages
        if not sent:
            raise PartnerUnknown("unexpected_reply")
        return sent[0].id

    def find(self, media_id: str) -> FoundMedia:
        """Raises the three PartnerErrors."""
        if not media_id.isascii() or not media_id.isalnum():
            raise PartnerRefused("invalid_request")
        reply = self._client.get(self._version, media_id, params=self._params)
        return reply.read(FoundMedia)

    def download(self, url: str, most_bytes: int) -> bytes:
        """Raises the three PartnerErrors."""
        return self._downloads.fetch(url, most_bytes)

    def close(self) -> None:
        self._client.close()
        self._downloads.close()


def _addressed(
    channel: str, address: str, payload: dict[str, Any], outbound_id: str
) -> dict[str, Any]:
    """Our own id travels along, and comes back with each receipt."""
    if channel == "messenger":
        message = {**payload, "metadata": outbound_id}
        to = {"recipient": {"id": address}, "messaging_type": "RESPONSE"}
        return {**to, "message": message}
    to_whom = "to" if address.isdecimal() else "recipient"  # a phone, else a user id
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        to_whom: address,
        "biz_opaque_callback_data": outbound_id,
        **payload,
    }
