"""Everything that is kept of one person, as JSON for that person (GDPR 15)."""

import base64
import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from desk.console import audit
from desk.privacy import storage
from desk.privacy.places import rows_of, table
from desk.privacy.scope import Scope
from returns.errors import NotFound
from returns.services import uploads
from returns.unit import writing
from returns.wiring import House

# Machinery without a word about the person, or a secret of the conversation's.
LEFT_OUT = frozenset(
    {
        "work",
        "buttons",
        "chat_sessions",
        "unmaskings",
        "message_stems",
        "reading_reasons",
        "task_requests",
    }
)


def export(house: House, scope: Scope, by: str, what: str) -> dict[str, Any]:
    """By table; pictures as base64. It is noted in the log, without a name."""
    told: dict[str, Any] = {"exported_at": _plain(house.clock.now())}
    with house.reader.connect() as connection:
        for name, mine in rows_of(scope).items():
            if name in LEFT_OUT:
                continue
            found = connection.execute(sa.select(table(name)).where(mine)).all()
            told[name] = [
                {key: _plain(value) for key, value in row._mapping.items()}
                for row in found
            ]
    for row in told["uploads"]:
        row["jpeg_base64"] = _picture(house, row["upload_id"])
    remembered = storage.events_in_rasa(house, scope.conversations)
    told["rasa_events"] = [json.loads(event) for event in remembered]
    with writing(house) as unit:
        counted = sum(len(rows) for rows in told.values() if isinstance(rows, list))
        audit.note(house, unit, by, "person.exported", "", by=what, rows=counted)
    return told


def _picture(house: House, upload_id: str) -> str | None:
    try:
        content = uploads.content_of(house, upload_id)
    except NotFound:
        return None
    return base64.b64encode(content).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value
