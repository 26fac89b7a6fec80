"""Signed webhooks: only this body, this secret, these five minutes."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from returns.gateways.signatures import is_signed, sign

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BODY = b'{"event_id": "1"}'


def test_signs_as_the_documentation_says() -> None:
    """The header is what a supplier computes from the papers alone."""
    stamp = "1795348800"
    digest = hmac.new(
        b"secret", f"{stamp}.".encode() + BODY, hashlib.sha256
    ).hexdigest()
    assert sign("secret", BODY, NOW) == f"t={stamp},v1={digest}"
    assert is_signed("secret", f"t={stamp},v1={digest}", BODY, NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_accepts_within_five_minutes(seconds: int) -> None:
    """Clocks may differ by five minutes either way."""
    header = sign("secret", BODY, NOW + timedelta(seconds=seconds))
    assert is_signed("secret", header, BODY, NOW)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_refuses_an_old_signature(seconds: int) -> None:
    """A copy sent later is worth nothing."""
    header = sign("secret", BODY, NOW + timedelta(seconds=seconds))
    assert not is_signed("secret", header, BODY, NOW)


GOOD = sign("secret", BODY, NOW)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        GOOD.upper(),
        GOOD[:-1],
        GOOD + "0",
        GOOD + "\n",
        GOOD.replace("v1", "md5"),
        GOOD.replace("t=", "t=-"),
        GOOD.replace("t=17", "t=١٧"),
        f"t=99999999999,{GOOD.partition(',')[2]}",
        "t=1795348800,v1=é",
        sign("other", BODY, NOW),
        sign("secret", BODY + b" ", NOW),
    ],
)
def test_refuses_every_other_header(header: str | None) -> None:
    """Missing, cut, changed, of another secret or body: refused, never an error."""
    assert not is_signed("secret", header, BODY, NOW)


def test_the_documented_example_is_right() -> None:
    """The header that docs/supplier-api.md shows is the one we would accept."""
    paper = Path(__file__).parents[3] / "docs" / "supplier-api.md"
    assert sign("secret", b'{"event_id": "1"}', NOW) in paper.read_text()
