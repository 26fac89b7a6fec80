"""`X-Hub-Signature-256: sha256=<hmac of the raw body by the app's secret>`."""

import hashlib
import hmac
import re
from collections.abc import Iterable

HEADER = "X-Hub-Signature-256"
FORM = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)


def sign(secret: str, body: bytes) -> str:
    """The header's value."""
    return f"sha256={_digest(secret, body)}"


def is_signed(secrets: Iterable[str], header: str | None, body: bytes) -> bool:
    """Whether one of the secrets signed this very body.

    Every secret is tried, so that the time tells nothing of which one it was.
    """
    found = FORM.fullmatch(header or "")
    digest = found.group(1) if found else ""
    fitting = [hmac.compare_digest(digest, _digest(one, body)) for one in secrets]
    return any(fitting)


def proof(secret: str, token: str) -> str:
    """Meta's appsecret_proof: a stolen token is of no use without the app."""
    return _digest(secret, token.encode())


def _digest(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
