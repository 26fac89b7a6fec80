"""Why the customer sends something back, told in any message, several at once."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from bot.components.encoder import rows
from bot.components.entities import add_entities
from bot.components.learnt import LearntComponent, metadata

SURE = 0.4


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
        model = OneVsRestClassifier(
            LogisticRegression(C=10, solver="liblinear", random_state=0)
        )
        return {"codes": codes, "model": model.fit(rows(examples), table)}

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the reasons of each message."""
        for message in messages:
            if message.get(TEXT):
                add_entities(message, *map(_entity, self._reasons(message)))
        return messages

    def _reasons(self, message: Message) -> list[tuple[float, str]]:
        chances = self._learnt["model"].predict_proba(rows([message]))[0]
        told = zip(chances.tolist(), self._learnt["codes"], strict=True)
        return sorted((pair for pair in told if pair[0] >= SURE), reverse=True)


def _entity(reason: tuple[float, str]) -> dict[str, Any]:
    confidence, code = reason
    return {
        "entity": "return_reason",
        "value": code,
        "confidence_entity": confidence,
        "extractor": ReasonClassifier.__name__,
    }
