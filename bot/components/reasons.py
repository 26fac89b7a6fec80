"""Why the customer sends something back, told in any message, several at once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.special import expit, logit
from sklearn.svm import LinearSVC

from bot.components.encoder import linear, rows, scores
from bot.components.entities import add_entities
from bot.components.learnt import LearntComponent, metadata

NEVER = 0.001  # no intent is quite without reasons
STRENGTH = 0.3  # the less, the smoother; chosen as docs/understanding.md tells


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True
)
class ReasonClassifier(LearntComponent):
    """Emits an entity `return_reason` per reason told, the surest first.

    sharpness and middle turn a margin into a chance. Whether any reason is told is a
    sum of three witnesses: the judge of that (any), the surest reason's (surest) and
    how often the likely intents tell one (intent). From the chance `told` on the surest
    is told, a second one also needs its own chance of `also`. All values are from
    cross-validation.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa fills in what config.yml leaves out."""
        return {
            "sharpness": 6.0,
            "middle": -0.3,
            "any": 1.7,
            "surest": 2.55,
            "intent": 0.5,
            "start": 0.95,
            "told": 0.35,
            "also": 0.6,
        }

    def learn(self, examples: list[Message]) -> Any:
        """A yes or no for each reason and for any, learnt from all examples."""
        told = [set(metadata(e).get("reasons", ())) for e in examples]
        codes = sorted(set().union(*told))
        encoded = rows(examples)
        asked = [[code in reasons for reasons in told] for code in codes]
        asked.append([bool(reasons) for reasons in told])
        judges = [
            LinearSVC(C=STRENGTH, tol=0.3, random_state=0).fit(encoded, answers)
            for answers in asked
        ]
        weights = np.vstack([judge.coef_ for judge in judges])
        bias = np.concatenate([judge.intercept_ for judge in judges])
        return {**linear(codes, weights, bias), "telling": _telling(examples, told)}

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the reasons of each message."""
        for message in messages:
            if message.get(TEXT):
                add_entities(message, *map(_entity, self._reasons(message)))
        return messages

    def _reasons(self, message: Message) -> list[tuple[float, str]]:
        wanted, codes = self._config, self._learnt["labels"]
        *margins, any_of_them = scores(message, self._learnt)
        if (
            not margins
            or self._telling(message, max(margins), any_of_them) < (wanted["told"])
        ):
            return []
        distance = np.array(margins) - wanted["middle"]
        chances = expit(wanted["sharpness"] * distance).tolist()
        surest, *others = sorted(zip(chances, codes, strict=True), reverse=True)
        return [surest, *(pair for pair in others if pair[0] >= wanted["also"])]

    def _telling(self, message: Message, surest: float, any_of_them: float) -> float:
        """The chance that a reason is told at all."""
        wanted, share = self._config, self._learnt["telling"]
        likely = message.get(INTENT_RANKING_KEY) or []
        often = sum(one["confidence"] * share.get(one["name"], 0.0) for one in likely)
        return float(
            expit(
                wanted["start"]
                + wanted["any"] * any_of_them
                + wanted["surest"] * surest
                + wanted["intent"] * logit(np.clip(often, NEVER, 1 - NEVER))
            )
        )


def _telling(examples: list[Message], told: list[set[str]]) -> dict[str, float]:
    """How large a share of each intent's sentences tells a reason."""
    all_of_them = Counter(e.get(INTENT) for e in examples)
    telling = Counter(
        e.get(INTENT) for e, reasons in zip(examples, told, strict=True) if reasons
    )
    return {intent: telling[intent] / number for intent, number in all_of_them.items()}


def _entity(reason: tuple[float, str]) -> dict[str, Any]:
    confidence, code = reason
    return {
        "entity": "return_reason",
        "value": code,
        "confidence_entity": confidence,
        "extractor": ReasonClassifier.__name__,
    }
