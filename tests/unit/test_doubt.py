"""What is asked instead of guessed, and what is never held up by a question."""

from typing import Any

import pytest

from bot import doubt


def ranked(*names: str, sure: float = 0.42) -> list[dict[str, Any]]:
    """A ranking of about equally likely intents."""
    return [{"name": n, "confidence": sure - 0.02 * i} for i, n in enumerate(names)]


def asked(ranking: list[dict[str, Any]], *entities: dict[str, Any]) -> bool:
    """Whether the first of the ranking is asked about."""
    return doubt.read(ranking[0], ranking, list(entities))["name"] == "nlu_fallback"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ask_refund_status", "request_refund"),
        ("ask_return_policy", "request_return"),
        ("request_refund", "request_replacement"),
        ("ask_order_status", "give_reason"),
        ("out_of_scope", "ask_order_status"),
        ("give_reason", "out_of_scope"),
    ],
)
def test_two_that_are_answered_differently_are_asked_about(
    first: str, second: str
) -> None:
    """As likely wrong as right, and a button says either."""
    assert asked(ranked(first, second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("report_danger", "give_reason"),
        ("ask_refund_status", "report_danger"),
        ("cancel_order", "withdraw_from_contract"),
        ("complain", "request_refund"),
        ("talk_to_human", "ask_order_status"),
        ("affirm", "ask_order_status"),
        ("inform", "give_reason"),
        ("request_return", "give_reason"),
        ("request_refund", "request_return"),
    ],
)
def test_what_must_be_heard_or_has_one_answer_is_not_held_up(
    first: str, second: str
) -> None:
    """Danger, withdrawal, anger, a yes; and two readings that open the same form."""
    assert not asked(ranked(first, second))


def test_a_sure_reading_acts() -> None:
    """From SURE on there is nothing to ask; alone in its ranking, neither."""
    assert not asked(ranked("ask_refund_status", "request_refund", sure=doubt.SURE))
    assert not asked(ranked("ask_refund_status")[:1])


@pytest.mark.parametrize(
    "entity",
    [
        {"entity": "order_number", "value": "FR-1042"},
        {"entity": "email", "value": "a@example.com"},
        {"entity": "tracking_number", "value": "6A12345678901"},
        {"entity": "return_reason", "value": "too_small", "confidence_entity": 0.8},
    ],
)
def test_what_was_told_is_not_lost_behind_a_question(entity: dict[str, Any]) -> None:
    """A button cannot carry a number; a sure reason makes the reading sure."""
    assert not asked(ranked("give_reason", "ask_order_status"), entity)


def test_an_unsure_reason_does_not_answer_the_question() -> None:
    """It is carried by the button instead."""
    told = {"entity": "return_reason", "value": "other", "confidence_entity": 0.35}
    assert asked(ranked("give_reason", "ask_order_status"), told)


def test_every_meaning_is_one_that_a_button_can_say() -> None:
    """Aliases lead to offered intents; what only words tell has no button."""
    assert set(doubt.MEANT.values()) <= doubt.OFFERED
    assert doubt.meant_by("give_reason") == "request_return"
    assert doubt.meant_by("report_danger") is None
