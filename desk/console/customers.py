"""Who a conversation is with, as far as its orders say."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from returns.tables import drafts, orders, returns


@dataclass(frozen=True)
class Customer:
    """order_number: the newest of the conversation. proved: the customer showed it."""

    order_number: str
    first_name: str
    last_name: str
    words: tuple[str, ...]
    proved: bool


def of_conversations(
    connection: Connection, wanted: Iterable[str]
) -> dict[str, Customer]:
    """By conversation; those without a known order are left out.

    A number that was only typed is no proof: it has no name.
    """
    ids = list(wanted)
    numbers: dict[str, tuple[str, bool]] = {}
    drafted = sa.select(
        drafts.c.conversation_id, drafts.c.order_number, drafts.c.facts
    ).where(drafts.c.conversation_id.in_(ids), drafts.c.order_number.is_not(None))
    for row in connection.execute(drafted.order_by(drafts.c.updated_at)):
        proved = bool((row.facts or {}).get("granted"))
        numbers[row.conversation_id] = (row.order_number, proved)
    opened = sa.select(returns.c.conversation_id, returns.c.order_number).where(
        returns.c.conversation_id.in_(ids)
    )
    for case in connection.execute(opened.order_by(returns.c.created_at)):
        numbers[case.conversation_id] = (case.order_number, True)
    known = _known(
        connection, {number for number, proved in numbers.values() if proved}
    )
    return {
        conversation_id: known[number]
        if proved and number in known
        else Customer(number, "", "", (), False)
        for conversation_id, (number, proved) in numbers.items()
    }


def _known(connection: Connection, numbers: set[str]) -> dict[str, Customer]:
    query = sa.select(orders.c.order_number, orders.c.customer).where(
        orders.c.order_number.in_(numbers)
    )
    found = {}
    for number, customer in connection.execute(query):
        address = customer.get("address") or {}
        names = [customer.get("first_name") or "", customer.get("last_name") or ""]
        lines = [address.get(part) or "" for part in ("line1", "line2", "city")]
        split = [part for name in names for part in name.split()]
        words = tuple(filter(None, [*names, *split, *lines]))
        found[number] = Customer(number, names[0], names[1], words, True)
    return found
