"""Rasa's memory of a conversation, kept short: the transcript of record is the desk's.

A failed read or write is an error to the desk, never a new conversation.
"""

from typing import Any, List, Optional, Text
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


class UrlTrackerStore(SQLTrackerStore):
    """SQLTrackerStore whose database is one URL (BONRETOUR_RASA_DATABASE_URL)."""

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
        if dialect == "sqlite":
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            self.engine.dispose()

    async def delete(self, sender_id: Text) -> None:
        """Erase every event of a conversation: Rasa's own store cannot."""
        mine = self.SQLEvent.sender_id == sender_id
        with self.session_scope() as session:
            session.execute(sa.delete(self.SQLEvent).where(mine))
            session.commit()


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
