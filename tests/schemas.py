"""As much of JSON Schema as /openapi.json uses."""

from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "array": list,
    "object": dict,
    "boolean": bool,
    "null": type(None),
}
KNOWN = {
    *("type", "required", "properties", "items", "enum", "minimum", "allOf", "$ref"),
    *("format", "description", "title"),
}


def problems(
    value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "$"
) -> list[str]:
    """Where value does not fit; a keyword that is not checked here is one too."""
    found = [f"{at}: cannot check {word}" for word in set(schema) - KNOWN]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        found += problems(value, document["components"]["schemas"][name], document, at)
    for part in schema.get("allOf", ()):
        found += problems(value, part, document, at)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES[kind]) for kind in kinds):
        return [*found, f"{at}: {value!r} is no {kinds}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{at}: {value!r} is too small")
    return found + _inside(value, schema, document, at)


def _inside(
    value: Any, schema: dict[str, Any], document: dict[str, Any], at: str
) -> list[str]:
    found: list[str] = []
    if isinstance(value, dict):
        missing = set(schema.get("required", ())) - set(value)
        found += [f"{at}: lacks {name}" for name in missing]
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                found += problems(value[name], inner, document, f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        for place, item in enumerate(value):
            found += problems(item, schema["items"], document, f"{at}[{place}]")
    return found
