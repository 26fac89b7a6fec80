"""The sandbox's own database (var/sandbox.db); nothing is shared with the business."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import JSON, Column, Engine, Integer, MetaData, String, Table, event
from sqlalchemy import UniqueConstraint as Unique

from returns.tables import Moment

metadata = MetaData()

# What suppliers were asked for; kind: return, replacement.
# state: pending, authorised, received, ordered, refused.
# reads_left: reads until a pending one is decided, None until faults are cleared.
requests = Table(
    "requests",
    metadata,
    Column("request_no", Integer, primary_key=True, autoincrement=True),
    Column("supplier", String(40), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("reference", String(120), nullable=False),
    Column("key", String(255), nullable=False),
    Column("request", JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Column("number", String(120)),
    Column("grant", JSON),
    Column("reason", String(60)),
    Column("reads_left", Integer),
    Column("created_at", Moment, nullable=False),
    Column("received_at", Moment),
    Unique("supplier", "kind", "reference"),
    Unique("supplier", "kind", "key"),
    Unique("supplier", "number"),
    sqlite_autoincrement=True,
)

evidence = Table(
    "evidence",
    metadata,
    Column("evidence_no", Integer, primary_key=True, autoincrement=True),
    Column("request_no", sa.ForeignKey("requests.request_no"), nullable=False),
    Column("key", String(255), nullable=False),
    Column("filename", String(300), nullable=False),
    Column("content_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Unique("request_no", "key"),
)

book = Table(
    "book",
    metadata,
    Column("entry_no", Integer, primary_key=True, autoincrement=True),
    Column("refund_id", String(120), nullable=False, index=True),
    Column("key", String(255), nullable=False, index=True),
    Column("payment_reference", String(200), nullable=False),
    Column("amount_minor", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reference", String(120), nullable=False),
    Column("at", Moment, nullable=False),
)

# Payments whose money came back to the shop, such as from a closed account.
came_back = Table(
    "came_back",
    metadata,
    Column("entry_no", sa.ForeignKey("book.entry_no"), primary_key=True),
    Column("at", Moment, nullable=False),
)

# copy_no: 1 for the first mail with this Message-ID, 2 for its repetition, …
mails = Table(
    "mails",
    metadata,
    Column("mail_no", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(1000), nullable=False, index=True),
    Column("copy_no", Integer, nullable=False),
    Column("to", String(400), nullable=False),
    Column("subject", sa.Text, nullable=False),
    Column("text", sa.Text, nullable=False),
    Column("html", sa.Text),
    Column("at", Moment, nullable=False),
)

# remaining: calls it still spoils, None until cleared.
faults = Table(
    "faults",
    metadata,
    Column("fault_no", Integer, primary_key=True, autoincrement=True),
    Column("target", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("number", Integer),
    Column("method", String(10)),
    Column("remaining", Integer),
)

# Webhooks to deliver; they survive a restart. supplier: a slug, or hooks.BANK.
hooks = Table(
    "hooks",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("supplier", String(40), nullable=False),
    Column("body", sa.Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("delivered_at", Moment),
    Column("created_at", Moment, nullable=False),
)


def open_store(path: Path) -> Engine:
    """The engine of a sandbox database, made with its tables when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        f"sqlite:///{path}", connect_args={"timeout": 5, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    metadata.create_all(engine)
    return engine


def forget(path: Path, emails: Collection[str], ids: Collection[str]) -> None:
    """What these partners know of a person: mails to these addresses, and the words of
    what was asked and paid under these ids. Books and numbers stay.
    """
    if not path.exists():
        return
    engine = open_store(path)
    with engine.begin() as connection:
        for email in emails:
            to = sa.func.lower(mails.c.to).contains(email.lower(), autoescape=True)
            connection.execute(mails.delete().where(to))
        asked = requests.c.reference.in_(ids)
        connection.execute(requests.update().where(asked).values(request={}))
        paid = book.c.refund_id.in_(ids)
        connection.execute(book.update().where(paid).values(payment_reference=""))
    raw = engine.raw_connection()
    raw.cursor().execute("VACUUM")
    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    engine.dispose()


def insert(connection: sa.Connection, table: Table, **values: Any) -> int:
    """Insert one row and give its number."""
    result = connection.execute(table.insert().values(**values))
    key = result.inserted_primary_key
    return int(key[0]) if key and isinstance(key[0], int) else 0


def first(connection: sa.Connection, query: sa.Select[Any]) -> sa.RowMapping | None:
    """The first row of a query, if any."""
    return connection.execute(query).mappings().first()


def _prepare(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
