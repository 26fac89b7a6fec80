"""Answers that only the open question explains."""

from typing import Any

import pytest

from bot import expected

READ: list[tuple[str, str, dict[str, Any]]] = [
    ("code", "123456", {"code": "123456"}),
    ("code", "c'est 123 456", {"code": "123456"}),
    ("code", "It's 123-456.", {"code": "123456"}),
    ("code", "le code est 012345", {"code": "012345"}),
    ("code", "je n'ai pas reçu le code", {"proof": "code"}),
    ("code", "FR-1042", {}),
    ("code", "fr1042", {}),
    ("email", "je n'ai plus cette adresse", {"proof": "address"}),
    ("email", "je n'y ai plus accès", {"proof": "address"}),
    ("email", "jsais plus laquelle", {"proof": "address"}),
    ("email", "je ne sais plus", {"proof": "address"}),
    ("email", "I don't have that address any more", {"proof": "address"}),
    ("email", "is there another way?", {"proof": "address"}),
    ("email", "envoyez-moi un code", {"proof": "code"}),
    ("email", "camille.durand@example.com", {}),
    ("order_number", "un code svp", {"proof": "code"}),
    *(
        ("order_number", said, {"no_number": "yes"})
        for said in (
            "j'ai pas le numero",
            "je l'ai perdu",
            "je ne trouve pas le numéro de commande, où est-il ?",
            "je sais plus",
            "c'est où ?",
            "comment je le trouve",
            "quel numero",
            "where do i find that?",
            "i dont have an order number",
            "cant find it",
            "i deleted the email",
        )
    ),
    *(
        ("order_number", said, {})
        for said in (
            "où est ma commande ?",
            "j'ai pas reçu mon colis",
            "i never got my parcel",
            "je veux mon argent",
            "elle est trop petite",
            "FR-1042 je crois",
            "c'est urgent",
        )
    ),
    ("quantity", "un seul cassé", {"quantity": 1}),
    ("quantity", "juste une", {"quantity": 1}),
    ("quantity", "only one of them is broken", {"quantity": 1}),
    ("quantity", "un cassé et un manquant", {}),
    ("quantity", "il y en a un peu partout", {}),
    ("order_number", "my code postal is 75011", {}),
    ("order_number", "FR-1042", {}),
    ("postcode", "75 011", {"postcode": "75 011"}),
    ("postcode", "F-75011 Paris", {"postcode": "75011"}),
    ("postcode", "1000 Bruxelles", {"postcode": "1000"}),
    ("postcode", "it's sw1a1aa", {"postcode": "SW1A1AA"}),
    ("surname", "Durand", {"surname": "Durand"}),
    ("surname", "c'est Le Goff.", {"surname": "Le Goff"}),
    ("surname", "camille durand", {"surname": "camille durand"}),
    ("surname", "O'Brien", {"surname": "O'Brien"}),
    ("surname", "un conseiller", {}),
    ("surname", "je ne veux pas le dire", {}),
    ("surname", "pourquoi ?", {}),
]


@pytest.mark.parametrize(("asked", "text", "entities"), READ)
def test_an_answer_is_read_by_its_question(
    asked: str, text: str, entities: dict[str, Any]
) -> None:
    """A code, a postcode, a name or another way to prove the order."""
    assert expected.read(asked, text) == entities


def test_a_wish_of_its_own_is_no_answer() -> None:
    """Who asks for a person while a code is awaited gets a person."""
    wish = expected.read("code", "je n'ai pas le code, un conseiller svp")
    assert not expected.answers(wish, "talk_to_human")
    assert expected.answers(wish, "deny")
    assert not expected.answers({"quantity": 2}, "give_reason")
    assert expected.answers({"quantity": 2}, "nlu_fallback")
