"""Where the bot was wrong or unsure: both values are kept, and become training data."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import Any

import sqlalchemy as sa
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString
from sqlalchemy import Row

from desk import index
from desk.console import audit, customers, personal
from desk.console import reasons as reasons_
from desk.console.accounts import Member
from desk.console.listing import UNSURE_BELOW
from desk.console.tables import readings
from desk.stems import stems
from desk.tables import inbound_messages, messages
from returns import own_yaml
from returns.errors import NotFound, ReturnsError
from returns.model import ReturnReason
from returns.settings import ROOT
from returns.unit import writing
from returns.wiring import House

PAGE = 40
MOST_COUNTED = 10_000
MOST_EXPORTED = 5000
LONGEST_EXAMPLE = 200
# What training data holds in place of what was masked.
STAND_INS = {
    "‹lien›": "https://example.com",
    "‹e-mail›": "client@example.com",
    "‹iban›": "FR00",
    "‹commande›": "FR-1000",
    "‹adresse›": "1 rue des Lilas",
    "‹cp›": "AB1 2CD",
    "‹numéro›": "00000",
    "‹nom›": "Camille",
}


class NoSuchMeaning(ReturnsError):
    """The intent or reason is not one of the domain's."""


@dataclass(frozen=True)
class Doubt:
    """A typed message and how it was read."""

    reading: Row[Any]
    text: str


@dataclass(frozen=True)
class Doubts:
    """older: the key of the next page, None on the last.

    left: all that wait, MOST_COUNTED + 1 at most.
    """

    entries: list[Doubt]
    older: str | None
    left: int


@cache
def intents() -> tuple[str, ...]:
    """The domain's own, by name."""
    loaded = own_yaml.read(ROOT / "domain.yml")
    names = (i if isinstance(i, str) else next(iter(i)) for i in loaded["intents"])
    return tuple(sorted(names))


def doubts(house: House, after: str = "", below: float = UNSURE_BELOW) -> Doubts:
    """What nobody has checked yet, the least sure first. after: a page's key."""
    open_ = (readings.c.checked_at.is_(None), readings.c.confidence < below)
    query = (
        sa.select(readings, messages.c.text)
        .join(messages, _same_message())
        .where(*open_, *_after(after))
        .order_by(readings.c.confidence, readings.c.inbound_id)
        .limit(PAGE + 1)
    )
    with house.reader.connect() as connection:
        rows = connection.execute(query).all()
        some = sa.select(readings.c.inbound_id).where(*open_).limit(MOST_COUNTED + 1)
        counted = sa.select(sa.func.count()).select_from(some.subquery())
        left = connection.execute(counted).scalar_one()
    more = len(rows) > PAGE
    last = rows[PAGE - 1] if more else None
    key = f"{last.confidence!r}~{last.inbound_id}" if last else None
    return Doubts([Doubt(row, row.text) for row in rows[:PAGE]], key, left)


def corrected(house: House) -> list[Doubt]:
    """What people have checked, newest first."""
    query = (
        sa.select(readings, messages.c.text)
        .join(messages, _same_message())
        .where(readings.c.checked_at.is_not(None))
        .order_by(readings.c.checked_at.desc())
        .limit(PAGE * 5)
    )
    with house.reader.connect() as connection:
        return [Doubt(row, row.text) for row in connection.execute(query)]


def check(
    house: House,
    inbound_id: str,
    by: Member,
    intent: str | None = None,
    reasons: list[str] | None = None,
) -> Row[Any]:
    """The bot's value stays beside the person's. None: as the bot read it.

    Raises NotFound, NoSuchMeaning.
    """
    if intent is not None and intent not in intents():
        raise NoSuchMeaning
    if any(reason not in set(ReturnReason) for reason in reasons or []):
        raise NoSuchMeaning
    with writing(house) as unit:
        mine = readings.c.inbound_id == inbound_id
        row = unit.connection.execute(sa.select(readings).where(mine)).first()
        if row is None:
            raise NotFound(f"no reading {inbound_id}")
        values: dict[str, Any] = {
            "right_intent": intent or row.right_intent or row.intent,
            "right_reasons": _first(reasons, row.right_reasons, row.reasons),
        }
        values["corrected"] = (
            values["right_intent"] != row.intent
            or values["right_reasons"] != row.reasons
        )
        index.set_reasons(unit.connection, row, values["right_reasons"])
        reasons_.follow(unit, row, values["right_reasons"], by)
        unit.connection.execute(
            readings.update()
            .where(mine)
            .values(**values, checked_at=unit.now, checked_by=by.name)
        )
        told = {"was": row.intent, "intent": values["right_intent"]}
        audit.note(house, unit, by.email, "reading.checked", inbound_id, **told)
        return row


