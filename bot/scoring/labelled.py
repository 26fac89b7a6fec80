"""Labelled messages from a file, and what a model reads in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml.error import YAMLError

from bot import signs
from bot.scoring.training import sentences

if TYPE_CHECKING:
    from rasa.core.agent import Agent

BATCH = 500


@dataclass(frozen=True)
class Row:
    """One message with what it means; entities: None where nobody labelled them.

    place: the file and line it stands in.
    """

    text: str
    lang: str
    intent: str
    reasons: tuple[str, ...] = ()
    entities: dict[str, list[Any]] | None = None
    place: str = field(default="", compare=False)


@dataclass(frozen=True)
class Reading:
    """What a model made of one message, reasons the surest first."""

    intent: str | None
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()
    entities: dict[str, list[Any]] = field(default_factory=dict)
    runner_up: str | None = None


def rows_of(path: Path) -> list[Row]:
    """The rows of a file of JSON lines: text, lang, label; reason(s) and entities.

    Or of the console's export in Rasa's format (.yml). Raises ValueError naming the
    line that is no such row.
    """
    if path.suffix in (".yml", ".yaml"):
        return _exported(path)
    found: list[Row] = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if line.strip():
            try:
                found.append(_row(json.loads(line), f"{path}:{number}"))
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                raise ValueError(f"{path}:{number}: no labelled row") from error
    return found


def _exported(path: Path) -> list[Row]:
    try:
        found = list(sentences(path, path.parent))
    except (YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: not training data in Rasa's format") from error
    return [Row(e.text, e.lang, e.intent, e.reasons, place=e.place) for e in found]


def _row(told: dict[str, Any], place: str) -> Row:
    intent, _, reason = told["label"].partition("/")
    reasons = told.get("reasons") or [told.get("reason") or reason]
    return Row(
        text=told["text"],
        lang=told["lang"],
        intent=intent,
        reasons=tuple(r for r in reasons if r),
        entities=told.get("entities"),
        place=place,
    )


def readings(agent: Agent, texts: list[str]) -> list[Reading]:
    """Read all the texts, many at a time: one by one is for customers."""
    return [reading for batch in _batches(texts) for reading in _read(agent, batch)]


def _batches(texts: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(texts), BATCH):
        yield texts[at : at + BATCH]


def _read(agent: Agent, texts: list[str]) -> list[Reading]:
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.constants import PLACEHOLDER_MESSAGE

    processor = agent.processor
    if processor is None:
        raise ValueError("the model is not loaded")
    target = processor.model_metadata.nlu_target
    messages = [UserMessage(text) for text in texts]
    done = processor.graph_runner.run({PLACEHOLDER_MESSAGE: messages}, [target])
    return [reading_of(message.as_dict()) for message in done[str(target)]]


def reading_of(parsed: dict[str, Any]) -> Reading:
    """A reading from Rasa's own form of it; one without a word as in bot/turns.py."""
    entities: dict[str, list[Any]] = {}
    for entity in parsed.get("entities") or []:
        entities.setdefault(entity["entity"], []).append(entity["value"])
    intent = signs.read(str(parsed.get("text") or ""), parsed.get("intent") or {})
    ranking = [one["name"] for one in parsed.get("intent_ranking") or []]
    return Reading(
        intent=intent.get("name"),
        confidence=float(intent.get("confidence") or 0.0),
        reasons=tuple(entities.pop("return_reason", ())),
        entities=entities,
        runner_up=next((name for name in ranking if name != intent.get("name")), None),
    )
