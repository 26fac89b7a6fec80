"""What the console says to staff, in their own language: words.yml, read once."""

from functools import cache
from pathlib import Path
from typing import Any

from returns import own_yaml

LANGUAGES = ("fr", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]]
    loaded = own_yaml.read(Path(__file__).with_name("words.yml"))
    return loaded


def say(language: str, key: str, **gaps: Any) -> str:
    """Raises KeyError for words that are not in the catalogue."""
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    return catalogue()[key][spoken].format(**gaps)


def name_of(language: str, group: str, code: str | None) -> str:
    """The words for one value of an enumeration; the bare code when none are kept."""
    if code is None:
        return "–"
    known = catalogue().get(f"{group}_{str(code).replace('.', '_')}")
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    return known[spoken] if known else str(code).replace("_", " ")
