"""The chat API as OpenAPI 3.1, made from the models that check its bodies."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from desk.chat import NewMessage, NewSession
from desk.withdraw_api import NewStatement

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
    "late",
    "rating",
    None,
]
BUTTON = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {"id": TEXT, "title": TEXT, "image": TEXT, "detail": TEXT},
}
FACT = {
    "type": "object",
    "required": ["kind", "value"],
    "properties": {
        "kind": {"enum": ["rma_number", "return_address", "label"]},
        "value": TEXT,
    },
}
MESSAGE = {
    "type": "object",
    "required": [
        "id",
        "seq",
        "at",
        "author",
        "text",
        "images",
        "buttons",
        "choose",
        "expects",
    ],
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
        "asked": {
            "enum": EXPECTS,
            "description": "What it waited for, also once that is answered.",
        },
        "facts": {
            "type": "array",
            "items": FACT,
            "description": "What this message tells for the parcel, to copy and print.",
        },
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
UPLOAD = {
    "type": "object",
    "required": ["upload_id"],
    "properties": {"upload_id": TEXT},
}
PROBLEM = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "errors": {"type": "object", "description": "Sentences, by field."},
    },
}
LINES = {"type": "array", "items": TEXT}
RECEIPT = {
    "type": "object",
    "required": ["reference", "stated_at", "text", "facts"],
    "properties": {
        "reference": TEXT,
        "stated_at": {"type": "string", "format": "date-time"},
        "text": TEXT,
        "facts": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["label", "lines"],
                "properties": {"label": TEXT, "lines": LINES},
            },
        },
    },
}
WORDS = {
    "type": "object",
    "required": ["language", "words", "longest"],
    "properties": {
        "language": {"enum": ["fr", "en"]},
        "words": {"type": "object", "description": "By their names."},
        "longest": {"type": "object", "description": "Characters, by field."},
    },
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
                "Upload": UPLOAD,
                "NewStatement": NewStatement.model_json_schema(),
                "Receipt": RECEIPT,
                "Words": WORDS,
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
        "/chat/uploads": {"post": _uploading()},
        "/chat/uploads/{upload_id}": {
            "get": _downloading("The customer's own picture", "upload_id")
        },
        "/chat/pictures/{name}": {
            "get": _downloading("A product's picture, of a proved order", "name")
        },
        "/chat/events": {"get": {**events, "parameters": [last]}},
        "/chat/sessions/current": {
            "delete": _call("End the session, erase what may be erased", 200, None)
        },
        **_withdrawing(),
    }


def _withdrawing() -> dict[str, Any]:
    """For everybody, without a session (law F2)."""
    stating = _call("State a withdrawal", 201, "Receipt", body="NewStatement")
    stating["description"] = (
        "The same statement_id with the same body gives the same receipt. Nothing in"
        " the answer, nor its delay, tells whether there is such an order."
    )
    reading = _call("Words of the withdrawal form", 200, "Words")
    reading["parameters"] = [{"name": "lang", "in": "query", "schema": TEXT}]
    for described in (stating, reading):
        described["security"] = []
    return {
        "/withdraw/statements": {"post": stating},
        "/withdraw/words": {"get": reading},
    }


def _uploading() -> dict[str, Any]:
    described = _call("Send a picture, for a later message", 201, "Upload")
    file = {"type": "string", "contentMediaType": "image/*"}
    form = {"type": "object", "required": ["file"], "properties": {"file": file}}
    body = {"content": {"multipart/form-data": {"schema": form}}, "required": True}
    return {
        **described,
        "requestBody": body,
        "description": "JPEG, PNG or WebP. It is kept as a JPEG without its notes.",
    }


def _downloading(summary: str, named: str) -> dict[str, Any]:
    described = _call(summary, 200, None)
    described["responses"]["200"]["content"] = {"image/jpeg": {}}
    place = {"name": named, "in": "path", "required": True, "schema": TEXT}
    return {**described, "parameters": [place]}


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