def as_training_data(house: House) -> str:
    """Rasa's NLU format: what people checked, without personal data, each once."""
    known = _in_training()
    groups: dict[tuple[str, str, tuple[str, ...]], dict[str, str]] = {}
    for language, row, text in _exported(house):
        key = " ".join(stems(text))
        if not key or key in known:
            continue
        known.add(key)
        reasons = tuple(row.right_reasons or ())
        group = (row.right_intent, language, reasons)
        groups.setdefault(group, {})[key] = text
    blocks = [_block(*group, list(found.values())) for group, found in groups.items()]
    out = StringIO()
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=2, offset=0)
    yaml.dump({"version": "3.1", "nlu": blocks}, out)
    return out.getvalue()


def _block(
    intent: str, language: str, reasons: tuple[str, ...], examples: list[str]
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"language": language}
    if reasons:
        metadata["reasons"] = list(reasons)
    lines = "".join(f"- {example}\n" for example in sorted(examples))
    return {
        "intent": intent,
        "metadata": metadata,
        "examples": LiteralScalarString(lines),
    }


def _exported(house: House) -> Iterator[tuple[str, Row[Any], str]]:
    query = (
        sa.select(readings, messages.c.text, inbound_messages.c.language)
        .join(messages, _same_message())
        .join(inbound_messages, inbound_messages.c.inbound_id == readings.c.inbound_id)
        .where(readings.c.checked_at.is_not(None))
        .order_by(readings.c.right_intent, readings.c.checked_at)
        .limit(MOST_EXPORTED)
    )
    with house.reader.connect() as connection:
        rows = connection.execute(query).all()
        ids = {row.conversation_id for row in rows}
        people = customers.of_conversations(connection, ids)
    for row in rows:
        customer = people.get(row.conversation_id)
        text = _example(row.text, customer.words if customer else ())
        if text:
            yield row.language, row, text


def _example(text: str, known: tuple[str, ...]) -> str:
    """One line of training data: no mark-up of Rasa's, no personal data."""
    plain = personal.masked(text, known)
    for mark, stand_in in STAND_INS.items():
        plain = plain.replace(mark, stand_in)
    plain = "".join(c if c.isprintable() else " " for c in plain)
    for sign in "[]{}()\\":
        plain = plain.replace(sign, " ")
    return " ".join(plain.split()).lstrip("-/!?.,;:#&*|> ")[:LONGEST_EXAMPLE].strip()


@cache
def _training_text() -> tuple[str, ...]:
    lines = []
    for path in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip().startswith("- "):
                lines.append(line.strip()[2:])
    return tuple(lines)


def _in_training() -> set[str]:
    return {" ".join(stems(line)) for line in _training_text()}


def _same_message() -> sa.ColumnElement[bool]:
    return sa.and_(
        messages.c.conversation_id == readings.c.conversation_id,
        messages.c.seq == readings.c.seq,
    )


def _after(key: str) -> list[sa.ColumnElement[bool]]:
    confidence, _, inbound_id = key.partition("~")
    try:
        value = float(confidence)
    except ValueError:
        return []
    same = sa.and_(readings.c.confidence == value, readings.c.inbound_id > inbound_id)
    return [sa.or_(readings.c.confidence > value, same)]


def _first(*values: list[str] | None) -> list[str]:
    return next((value for value in values if value is not None), [])
