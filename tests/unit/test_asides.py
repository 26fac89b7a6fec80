"""Ratings, comments and tracking numbers, told apart from everything else."""

from typing import Any

import pytest

from bot import asides

UNSURE = {"name": "nlu_fallback", "confidence": 0.3}


def given(question: str, text: str, intent: str = "nlu_fallback") -> dict[str, Any]:
    """What this answer adds."""
    name = {"name": intent, "confidence": 0.9}
    return asides.read(question, text, name, [])[1]


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("5", 5),
        ("4/5", 4),
        ("cinq", 5),
        ("five!", 5),
        ("10/10", 5),
        ("8 sur 10", 4),
        ("3 out of 5", 3),
        ("je mets 2", 2),
        ("★★★", 3),
        ("0/5", 1),
        ("1", 1),
    ],
)
def test_a_rating_is_read_as_it_is_typed(text: str, stars: int) -> None:
    """Figures, words, shares and stars all become one to five."""
    assert given("rating", text) == {"rating": stars}


@pytest.mark.parametrize(
    "text",
    ["un bon service", "merci", "6", "2 ou 3", "j'ai commandé 3 robes et 2 jupes"],
)
def test_what_is_no_rating_is_none(text: str) -> None:
    """A wrong guess would be stored with the case."""
    assert given("rating", text) == {}


def test_a_new_request_is_not_a_rating() -> None:
    """Whoever wants something is served, whatever was asked."""
    assert given("rating", "5 robes à rendre", "request_return") == {}
    assert given("comment", "je veux un remboursement", "request_refund") == {}
    kept = {"name": "talk_to_human", "confidence": 0.9}
    assert asides.read("comment", "un conseiller", kept, [])[0] == kept


def test_a_comment_is_kept_as_it_is_said() -> None:
    """Praise and complaint alike, in the customer's own words."""
    assert given("comment", "trop lent", "give_reason") == {"comment": "trop lent"}
    intent, _ = asides.read("comment", "merci !", {"name": "thank"}, [])
    assert intent["name"] == "inform"


def test_a_bare_number_answers_the_question_for_it() -> None:
    """Typed without a word, in a form no carrier knows, it is still the answer."""
    intent, found = asides.read("tracking_number", "ABC 123456", UNSURE, [])
    assert intent["name"] == "give_tracking_number"
    assert found == {"tracking_number": "ABC 123456"}
    assert given("tracking_number", "je l'ai perdu") == {}


def test_a_number_that_was_understood_is_not_read_twice() -> None:
    """NLU's own entity stays; only the intent is made certain."""
    known = [{"entity": "tracking_number", "value": "6A12345678901"}]
    intent, found = asides.read("tracking_number", "6A12345678901", UNSURE, known)
    assert (intent["name"], found) == ("give_tracking_number", {})


@pytest.mark.parametrize(
    ("expects", "aside", "question"),
    [
        ("rating", None, "rating"),
        ("tracking_number", None, "tracking_number"),
        ("detail", "comment:R-1", "comment"),
        ("detail", None, None),
        ("detail", "cancel:R-1", None),
        (None, "comment:R-1", None),
        ("email", None, None),
    ],
)
def test_only_our_open_questions_are_answered(
    expects: str | None, aside: str | None, question: str | None
) -> None:
    """The form's own detail is the form's; a question that is over is over."""
    assert asides.asked(expects, aside) == question


@pytest.mark.parametrize(
    ("intent", "becomes"),
    [
        ("affirm", "give_reason"),
        ("request_refund", "request_refund"),
        ("request_replacement", "request_replacement"),
    ],
)
def test_a_wish_after_late_news_is_about_the_delivery(
    intent: str, becomes: str
) -> None:
    """ "It is late, shall I act?" "Yes", "I'd rather have my money"."""
    read = asides.read("late", "oui", {"name": intent, "confidence": 0.9}, [])
    assert read[0]["name"] == becomes
    assert read[1] == {"return_reason": "not_delivered"}


def test_other_words_after_late_news_stay_what_they_are() -> None:
    """A no, a question, and a reason of its own."""
    for intent in ("deny", "ask_order_status", "talk_to_human"):
        assert given("late", "non", intent) == {}
    told = [{"entity": "return_reason", "value": "changed_mind"}]
    wish = {"name": "request_refund", "confidence": 0.9}
    assert asides.read("late", "j'en veux plus", wish, told) == (wish, {})
