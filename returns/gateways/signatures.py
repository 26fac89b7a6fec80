"""Signed webhooks: `Bonretour-Signature: t=<unix>,v1=<hmac-sha256 of "t.body">`."""

import hashlib
import hmac
import re
from datetime import UTC, datetime

HEADER = "Bonretour-Signature"
TOLERANCE_SECONDS = 300.0
FORM = re.compile(r"t=(\d{1,11}),v1=([0-9a-f]{64})", re.ASCII)


def sign(secret: str, body: bytes, at: datetime) -> str:
    """The header's value for a body sent at this moment."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={_digest(secret, stamp, body)}"


def is_signed(secret: str, header: str | None, body: bytes, now: datetime) -> bool:
    """Whether the header signs this very body, within TOLERANCE_SECONDS of now."""
    found = FORM.fullmatch(header or "")
    if not found:
        return False
    stamp, digest = found.groups()
    at = datetime.fromtimestamp(int(stamp), UTC)
    fresh = abs((now - at).total_seconds()) <= TOLERANCE_SECONDS
    return hmac.compare_digest(digest, _digest(secret, stamp, body)) and fresh


def _digest(secret: str, stamp: str, body: bytes) -> str:
    signed = stamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
