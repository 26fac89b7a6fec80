"""Why the customer sends something back, told in any message, several at once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.special import expit
from sklearn.svm import LinearSVC

from bot.components.encoder import linear, rows, scores
from bot.components.entities import add_entities
from bot.components.learnt import LearntComponent, metadata

SELDOM = 0.05  # of an intent's sentences
STRENGTH = 0.3  # the less, the smoother; chosen as docs/understanding.md tells


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True
)
class ReasonClassifier(LearntComponent):
    """Emits an entity `return_reason` per reason told, the surest first.

    sharpness and middle turn a margin into a chance. A reason is told from the chance
    `told` on, a second one from `also` on; beside an intent that seldom tells any it
    needs more (beside). Of a message that surely tells why (its intent, or a margin of
    `telling` that any reason is told) the surest reason needs only `given`. All values
    are from calibration.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa fills in what config.yml leaves out."""
        return {
            "sharpness": 6.0,
            "middle": -0.3,
            "told": 0.3,
            "also": 0.6,
            "beside": 0.9,
            "given": 0.02,
            "telling": -0.1,
        }

    def learn(self, examples: list[Message]) -> Any:
        """A yes or no for each reason and for any, learnt from all examples."""
        told = [set(metadata(e).get("reasons", ())) for e in examples]
        codes = sorted(set().union(*told))
        encoded = rows(examples)
        asked = [[code in reasons for reasons in told] for code in codes]
        asked.append([bool(reasons) for reasons in told])
        judges = [
            LinearSVC(C=STRENGTH, tol=1e-2, random_state=0).fit(encoded, answers)
            for answers in asked
        ]
        weights = np.vstack([judge.coef_ for judge in judges])
        bias = np.concatenate([judge.intercept_ for judge in judges])
        return {**linear(codes, weights, bias), "silent": _silent(examples, told)}

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the reasons of each message."""
        for message in messages:
            if message.get(TEXT):
                add_entities(message, *map(_entity, self._reasons(message)))
        return messages

    def _reasons(self, message: Message) -> list[tuple[float, str]]:
        wanted, codes = self._config, self._learnt["labels"]
        *margins, any_of_them = scores(message, self._learnt)
        distance = np.array(margins) - wanted["middle"]
        chances = expit(wanted["sharpness"] * distance).tolist()
        ranked = sorted(zip(chances, codes, strict=True), reverse=True)
        silent = _intent(message) in self._learnt["silent"]
        least = wanted["beside" if silent else "told"]
        if _intent(message) == "give_reason" or (
            not silent and any_of_them >= wanted["telling"]
        ):
            least = wanted["given"]
        return [
            pair
            for place, pair in enumerate(ranked)
            if pair[0] >= (least if place == 0 else max(least, wanted["also"]))
        ]


def _silent(examples: list[Message], told: list[set[str]]) -> list[str]:
    """The intents that hardly ever tell a reason: « les coussins » names goods."""
    all_of_them = Counter(e.get(INTENT) for e in examples)
    telling = Counter(
        e.get(INTENT) for e, reasons in zip(examples, told, strict=True) if reasons
    )
    return [
        intent
        for intent, number in sorted(all_of_them.items())
        if telling[intent] < SELDOM * number
    ]


def _intent(message: Message) -> str | None:
    return (message.get(INTENT) or {}).get("name")


def _entity(reason: tuple[float, str]) -> dict[str, Any]:
    confidence, code = reason
    return {
        "entity": "return_reason",
        "value": code,
        "confidence_entity": confidence,
        "extractor": ReasonClassifier.__name__,
    }
