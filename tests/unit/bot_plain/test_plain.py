"""Words that never become commands, and variations that take turns."""

import random
import re

import pytest

from bot.plain_text import without_commands
from bot.wording import MissingResponse, Responses, render

RASA_COMMAND = re.compile(r"^\s*/")
NOISE = [" ", "\t", "\n", "\x0b", "\x1c", "\x85", "\xa0", "\u200b", "\u200e", "\u202e"]
NOISE += ["\u2060", "\ufeff", "\u00ad", "\u0301", "\u3000", "\u2028", "\x00", "\ud800"]
SLASHES = ["/", "\uff0f", "\u2044", "\u2215", "\u29f8"]


def disguises() -> list[str]:
    dice = random.Random(20261122)
    return [
        "".join(dice.choices(NOISE, k=dice.randint(0, 6)))
        + "".join(dice.choices(SLASHES + NOISE, k=dice.randint(0, 3)))
        + dice.choice(SLASHES)
        + "".join(dice.choices(NOISE, k=dice.randint(0, 2)))
        + "restart"
        for _ in range(200)
    ]


def test_no_disguise_of_a_slash_reaches_rasa_as_a_command() -> None:
    """Whatever hides the slash, nothing that Rasa reads as a command is left."""
    for disguise in disguises():
        left = without_commands(disguise)
        assert RASA_COMMAND.match(left) is None, ascii(disguise)
        assert RASA_COMMAND.match(left.strip()) is None, ascii(disguise)
        assert left == "restart", ascii(disguise)


@pytest.mark.parametrize(
    "payload",
    [
        'request_refund{"order_number":"FR-1042"}',
        'affirm@0.9{"recap":"x"}',
        "inform {}",
    ],
)
def test_nothing_is_left_of_an_intent_with_entities(payload: str) -> None:
    """It is not read as words either; without a slash it is what somebody typed."""
    for disguise in disguises():
        assert without_commands(disguise.removesuffix("restart") + payload) == ""
    assert without_commands(payload) == payload


@pytest.mark.parametrize("text", ["1/2 robe", "robe 38/40", "ça va ?", "non", ""])
def test_plain_words_stay_as_they_are(text: str) -> None:
    """Nothing but a leading disguise is taken away."""
    assert without_commands(text) == text


FRENCH = [{"name": "language", "type": "slot", "value": "fr"}]
ENGLISH = [{"name": "language", "type": "slot", "value": "en"}]
RESPONSES: Responses = {
    "utter_three": [
        {"text": "un {name}", "condition": FRENCH},
        {"text": "deux", "condition": FRENCH},
        {"text": "trois", "condition": FRENCH},
        {"text": "one", "condition": ENGLISH},
    ],
    "utter_list": [{"text": "{lines}"}],
}


def test_variations_take_turns() -> None:
    """Of three variations the last two are never chosen again."""
    said: list[str] = []
    last: int | None = None
    for _ in range(6):
        words = render(RESPONSES, "utter_three", "fr", {"name": "Alex"}, last)
        last = words.variation
        said.append(words.text)
    assert said == ["un Alex", "deux", "trois"] * 2


def test_each_language_has_its_own_variations() -> None:
    """English never gets a French variation while it has its own."""
    for last in (None, 0, 1, 2):
        assert render(RESPONSES, "utter_three", "en", {}, last).text == "one"
    assert render(RESPONSES, "utter_three", "de", {"name": "x"}).text == "un x"


def test_nested_responses_are_words_too() -> None:
    """A list of responses goes line by line, each in the same language."""
    nested = {"say": "utter_three", "params": {"name": "Zoé"}}
    words = render(RESPONSES, "utter_list", "fr", {"lines": [nested, "fin", None]})
    assert words.text == "un Zoé\nfin"


def test_what_does_not_exist_is_an_error() -> None:
    """A missing response and a gap without a param are never silence."""
    with pytest.raises(MissingResponse):
        render(RESPONSES, "utter_nothing", "fr", {})
    with pytest.raises(KeyError):
        render(RESPONSES, "utter_three", "fr", {})
