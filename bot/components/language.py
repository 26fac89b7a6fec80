"""Which language a message is in, said only when it can be told."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from bot.components.entities import add_entities
from bot.components.identifiers import mask
from bot.components.learnt import LearntComponent, metadata

SURE = 0.8


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True
)
class LanguageTagger(LearntComponent):
    """Emits the entity `language` (fr, en); unsure, it emits nothing."""

    def learn(self, examples: list[Message]) -> Any:
        """A classifier of letters and short words."""
        known = [e for e in examples if "language" in metadata(e)]
        model = make_pipeline(
            TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5)),
            LogisticRegression(C=10, max_iter=300),
        )
        texts = [mask(e.get(TEXT), named=False) for e in known]
        return model.fit(texts, [metadata(e)["language"] for e in known])

    def process(self, messages: list[Message]) -> list[Message]:
        """Tag the messages whose language is sure."""
        for message in messages:
            text = mask(message.get(TEXT) or "", named=False)
            if any(c.isalpha() for c in text):
                self._tag(message, text)
        return messages

    def _tag(self, message: Message, text: str) -> None:
        chances = self._learnt.predict_proba([text])[0]
        best = int(chances.argmax())
        if chances[best] >= SURE:
            tag = {
                "entity": "language",
                "value": str(self._learnt.classes_[best]),
                "confidence_entity": float(chances[best]),
                "extractor": type(self).__name__,
            }
            add_entities(message, tag)
