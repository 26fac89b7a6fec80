"""Mails: one composition, as plain text and as HTML, in domain.yml's words."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Row

from desk import texts
from returns import repository
from returns.formats import Link, params_from_json
from returns.gateways.mail import Mail
from returns.shop import Shop
from returns.tables import returns
from returns.wiring import House

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# Control characters and those that turn the direction of writing.
UNSAFE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
# All white space but the no-break spaces that belong to French marks and amounts.
SPACES = re.compile(r"[^\S\u00a0\u202f]+")


@dataclass(frozen=True)
class Fact:
    """One row of the facts.

    url: where its only line leads, None for no link. text: the row in plain text.
    """

    label: str
    lines: list[str]
    url: str | None
    text: str


@dataclass(frozen=True)
class Letter:
    """What both forms of a mail say. paragraphs: their lines."""

    language: str
    subject: str
    greeting: str
    paragraphs: list[list[str]]
    facts: list[Fact]
    reply: str
    signature: str
    shop: Shop


def compose(house: House, notice: Row[Any]) -> Mail:
    """The notice's mail; its Message-ID is the notice's id, whoever sends it.

    A notice without a return, such as a code, greets nobody by name.
    """
    letter = _letter(house, notice)
    return Mail(
        message_id=notice.notice_id,
        to=notice.recipient,
        subject=letter.subject,
        text=_as_text(letter),
        html=TEMPLATES.get_template("mail.html").render(letter=letter),
        language=letter.language,
    )


def _letter(house: House, notice: Row[Any]) -> Letter:
    params = params_from_json(notice.params)
    facts = params.pop("facts", [])
    language = notice.language
    body = texts.say(house, f"{notice.response}_body", language, params)
    subject = texts.say(house, f"{notice.response}_subject", language, params)
    return Letter(
        language=language,
        subject=one_line(subject),
        greeting=_greeting(house, language, notice.return_id),
        paragraphs=[_lines(part) for part in re.split(r"\n\s*\n", body)],
        facts=[fact(house, label, value, language) for label, value in facts],
        reply=texts.say(house, "utter_letter_reply", language),
        signature=house.shop.signed(language),
        shop=house.shop,
    )


def one_line(text: str) -> str:
    """What a product's title or a name may hold must not look like a line of ours."""
    return SPACES.sub(" ", UNSAFE.sub("", text)).strip()


def _lines(text: str) -> list[str]:
    return [line for line in map(one_line, text.split("\n")) if line]


def fact(house: House, label: Any, value: Any, language: str) -> Fact:
    parts = value if isinstance(value, list) else [value]
    lines = [one_line(texts.plain(house, part, language)) for part in parts]
    named = one_line(texts.plain(house, label, language))
    shown = lines[0] if len(lines) == 1 else "\n  " + "\n  ".join(lines)
    row = {"label": named, "value": shown}
    text = texts.say(house, "utter_letter_fact", language, row)
    url = value.url if isinstance(value, Link) else None
    return Fact(named, lines, url, text.replace(" \n", "\n"))


def _greeting(house: House, language: str, return_id: str | None) -> str:
    name = _first_name(house, return_id) if return_id else ""
    if not name:
        return texts.say(house, "utter_letter_hello_unnamed", language)
    return texts.say(house, "utter_letter_hello", language, {"name": name})


def _first_name(house: House, return_id: str) -> str:
    with house.reader.connect() as connection:
        query = sa.select(returns.c.order_number).where(
            returns.c.return_id == return_id
        )
        number = connection.execute(query).scalar_one()
        return one_line(repository.get_order(connection, number).customer.first_name)


def _as_text(letter: Letter) -> str:
    shop = letter.shop
    parts = [
        letter.greeting,
        *("\n".join(lines) for lines in letter.paragraphs),
        "\n".join(fact.text for fact in letter.facts),
        letter.reply,
        letter.signature,
        # "-- " opens a signature, which mail clients then set apart.
        "\n".join(["-- ", *_identity(shop), shop.support_email, shop.website]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _identity(shop: Shop) -> list[str]:
    return [shop.name, shop.legal_name, shop.address]
