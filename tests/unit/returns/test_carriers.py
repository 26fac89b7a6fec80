"""Tracking numbers: the forms that carriers publish, and their check digits."""

import pytest

from returns import carriers


@pytest.mark.parametrize(
    ("said", "carrier"),
    [
        ("1Z999AA10123456784", "UPS"),
        ("1z 999 aa1 01 2345 6784", "UPS"),
        ("RR473124829GB", "Royal Mail"),
        ("EE 473 124 829 FR", "La Poste / Chronopost"),
        ("LX473124829CN", "Poste"),
        ("6A12345678901", "Colissimo"),
        ("8n-0012345-6789", "Colissimo"),
        ("H01QBA0112345678", "Evri"),
        ("JJD000390011223344556", "DHL"),
        ("1234567891", "DHL"),
        ("00340434161094", "DPD"),
        ("12345678", "Mondial Relay"),
        ("TBA123456789012", "Amazon"),
    ],
)
def test_a_known_form_is_recognised(said: str, carrier: str) -> None:
    """However it is spaced, it is the carrier's number in capitals."""
    found = carriers.read(said)
    assert found is not None
    assert found.carrier == carrier
    assert found.text == carriers.compact(said)


@pytest.mark.parametrize(
    "said",
    [
        "1Z999AA10123456785",
        "RR473124820GB",
        "RR123456789FR",
        "1234567892",
        "FR-1042",
        "123",
        "",
        "hier à la poste",
        "6A1234567890123456",
    ],
)
def test_a_slip_or_anything_else_is_not(said: str) -> None:
    """A wrong check digit, an order number or a sentence is no proof of sending."""
    assert carriers.read(said) is None
