"""What the customer wants, from the encoded message."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from bot.components.encoder import linear, rows, scores
from bot.components.learnt import LearntComponent

RANKING_LENGTH = 10


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True
)
class HybridIntentClassifier(LearntComponent):
    """Predicts one intent, with the ranking of the next ones."""

    def learn(self, examples: list[Message]) -> Any:
        """One logistic regression over both languages."""
        intents = [e.get(INTENT) for e in examples]
        model = LogisticRegression(C=10, max_iter=300).fit(rows(examples), intents)
        return linear(
            [str(name) for name in model.classes_], model.coef_, model.intercept_
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and intent_ranking; without text, the intent is null."""
        for message in messages:
            ranking = self._ranking(message) if message.get(TEXT) else []
            best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        chances = softmax(scores(message, self._learnt))
        order = chances.argsort()[::-1][:RANKING_LENGTH]
        return [
            {"name": self._learnt["labels"][i], "confidence": float(chances[i])}
            for i in order
        ]
