"""Order numbers, addresses and counts, from the rules to Rasa's entities."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.identifiers import Identifier, find_identifiers
from bot.components.wishes import find_wish


def add_entities(message: Message, *entities: dict[str, Any]) -> None:
    """Append `entities` to what other components found in `message`."""
    known: list[dict[str, Any]] = message.get(ENTITIES, [])
    message.set(ENTITIES, [*known, *entities], add_to_output=True)


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False
)
class IdentifierExtractor(GraphComponent):
    """Finds what identifies orders, people and parcels, counts, and wishes by words."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IdentifierExtractor:
        """Nothing to configure or to load."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the identifiers of each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            add_entities(message, *map(_entity, find_identifiers(text)))
            wish = find_wish(text)
            if wish is not None:
                add_entities(message, _entity(Identifier("resolution", *wish)))
        return messages


def _entity(found: Identifier) -> dict[str, Any]:
    return {
        "entity": found.kind,
        "value": found.value,
        "start": found.start,
        "end": found.end,
        "confidence_entity": found.confidence,
        "extractor": IdentifierExtractor.__name__,
    }
