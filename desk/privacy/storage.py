"""The files and foreign tables in which erased words could survive."""

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from returns.engines import learn, make_engine
from returns.sandbox import store
from returns.wiring import House

TRIES = 5
WAIT_SECONDS = 0.5
# Rasa's own table; its column names are pinned by tests/unit/desk/test_erasing.py.
events = sa.table("events", sa.column("sender_id", sa.String), sa.column("data"))


def scrub(house: House) -> bool:
    """Rewrite the database without what was deleted. False: it is busy, try later."""
    return _rewritten(house.engine)


def forget_in_sandbox(house: House, emails: Iterable[str], ids: Iterable[str]) -> bool:
    """The demo's partners forget too; real ones must be asked. False: busy."""
    if house.settings.production:
        return True
    try:
        store.forget(house.settings.var / "sandbox.db", list(emails), list(ids))
    except (DBAPIError, sqlite3.Error):
        return False
    return True


def settle(house: House) -> None:
    """Empty SQLite's log of changes, if nobody needs it now; deleted pages are zero."""
    learn(house.engine)
    if house.engine.dialect.name == "sqlite":
        raw = house.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def forget_in_rasa(house: House, conversation_ids: Iterable[str]) -> bool:
    """Every event of these talks, also while Rasa does not answer. False: busy."""
    engine = rasa_engine(house)
    if engine is None:
        return True
    mine = events.c.sender_id.in_(sorted(conversation_ids))
    try:
        with engine.begin() as connection:
            connection.execute(sa.delete(events).where(mine))
        return _rewritten(engine)
    except DBAPIError:
        return False
    finally:
        engine.dispose()


def events_in_rasa(house: House, conversation_ids: Iterable[str]) -> list[Any]:
    """What Rasa remembers of these talks, as it keeps it."""
    engine = rasa_engine(house)
    if engine is None:
        return []
    mine = events.c.sender_id.in_(sorted(conversation_ids))
    try:
        with engine.connect() as connection:
            query = sa.select(events.c.data).where(mine)
            return list(connection.execute(query).scalars())
    finally:
        engine.dispose()


def rasa_engine(house: House) -> Engine | None:
    """None: Rasa has not kept anything yet."""
    url = house.settings.rasa_database_url
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return None
    engine = make_engine(url)
    if sa.inspect(engine).has_table(events.name):
        return engine
    engine.dispose()
    return None


def _rewritten(engine: Engine) -> bool:
    """SQLite: a new file and an empty log. PostgreSQL: dead rows are cleared away."""
    for _ in range(TRIES):
        try:
            if engine.dialect.name == "sqlite":
                if _vacuumed(engine):
                    return True
            else:
                with engine.connect() as connection:
                    alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                    alone.exec_driver_sql("VACUUM")
                return True
        except DBAPIError:
            pass  # somebody reads or writes
        except engine.dialect.loaded_dbapi.OperationalError:
            pass
        time.sleep(WAIT_SECONDS)
    return False


def _vacuumed(engine: Engine) -> bool:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy
    finally:
        raw.close()
