"""Order numbers, addresses, parcels and counts survive real spelling."""

from __future__ import annotations

import pytest

from bot.components.identifiers import find_identifiers, mask

MAIL = ("email", "camille.durand@example.com")
FOUND = {
    "FR-1042": [("order_number", "FR-1042")],
    "fr1042": [("order_number", "FR-1042")],
    "n° FR 1042": [("order_number", "FR-1042")],
    "n° de commande fr 10 42": [("order_number", "FR-1042")],
    "commande #1042": [("order_number", "1042")],
    "ma commande numéro 1042.": [("order_number", "1042")],
    "order number 1042": [("order_number", "1042")],
    "it's for order no. 1001, thanks": [("order_number", "1001")],
    "UK 2051 please": [("order_number", "UK-2051")],
    "uk_2051": [("order_number", "UK-2051")],
    "#1001": [("order_number", "1001")],
    "1001": [("order_number", "1001")],
    "c'est la 1042": [("order_number", "1042")],
    "BR100234": [("order_number", "BR-100234")],
    "wait, wrong order number, it's FR-1043": [("order_number", "FR-1043")],
    "FR-1042 et FR-1043": [("order_number", "FR-1042"), ("order_number", "FR-1043")],
    "c'est pour la commande fr1042 mail camille.durand@example.com": [
        ("order_number", "FR-1042"),
        MAIL,
    ],
    "Camille.DURAND@Example.COM.": [MAIL],
    "camille.durand at example.com": [MAIL],
    "camille.durand arobase example point com": [MAIL],
    "camille point durand arobase example point com": [MAIL],
    "camille.durand @ example.com": [MAIL],
    "my email is sam at example.com": [("email", "sam@example.com")],
    "69003": [("order_number", "69003"), ("postcode", "69003")],
    "code postal 69003": [("postcode", "69003")],
    "j'habite 69003 Lyon": [("postcode", "69003")],
    "sw1a 1aa": [("postcode", "SW1A 1AA")],
    "my postcode is m1 4bt": [("postcode", "M1 4BT")],
    "suivi 8R12345678901": [("tracking_number", "8R12345678901")],
    "colissimo 6A 1234 5678 901": [("tracking_number", "6A12345678901")],
    "tracking RM123456785GB": [("tracking_number", "RM123456785GB")],
    "rm 123 456 785 gb": [("tracking_number", "RM123456785GB")],
    "posted it, H00ABC1234567890": [("tracking_number", "H00ABC1234567890")],
    "UPS 1Z 999 AA1 0123456784": [("tracking_number", "1Z999AA10123456784")],
    "deux": [("quantity", 2)],
    "2": [("quantity", 2)],
    "les trois": [("quantity", 3)],
    "both": [("quantity", 2)],
    "both of them please": [("quantity", 2)],
    "juste une": [("quantity", 1)],
    "je veux renvoyer deux robes": [("quantity", 2)],
    "return 2 items": [("quantity", 2)],
    "nom de famille : Durand": [("surname", "Durand")],
    "my surname is Hughes": [("surname", "Hughes")],
}
NOTHING = [
    "commandé le 12/11/2025",
    "le 12 novembre 2025",
    "on 3rd May 2025",
    "2025-11-12",
    "acheté en 2024",
    "j'ai payé 1042 euros",
    "la commande de 1042,50 €",
    "I paid £1,200.50",
    "taille 38",
    "pointure 42 trop petite",
    "06 12 34 56 78",
    "mon numéro c'est 0612345678",
    "+33 6 12 34 56 78",
    "+44 7700 900123",
    "128 go",
    "depuis deux jours",
    "j'ai 2 enfants",
    "je vous renvoie ça dans deux jours",
    "I was looking at example.com",
    "un problème avec ma commande",
    "oui",
    "",
]


@pytest.mark.parametrize("text", FOUND)
def test_found_and_normalised(text: str) -> None:
    """Each spelling gives its normalised value and nothing else."""
    assert [(i.kind, i.value) for i in find_identifiers(text)] == FOUND[text]


@pytest.mark.parametrize("text", NOTHING)
def test_other_numbers_are_left_alone(text: str) -> None:
    """Dates, prices, sizes, phones and idle counts identify nothing."""
    assert find_identifiers(text) == []


def test_places_point_into_the_text() -> None:
    """Start and end are the characters the customer typed."""
    text = "pour FR 1042, lea@example.com"
    spans = [text[i.start : i.end] for i in find_identifiers(text)]
    assert spans == ["FR 1042", "lea@example.com"]


def test_a_bare_five_digit_number_is_not_sure() -> None:
    """Five digits alone may be an order or a postcode, and say so."""
    assert {i.confidence for i in find_identifiers("69003")} == {0.5}


def test_masking_hides_every_identifier() -> None:
    """A masked text is the same whoever wrote it."""
    assert mask("FR-1042 a@example.com").split() == ["ordernumber", "email"]
    assert mask("fr1042 b@example.org", named=False).split() == []
