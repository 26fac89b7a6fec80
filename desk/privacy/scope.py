"""Whose data: everything that one e-mail address, order or conversation leads to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.tables import conversations, inbound_messages, messages
from returns import keys
from returns.errors import NotFound
from returns.tables import (
    drafts,
    grants,
    identity_codes,
    notices,
    orders,
    refunds,
    replacements,
    returns,
    tasks,
    uploads,
)
from returns.wiring import House


@dataclass(frozen=True)
class Scope:
    """Ids of everything that is the person's own. counters: `keys.order_counter`."""

    orders: frozenset[str] = frozenset()
    conversations: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()
    uploads: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    works_on: frozenset[str] = frozenset()
    counters: frozenset[str] = field(default=frozenset())


def of_email(connection: Connection, email: str) -> Scope:
    """All orders of the address, and whatever conversation it was used in.

    Raises NotFound.
    """
    key = keys.email_key(email)
    found = _all(connection, orders.c.order_number, orders.c.email_key == key)
    talks = _all(
        connection, drafts.c.conversation_id, sa.func.lower(drafts.c.email) == key
    )
    talks |= _all(
        connection,
        notices.c.conversation_id,
        sa.func.lower(notices.c.recipient) == key,
    )
    talks |= _all(
        connection,
        messages.c.conversation_id,
        sa.func.lower(messages.c.text).contains(key, autoescape=True),
    )
    if not found and not talks:
        raise NotFound("nothing is kept under this e-mail address")
    return _whole(connection, found, talks, {key})


def of_order(connection: Connection, order_number: str) -> Scope:
    """The order, however its number is typed, and the talks that proved it.

    Raises NotFound.
    """
    key = keys.order_key(order_number)
    found = _all(connection, orders.c.order_number, orders.c.order_key == key)
    if not found:
        raise NotFound(f"no order {order_number}")
    return _whole(connection, found, set())


def of_conversation(connection: Connection, conversation_id: str) -> Scope:
    """The talk and the returns opened in it; their order stays. Raises NotFound."""
    mine = conversations.c.conversation_id == conversation_id
    if not _all(connection, conversations.c.conversation_id, mine):
        raise NotFound(f"no conversation {conversation_id}")
    return _whole(connection, set(), {conversation_id})


FINDERS = {"email": of_email, "order": of_order, "conversation": of_conversation}


def find(house: House, kind: str, value: str) -> Scope:
    """kind: email, order or conversation. Raises NotFound."""
    with house.reader.connect() as connection:
        return FINDERS[kind](connection, value.strip())


def _whole(
    connection: Connection,
    numbers: set[str],
    talks: set[str],
    emails: Iterable[str] = (),
) -> Scope:
    talks = talks | _talks_about(connection, numbers)
    cases = _all(
        connection,
        returns.c.return_id,
        sa.or_(
            returns.c.order_number.in_(numbers), returns.c.conversation_id.in_(talks)
        ),
    )
    drafted = _all(connection, drafts.c.draft_id, drafts.c.conversation_id.in_(talks))
    works_on = _works_on(connection, talks, cases) | drafted
    todo = _tasks_about(connection, numbers, talks, cases, works_on)
    return Scope(
        orders=frozenset(numbers),
        conversations=frozenset(talks),
        emails=frozenset(emails),
        returns=frozenset(cases),
        drafts=frozenset(drafted),
        uploads=frozenset(
            _all(connection, uploads.c.upload_id, uploads.c.conversation_id.in_(talks))
        ),
        tasks=frozenset(todo),
        works_on=frozenset(works_on),
        counters=frozenset(keys.order_counter(number) for number in numbers),
    )


def _tasks_about(
    connection: Connection,
    numbers: set[str],
    talks: set[str],
    cases: set[str],
    works_on: set[str],
) -> set[str]:
    """Also those that name a talk, or a piece of work, among their facts."""
    named = {"conversation_id": talks, "subject_id": works_on}
    return _all(
        connection,
        tasks.c.task_id,
        sa.or_(
            tasks.c.return_id.in_(cases),
            tasks.c.order_number.in_(numbers),
            tasks.c.subject_id.in_(works_on),
            *(tasks.c.facts[key].as_string().in_(ids) for key, ids in named.items()),
        ),
    )


def _talks_about(connection: Connection, numbers: set[str]) -> set[str]:
    """Only where the order was proved: a number can be typed by anybody."""
    proved = drafts.c.facts["granted"].as_string().in_(("true", "1", "True"))
    return (
        _all(connection, returns.c.conversation_id, returns.c.order_number.in_(numbers))
        | _all(connection, grants.c.conversation_id, grants.c.order_number.in_(numbers))
        | _all(
            connection,
            drafts.c.conversation_id,
            sa.and_(drafts.c.order_number.in_(numbers), proved),
        )
        | _all(
            connection,
            identity_codes.c.conversation_id,
            sa.and_(
                identity_codes.c.order_number.in_(numbers),
                identity_codes.c.used_at.is_not(None),
            ),
        )
    )


def _works_on(connection: Connection, talks: set[str], cases: set[str]) -> set[str]:
    """Whatever a row of `work` may be about."""
    of_cases = {
        table.c[name]: table.c.return_id.in_(cases)
        for table, name in (
            (refunds, "refund_id"),
            (replacements, "replacement_id"),
            (notices, "notice_id"),
        )
    }
    of_talks = {
        table.c[name]: table.c.conversation_id.in_(talks)
        for table, name in (
            (inbound_messages, "inbound_id"),
            (notices, "notice_id"),
            (identity_codes, "code_id"),
        )
    }
    found = set(talks) | set(cases)
    for column, mine in [*of_cases.items(), *of_talks.items()]:
        found |= _all(connection, column, mine)
    return found


def _all(
    connection: Connection, column: sa.Column[Any], mine: sa.ColumnElement[bool]
) -> set[str]:
    return set(connection.execute(sa.select(column).where(mine)).scalars())
