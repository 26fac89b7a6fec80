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
        ("la taille au-dessus", "40-bleu"),
        ("une taille plus petite svp", "36-bleu"),
        ("a size up please", "40-bleu"),
        ("trop petit, il me la faut plus grande, en écru", "38-écru"),
    ],
)
def test_what_is_not_said_stays_as_it_is(said: str, sku: str | None) -> None:
    """Of a blue 38, « la 40 » is the blue one; two sizes are none."""
    found = variant_named(said, DRESS, "38-bleu")
    assert (found.sku if found else None) == sku


def test_the_next_size_is_the_nearest_that_there_is() -> None:
    """Of the same colour, of letters too; nothing beyond the last one."""
    sizes = ("XL", "S", "M", "XXL")
    shirt = Product(
        "S",
        "Chemise",
        "Nordlys",
        variants=tuple(Variant(s, {"Taille": s}, 4990) for s in sizes),
    )
    for own, said, sku in (
        ("S", "plus grande", "M"),
        ("M", "one size up", "XL"),
        ("XL", "size down", "M"),
        ("XXL", "la taille au dessus", None),
        ("M", "ni plus grande ni plus petite", None),
    ):
        found = variant_named(said, shirt, own)
        assert (found.sku if found else None) == sku
    lamp = Variant("W", {"Couleur": "blanc"}, 1), Variant("B", {"Couleur": "noir"}, 1)
    other = Product("L", "Lampe", "Lumen", variants=lamp)
    assert variant_named("plus grande", other, "W") is None


def test_an_address_names_no_product() -> None:
    """« lampe@example.com » proves who somebody is, and is no lamp."""
    lines = (line("L1", title="Lampe Orée"), line("L2", title="Robe"))
    assert lines_named("lampe@example.com", lines) == []
    assert lines_named("la lampe, lampe@example.com", lines) == ["L1"]
