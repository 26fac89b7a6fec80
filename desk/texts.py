"""What the desk says by itself: responses of domain.yml, as Rasa would say them."""

from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from bot import wording
from desk.tables import messages
from returns import own_yaml
from returns.formats import format_params
from returns.settings import ROOT
from returns.wiring import House


@cache
def responses(path: Path = ROOT / "domain.yml") -> wording.Responses:
    """The responses section, read once per process."""
    found: wording.Responses = own_yaml.read(path)["responses"]
    return found


def say(
    house: House, response: str, language: str, params: dict[str, Any] | None = None
) -> str:
    """The response's first variation in this language."""
    return words(house, response, language, params).text


def words(
    house: House,
    response: str,
    language: str,
    params: dict[str, Any] | None = None,
    last_variation: int | None = None,
) -> wording.Words:
    """params: typed (Money, Day, Say), as services hand them over."""
    filled = format_params(
        params or {}, language, house.shop.time_zone, house.clock.now()
    )
    return wording.render(responses(), response, language, filled, last_variation)


def plain(house: House, value: Any, language: str) -> str:
    """One param as the text that would fill a gap; a list goes line by line."""
    now = house.clock.now()
    filled = format_params({"it": value}, language, house.shop.time_zone, now)
    return wording.plain(responses(), filled["it"], language)


def last_variation(
    connection: Connection, conversation_id: str, response: str
) -> int | None:
    """Which variation this conversation heard last; None when none."""
    query = (
        sa.select(messages.c.variation)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.response == response,
        )
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    place: int | None = connection.execute(query).scalar()
    return place
