"""What pydantic found wrong, in words that a shop owner understands."""

from difflib import get_close_matches
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]

EXPECTED = {
    "string_type": "text",
    "string_too_short": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "date_type": "a date such as 2026-01-31",
    "date_parsing": "a date such as 2026-01-31",
    "date_from_datetime_parsing": "a date such as 2026-01-31",
    "date_from_datetime_inexact": "a date without a time, such as 2026-01-31",
    "decimal_type": "an amount such as 150.00",
    "decimal_parsing": "an amount such as 150.00",
    "decimal_max_places": "at most {decimal_places} digits after the point",
    "list_type": "a list, such as [one, two]",
    "tuple_type": "a list, such as [one, two]",
    "too_short": "at least one entry",
    "dict_type": "a section with keys under it",
    "dataclass_type": "a section with keys under it",
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "ip_any_network": "an IP address or network, such as 10.0.0.0/8",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_long": "at most {max_length} characters",
    "datetime_type": "a moment such as 2026-01-31T09:30:00Z",
    "datetime_parsing": "a moment such as 2026-01-31T09:30:00Z",
    "datetime_from_date_parsing": "a moment such as 2026-01-31T09:30:00Z",
    "timezone_aware": "a moment with its time zone, such as 2026-01-31T09:30:00Z",
    "model_type": "a section with keys under it",
    "value_error": "{error}",
}

SHAPES = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": EXPECTED["date_type"],
    "array": EXPECTED["list_type"],
    "object": EXPECTED["dict_type"],
}


def in_words(kind: type, detail: ErrorDetails) -> str:
    """One mistake as "key.path: what is expected, what was found".

    kind: the pydantic type that was expected.
    """
    where = place(detail)
    path = ".".join(str(step) for step in where)
    message = _message(kind, where, detail)
    return f"{path}: {message}" if path else message


def place(detail: ErrorDetails) -> Location:
    """The keys that lead to the mistake."""
    return tuple(step for step in detail["loc"] if step != "[key]")


def _message(kind: type, where: Location, detail: ErrorDetails) -> str:
    problem = detail["type"]
    if problem in ("missing", "missing_argument"):
        return f"this key is missing; expected {_description(kind, where)}"
    if problem in ("unexpected_keyword_argument", "extra_forbidden"):
        return "unknown key" + _suggestion(kind, where)
    context = dict(detail.get("ctx", {}))
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace("'", "")
    if problem not in EXPECTED:
        return detail["msg"]
    expected = EXPECTED[problem].format(**context)
    return f"expected {expected}, found {_found(detail['input'])}"


def _found(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a section"
        case list():
            return "a list"
        case bool():
            return str(value).lower()
    return repr(value)


def _suggestion(kind: type, where: Location) -> str:
    keys = list(_schema_at(kind, where[:-1]).get("properties", {}))
    close = get_close_matches(str(where[-1]), keys, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _description(kind: type, where: Location) -> str:
    node = _schema_at(kind, where)
    node = node.get("anyOf", [node])[0]
    if "enum" in node:
        return " or ".join(node["enum"])
    shape = str(node.get("format", node.get("type")))
    return SHAPES.get(shape, "a value")


def _schema_at(kind: type, where: Location) -> dict[str, Any]:
    """What the type's JSON Schema says of the place, {} where it says nothing."""
    schema = TypeAdapter(kind).json_schema()
    node: dict[str, Any] = schema
    for step in where:
        node = _inner(node, step)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node


def _inner(node: dict[str, Any], step: int | str) -> dict[str, Any]:
    named = node.get("properties", {}).get(step)
    inner = named or node.get("items") or node.get("additionalProperties")
    return inner if isinstance(inner, dict) else {}
