"""Canned answers: what the team often says, in both languages, with two gaps."""

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from desk.console import audit
from desk.console.accounts import Member
from desk.console.customers import Customer
from desk.console.tables import canned_answers
from returns import ids
from returns.errors import NotFound, ReturnsError
from returns.unit import Unit, writing
from returns.wiring import House

LONGEST_NAME = 60
LONGEST_TEXT = 2000
GAPS = frozenset({"first_name", "order_number"})
UNKNOWN_ORDER = "…"  # for the person to fill in
_GAP = re.compile(r"\{([^{}]*)\}")
_LEFT_OVER = re.compile(r"[ \u00a0]+(?=[,.])|(?<= ) +")


class BadAnswer(ReturnsError):
    """A field is empty or too long, a gap is unknown, or the name is taken."""


@dataclass(frozen=True)
class Canned:
    """texts: by language."""

    canned_id: str
    name: str
    texts: dict[str, str]


def everyone(house: House) -> list[Canned]:
    """By name."""
    query = sa.select(canned_answers).order_by(canned_answers.c.name)
    with house.reader.connect() as connection:
        return [_canned(row) for row in connection.execute(query)]


def filled(canned: Canned, language: str, customer: Customer | None) -> str:
    """In the customer's language; only what the conversation has proved fills a gap."""
    text = canned.texts.get(language) or canned.texts["fr"]
    proved = customer is not None and customer.proved
    told = {"first_name": "", "order_number": UNKNOWN_ORDER}
    if customer is not None and proved:
        told = {
            "first_name": customer.first_name,
            "order_number": customer.order_number,
        }
    whole = _GAP.sub(lambda gap: told.get(gap[1], gap[0]), text)
    return whole if told["first_name"] else _LEFT_OVER.sub("", whole)


def save(
    house: House, by: Member, name: str, fr: str, en: str, canned_id: str | None = None
) -> None:
    """canned_id None: a new one. Raises BadAnswer, NotFound."""
    values = {"name": " ".join(name.split()), "fr": fr.strip(), "en": en.strip()}
    if not 1 <= len(values["name"]) <= LONGEST_NAME:
        raise BadAnswer
    for text in (values["fr"], values["en"]):
        if not 1 <= len(text) <= LONGEST_TEXT or set(_GAP.findall(text)) - GAPS:
            raise BadAnswer
    with writing(house) as unit:
        same = sa.select(canned_answers.c.canned_id).where(
            canned_answers.c.name == values["name"]
        )
        if unit.connection.execute(same).scalar() not in (None, canned_id):
            raise BadAnswer
        kept = {**values, "updated_at": unit.now, "updated_by": by.name}
        _keep(unit, canned_id, kept)
        audit.note(house, unit, by.email, "answer.saved", values["name"])


def remove(house: House, by: Member, canned_id: str) -> None:
    """Raises NotFound."""
    with writing(house) as unit:
        gone = unit.connection.execute(
            canned_answers.delete().where(canned_answers.c.canned_id == canned_id)
        )
        if gone.rowcount != 1:
            raise NotFound(f"no answer {canned_id}")
        audit.note(house, unit, by.email, "answer.removed", canned_id)


def _keep(unit: Unit, canned_id: str | None, values: dict[str, Any]) -> None:
    if canned_id is None:
        made = canned_answers.insert().values(canned_id=ids.new_id(), **values)
        unit.connection.execute(made)
        return
    mine = canned_answers.c.canned_id == canned_id
    changed = unit.connection.execute(
        canned_answers.update().where(mine).values(**values)
    )
    if changed.rowcount != 1:
        raise NotFound(f"no answer {canned_id}")


def _canned(row: Any) -> Canned:
    return Canned(row.canned_id, row.name, {"fr": row.fr, "en": row.en})
