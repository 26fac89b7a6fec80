"""Which variant a few words mean."""

import pytest

from returns.model import Product, Variant
from returns.services.naming import lines_named, variant_named
from tests.unit.returns.test_policy import line

DRESS = Product(
    "P",
    "Robe",
    "Nordlys",
    variants=tuple(
        Variant(f"{size}-{colour}", {"Taille": size, "Couleur": colour}, 5990)
        for size in ("36", "38", "40")
        for colour in ("bleu", "écru")
    ),
)


@pytest.mark.parametrize(
    ("said", "sku"),
    [
        ("la 40", "40-bleu"),
        ("en 36 svp", "36-bleu"),
        ("en écru", "38-écru"),
        ("plutot ecru et en 40", "40-écru"),
        ("la 44", None),
        ("36 ou 40", None),
        ("une autre", None),
    ],
)
def test_what_is_not_said_stays_as_it_is(said: str, sku: str | None) -> None:
    """Of a blue 38, « la 40 » is the blue one; two sizes are none."""
    found = variant_named(said, DRESS, "38-bleu")
    assert (found.sku if found else None) == sku


def test_an_address_names_no_product() -> None:
    """« lampe@example.com » proves who somebody is, and is no lamp."""
    lines = (line("L1", title="Lampe Orée"), line("L2", title="Robe"))
    assert lines_named("lampe@example.com", lines) == []
    assert lines_named("la lampe, lampe@example.com", lines) == ["L1"]
