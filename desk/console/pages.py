"""Templates: always escaped, with the visitor's language, role and token at hand."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from desk.console import marks, picks, times, words
from desk.console.accounts import Role
from desk.console.options import options
from desk.console.sessions import Session
from desk.stems import stems
from returns.formats import Money, format_params
from returns.wiring import House

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["marked"] = marks.marked
TEMPLATES.globals["Role"] = Role
TEMPLATES.globals["picks"] = picks.likely


def page(
    house: House, session: Session, template: str, status: int = 200, **given: Any
) -> Response:
    """A page for somebody who is signed in."""
    member = session.member
    context = {**_spoken(house, member.language), **given}
    context.update(member=member, csrf=session.csrf)
    context["may"] = member.role.covers
    return _rendered(template, status, context)


def public_page(
    house: House, language: str, template: str, status: int = 200, **given: Any
) -> Response:
    """A page for somebody who is not."""
    context = {**_spoken(house, language), **given, "member": None, "csrf": ""}
    context["may"] = lambda _role: False
    return _rendered(template, status, context)


def _rendered(template: str, status: int, context: dict[str, Any]) -> Response:
    return HTMLResponse(TEMPLATES.get_template(template).render(context), status)


def _spoken(house: House, language: str) -> dict[str, Any]:
    now, zone = house.clock.now(), house.shop.time_zone

    def short(at: datetime | None) -> str:
        return times.short(at, now, zone, language) if at else "–"

    def since(at: datetime | None) -> str:
        return times.since(at, now, language) if at else "–"

    def day(at: datetime | None) -> str:
        return times.day(at, zone, language) if at else "–"

    def money(minor: int, currency: str | None) -> str:
        if currency is None:
            return "–"
        told = {"it": Money(minor, currency)}
        return str(format_params(told, language, zone, now)["it"])

    return {
        "language": language,
        "shop": house.shop,
        "t": partial(words.say, language),
        "name": partial(words.name_of, language),
        "options": partial(options, language),
        "short": short,
        "since": since,
        "day": day,
        "money": money,
        "lasted": lambda seconds: times.lasted(seconds, language),
        "number": lambda value, digits=1: times.number(value, digits, language),
        "iso_day": lambda text: times.iso_day(text, language),
        "now": now,
        "stems": stems,
    }
