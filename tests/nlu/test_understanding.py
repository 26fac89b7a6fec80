"""The trained model on real spelling, and on sentences it has never seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Parse

HELD_OUT = [
    json.loads(line)
    for line in (Path(__file__).parent / "held_out.jsonl")
    .read_text("utf-8")
    .split("\n")
    if line
]
LANGUAGES = {
    "Bonjour, je voudrais renvoyer ma robe": "fr",
    "la tasse est cassee": "fr",
    "merci beaucoup": "fr",
    "oui": "fr",
    "je veu etre remboursé svp": "fr",
    "Hi, I want to send my dress back": "en",
    "the mug is broken": "en",
    "thanks a lot": "en",
    "yes please": "en",
    "i wanna get refunded": "en",
    "ok": None,
    "FR-1042": None,
    "UK-2051 sam@example.com": None,
    "12": None,
    "👍": None,
    "": None,
}


def values(answer: dict[str, Any], kind: str) -> list[Any]:
    """The values of one kind of entity."""
    return [e["value"] for e in answer["entities"] if e["entity"] == kind]


@pytest.mark.parametrize("text", LANGUAGES)
def test_language(parse: Parse, text: str) -> None:
    """A clear message tells its language; one that could be either tells none."""
    expected = LANGUAGES[text]
    assert values(parse(text), "language") == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("text", "intent", "reasons"),
    [
        ("la robe est arrivée déchirée, je veux être remboursée", "request_refund",
         {"damaged_in_transit"}),
        ("non finalement je préfère un remboursement", "request_refund", set()),
        ("no actually send me another one", "request_replacement", set()),
        ("c'est trop petit", "give_reason", {"too_small"}),
        ("it's too big", "give_reason", {"too_large"}),
        ("laissez tomber le retour", "cancel_return", set()),
        ("annulez ma commande", "cancel_order", set()),
        ("je me rétracte", "withdraw_from_contract", set()),
        ("un humain !", "talk_to_human", set()),
        ("oui", "affirm", set()),
        ("c'est pour la commande fr1042 mail camille.durand@example.com", "inform",
         set()),
    ],
)  # fmt: skip
def test_key_sentences(parse: Parse, text: str, intent: str, reasons: set[str]) -> None:
    """The sentences our conversations stand on are understood."""
    answer = parse(text)
    assert answer["intent"]["name"] == intent
    assert set(values(answer, "return_reason")) == reasons


def test_the_answer_has_a_ranking_and_all_entities(parse: Parse) -> None:
    """One message gives intent, ranking, language, reason and order number."""
    answer = parse("bonjour, la lampe de la commande fr1042 est arrivée cassée")
    kinds = {e["entity"] for e in answer["entities"]}
    assert {"language", "return_reason", "order_number"} <= kinds
    confidences = [i["confidence"] for i in answer["intent_ranking"]]
    assert confidences == sorted(confidences, reverse=True)
    assert len(confidences) >= 2


@pytest.mark.parametrize("language", ["fr", "en"])
def test_intents_on_unseen_sentences(parse: Parse, language: str) -> None:
    """At least 70 % of sentences written apart from the training data are right."""
    rows = [row for row in HELD_OUT if row["lang"] == language]
    right = [
        parse(row["text"])["intent"]["name"] == row["label"].split("/")[0]
        for row in rows
    ]
    assert sum(right) / len(right) >= 0.7


@pytest.mark.parametrize("language", ["fr", "en"])
def test_reasons_on_unseen_sentences(parse: Parse, language: str) -> None:
    """At least 60 % of the reasons told are found, 10 % at most invented."""
    rows = [(row, told_reason(row)) for row in HELD_OUT if row["lang"] == language]
    found = [(values(parse(row["text"]), "return_reason"), told) for row, told in rows]
    told_and_found = [told in reasons for reasons, told in found if told]
    invented = [bool(reasons) for reasons, told in found if told is None]
    assert sum(told_and_found) / len(told_and_found) >= 0.6
    assert sum(invented) / len(invented) <= 0.1


def told_reason(row: dict[str, str]) -> str | None:
    """The reason a labelled row tells, if any."""
    _, _, reason = row["label"].partition("/")
    return row.get("reason") or reason or None
