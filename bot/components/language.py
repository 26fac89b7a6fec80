"""Which language a message is in, said only when it can be told."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.components.counted import Counted
from bot.components.entities import add_entities
from bot.components.foreign import is_foreign
from bot.components.identifiers import mask
from bot.components.learnt import LearntComponent, metadata

OTHER_LANGUAGE = "other_language"
SURE = 0.8


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True
)
class LanguageTagger(LearntComponent):
    """Emits the entity `language` (fr, en); unsure, it emits nothing.

    A message in any other language gives the entity `other_language`, unless it holds
    an order number or the like, which is understood in every language.
    """

    def learn(self, examples: list[Message]) -> Any:
        """A classifier of letters and short words."""
        known = [e for e in examples if "language" in metadata(e)]
        texts = [mask(e.get(TEXT), named=False) for e in known]
        letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True
        ).fit(texts)
        judge = LogisticRegression(C=10, solver="liblinear", random_state=0)
        judge.fit(letters.transform(texts), [metadata(e)["language"] for e in known])
        return {"letters": Counted.keep(letters), "judge": judge}

    def prepare(self) -> None:
        """Ready for the first message."""
        _ = self._spelling

    @cached_property
    def _spelling(self) -> Counted:
        return Counted(self._learnt["letters"])

    def process(self, messages: list[Message]) -> list[Message]:
        """Tag the messages whose language is sure."""
        for message in messages:
            text = message.get(TEXT) or ""
            words = mask(text, named=False)
            if words == text and is_foreign(text):
                add_entities(message, self._entity(OTHER_LANGUAGE, "yes", 1.0))
            elif any(c.isalpha() for c in words):
                self._tag(message, words)
        return messages

    def _tag(self, message: Message, text: str) -> None:
        judge = self._learnt["judge"]
        places, values = self._spelling(text)
        odds = judge.coef_[0][places] @ values + judge.intercept_[0]
        second = float(expit(odds))
        sure = max(second, 1 - second)
        if sure >= SURE:
            value = str(judge.classes_[int(second > 0.5)])
            add_entities(message, self._entity("language", value, sure))

    def _entity(self, name: str, value: str, sure: float) -> dict[str, Any]:
        return {
            "entity": name,
            "value": value,
            "confidence_entity": float(sure),
            "extractor": type(self).__name__,
        }
