"""Who did what in the console: a chain of hashes that shows every later change (C5).

A row's hash is keyed with a secret and covers the row before it; the head says how
long the chain is, so that rows cut off its end are missed too.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk.console.tables import audit_head, audit_log
from returns.unit import Unit
from returns.wiring import House

FIRST = "0" * 64
HEAD = 1
LOCK_KEY = 7_202_611_221
PAGE = 100


@dataclass(frozen=True)
class Verdict:
    """entries: how many hold. broken_at: the first that does not, None when all do."""

    entries: int
    broken_at: int | None


def note(
    house: House, unit: Unit, who: str, act: str, subject: str = "", **data: Any
) -> None:
    """Append one entry in the transaction of the act itself.

    act: a dotted fact. data: ids and chosen values, never a customer's words.
    """
    connection = unit.connection
    _lock(connection)
    last = connection.execute(
        sa.select(audit_log).order_by(audit_log.c.entry.desc()).limit(1)
    ).first()
    begins, begins_after = _start(connection)
    entry = last.entry + 1 if last else begins + 1
    row = {
        "entry": entry,
        "at": unit.now.isoformat(),
        "who": who[:320],
        "act": act,
        "subject": subject[:200],
        "data": json.dumps(data, sort_keys=True, ensure_ascii=False),
    }
    key = _key(house)
    sealed = _hash(key, last.hash if last else begins_after, *row.values())
    connection.execute(audit_log.insert().values(**row, hash=sealed))
    mac = _mac(key, entry, sealed, begins, begins_after)
    _move_head(connection, entries=entry, mac=mac)


def forget_before(house: House, unit: Unit, moment: datetime) -> int:
    """Delete what is older (P1); the chain then begins at its sealed hash. How many.

    Nothing is deleted of a chain that does not hold: it is evidence.
    """
    connection = unit.connection
    _lock(connection)
    young = sa.func.substr(audit_log.c.at, 1, 19) >= moment.isoformat()[:19]
    first_young = connection.execute(
        sa.select(sa.func.min(audit_log.c.entry)).where(young)
    ).scalar()
    older = audit_log.c.entry < first_young if first_young else sa.true()
    by_entry = sa.select(audit_log).order_by(audit_log.c.entry.desc()).limit(1)
    last = connection.execute(by_entry.where(older)).first()
    if last is None or _verified(connection, _key(house)).broken_at is not None:
        return 0
    end = connection.execute(by_entry).one()
    mac = _mac(_key(house), end.entry, end.hash, last.entry, last.hash)
    start = {"start_entry": last.entry, "start_hash": last.hash}
    _move_head(connection, entries=end.entry, mac=mac, **start)
    gone = connection.execute(audit_log.delete().where(audit_log.c.entry <= last.entry))
    return gone.rowcount


def verify(house: House) -> Verdict:
    """Walk the whole chain, first entry first."""
    with house.reader.connect() as connection:
        return _verified(connection, _key(house))


def _verified(connection: Connection, key: bytes) -> Verdict:
    head = connection.execute(sa.select(audit_head)).first()
    first, previous = (head.start_entry, head.start_hash) if head else (0, FIRST)
    expected = first
    entries = sa.select(audit_log).order_by(audit_log.c.entry)
    for row in connection.execute(entries.execution_options(yield_per=1000)):
        expected += 1
        if row.entry != expected or row.hash != _hash_of(key, previous, row):
            return Verdict(expected - 1 - first, expected)
        previous = row.hash
    if head is None:
        return Verdict(expected, None if expected == 0 else expected)
    mac = _mac(key, expected, previous, head.start_entry, head.start_hash)
    whole = head.entries == expected and hmac.compare_digest(head.mac, mac)
    return Verdict(expected - first, None if whole else expected + 1)


def newest(house: House, before: int | None = None) -> list[Row[Any]]:
    """One page, newest first; before: the last entry of the page before."""
    query = sa.select(audit_log).order_by(audit_log.c.entry.desc()).limit(PAGE)
    if before is not None:
        query = query.where(audit_log.c.entry < before)
    with house.reader.connect() as connection:
        return list(connection.execute(query).all())


def _lock(connection: Connection) -> None:
    """One writer at a time; SQLite has no more."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_KEY)))


def _start(connection: Connection) -> tuple[int, str]:
    """After which entry the chain begins, and that entry's hash."""
    head = connection.execute(sa.select(audit_head)).first()
    return (head.start_entry, head.start_hash) if head else (0, FIRST)


def _mac(key: bytes, entries: int, last: str, start_entry: int, start: str) -> str:
    """Seals where the chain ends and, once something was forgotten, where it begins."""
    begins = (start_entry, start) if start_entry else ()
    return _hash(key, "head", entries, last, *begins)


def _move_head(connection: Connection, **values: Any) -> None:
    moved = connection.execute(audit_head.update().values(**values))
    if moved.rowcount == 0:
        connection.execute(audit_head.insert().values(head_id=HEAD, **values))


def _hash_of(key: bytes, previous: str, row: Row[Any]) -> str:
    return _hash(
        key, previous, row.entry, row.at, row.who, row.act, row.subject, row.data
    )


def _hash(key: bytes, *parts: str | int) -> str:
    told = json.dumps(parts, ensure_ascii=True).encode()
    return hmac.new(key, told, hashlib.sha256).hexdigest()


def _key(house: House) -> bytes:
    return house.settings.secret("audit").encode()
