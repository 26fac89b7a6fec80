"""Menus within the platforms' limits; numbers pick what they stand for (M7)."""

import random

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from desk.channels.cutting import length, split, title
from desk.channels.rendering import Button, Words, picked, plan, render
from tests.graph import _choices_of, _text_of, check

CHANNELS = ("messenger", "whatsapp")
WORDS = Words("Choisir", "Répondez par le numéro.", "Un ou plusieurs numéros.")
LETTERS = [
    *"abcdefghijklmnop éàç'\n .-€",
    "👩‍👩‍👧‍👦",
    "🇫🇷",
    "é",
    "✌🏽",
    "한",
    "\u200d",
    "\t",
]


def _words(rng: random.Random, most: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randrange(most)))


def _menu(rng: random.Random) -> tuple[str, list[Button], str]:
    count = rng.choice([0, 1, 2, 3, 4, 9, 10, 11, 13, 14, 30])
    most = rng.choice([5, 20, 24, 60, 300])
    buttons: list[Button] = []
    for place in range(count):
        one: Button = {"id": f"id-{place}", "title": _words(rng, most) or "x"}
        if rng.random() < 0.3:
            one["detail"] = _words(rng, 200)
        buttons.append(one)
    return _words(rng, rng.choice([3, 700, 5000])), buttons, rng.choice(["one", "many"])


def _sent(channel: str, payload: dict[str, object]) -> dict[str, object]:
    if channel == "messenger":
        return {"recipient": {"id": "1"}, "message": {**payload, "metadata": "m"}}
    own = {"messaging_product": "whatsapp", "to": "1", "biz_opaque_callback_data": "m"}
    return {**own, **payload}


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_menu_breaks_a_limit(channel: str, pytestconfig: pytest.Config) -> None:
    """Every choice of every random menu can be made, and no message is too long."""
    rng = random.Random(20_261_124)
    for _ in range(10_000 if pytestconfig.getoption("--full") else 200):
        text, buttons, choose = _menu(rng)
        sent = [
            _sent(channel, one) for one in render(channel, text, buttons, choose, WORDS)
        ]
        assert [check(channel, one) for one in sent] == [None] * len(sent)
        offered = [token for one in sent for _title, token in _choices_of(one)]
        if plan(channel, buttons, choose) != "numbered":
            assert offered == [button["id"] for button in buttons]
            continue
        assert offered == []
        for place, button in enumerate(buttons, 1):
            assert picked(channel, buttons, choose, f" {place}. ") == (button["id"],)
        assert picked(channel, buttons, choose, str(len(buttons) + 1)) == ()


@given(st.text(max_size=300), st.integers(2, 40))
def test_a_title_is_cut_between_letters(text: str, limit: int) -> None:
    """Never longer than it may be, never empty, never half a letter."""
    cut = title(text, limit)
    assert 0 < length(cut) <= limit
    whole = regex.findall(r"\X", " ".join(text.split()))
    kept = cut.removesuffix("…")
    if kept != cut and all(length(letter) < limit for letter in whole):
        assert kept == "".join(whole)[: len(kept)].rstrip()
        assert regex.findall(r"\X", kept) == whole[: len(regex.findall(r"\X", kept))]


@given(st.text(max_size=600), st.integers(10, 80))
def test_a_text_is_divided_and_not_shortened(text: str, limit: int) -> None:
    """The pieces are the text, but for the blanks where it was divided."""
    pieces = split(text, limit)
    assert all(0 < length(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_several_numbers_pick_several_lines() -> None:
    """ "1, 3" and « 1 et 3 » choose both; with one choice to make they choose none."""
    lines = [{"id": f"l{n}", "title": f"Robe {n}"} for n in range(1, 5)]
    for said in ("1, 3", "1 et 3", "1 and 3", "1 3", "n°1 + n°3"):
        assert picked("whatsapp", lines, "many", said) == ("l1", "l3")
    many = [{"id": f"l{n}", "title": f"Motif {n}"} for n in range(1, 15)]
    assert picked("whatsapp", many, "one", "1 et 3") == ()
    assert picked("whatsapp", many, "one", "14") == ("l14",)
    assert picked("whatsapp", many, "one", "j'en ai 2 de trop") == ()
    assert picked("whatsapp", many[:4], "one", "2") == ()


def test_a_list_says_below_what_its_title_leaves_out() -> None:
    """A long product name is cut in the row's title and told in its description."""
    name = "Robe longue en lin lavé, manches courtes"
    buttons = [{"id": f"{n}", "title": f"{name} {n}"} for n in range(4)]
    (told,) = render("whatsapp", "Lequel ?", buttons, "one", WORDS)
    row = told["interactive"]["action"]["sections"][0]["rows"][1]
    assert row["title"] == "Robe longue en lin lavé…"
    assert row["description"] == f"{name} 1"
    assert _text_of({"type": "interactive", **told}) == "Lequel ?"
