"""Between Rasa's words and the business's: what was heard, what a button means."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker

from returns.model import Choice, Heard, Resolution, ReturnReason

# facts of Heard -> entities of domain.yml
ENTITIES = {
    "reasons": "return_reason",
    "line_ids": "order_line",
    "quantity": "quantity",
    "resolution": "resolution",
    "no_reason": "no_reason",
    "change": "change",
}


def heard_from(tracker: Tracker) -> Heard:
    """The latest customer message, as NLU or a button understood it."""
    message = tracker.latest_message
    entities = message.get("entities") or []
    resolution = _first(entities, "resolution")
    return Heard(
        conversation_id=tracker.sender_id,
        message_id=str(message.get("message_id")),
        channel=str((message.get("metadata") or {}).get("channel", "web")),
        language=str(tracker.get_slot("language") or "fr"),
        intent=str((message.get("intent") or {}).get("name")),
        text=str(message.get("text") or ""),
        reasons=_reasons(entities),
        order_number=_first(entities, "order_number"),
        email=_first(entities, "email"),
        quantity=_number(_first(entities, "quantity")),
        line_ids=tuple(str(value) for value in _all(entities, "order_line")),
        resolution=Resolution(resolution) if resolution in list(Resolution) else None,
        no_reason=_first(entities, "no_reason") is not None,
        change=_first(entities, "change"),
    )


def payload_of(choice: Choice) -> dict[str, Any]:
    """The intent and entities that pressing this button stands for."""
    means = dict(choice.means)
    intent = means.pop("intent", "inform")
    return {
        "intent": intent,
        "entities": {ENTITIES[fact]: value for fact, value in means.items()},
    }


def _all(entities: list[Mapping[str, Any]], name: str) -> list[Any]:
    return [entity["value"] for entity in entities if entity.get("entity") == name]


def _first(entities: list[Mapping[str, Any]], name: str) -> str | None:
    found = _all(entities, name)
    return str(found[0]) if found else None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _reasons(entities: list[Mapping[str, Any]]) -> tuple[ReturnReason, ...]:
    known = set(ReturnReason)
    told = dict.fromkeys(str(value) for value in _all(entities, "return_reason"))
    return tuple(ReturnReason(code) for code in told if code in known)
