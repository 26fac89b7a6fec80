"""Pages of a list by key, newest first: quick however far one goes back."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from desk.console.asked import moment


def key_of(at: datetime, row_id: str) -> str:
    """Of the last row of a page: the next one begins before it."""
    return f"{at.isoformat()}~{row_id}"


def before(
    at: sa.Column[Any], row_id: sa.Column[Any], key: str
) -> list[sa.ColumnElement[bool]]:
    """The condition for what comes after this key; none for a key that is no key."""
    text, _, last = key.partition("~")
    last_at = moment(text)
    if last_at is None or last_at.tzinfo is None:
        return []
    # The first part alone lets a database begin in its index at the right place.
    return [at <= last_at, sa.or_(at < last_at, sa.and_(at == last_at, row_id < last))]


def newest_first(at: sa.Column[Any], row_id: sa.Column[Any]) -> tuple[Any, Any]:
    return at.desc(), row_id.desc()
