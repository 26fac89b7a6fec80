"""What we ship: no secret in a file, every package on the bill."""

import re

import pytest

from cli.bill_of_materials import document
from returns.settings import ROOT
from tests.leaks import in_text

HEX = "0123456789abcdef" * 4
LEAKS = {
    "a private key": "-----BEGIN RSA PRIVATE " + "KEY-----\n" + "M" * 64,
    "an AWS key": "AKIA" + "A1" * 8,
    "a GitHub token": "ghp_" + "a1" * 18,
    "a Stripe key": "sk_live" + "_" + "a1" * 12,
    "a Slack token": "xoxb-" + "1234-" * 6,
    "a Meta token": "EAA" + "b" * 80,
    "a Google key": "AIza" + "c" * 35,
    "a signed token": "eyJ" + "d" * 24 + ".eyJ" + "e" * 24 + "." + "f" * 24,
    "a password in an address": "postgresql://shop:" + "hunter22" + "@db.internal/x",
    "a secret's value": "BONRETOUR_SECRET_PRIVATE" + "=" + HEX,
}


@pytest.mark.parametrize("what", LEAKS)
def test_a_secret_in_a_file_is_found(what: str) -> None:
    """By its shape and line; a real one in this file would fail make check."""
    assert in_text(f"# first\nkey = '{LEAKS[what]}'\n") == [(2, what)]


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://USER:PASSWORD@HOST/DATABASE",
        "postgresql://postgres@127.0.0.1:5432/x",
        "BONRETOUR_SECRET_PRIVATE_FILE: /run/secrets/private",
        f"--hash=sha256:{HEX}",
        "redis://:$PASSWORD@redis:6379/0",
    ],
)
def test_what_is_no_secret_passes(text: str) -> None:
    """Placeholders, hashes of packages, addresses without a password."""
    assert in_text(text) == []


def test_the_bill_lists_every_locked_package() -> None:
    """Of both Pythons with their hashes, and of the widget's tools."""
    parts = document()["components"]
    assert len({part["bom-ref"] for part in parts}) == len(parts)
    for environment in ("app", "rasa"):
        text = (ROOT / "requirements" / f"{environment}.lock").read_text()
        locked = set(re.findall(r"^([\w.-]+)==", text, re.MULTILINE))
        mine = [p for p in parts if p["bom-ref"].startswith(f"{environment}:")]
        assert {part["name"] for part in mine} == locked
        assert all(part["hashes"] for part in mine)
    assert any(part["purl"].startswith("pkg:npm/esbuild@") for part in parts)


def test_each_known_flaw_is_of_what_is_locked_and_is_explained() -> None:
    """A newer version needs no excuse, and an excuse needs its sentence."""
    lock = (ROOT / "requirements" / "rasa.lock").read_text()
    told = (ROOT / "docs" / "dependencies.md").read_text()
    lines = (ROOT / "requirements" / "rasa.known").read_text().splitlines()
    known = [line.split() for line in lines if not line.startswith("#")]
    assert known
    for flaw, package, version, why in known:
        assert re.fullmatch(r"(CVE|GHSA|PYSEC)-\S+", flaw)
        assert f"\n{package}=={version} " in lock, flaw
        assert f"| `{why}` |" in told, flaw
    words = set(re.findall(r"^\| `([a-z-]+)` \|", told, re.MULTILINE))
    assert words == {why for *_, why in known}
    assert len({flaw for flaw, *_ in known}) == len(known)
