"""Counting conversations by the day of their last message, and how long one waited."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.console.filters import MISSED
from desk.console.tables import readings
from desk.tables import conversations
from returns.sql import seconds_between

# The customer said something; of these, with the same filters as the inbox:
SPOKEN = "spoken"
ALONE = "alone"
HANDED_OVER = "handed_over"
NOT_UNDERSTOOD = "not_understood"
CORRECTED = "corrected"
# How long it took; `one` is the time, rounded.
BOT_ANSWER = "wait_bot_answer"
PERSON_ANSWER = "wait_person_answer"
ADDRESS = "wait_address"
REFUND = "wait_refund"
# Up to how many seconds a wait is kept to so many hundredths of one.
STEPS = ((10, 1), (600, 100), (36_000, 6_000), (864_000, 60_000))
COARSEST = 360_000


def rounded(seconds: float) -> str:
    """Hundredths of a second in steps under 1 %, or of a whole second, of it.

    So few values that a month's can be kept, and medians still mean something.
    """
    step = next((step for most, step in STEPS if seconds < most), COARSEST)
    return str(round(seconds * 100 / step) * step)


def counted(
    connection: Connection,
    day_of: Callable[[datetime], str],
    first: datetime,
    end: datetime,
) -> Iterator[tuple[str, str, str]]:
    """Day, kind and value of each thing that counts as one; end is excluded."""
    c = conversations.c
    within = sa.and_(c.last_at >= first, c.last_at < end)
    flags = _flags(connection, within)
    waited = seconds_between(connection)(c.handed_over_at, c.person_answered_at)
    query = sa.select(
        c.conversation_id,
        c.last_at,
        c.last_seq,
        c.handed_over_at,
        c.answered_in_ms,
        waited.label("waited"),
    ).where(within)
    for row in connection.execute(query):
        day = day_of(row.last_at)
        for kind in _kinds(row, flags.get(row.conversation_id, set())):
            yield day, kind, ""
        if row.answered_in_ms is not None:
            yield day, BOT_ANSWER, rounded(row.answered_in_ms / 1000)
        if row.waited is not None:
            yield day, PERSON_ANSWER, rounded(row.waited)


def _kinds(row: Any, flags: set[str]) -> Iterator[str]:
    if row.last_seq > 1:
        yield SPOKEN
        yield HANDED_OVER if row.handed_over_at else ALONE
        yield from flags


def _flags(
    connection: Connection, within: sa.ColumnElement[bool]
) -> dict[str, set[str]]:
    missed = readings.c.intent.in_(MISSED)
    mine = readings.c.conversation_id == conversations.c.conversation_id
    query = (
        sa.select(readings.c.conversation_id, readings.c.intent, readings.c.corrected)
        .join(conversations, mine)
        .where(within, sa.or_(missed, readings.c.corrected.is_(True)))
    )
    found: dict[str, set[str]] = {}
    for row in connection.execute(query):
        told = found.setdefault(row.conversation_id, set())
        told |= {NOT_UNDERSTOOD} if row.intent in MISSED else set()
        told |= {CORRECTED} if row.corrected else set()
    return found
