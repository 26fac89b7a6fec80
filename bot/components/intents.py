"""What the customer wants, from the encoded message."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_RANKING_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from scipy.special import softmax
from sklearn.svm import LinearSVC

from bot.components.encoder import linear, meanings, rows, scores
from bot.components.language import OTHER_LANGUAGE
from bot.components.learnt import LearntComponent
from bot.components.neighbours import Neighbours

RANKING_LENGTH = 10
OUT_OF_SCOPE = "out_of_scope"
STRENGTH = 0.3  # the less, the smoother; chosen as docs/understanding.md tells


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True
)
class HybridIntentClassifier(LearntComponent):
    """Predicts one intent, with the ranking of the next ones.

    sharpness turns margins into chances that come true as often as they say;
    outside is added to the margin of out_of_scope; neighbours is the weight of the vote
    of the nearest training sentences. All were chosen on messages not learnt from.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa fills in what config.yml leaves out."""
        return {"sharpness": 3.0, "outside": 0.0, "neighbours": 0.3}

    def learn(self, examples: list[Message]) -> Any:
        """One support vector machine over both languages, and all meanings."""
        intents = [e.get(INTENT) for e in examples]
        encoded = rows(examples)
        model = LinearSVC(C=STRENGTH, tol=5e-2, random_state=0).fit(encoded, intents)
        labels = [str(n) for n in model.classes_]
        numbers = np.searchsorted(model.classes_, intents)
        return {
            **linear(labels, model.coef_, model.intercept_),
            "neighbours": Neighbours.learn(meanings(encoded), numbers),
        }

    def prepare(self) -> None:
        """Ready for the first message."""
        _ = self._neighbours.places

    @cached_property
    def _neighbours(self) -> Neighbours:
        return Neighbours(self._learnt["neighbours"], len(self._learnt["labels"]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and intent_ranking; without text, the intent is null."""
        for message in messages:
            ranking = self._ranking(message) if message.get(TEXT) else []
            best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        if _in_another_language(message):
            return [{"name": OUT_OF_SCOPE, "confidence": 1.0}]
        labels = self._learnt["labels"]
        margins = scores(message, self._learnt)
        if OUT_OF_SCOPE in labels:
            margins[labels.index(OUT_OF_SCOPE)] += self._config["outside"]
        chances = softmax(self._config["sharpness"] * margins)
        share = self._config["neighbours"]
        votes = self._neighbours(meanings(rows([message]))[0])
        chances = (1 - share) * chances + share * votes
        order = chances.argsort()[::-1][:RANKING_LENGTH]
        return [{"name": labels[i], "confidence": float(chances[i])} for i in order]


def _in_another_language(message: Message) -> bool:
    found = message.get(ENTITIES) or []
    return any(entity["entity"] == OTHER_LANGUAGE for entity in found)
