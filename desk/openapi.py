"""The chat API as OpenAPI 3.1, made from the models that check its bodies."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from desk.chat import NewMessage, NewSession

TEXT = {"type": "string"}
NULLABLE_TEXT = {"type": ["string", "null"]}
EXPECTS = [
    "order_number",
    "email",
    "postcode",
    "surname",
    "code",
    "lines",
    "quantity",
    "reason",
    "detail",
    "photo",
    "resolution",
    "variant",
    "confirmation",
    "tracking_number",
    "rating",
    None,
]
BUTTON = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {"id": TEXT, "title": TEXT, "image": TEXT, "detail": TEXT},
}
MESSAGE = {
    "type": "object",
    "required": ["id", "seq", "at", "author", "text", "images", "buttons", "choose"],
    "properties": {
        "id": TEXT,
        "seq": {"type": "integer", "minimum": 1},
        "at": {"type": "string", "format": "date-time"},
        "message_id": NULLABLE_TEXT,
        "author": {"enum": ["customer", "bot", "staff"]},
        "author_name": NULLABLE_TEXT,
        "text": TEXT,
        "images": {"type": "array", "items": TEXT},
        "buttons": {"type": "array", "items": {"$ref": "#/components/schemas/Button"}},
        "choose": {"enum": ["one", "many"]},
        "expects": {"enum": EXPECTS},
    },
}
TOLD = {
    "type": "object",
    "required": ["messages", "mode"],
    "properties": {
        "messages": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Message"},
        },
        "mode": {"enum": ["bot", "waiting", "human"]},
    },
}
OPENED = {
    "allOf": [
        {"$ref": "#/components/schemas/Told"},
        {
            "type": "object",
            "required": ["token", "conversation_id"],
            "properties": {"token": TEXT, "conversation_id": TEXT},
        },
    ]
}
PROBLEM = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {"title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
}


async def document(_request: Request) -> JSONResponse:
    return JSONResponse(describe())


def describe() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bonretour chat API",
            "version": "1",
            "description": "How a chat widget talks to the returns desk.",
        },
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "NewSession": NewSession.model_json_schema(),
                "NewMessage": NewMessage.model_json_schema(),
                "Message": MESSAGE,
                "Button": BUTTON,
                "Told": TOLD,
                "Opened": OPENED,
                "Problem": PROBLEM,
            },
        },
        "security": [{"token": []}],
    }


def _paths() -> dict[str, Any]:
    opened = _call("Open a chat session", 201, "Opened", body="NewSession")
    opened["security"] = []
    after = {"name": "after", "in": "query", "schema": {"type": "integer"}}
    last = {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer"}}
    events = _call("Follow the conversation (server-sent events)", 200, None)
    return {
        "/chat/sessions": {"post": opened},
        "/chat/messages": {
            "post": _call("Say something", 200, "Told", body="NewMessage"),
            "get": {**_call("Read messages", 200, "Told"), "parameters": [after]},
        },
        "/chat/events": {"get": {**events, "parameters": [last]}},
        "/chat/sessions/current": {
            "delete": _call("End the session, erase what may be erased", 200, None)
        },
    }


def _call(
    summary: str, status: int, answer: str | None, body: str | None = None
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": summary,
        "responses": {
            str(status): {"description": summary, **_content(answer)},
            "default": {
                "description": "What went wrong, for people",
                "content": {
                    "application/problem+json": {
                        "schema": {"$ref": "#/components/schemas/Problem"}
                    }
                },
            },
        },
    }
    if body is not None:
        described["requestBody"] = _content(body)
    return described


def _content(schema: str | None) -> dict[str, Any]:
    if schema is None:
        return {}
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"content": {"application/json": {"schema": reference}}}
