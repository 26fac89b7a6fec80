"""What a bare answer means depends on the open question."""

import pytest

from bot import expected


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("2", 2),
        ("les 3", 3),
        ("2 svp", 2),
        ("just 12 of them", 12),
        ("sorry, it's three plates, not two", 3),
        ("pas deux, trois verres", 3),
    ],
)
def test_a_number_answers_how_many(text: str, quantity: int) -> None:
    """With words around it or none."""
    assert expected.read("quantity", text) == {"quantity": quantity}


@pytest.mark.parametrize("text", ["", "FR-1042", "100", "1,5", "38.5"])
def test_what_is_no_count_answers_nothing(text: str) -> None:
    """Order numbers, prices and words are left to NLU."""
    assert expected.read("quantity", text) == {}


@pytest.mark.parametrize("text", ["toutes", "les deux, tout quoi", "all of them"])
def test_all_of_them_is_more_than_any_line_holds(text: str) -> None:
    """The business knows how many there are."""
    assert expected.read("quantity", text) == {"quantity": expected.ALL_UNITS}


@pytest.mark.parametrize("expects", [None, "", "nonsense", "confirmation"])
def test_without_such_a_question_a_number_is_a_number(expects: str | None) -> None:
    """A 2 out of the blue is no quantity."""
    assert "quantity" not in expected.read(expects, "2")


def test_findings_look_like_nlus_own() -> None:
    """So that slots, actions and transcript need not know the difference."""
    assert expected.as_parsed({"quantity": 2}) == [
        {"entity": "quantity", "value": 2, "extractor": "Expected"}
    ]
