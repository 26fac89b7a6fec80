"""One conversation: what was said, what was understood, and what staff add to it."""

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk import claiming, transcript
from desk.claiming import Claim
from desk.console import audit, customers, listing, paths
from desk.console.accounts import Member
from desk.console.customers import Customer
from desk.console.tables import conversation_labels, conversation_notes, readings
from desk.tables import conversations, inbound_messages
from returns import ids
from returns.errors import ReturnsError
from returns.sql import insert_once
from returns.tables import returns
from returns.unit import writing
from returns.wiring import House

LONGEST_NOTE = 4000
LABEL = re.compile(r"[\w][\w .'’+-]{0,39}")
# Events of a turn that explain it; slots and bookkeeping do not.
SHOWN_EVENTS = {"action": "name", "active_loop": "name", "slot": "name"}


class BadNote(ReturnsError):
    """A note or label that is empty or too long."""


@dataclass(frozen=True)
class Step:
    """One thing that the dialogue did. policy: what chose it, None when unknown."""

    kind: str
    name: str
    policy: str | None
    confidence: float | None
    value: str | None = None


@dataclass(frozen=True)
class Understood:
    """reading: beside it what a person says; None for a pressed button."""

    inbound: Row[Any]
    reading: Row[Any] | None
    parse: dict[str, Any]
    steps: tuple[Step, ...]

    @property
    def runner_up(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.parse.get("runner_up")
        return found

    @property
    def path(self) -> paths.Path | None:
        """The rule or story that it followed."""
        actions = [step.name for step in self.steps if step.kind == "action"]
        policies = [step.policy for step in self.steps if step.kind == "action"]
        return paths.followed(self.parse.get("intent"), actions, policies)

    @property
    def seconds(self) -> float | None:
        if self.inbound.answered_at is None:
            return None
        took = self.inbound.answered_at - self.inbound.received_at
        return float(took.total_seconds())


@dataclass(frozen=True)
class Talk:
    """understood: by inbound_id."""

    conversation: Row[Any]
    messages: list[Row[Any]]
    understood: dict[str, Understood]
    customer: Customer | None
    cases: list[Row[Any]]
    notes: list[Row[Any]]
    labels: list[str]
    claim: Claim | None
    reviewed: bool


def read(house: House, conversation_id: str) -> Talk:
    """Raises NotFound."""
    with house.reader.connect() as connection:
        row = transcript.get_conversation(connection, conversation_id)
        known = customers.of_conversations(connection, [conversation_id])
        return Talk(
            conversation=row,
            messages=transcript.after(connection, conversation_id, 0),
            understood=_understood(connection, conversation_id),
            customer=known.get(conversation_id),
            cases=_of(connection, returns, conversation_id, returns.c.created_at),
            notes=_of(
                connection,
                conversation_notes,
                conversation_id,
                conversation_notes.c.at,
            ),
            labels=[
                label.label
                for label in _of(
                    connection,
                    conversation_labels,
                    conversation_id,
                    conversation_labels.c.label,
                )
            ],
            claim=claiming.claim_of(connection, conversation_id),
            reviewed=listing.is_reviewed(row),
        )


def newer(house: House, conversation_id: str, seq: int) -> Talk:
    """The same, with the messages after this seq alone."""
    whole = read(house, conversation_id)
    later = [message for message in whole.messages if message.seq > seq]
    return Talk(**{**whole.__dict__, "messages": later})


def claim(house: House, conversation_id: str) -> Claim | None:
    """Who answers it now."""
    with house.reader.connect() as connection:
        return claiming.claim_of(connection, conversation_id)


def mark_reviewed(house: House, conversation_id: str, by: Member, done: bool) -> None:
    """Raises NotFound."""
    with writing(house) as unit:
        transcript.get_conversation(unit.connection, conversation_id)
        unit.connection.execute(
            conversations.update()
            .where(conversations.c.conversation_id == conversation_id)
            .values(
                reviewed_at=unit.now if done else None,
                reviewed_by=by.name if done else None,
            )
        )
        act = "conversation.reviewed" if done else "conversation.reopened"
        audit.note(house, unit, by.email, act, conversation_id)


def add_note(house: House, conversation_id: str, text: str, by: Member) -> None:
    """Only staff read it. Raises NotFound, BadNote."""
    if not 1 <= len(text) <= LONGEST_NOTE:
        raise BadNote
    with writing(house) as unit:
        transcript.get_conversation(unit.connection, conversation_id)
        unit.connection.execute(
            conversation_notes.insert().values(
                note_id=ids.new_id(),
                conversation_id=conversation_id,
                at=unit.now,
                by=by.name,
                text=text.replace("\x00", ""),
            )
        )
        audit.note(house, unit, by.email, "conversation.noted", conversation_id)


def set_label(
    house: House, conversation_id: str, label: str, by: Member, on: bool
) -> None:
    """Raises NotFound, BadNote."""
    label = " ".join(label.split()).lower()
    if not LABEL.fullmatch(label):
        raise BadNote
    with writing(house) as unit:
        transcript.get_conversation(unit.connection, conversation_id)
        mine = {"conversation_id": conversation_id, "label": label}
        if on:
            insert_once(
                unit.connection, conversation_labels, **mine, at=unit.now, by=by.name
            )
        else:
            unit.connection.execute(
                conversation_labels.delete().where(
                    conversation_labels.c.conversation_id == conversation_id,
                    conversation_labels.c.label == label,
                )
            )
        act = "conversation.labelled" if on else "conversation.unlabelled"
        audit.note(house, unit, by.email, act, conversation_id)


def _of(
    connection: Connection, table: sa.Table, conversation_id: str, order: Any
) -> list[Row[Any]]:
    query = sa.select(table).where(table.c.conversation_id == conversation_id)
    return list(connection.execute(query.order_by(order)).all())


def _understood(connection: Connection, conversation_id: str) -> dict[str, Understood]:
    read_rows = {
        row.inbound_id: row
        for row in _of(connection, readings, conversation_id, readings.c.seq)
    }
    answered = _of(
        connection, inbound_messages, conversation_id, inbound_messages.c.seq
    )
    return {
        row.inbound_id: Understood(
            inbound=row,
            reading=read_rows.get(row.inbound_id),
            parse=row.parse or {},
            steps=_steps(row.events or []),
        )
        for row in answered
        if row.parse
    }


def _steps(events: list[dict[str, Any]]) -> tuple[Step, ...]:
    steps = []
    for event in events:
        kind, name = event.get("event"), event.get("name")
        if kind not in SHOWN_EVENTS or name in ("action_listen", None):
            continue
        value = event.get("value")
        steps.append(
            Step(
                kind=str(kind),
                name=str(name),
                policy=event.get("policy"),
                confidence=event.get("confidence"),
                value=str(value)[:80] if kind == "slot" else None,
            )
        )
    return tuple(steps)
