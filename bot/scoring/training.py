"""The training sentences, straight from their files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "nlu"


@dataclass(frozen=True)
class Example:
    """One sentence we learn from. place: file and the sentence's number in it."""

    text: str
    lang: str
    intent: str
    reasons: tuple[str, ...]
    place: str


def examples(folder: Path = DATA) -> list[Example]:
    """Every sentence of data/nlu, in the order of the files."""
    return [
        example
        for file in sorted(folder.glob("*/*.yml"))
        for example in sentences(file, folder)
    ]


def sentences(file: Path, folder: Path) -> Iterator[Example]:
    """Of one file in Rasa's format."""
    blocks = YAML(typ="safe").load(file.read_text("utf-8")).get("nlu") or []
    number = 0
    for block in blocks:
        about = block.get("metadata") or {}
        for line in str(block.get("examples") or "").split("\n"):
            _, dash, text = line.partition("- ")
            if dash and text.strip():
                number += 1
                yield Example(
                    text=text.strip(),
                    lang=about.get("language") or file.parent.name,
                    intent=block["intent"],
                    reasons=tuple(about.get("reasons") or ()),
                    place=f"{file.relative_to(folder)}:{number}",
                )
