"""The orders that the README, docs and tests speak of; their facts never change."""

from collections.abc import Iterator

from returns.demo.building import Item, Purchase, Timeline
from returns.demo.catalogue import article
from returns.demo.people import Person


def well_known() -> Iterator[Purchase]:
    """FR-1042 to FR-1048, UK-2051 and UK-2052."""
    yield from _french()
    yield from _english()


def _french() -> Iterator[Purchase]:
    yield Purchase("FR-1042", CAMILLE, [_dress()], _delivered(3))
    lamp, cushions = _item("Lampe Orée", "écru"), _item("Coussin Brume", "vert", 2)
    yield Purchase("FR-1043", JULIEN, [lamp, cushions], _delivered(5))
    yield Purchase("FR-1044", SOPHIE, [_item("Bracelet Iris", "doré")], _delivered(2))
    late = Timeline(placed=32, promised=20, dispatched=30)
    yield Purchase("FR-1045", THOMAS, [_item("Enceinte Nomade", "noir")], late)
    yield Purchase("FR-1046", NADIA, [_item("Sac Cabas Lou", "noir")], _delivered(40))
    yield Purchase("FR-1047", LEA, [_dress()], _delivered(3), payment="manual")
    glasses = _item("Verre Soufflé", "ambre", 3)
    yield Purchase("FR-1048", MARC, [glasses], _delivered(6))


def _english() -> Iterator[Purchase]:
    lamp = _item("Ceramic Table Lamp", "blanc")
    yield Purchase("UK-2051", EMILY, [lamp], _delivered(4))
    earbuds = _item("Wireless Earbuds Pico", "noir")
    yield Purchase("UK-2052", OLIVER, [earbuds], _delivered(8))


def _delivered(days_ago: int) -> Timeline:
    return Timeline(
        placed=days_ago + 5,
        promised=days_ago - 1,
        dispatched=days_ago + 3,
        delivered=days_ago,
    )


def _dress() -> Item:
    options = {"Taille": "38", "Couleur": "bleu"}
    return Item(article("Robe en lin Solène"), options)


def _item(title: str, colour: str, quantity: int = 1) -> Item:
    return Item(article(title), {"Couleur": colour}, quantity)


def _person(first: str, last: str, line1: str, postcode: str, city: str) -> Person:
    country = "FR" if postcode.isdigit() else "GB"
    plain = f"{first}.{last}".replace("é", "e").casefold()
    email = f"{plain}@example.com"
    return Person(first, last, email, line1, postcode, city, country)


CAMILLE = _person("Camille", "Durand", "14, rue de la Roquette", "75011", "Paris")
JULIEN = _person("Julien", "Moreau", "8, rue Mercière", "69002", "Lyon")
SOPHIE = _person("Sophie", "Bernard", "27, cours Victor-Hugo", "33000", "Bordeaux")
THOMAS = _person("Thomas", "Petit", "3, rue Crébillon", "44000", "Nantes")
NADIA = _person("Nadia", "Benali", "51, rue Paradis", "13006", "Marseille")
LEA = _person("Léa", "Fontaine", "19, rue Esquermoise", "59000", "Lille")
MARC = _person("Marc", "Leroy", "6, rue Saint-Georges", "35000", "Rennes")
EMILY = _person("Emily", "Clarke", "2 Storey's Gate", "SW1A 1AA", "London")
OLIVER = _person("Oliver", "Hughes", "31 Deansgate", "M3 4LQ", "Manchester")
