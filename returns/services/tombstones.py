"""What was erased stays away: an import or a retry does not bring it back (P2).

A tombstone is a keyed hash, so that the table names nobody.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from returns import keys, vault
from returns.importing.models import OrderIn
from returns.settings import Settings
from returns.sql import insert_once
from returns.tables import tombstones
from returns.unit import Unit

# How the name begins under which an erased person's amounts are kept.
ERASED = "erased-"
ORDER, EMAIL, CONVERSATION = "order", "email", "conversation"
PLAIN: dict[str, Callable[[str], str]] = {
    ORDER: keys.order_key,
    EMAIL: keys.email_key,
    CONVERSATION: str,
}


class Graveyard:
    """The tombstones of one installation."""

    def __init__(self, settings: Settings) -> None:
        self._key = vault.key_for(settings, "tombstone")

    def bury(self, unit: Unit, kind: str, names: Iterable[str]) -> None:
        """Remember that these were erased; again moves their day on."""
        for name in names:
            values = {"kind": kind, "at": unit.now}
            found = self.hash_of(kind, name)
            if not insert_once(unit.connection, tombstones, key_hash=found, **values):
                here = tombstones.c.key_hash == found
                unit.connection.execute(tombstones.update().where(here).values(values))

    def hash_of(self, kind: str, name: str) -> str:
        return vault.keyed_hash(self._key, kind, PLAIN[kind](name))

    def left_out(self, connection: Connection, given: list[OrderIn]) -> set[str]:
        """For the import: the numbers of those that were erased.

        A customer's address keeps out what was ordered before it was erased: who
        comes back later is a customer again.
        """
        numbers = [self.hash_of(ORDER, order.order_number) for order in given]
        emails = [self.hash_of(EMAIL, order.customer.email) for order in given]
        query = sa.select(tombstones.c.key_hash, tombstones.c.at).where(
            tombstones.c.key_hash.in_([*numbers, *emails])
        )
        buried = {row.key_hash: row.at for row in connection.execute(query)}
        return {
            order.order_number
            for order, number, email in zip(given, numbers, emails, strict=True)
            if number in buried or _is_older(order.placed_at, buried.get(email))
        }


def _is_older(placed_at: datetime, erased_at: datetime | None) -> bool:
    return erased_at is not None and placed_at <= erased_at
