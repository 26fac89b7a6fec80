"""Addresses and labels as they are shown to customers."""

from types import SimpleNamespace
from typing import Any

import pytest

from returns.formats import Country, Link
from returns.model import Address
from returns.services.case_facts import address_lines, label_link


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            Address("Nordlys", "1 rue du Port", "59000", "Lille", "FR", "Quai 4"),
            ["Nordlys", "1 rue du Port", "Quai 4", "59000 Lille", Country("FR")],
        ),
        (
            Address("Nordlys UK", "12 High Street", "SW1A 1AA", "London", "GB"),
            ["Nordlys UK", "12 High Street", "London SW1A 1AA", Country("GB")],
        ),
    ],
)
def test_an_address_reads_as_on_a_parcel(address: Address, lines: list[Any]) -> None:
    """Postcode before the town, or after it where people write it so."""
    assert address_lines(address) == lines


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://labels.example/1.pdf", Link("https://labels.example/1.pdf")),
        ("http://labels.example/1.pdf", None),
        ("https://labels.example/1 2", None),
        ("https://labels.example/\r\nBcc: a", None),
        ("javascript:alert(1)", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_safe_label_is_shown(url: str | None, shown: Link | None) -> None:
    """https and nothing that would end the address."""
    case: Any = SimpleNamespace(label_url=url)
    assert label_link(case) == shown
