"""Writes docs/schemas: `python -m returns.importing.schemas`."""

import json
from pathlib import Path

from returns.importing.models import FileModel, OrderIn, ProductIn
from returns.settings import ROOT

FOLDER = ROOT / "docs" / "schemas"
FORMATS: dict[str, type[FileModel]] = {"order": OrderIn, "product": ProductIn}


def schema_texts() -> dict[str, str]:
    """The JSON Schema of each format as text, by file name."""
    return {f"{name}.schema.json": _text(name, kind) for name, kind in FORMATS.items()}


def write_schemas(folder: Path = FOLDER) -> None:
    """Bring the folder's files up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (folder / name).write_text(text, encoding="utf-8")


def _text(name: str, kind: type[FileModel]) -> str:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **kind.model_json_schema(),
        "title": name.capitalize(),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write_schemas()
