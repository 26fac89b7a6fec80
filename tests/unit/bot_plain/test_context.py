"""Readings in the light of the question that is open."""

from typing import Any

import pytest

from bot import context

READ: list[tuple[str | None, str, str, str]] = [
    # asked, said, as NLU took it, as it is meant
    ("confirmation", "c'est bon", "inform", "affirm"),
    ("confirmation", "c'est parfait merci", "thank", "affirm"),
    ("confirmation", "yes that's fine", "thank", "affirm"),
    ("confirmation", "Parfait !", "thank", "affirm"),
    ("confirmation", "👍", "nlu_fallback", "affirm"),
    ("confirmation", "non", "complain", "deny"),
    ("confirmation", "attendez", "out_of_scope", "deny"),
    ("confirmation", "hold on a sec", "nlu_fallback", "deny"),
    ("confirmation", "c'est pas ça", "give_reason", "deny"),
    ("confirmation", "ok bye", "affirm", "goodbye"),
    ("confirmation", "oui merci, au revoir", "affirm", "affirm"),
    ("confirmation", "ok stop", "inform", "inform"),
    ("confirmation", "fine, but later", "inform", "inform"),
    ("confirmation", "c'est bon ?", "inform", "inform"),
    ("email", "you're all useless", "complain", "complain"),
    ("photo", "I don't have one, sorry", "give_reason", "inform"),
    ("photo", "sans photo", "deny", "deny"),
    ("confirmation", "non annulez tout", "cancel_return", "cancel_return"),
    ("confirmation", "yes but a person please", "talk_to_human", "talk_to_human"),
    ("lines", "les coussins", "give_reason", "inform"),
    ("lines", "le deuxième", "out_of_scope", "inform"),
    ("lines", "la lampe elle vaut combien ?", "out_of_scope", "out_of_scope"),
    ("variant", "la rouge", "give_reason", "inform"),
    ("variant", "42", "nlu_fallback", "inform"),
    ("variant", "non la taille", "nlu_fallback", "inform"),
    ("variant", "laissez tomber le retour", "cancel_return", "cancel_return"),
    ("quantity", "deux", "nlu_fallback", "inform"),
    ("reason", "quelle honte", "complain", "complain"),
    (None, "la rouge", "nlu_fallback", "nlu_fallback"),
    (None, "c'est bon", "inform", "inform"),
    (None, "ok bye", "affirm", "goodbye"),
]


@pytest.mark.parametrize(("asked", "text", "taken", "meant"), READ)
def test_the_question_tells_what_is_meant(
    asked: str | None, text: str, taken: str, meant: str
) -> None:
    """Answers are answers; questions, wishes and changes of mind stay their own."""
    intent, _ = context.read(asked, text, {"name": taken, "confidence": 0.5}, [])
    assert intent["name"] == meant


def reason(sure: float) -> dict[str, Any]:
    return {
        "entity": "return_reason",
        "value": "too_small",
        "confidence_entity": sure,
    }


def test_a_name_tells_no_reason_by_the_way() -> None:
    """Which article: a faint reason is dropped, a clear one stays."""
    taken = {"name": "give_reason", "confidence": 0.6}
    assert context.read("lines", "la lampe", taken, [reason(0.3)])[1] == []
    kept = context.read("lines", "la lampe trop petite", taken, [reason(0.9)])
    assert kept == (taken, [reason(0.9)])


def test_anger_that_tells_why_answers_why() -> None:
    """“Complètement nul, la couture a lâché” is a reason when one was asked."""
    taken = {"name": "complain", "confidence": 0.6}
    intent, _ = context.read("reason", "nul, bien trop petit", taken, [reason(0.8)])
    assert intent["name"] == "give_reason"
