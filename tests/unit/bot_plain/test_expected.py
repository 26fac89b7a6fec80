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
