"""The one HTTP client for partners (X11, X12, X14): careful, bounded, never guessing.

What came back is a value, or one of the three PartnerErrors; nothing else escapes.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit

import requests
import structlog
import urllib3
from pydantic import BaseModel, ConfigDict, ValidationError
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from returns import measures
from returns.errors import (
    ConfigurationError,
    PartnerError,
    PartnerMisconfigured,
    PartnerRefused,
    PartnerUnknown,
)
from returns.gateways.addresses import (
    PublicHTTPConnectionPool,
    PublicHTTPSConnectionPool,
)
from returns.gateways.breaker import Breaker

TIMEOUT = (3.05, 8.0)
BODY_SECONDS = 15.0
BODY_LIMIT = 1_000_000
LONGEST_WAIT_SECONDS = 86_400.0
REASON_LENGTH = 60
REFUSED = frozenset({400, 404, 405, 409, 410, 411, 413, 414, 415, 422})
UNAUTHORISED = frozenset({401, 403})

log = structlog.get_logger(__name__)


class PartnerModel(BaseModel):
    """A partner's reply: types are strict, unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


@dataclass(frozen=True)
class Reply:
    """A reply that said yes (2xx)."""

    status: int
    body: bytes

    def read[M: PartnerModel](self, model: type[M]) -> M:
        """The body as a model. Raises PartnerUnknown when it is not one."""
        try:
            return model.model_validate_json(self.body)
        except ValidationError as error:
            raise PartnerUnknown("unexpected_reply") from error


class _Refusal(PartnerModel):
    reason: str


class _RetryReads(Retry):
    """Retries GET; anything else fails at the first error (X11)."""

    def increment(self, method: str | None = None, *args: Any, **kwargs: Any) -> Self:
        limits = self if method == "GET" else self.new(total=0)
        return super(_RetryReads, limits).increment(method, *args, **kwargs)


RETRY_READS = _RetryReads(
    total=3,
    backoff_factor=0.2,
    backoff_jitter=0.2,
    allowed_methods=frozenset({"GET"}),
    status_forcelist=frozenset({429, 500, 502, 503, 504}),
    raise_on_status=False,
    respect_retry_after_header=False,
)


