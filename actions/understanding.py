"""Between Rasa's words and the business's: what was heard, what a button means."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker

from returns.model import Choice, Clause, Heard, Proof, Resolution, ReturnReason

# facts of Heard -> entities of domain.yml
ENTITIES = {
    "reasons": "return_reason",
    "line_ids": "order_line",
    "quantity": "quantity",
    "resolution": "resolution",
    "no_reason": "no_reason",
    "change": "change",
    "replacement_sku": "variant",
    "answer": "answer",
    "skip": "skip",
    "rating": "rating",
    "proof": "proof",
    "no_number": "no_number",
    "return_id": "return_id",
    "tracking_number": "tracking_number",
}


def heard_from(tracker: Tracker) -> Heard:
    """The latest customer message, as NLU or a button understood it."""
    message = tracker.latest_message
    entities = message.get("entities") or []
    proof = _first(entities, "proof")
    return Heard(
        conversation_id=tracker.sender_id,
        message_id=str(message.get("message_id")),
        channel=str((message.get("metadata") or {}).get("channel", "web")),
        language=str(tracker.get_slot("language") or "fr"),
        intent=str((message.get("intent") or {}).get("name")),
        text=str(message.get("text") or ""),
        reasons=_reasons(entities),
        order_number=_first(entities, "order_number"),
        other_orders=tuple(str(n) for n in _all(entities, "order_number")[1:]),
        email=_first(entities, "email"),
        quantity=_number(_first(entities, "quantity")),
        line_ids=tuple(str(value) for value in _all(entities, "order_line")),
        resolution=_resolution(_first(entities, "resolution")),
        no_reason=_first(entities, "no_reason") is not None,
        no_number=_first(entities, "no_number") is not None,
        change=_first(entities, "change"),
        postcode=_first(entities, "postcode"),
        surname=_first(entities, "surname"),
        code=_first(entities, "code"),
        tracking_number=_first(entities, "tracking_number"),
        rating=_number(_first(entities, "rating")),
        replacement_sku=_first(entities, "variant"),
        answer=_answer(_first(entities, "answer")),
        skip=_first(entities, "skip") is not None,
        clauses=tuple(_clause(told) for told in message.get("clauses") or ()),
        pressed=any(entity.get("extractor") == "Button" for entity in entities),
        proof=Proof(proof) if proof in list(Proof) else None,
        return_id=_first(entities, "return_id"),
        asked=(message.get("metadata") or {}).get("asked"),
        comment=_first(entities, "comment"),
        upload_ids=tuple((message.get("metadata") or {}).get("upload_ids", ())),
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


def _clause(told: Mapping[str, Any]) -> Clause:
    return Clause(
        text=str(told["text"]),
        reasons=_known(told["reasons"]),
        resolution=_resolution(told["resolution"]),
        quantity=told["quantity"],
    )


def _resolution(name: Any) -> Resolution | None:
    return Resolution(name) if name in list(Resolution) else None


def _answer(text: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(text or "")


def _reasons(entities: list[Mapping[str, Any]]) -> tuple[ReturnReason, ...]:
    return _known(_all(entities, "return_reason"))


def _known(codes: list[Any]) -> tuple[ReturnReason, ...]:
    known = set(ReturnReason)
    return tuple(ReturnReason(code) for code in dict.fromkeys(codes) if code in known)
