"""Rasa's memory of a conversation, kept short: the transcript of record is the desk's.

A failed read or write is an error to the desk, never a new conversation.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from typing import Any, Callable, Dict, List, Optional, Text, Type
from urllib.parse import urlsplit

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
)
from rasa.shared.core.trackers import DialogueStateTracker

LONGEST_SESSION = 60
BOT_EVENTS_KEPT = 8
WRITERS = 8

_EVENTS = SQLTrackerStore.SQLEvent.__table__
_MINE = _EVENTS.c.sender_id == sa.bindparam("talk")
_BEGINNINGS = _EVENTS.alias()
_BEGUN = sa.select(sa.func.max(_BEGINNINGS.c.timestamp)).where(
    _BEGINNINGS.c.sender_id == sa.bindparam("talk"),
    _BEGINNINGS.c.type_name == SessionStarted.type_name,
)
OPEN_SESSION = (
    sa.select(_EVENTS.c.data)
    .where(_MINE, _EVENTS.c.timestamp >= sa.func.coalesce(_BEGUN.scalar_subquery(), 0))
    .order_by(_EVENTS.c.id)
)
ADD = _EVENTS.insert()
INDEXES = (
    "CREATE INDEX IF NOT EXISTS ix_events_of_talk ON events (sender_id, timestamp)",
    "CREATE INDEX IF NOT EXISTS ix_events_begun ON events"
    " (sender_id, type_name, timestamp)",
)


class StoredTracker(DialogueStateTracker):
    """A tracker that knows how many of its events the store has."""

    stored = 0


class UrlTrackerStore(SQLTrackerStore):
    """SQLTrackerStore whose database is one URL (BONRETOUR_RASA_DATABASE_URL).

    Its connections stay open: SQLite tidies up, with two fsyncs, when the last one is
    closed. What a turn adds is known from the turn's own reading, which the lock makes
    the last: nothing is counted again.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[Text] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        url = host or ""
        dialect = urlsplit(url).scheme
        super().__init__(domain, dialect, host=url, event_broker=event_broker)
        self._writers = ThreadPoolExecutor(1 if dialect == "sqlite" else WRITERS)
        if dialect == "sqlite":
            self.engine: Any = _sqlite_engine(url)
            self.sessionmaker = sa.orm.sessionmaker(bind=self.engine)
        self._index()

    def _index(self) -> None:
        """Else every turn of a long conversation looks at all of its events."""
        with suppress(sa.exc.DBAPIError), self.engine.begin() as connection:
            for index in INDEXES:  # another Rasa may be making the same
                connection.exec_driver_sql(index)

    def init_tracker(self, sender_id: Text) -> StoredTracker:
        """Of a conversation that begins."""
        return StoredTracker(sender_id, self.domain.slots if self.domain else None)

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """The session that is still open; None: there is no conversation."""
        with self.engine.connect() as connection:
            rows = connection.execute(OPEN_SESSION, {"talk": sender_id}).all()
        if not rows or not self.domain:
            return None
        events = [_event(json.loads(data)) for (data,) in rows]
        tracker = StoredTracker.from_events(sender_id, events, self.domain.slots)
        tracker.stored = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Add the events that are new, in one transaction."""
        if not isinstance(tracker, StoredTracker):
            await super().save(tracker)
            return
        fresh = list(tracker.events)[tracker.stored :]
        rows = [self._row(tracker.sender_id, event) for event in fresh]
        if rows:
            await _to_the_end(self._writers, self._add, rows)
        tracker.stored += len(fresh)

    def _add(self, rows: List[Dict[Text, Any]]) -> None:
        with self.engine.begin() as connection:
            connection.execute(ADD, rows)

    def _row(self, sender_id: Text, event: Event) -> Dict[Text, Any]:
        told = event.as_dict()
        return {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": told.get("timestamp"),
            "intent_name": told.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": told.get("name"),
            "data": json.dumps(told),
        }

    async def delete(self, sender_id: Text) -> None:
        """Erase every event of a conversation: Rasa's own store cannot."""
        mine = self.SQLEvent.sender_id == sender_id
        with self.session_scope() as session:
            session.execute(sa.delete(self.SQLEvent).where(mine))
            session.commit()


async def _to_the_end(
    writers: ThreadPoolExecutor, work: Callable[..., None], *told: Any
) -> None:
    """Other turns go on while the disk works; a turn out of time still waits for it,
    so that its lock is not another's before its events are there.
    """
    done = asyncio.get_running_loop().run_in_executor(writers, work, *told)
    try:
        await asyncio.shield(done)
    except asyncio.CancelledError:
        await asyncio.wait([done])
        raise


def _event(told: Dict[Text, Any]) -> Event:
    event: Event = _class_of(told["event"])._from_parameters(told)
    return event


@lru_cache(maxsize=None)
def _class_of(name: Text) -> Type[Event]:
    """Rasa walks through all classes for each event."""
    found: Optional[Type[Event]] = Event.resolve_by_type(name)
    if found is None:
        raise ValueError(f"unknown event {name}")
    return found


def _sqlite_engine(url: Text) -> sa.engine.Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        pool_size=2,
        connect_args={"check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=3000",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def shorten(tracker: DialogueStateTracker, domain: Domain) -> None:
    """Begin a new session with what the next turn needs, once the old one is long.

    Called before a turn: the turn that a repeated message asks for is always in the
    session that is still open.
    """
    if len(tracker.applied_events()) <= LONGEST_SESSION:
        return
    for event in _essence(tracker):
        tracker.update(event, domain)


def _essence(tracker: DialogueStateTracker) -> List[Event]:
    """Set slots, the active loop, the last bot words (variations are not repeated).

    The store reads a session by time, so nothing here may be older than its start.
    """
    start: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    said = [e for e in tracker.events if isinstance(e, BotUttered)][-BOT_EVENTS_KEPT:]
    again = [BotUttered(e.text, e.data, e.metadata) for e in said]
    slots = [
        SlotSet(name, slot.value)
        for name, slot in tracker.slots.items()
        if slot.value is not None
    ]
    loop = [ActiveLoop(tracker.active_loop_name)] if tracker.active_loop_name else []
    return [*start, *again, *slots, *loop, ActionExecuted(ACTION_LISTEN_NAME)]
