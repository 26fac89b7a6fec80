"""The inbox: conversations by what is known of them, a page at a time by key."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk.console import customers, keyset
from desk.console.customers import Customer
from desk.console.filters import Filters, conditions, having
from desk.console.tables import conversation_labels, message_stems, readings
from desk.stems import stems
from desk.tables import conversations, messages
from returns.sql import each_value
from returns.tables import return_lines, returns
from returns.wiring import House

PAGE = 50
UNSURE_BELOW = 0.6
MOST_STEMS = 8


@dataclass(frozen=True)
class Entry:
    """One row of the list.

    said: the customer's first words, or those that were searched; None: nothing yet.
    """

    conversation: Row[Any]
    customer: Customer | None
    said: str | None
    outcome: str | None
    reasons: tuple[str, ...]
    labels: tuple[str, ...]
    reviewed: bool
    found_seq: int | None


@dataclass(frozen=True)
class Page:
    """older: the key of the next page, None on the last."""

    entries: tuple[Entry, ...]
    older: str | None


def page(house: House, filters: Filters, before: str = "", size: int = PAGE) -> Page:
    """Newest first. before: the key of a page, as `Page.older` gave it."""
    wanted = stems(filters.q)[:MOST_STEMS]
    at, conversation_id = conversations.c.last_at, conversations.c.conversation_id
    with house.reader.connect() as connection:
        query = (
            sa.select(conversations)
            .where(
                *conditions(house, connection, filters),
                *_holding(connection, wanted),
                *keyset.before(at, conversation_id, before),
            )
            .order_by(*keyset.newest_first(at, conversation_id))
            .limit(size + 1)
        )
        rows = connection.execute(query).all()
        entries = _entries(connection, rows[:size], wanted)
    last = rows[size - 1] if len(rows) > size else None
    older = keyset.key_of(last.last_at, last.conversation_id) if last else None
    return Page(entries, older)


def is_reviewed(row: Row[Any]) -> bool:
    """A new message after the review makes it open again."""
    return row.reviewed_at is not None and row.reviewed_at >= row.last_at


def choices(house: House) -> dict[str, list[str]]:
    """The values that exist, for the lists of the filters."""
    columns = {
        "label": conversation_labels.c.label,
        "supplier": returns.c.supplier,
        "channel": conversations.c.channel,
        "intent": readings.c.intent,
    }
    with house.reader.connect() as connection:
        return {
            name: list(connection.execute(each_value(column)).scalars())
            for name, column in columns.items()
        }


def _holding(connection: Connection, wanted: list[str]) -> list[sa.ColumnElement[bool]]:
    """Every stem is somewhere in the conversation."""
    stem = message_stems.c.stem
    return [having(connection, message_stems, stem == one) for one in wanted]


def _entries(
    connection: Connection, rows: Iterable[Row[Any]], wanted: list[str]
) -> tuple[Entry, ...]:
    rows = list(rows)
    ids = [row.conversation_id for row in rows]
    known = customers.of_conversations(connection, ids)
    found = _found(connection, ids, wanted)
    said, outcomes = _said(connection, ids, found), _outcomes(connection, ids)
    reasons, labels = _reasons(connection, ids), _labels(connection, ids)
    return tuple(
        Entry(
            conversation=row,
            customer=known.get(row.conversation_id),
            said=said.get(row.conversation_id),
            outcome=outcomes.get(row.conversation_id),
            reasons=reasons.get(row.conversation_id, ()),
            labels=labels.get(row.conversation_id, ()),
            reviewed=is_reviewed(row),
            found_seq=found.get(row.conversation_id),
        )
        for row in rows
    )


def _said(
    connection: Connection, ids: list[str], found: dict[str, int]
) -> dict[str, str]:
    first = sa.select(messages.c.conversation_id, sa.func.min(messages.c.seq)).where(
        messages.c.conversation_id.in_(ids), messages.c.author == "customer"
    )
    grouped = first.group_by(messages.c.conversation_id)
    wanted = {row[0]: row[1] for row in connection.execute(grouped)}
    wanted.update(found)
    here = sa.tuple_(messages.c.conversation_id, messages.c.seq)
    query = sa.select(messages.c.conversation_id, messages.c.text).where(
        here.in_(list(wanted.items()))
    )
    return {row.conversation_id: row.text for row in connection.execute(query)}


def _outcomes(connection: Connection, ids: list[str]) -> dict[str, str]:
    query = sa.select(returns.c.conversation_id, returns.c.status).where(
        returns.c.conversation_id.in_(ids)
    )
    ordered = query.order_by(returns.c.created_at)
    return {row.conversation_id: row.status for row in connection.execute(ordered)}


def _reasons(connection: Connection, ids: list[str]) -> dict[str, tuple[str, ...]]:
    """The returns' own where there are any, else what was understood."""
    found: dict[str, dict[str, None]] = {}
    understood = sa.select(
        readings.c.conversation_id, readings.c.reasons, readings.c.right_reasons
    ).where(readings.c.conversation_id.in_(ids))
    for row in connection.execute(understood.order_by(readings.c.seq)):
        told = row.reasons if row.right_reasons is None else row.right_reasons
        found.setdefault(row.conversation_id, {}).update(dict.fromkeys(told))
    stated = (
        sa.select(returns.c.conversation_id, return_lines.c.return_reason)
        .join(return_lines, return_lines.c.return_id == returns.c.return_id)
        .where(returns.c.conversation_id.in_(ids))
    )
    cases: dict[str, dict[str, None]] = {}
    for line in connection.execute(stated):
        if line.return_reason:
            cases.setdefault(line.conversation_id, {})[line.return_reason] = None
    return {key: tuple(told) for key, told in {**found, **cases}.items()}


def _labels(connection: Connection, ids: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    query = sa.select(conversation_labels).where(
        conversation_labels.c.conversation_id.in_(ids)
    )
    for row in connection.execute(query.order_by(conversation_labels.c.label)):
        found.setdefault(row.conversation_id, []).append(row.label)
    return {key: tuple(labels) for key, labels in found.items()}


def _found(connection: Connection, ids: list[str], wanted: list[str]) -> dict[str, int]:
    """The message that holds most of what was searched, the first of these."""
    if not wanted:
        return {}
    hits = sa.func.count().label("hits")
    query = (
        sa.select(message_stems.c.conversation_id, message_stems.c.seq, hits)
        .where(
            message_stems.c.conversation_id.in_(ids), message_stems.c.stem.in_(wanted)
        )
        .group_by(message_stems.c.conversation_id, message_stems.c.seq)
        .order_by(hits, message_stems.c.seq.desc())
    )
    return {row.conversation_id: row.seq for row in connection.execute(query)}
