"""Turns a response's name and params into words (plain Python: Rasa and desk use it).

The responses are domain.yml's, with Rasa's own conditions on the slot `language`.
"""

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

Responses = Mapping[str, Sequence[Mapping[str, Any]]]
FALLBACK_LANGUAGE = "fr"
GAP = re.compile(r"\{(\w+)\}")


class MissingResponse(KeyError):
    """domain.yml has no such response in this language."""


@dataclass(frozen=True)
class Words:
    """variation: the chosen one's place among the language's variations, from 0."""

    text: str
    variation: int


def render(
    responses: Responses,
    name: str,
    language: str,
    params: Mapping[str, Any],
    last_variation: Optional[int] = None,
) -> Words:
    """The response in this language, its gaps filled.

    Variations are used in turn after last_variation (None: never said before), so
    that with three of them the last two are not chosen again.
    Raises MissingResponse; KeyError for a gap without a param.
    """
    variations = _spoken_in(responses, name, language)
    place = 0 if last_variation is None else (last_variation + 1) % len(variations)
    text = str(variations[place]["text"])
    filled = GAP.sub(lambda gap: plain(responses, params[gap.group(1)], language), text)
    return Words(filled.strip(), place)


def _spoken_in(
    responses: Responses, name: str, language: str
) -> List[Mapping[str, Any]]:
    all_of_it = responses.get(name, ())
    for wanted in (language, FALLBACK_LANGUAGE):
        found = [v for v in all_of_it if _language_of(v) in (None, wanted)]
        if found:
            return found
    raise MissingResponse(name)


def _language_of(variation: Mapping[str, Any]) -> Optional[str]:
    conditions: Sequence[Dict[str, Any]] = variation.get("condition") or ()
    for condition in conditions:
        if condition.get("name") == "language":
            return str(condition["value"])
    return None


def plain(responses: Responses, value: Any, language: str) -> str:
    """A param as text; a nested response is rendered, a list goes line by line."""
    if isinstance(value, dict):
        nested = render(responses, value["say"], language, value.get("params") or {})
        return nested.text
    if isinstance(value, (list, tuple)):
        return "\n".join(plain(responses, item, language) for item in value)
    return "" if value is None else str(value)
