"""Several things in one message, and one thing in a long sentence."""

from typing import Any

from bot import clauses

LONG = (
    "la lampe que j'ai commandée pour l'anniversaire de mon petit-fils ne s'allume pas"
)


def parsed(intent: str, *reasons: tuple[str, float]) -> dict[str, Any]:
    entities = [
        {"entity": "return_reason", "value": value, "confidence_entity": sure}
        for value, sure in reasons
    ]
    return {"intent": {"name": intent}, "entities": entities}


class Reader:
    """Finds a reason by its words, as sure as it is told to be."""

    def __init__(self, words: str, reason: str, sure: float) -> None:
        self._words, self._reason, self._sure = words, reason, sure
        self.read: list[str] = []

    def __call__(self, texts: list[str]) -> list[dict[str, Any]]:
        self.read += texts
        told = (self._reason, self._sure)
        return [
            parsed("give_reason", *([told] if self._words in text else []))
            if len(text.split()) <= clauses.WINDOW
            else parsed("request_return")
            for text in texts
        ]


def reasons(found: list[dict[str, Any]]) -> list[str]:
    return [reason for clause in found for reason in clause["reasons"]]


def test_a_few_words_of_a_long_sentence_tell_the_reason() -> None:
    """Said once and for sure, by the words that tell it."""
    reader = Reader("s'allume pas", "defective_on_arrival", 0.97)
    found = clauses.read(parsed("request_return"), LONG, reader)
    assert reasons(found) == ["defective_on_arrival"]
    assert found[0]["text"] == LONG
    assert all(len(text.split()) == clauses.WINDOW for text in reader.read)
    assert " ".join(LONG.split()[-clauses.WINDOW :]) in reader.read


def test_a_guess_within_a_sentence_is_none() -> None:
    """Out of its sentence a word may mean anything: only what is sure counts."""
    reader = Reader("s'allume pas", "defective_on_arrival", 0.8)
    assert reasons(clauses.read(parsed("request_return"), LONG, reader)) == []


def test_what_is_told_or_short_or_no_request_is_not_looked_into() -> None:
    """The whole message comes first; a question of policy has no reason to find."""
    reader = Reader("s'allume pas", "defective_on_arrival", 0.97)
    known = parsed("give_reason", ("too_small", 0.9))
    assert reasons(clauses.read(known, LONG, reader)) == ["too_small"]
    assert reasons(clauses.read(parsed("ask_return_policy"), LONG, reader)) == []
    assert reasons(clauses.read(parsed("request_return"), "je la rends", reader)) == []
    assert reader.read == []


def test_a_very_long_text_is_looked_into_up_to_a_bound() -> None:
    reader = Reader("nowhere", "other", 1.0)
    clauses.read(parsed("request_return"), " ".join([LONG] * 40), reader)
    assert len(reader.read) == clauses.MOST_WINDOWS
