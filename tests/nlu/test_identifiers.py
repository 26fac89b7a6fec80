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
    "still nothing for uk 2173. camille.durand@example.com": [
        ("order_number", "UK-2173"),
        MAIL,
    ],
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
    "two of the plates are chipped": [("quantity", 2)],
    "deux de mes verres sont cassés": [("quantity", 2)],
    "un des trois est fendu": [("quantity", 1)],
    "I'd like to return two of the three": [("quantity", 2)],
    "nom de famille : Durand": [("surname", "Durand")],
    "my surname is Hughes": [("surname", "Hughes")],
    "orders 1042 and 1043": [("order_number", "1042"), ("order_number", "1043")],
    "UK 2051, 2052": [("order_number", "UK-2051"), ("order_number", "2052")],
    "order no1042": [("order_number", "1042")],
    "order nr 1042": [("order_number", "1042")],
    "cmd1042": [("order_number", "1042")],
    "FR—1042": [("order_number", "FR-1042")],
    "order 1042 and 2000 euros": [("order_number", "1042")],
    "sam_hughes at hotmail.co.uk": [("email", "sam_hughes@hotmail.co.uk")],
    "sam.hughes(a)gmail.com": [("email", "sam.hughes@gmail.com")],
    # misspelt, spoken and mistyped
    "n° de commande fr10-42": [("order_number", "FR-1042")],
    "FR 10-42": [("order_number", "FR-1042")],
    "FR/1042": [("order_number", "FR-1042")],
    "FR1O42": [("order_number", "FR-1042")],
    "num 1042": [("order_number", "1042")],
    "ordre n°1042": [("order_number", "1042")],
    "N.1042": [("order_number", "1042")],
    "order n° uk-20-51!": [("order_number", "UK-2051")],
    "FR-1042-1": [("order_number", "FR-1042")],
    "camille.durand@example,com": [MAIL],
    "camille.durand @ example com": [MAIL],
    "camille.durand@@example..com": [MAIL],
    "mailto:camille.durand@example.com": [MAIL],
    "<camille.durand@example.com>,": [MAIL],
    "c'est camille . durand @ example . com": [MAIL],
    "camille.durand(at)example(dot)com": [MAIL],
    "camille.durand [arobase] example [point] com": [MAIL],
    "camille.durand arrobase example.com": [MAIL],
    "camille.durand a example point com": [MAIL],
    "camille tiret durand arobase example point fr": [
        ("email", "camille-durand@example.fr")
    ],
    "camille underscore durand at example dot co dot uk": [
        ("email", "camille_durand@example.co.uk")
    ],
    "it's durand at gmail dot com": [("email", "durand@gmail.com")],
    "sam at example.com": [("email", "sam@example.com")],
    "postcode SW1A 1AA, surname Hughes": [
        ("postcode", "SW1A 1AA"),
        ("surname", "Hughes"),
    ],
    "mon nom est Camille Durand": [("surname", "Camille Durand")],
    "au nom de Le Goff": [("surname", "Le Goff")],
    "nom: de la Tour": [("surname", "de la Tour")],
    "last name O'Brien": [("surname", "O'Brien")],
    "je m'appelle Durand et mon code postal est 69003": [
        ("surname", "Durand"),
        ("postcode", "69003"),
    ],
}
LONG = {
    "letters": "a" * 4000,
    "dots": "a." * 2000,
    "dashes": "1-" * 2000,
    "labels": "x@" + "a-" * 1999,
    "blanks": "commande" + " " * 3990,
    "only blanks": " " * 4000,
    "cues": "commande n° " * 330,
    "digits": "1 " * 2000,
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
    "I only got two of the glasses",
    "it was one of the worst things I ever bought",
    "je vous renvoie ça dans deux jours",
    "I was looking at example.com",
    "le nom du produit ne correspond pas",
    "le nom de la commande",
    "see you at shop.com",
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


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_message_does_not_stop_the_bot(text: str) -> None:
    """Reading 4,000 characters ends: no pattern tries every way to split them.

    Before, some of these took minutes or never ended: pytest would hang here.
    """
    assert len(find_identifiers(text)) < len(text)
