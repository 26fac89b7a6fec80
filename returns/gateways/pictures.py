"""A picture from an address that an import file names, as carefully as X14 wants.

https only, to public addresses, no redirect, nothing sent along, little size and time.
"""

from urllib.parse import urlsplit

import requests
import urllib3

from returns.errors import PartnerRefused
from returns.gateways.http import make_session, read_body, translated

TIMEOUT = (3.05, 8.0)
MOST_BYTES = 10_000_000


def fetch(url: str, *, allow_private: bool = False) -> bytes:
    """What lies there, not yet looked at.

    allow_private: for tests: http and the own machine, too.
    Raises PartnerRefused, PartnerMisconfigured (a private address) or PartnerUnknown.
    """
    _check(url, {"https", "http"} if allow_private else {"https"})
    session = make_session(None, allow_private)
    session.headers["Accept"] = "image/jpeg, image/png, image/webp"
    try:
        with (
            session,
            session.get(
                url, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as reply,
        ):
            if reply.status_code != requests.codes.ok:
                raise PartnerRefused(f"http_{reply.status_code}")
            return read_body(reply, MOST_BYTES)
    except (OSError, urllib3.exceptions.HTTPError) as error:
        raise translated(error) from error
    except ValueError as error:  # an address that http.client will not send
        raise PartnerRefused("invalid_address") from error


def _check(url: str, schemes: set[str]) -> None:
    try:
        parts = urlsplit(url)
        told = parts.hostname, parts.port
    except ValueError as error:
        raise PartnerRefused("invalid_address") from error
    if parts.scheme not in schemes or not told[0] or parts.username or parts.password:
        raise PartnerRefused("invalid_address")
