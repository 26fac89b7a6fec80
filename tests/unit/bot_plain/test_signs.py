"""Messages that hold no word."""

import pytest

from bot import signs

YES = {"name": "affirm", "confidence": 0.9}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("👍", "affirm"),
        ("✅✅", "affirm"),
        ("👍🏽", "affirm"),
        ("👎", "deny"),
        ("👍👎", "deny"),
        ("❌", "deny"),
        ("😡😡😡", "complain"),
        ("❤️", "thank"),
        ("🤔", "nlu_fallback"),
        ("...", "nlu_fallback"),
        ("", "affirm"),
        ("yes 😡", "affirm"),
    ],
)
def test_only_a_sign_of_yes_is_a_yes(text: str, meant: str) -> None:
    """NLU takes everything without words for a yes; cancelling must not."""
    assert signs.read(text, YES)["name"] == meant


def test_what_nlu_makes_of_question_marks_stays() -> None:
    """Nothing but a wrong yes is put right."""
    asked = {"name": "ask_help", "confidence": 0.6}
    assert signs.read("???", asked) == asked
