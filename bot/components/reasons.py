"""Why the customer sends something back, told in any message, several at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from bot.components.encoder import linear, rows, scores
from bot.components.entities import add_entities
from bot.components.learnt import LearntComponent, metadata

# By cross-validation on the training data; whoever only gives a reason gives one.
SURE = 0.5
SURE_WHEN_GIVEN = 0.4


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True
)
class ReasonClassifier(LearntComponent):
    """Emits an entity `return_reason` per reason told, the surest first."""

    def learn(self, examples: list[Message]) -> Any:
        """A yes or no for each reason, learnt from all examples."""
        told = [set(metadata(e).get("reasons", ())) for e in examples]
        codes = sorted(set().union(*told))
        table = [[int(code in reasons) for code in codes] for reasons in told]
        judges = OneVsRestClassifier(
            LogisticRegression(
                C=10, solver="liblinear", class_weight="balanced", random_state=0
            )
        ).fit(rows(examples), table)
        weights = np.vstack([judge.coef_ for judge in judges.estimators_])
        bias = np.concatenate([judge.intercept_ for judge in judges.estimators_])
        return linear(codes, weights, bias)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the reasons of each message."""
        for message in messages:
            if message.get(TEXT):
                add_entities(message, *map(_entity, self._reasons(message)))
        return messages

    def _reasons(self, message: Message) -> list[tuple[float, str]]:
        chances = expit(scores(message, self._learnt)).tolist()
        told = zip(chances, self._learnt["labels"], strict=True)
        enough = SURE_WHEN_GIVEN if _only_a_reason(message) else SURE
        return sorted((pair for pair in told if pair[0] >= enough), reverse=True)


def _only_a_reason(message: Message) -> bool:
    return bool((message.get(INTENT) or {}).get("name") == "give_reason")


def _entity(reason: tuple[float, str]) -> dict[str, Any]:
    confidence, code = reason
    return {
        "entity": "return_reason",
        "value": code,
        "confidence_entity": confidence,
        "extractor": ReasonClassifier.__name__,
    }