class _PublicOnly(HTTPAdapter):
    """Refuses to connect to anything but a public address (X14)."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": PublicHTTPConnectionPool,
            "https": PublicHTTPSConnectionPool,
        }


class PartnerClient:
    """Calls one partner; the base URL comes from the operator's configuration only.

    token: sent as Bearer, never logged. ca_file: trusted instead of the system's
    authorities; verification itself cannot be turned off.
    allow_private: loopback and private addresses, and http, are allowed (sandbox).
    timeout: seconds to connect, seconds between two bytes.
    refused: the statuses by which this partner says no for good.
    reason_of: reads the code of this partner's own errors, of whatever status.
    Raises ConfigurationError when base_url or ca_file is not acceptable.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        allow_private: bool = False,
        ca_file: str | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        refused: frozenset[int] = REFUSED,
        reason_of: Callable[[bytes], str | None] | None = None,
    ) -> None:
        if ca_file and not Path(ca_file).is_file():
            raise ConfigurationError(f"{ca_file}: no such file of certificates")
        self._base_url = _checked_base(base_url, allow_private)
        self._host = urlsplit(base_url).hostname
        self._timeout = timeout
        self._refused = refused
        self._session = make_session(token, allow_private, ca_file)
        self._breaker = Breaker(self._host)
        self._reason_of = reason_of

    def get(self, *path: str, params: Mapping[str, str] | None = None) -> Reply:
        """Read, with up to three retries. Raises the three PartnerErrors."""
        return self._call("GET", path, params=params)

    def post(
        self,
        *path: str,
        key: str,
        json: Mapping[str, Any],
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        """Write once, never retried here. Raises the three PartnerErrors."""
        return self._call("POST", path, key=key, json=json, params=params)

    def post_file(
        self, *path: str, key: str, filename: str, content: bytes, content_type: str
    ) -> Reply:
        """Send one file as multipart field `file`. Raises the three PartnerErrors."""
        files = {"file": (filename, content, content_type)}
        return self._call("POST", path, key=key, files=files)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def _call(
        self, method: str, path: tuple[str, ...], key: str | None = None, **body: Any
    ) -> Reply:
        url = "/".join([self._base_url, *(quote_part(part) for part in path)])
        headers = {"Idempotency-Key": key} if key is not None else {}
        try:
            reply = self._breaker.call(
                lambda: self._exchange(method, url, headers, body)
            )
            measures.PARTNER_CALLS.labels(self._host, "ok").inc()
            return reply
        except PartnerError as error:
            measures.PARTNER_CALLS.labels(self._host, type(error).__name__).inc()
            log.warning(
                "partner.request.failed",
                host=self._host,
                method=method,
                error=type(error).__name__,
                reason=error.reason,
            )
            raise

    def _exchange(
        self, method: str, url: str, headers: dict[str, str], body: dict[str, Any]
    ) -> Reply:
        try:
            with self._session.request(
                method,
                url,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
                **body,
            ) as reply:
                content = read_body(reply) if 200 <= reply.status_code < 500 else b""
                return self._judge(reply, content)
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise translated(error) from error
        except ValueError as error:  # a header or URL that http.client will not send
            raise PartnerRefused("invalid_request") from error

    def _judge(self, reply: requests.Response, content: bytes) -> Reply:
        status = reply.status_code
        if 200 <= status < 300:
            return Reply(status, content)
        if 300 <= status < 400:
            raise PartnerMisconfigured("redirected")
        plain = f"http_{status}"
        own = self._reason_of(content) if self._reason_of else None
        if status in UNAUTHORISED:
            raise PartnerMisconfigured(own or plain)
        if status in self._refused:
            raise PartnerRefused(own or _reason(content) or plain)
        raise PartnerUnknown(own or plain, _retry_after(reply.headers))


def quote_part(part: str) -> str:
    """One path part as data. Raises PartnerRefused for what clients would fold away."""
    if part in {"", ".", ".."}:
        raise PartnerRefused("invalid_request")
    return quote(part, safe="")


def _checked_base(base_url: str, allow_private: bool) -> str:
    parts = urlsplit(base_url)
    allowed = {"https", "http"} if allow_private else {"https"}
    if parts.scheme not in allowed or not parts.hostname:
        raise ConfigurationError(f"{base_url!r}: expected a full https address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(
            f"{parts.hostname}: the address may not hold a user, password, ? or #"
        )
    return base_url.rstrip("/")


def make_session(
    token: str | None, allow_private: bool, ca_file: str | None = None
) -> requests.Session:
    """Without proxies, cookies or the environment's say; token: sent as Bearer."""
    session = requests.Session()
    session.trust_env = False
    session.verify = ca_file or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update(
        {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "Bonretour",
        }
    )
    if token is not None:
        session.headers["Authorization"] = f"Bearer {token}"
    adapter = HTTPAdapter if allow_private else _PublicOnly
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter(max_retries=RETRY_READS))
    return session


def read_body(reply: requests.Response, most_bytes: int = BODY_LIMIT) -> bytes:
    """At most so many bytes in BODY_SECONDS. Raises PartnerUnknown past either."""
    deadline = time.monotonic() + BODY_SECONDS
    body = b""
    while chunk := reply.raw.read1(65_536, decode_content=False):
        body += chunk
        if len(body) > most_bytes:
            raise PartnerUnknown("too_big")
        if time.monotonic() > deadline:
            raise PartnerUnknown("too_slow")
    return body


def _reason(content: bytes) -> str | None:
    try:
        return plain_reason(_Refusal.model_validate_json(content).reason)
    except ValidationError:
        return None


def plain_reason(reason: str) -> str | None:
    """The partner's code; None if it is free text, which may hold personal data."""
    plain = reason.isascii() and reason.replace("_", "").isalnum()
    return reason if plain and len(reason) <= REASON_LENGTH else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "").strip()
    seconds = float(text) if text.isdecimal() else _until(text, headers.get("Date"))
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def _until(text: str, date: str | None) -> float | None:
    """Seconds to an HTTP date by the partner's own clock."""
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(date or "")
    except (ValueError, TypeError):
        return None
    return wait.total_seconds()


def translated(error: Exception) -> PartnerError:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return PartnerMisconfigured("certificate")
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return PartnerUnknown("timeout")
    if isinstance(error, requests.exceptions.InvalidHeader):
        return PartnerRefused("invalid_request")
    return PartnerUnknown("connection_failed")
