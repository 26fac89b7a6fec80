"""Files at an address that somebody told us: only where the operator allows (X14)."""

import time
from collections.abc import Iterable
from urllib.parse import urlsplit

import requests
import urllib3

from returns.errors import PartnerMisconfigured, PartnerRefused, PartnerUnknown
from returns.gateways.http import BODY_SECONDS, TIMEOUT, make_session, translated

CHUNK = 65_536


class Downloads:
    """Fetches from these hosts alone, over https, following no redirect.

    hosts: "*.example.com" allows all below it. token: sent as Bearer, None for none.
    allow_private: http and loopback too (tests).
    """

    def __init__(
        self, hosts: Iterable[str], token: str | None, *, allow_private: bool = False
    ) -> None:
        self._hosts = tuple(hosts)
        self._schemes = {"https", "http"} if allow_private else {"https"}
        self._session = make_session(token, allow_private)
        self._session.headers["Accept"] = "*/*"

    def fetch(self, url: str, most_bytes: int) -> bytes:
        """Raises PartnerRefused for an address that is not allowed, gone or too long;
        PartnerUnknown for what may succeed later.
        """
        if not self._is_allowed(url):
            raise PartnerRefused("host_not_allowed")
        try:
            with self._session.get(
                url, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as reply:
                return _content(reply, most_bytes)
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise translated(error) from error
        except ValueError as error:
            raise PartnerRefused("invalid_request") from error

    def close(self) -> None:
        self._session.close()

    def _is_allowed(self, url: str) -> bool:
        try:
            found = urlsplit(url)
            host, _port = (found.hostname or "").casefold(), found.port
        except ValueError:
            return False
        if found.scheme not in self._schemes or found.username or found.password:
            return False
        return any(_matches(host, allowed) for allowed in self._hosts)


def _matches(host: str, allowed: str) -> bool:
    if allowed.startswith("*."):
        return host.endswith(allowed[1:])
    return host == allowed


def _content(reply: requests.Response, most_bytes: int) -> bytes:
    if 300 <= reply.status_code < 400:
        raise PartnerRefused("redirected")
    if reply.status_code in (401, 403):
        raise PartnerMisconfigured(f"http_{reply.status_code}")
    if reply.status_code in (404, 410):
        raise PartnerRefused("gone")
    if reply.status_code != 200:
        raise PartnerUnknown(f"http_{reply.status_code}")
    deadline, content = time.monotonic() + BODY_SECONDS, bytearray()
    while chunk := reply.raw.read1(CHUNK, decode_content=False):
        content += chunk
        if len(content) > most_bytes:
            raise PartnerRefused("too_large")
        if time.monotonic() > deadline:
            raise PartnerUnknown("too_slow")
    return bytes(content)
