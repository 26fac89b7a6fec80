"""Pages of a list by key, newest first: quick however far one goes back."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa


def key_of(at: datetime, row_id: str) -> str:
    """Of the last row of a page: the next one begins before it."""
    return f"{at.isoformat()}~{row_id}"


def before(
    at: sa.Column[Any], row_id: sa.Column[Any], key: str
) -> list[sa.ColumnElement[bool]]:
    """The condition for what comes after this key; none for a key that is no key."""
    text, _, last = key.partition("~")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return []
    if moment.tzinfo is None:
        return []
    # The first part alone lets a database begin in its index at the right place.
    return [at <= moment, sa.or_(at < moment, sa.and_(at == moment, row_id < last))]


def newest_first(at: sa.Column[Any], row_id: sa.Column[Any]) -> tuple[Any, Any]:
    return at.desc(), row_id.desc()
