"""What every trained component shares: its examples, and a file without pickle."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from threadpoolctl import threadpool_limits

TRUSTED = ["scipy.sparse._csr.csr_matrix"]  # beyond the types skops itself trusts


class LearntComponent(GraphComponent, ABC):
    """A graph component whose knowledge is one scikit-learn object, kept by skops."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        learnt: Any = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._learnt = learnt

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LearntComponent:
        """A component that has learnt nothing yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LearntComponent:
        """The component as it was saved.

        Raises `skops.io.exceptions.UntrustedTypesFoundException` for a file that
        holds anything but our own models.
        """
        with model_storage.read_from(resource) as folder:
            learnt = skops.io.load(folder / "learnt.skops", trusted=TRUSTED)
        component = cls(config, model_storage, resource, learnt)
        component.prepare()
        return component

    def prepare(self) -> None:
        """Load what the first message should not wait for."""

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the labelled examples and save the result."""
        with threadpool_limits(1):  # more threads only wait for each other here
            self._learnt = self.learn(labelled(training_data))
        with self._model_storage.write_to(self._resource) as folder:
            skops.io.dump(self._learnt, folder / "learnt.skops")
        return self._resource

    @abstractmethod
    def learn(self, examples: list[Message]) -> Any:
        """What is known after seeing `examples`; skops must be able to save it."""


def labelled(training_data: TrainingData) -> list[Message]:
    """The examples that have a text and an intent."""
    return [e for e in training_data.intent_examples if e.get(TEXT)]


def metadata(example: Message) -> dict[str, Any]:
    """The example's `language` and `reasons`, given for its block or for itself."""
    given = example.get("metadata") or {}
    return {**(given.get("intent") or {}), **(given.get("example") or {})}
