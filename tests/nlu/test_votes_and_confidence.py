"""The vote of the nearest sentences, the vocabulary, and how confidence is judged."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.components.counted import Counted
from bot.components.neighbours import NEAREST, Neighbours
from bot.scoring.labelled import Reading, Row
from bot.scoring.measures import reliability


def test_the_nearest_sentences_vote() -> None:
    """Who lies among sentences of one label gets nearly all of its votes."""
    chance = np.random.default_rng(7)
    first, second = np.eye(2, 512) * 3
    around = chance.normal(0, 0.1, (200, 512))
    meanings = around + np.repeat([first, second], 100, axis=0)
    numbers = np.repeat([0, 1], 100)
    votes = Neighbours(Neighbours.learn(meanings, numbers), 3)
    assert votes(first)[0] > 0.95
    assert votes(second)[1] > 0.95
    assert votes(first + second).sum() == pytest.approx(1.0)


def test_fewer_sentences_than_voters_vote_all() -> None:
    """A tiny training set is no error."""
    meanings = np.eye(NEAREST // 4, 512)
    votes = Neighbours(Neighbours.learn(meanings, range(NEAREST // 4)), NEAREST)
    assert votes(meanings[2]).argmax() == 2


@pytest.mark.parametrize("analyzer", ["word", "char_wb"])
def test_a_kept_vocabulary_counts_as_scikit_learn_does(analyzer: str) -> None:
    """What is saved and loaded gives the same places and values."""
    texts = ["la robe est trop petite", "the dress\tis too\nsmall", "robe robe robe !"]
    fitted = TfidfVectorizer(
        analyzer=analyzer, ngram_range=(1, 3), sublinear_tf=True
    ).fit(texts)
    counted = Counted(Counted.keep(fitted))
    assert counted.size == len(fitted.vocabulary_)
    for text in [*texts, "une robe", "nothing known: 7"]:
        places, values = counted(text)
        expected = fitted.transform([text])
        expected.sort_indices()
        assert places.tolist() == expected.indices.tolist()
        assert values == pytest.approx(expected.data)


def test_confidence_is_held_against_what_came_true() -> None:
    """By band; what was not understood and empty bands are left out."""
    row = Row("?", "fr", "greet")
    pairs = [
        (row, Reading("greet", 0.42, runner_up="thank")),
        (row, Reading("thank", 0.48, runner_up="greet")),
        (row, Reading("thank", 0.95, runner_up="goodbye")),
        (row, Reading("nlu_fallback", 0.41, runner_up="greet")),
    ]
    low, high = reliability(pairs)
    assert (low.least, low.right.value, low.either.value) == (0.4, 0.5, 1.0)
    assert low.said == pytest.approx(0.45)
    assert (high.least, high.right.value, high.either.value) == (0.9, 0.0, 0.0)
