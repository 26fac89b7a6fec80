"""A withdrawal counts from its first clear sentence, proved and confirmed or not (N1).

Each one waits for a person from the moment it is stated, also if the customer falls
silent; the confirmed return closes that task by itself.
"""

import sqlalchemy as sa

from returns import repository
from returns.formats import Day, TimeOfDay
from returns.model import Draft, Heard, Say
from returns.services import tasks
from returns.tables import tasks as task_rows
from returns.unit import Unit
from returns.wiring import House

UNPROVED, UNCONFIRMED = "unproved_withdrawal", "unconfirmed_withdrawal"
KINDS = (UNPROVED, UNCONFIRMED)
LONGEST_SAID = 500


def note(unit: Unit, before: Draft, after: Draft, heard: Heard) -> None:
    """Tell staff of a withdrawal just stated, and of what the customer adds to it."""
    if after.withdrawal_at is None:
        return
    typed = {
        "order_number": after.order_number,
        "email": after.email,
        "postcode": after.postcode,
        "surname": after.surname,
    }
    fresh = {name: value for name, value in typed.items() if value is not None}
    if before.withdrawal_at is None:
        facts = {
            "said": heard.text[:LONGEST_SAID],
            "stated_at": after.withdrawal_at.isoformat(),
            "conversation_id": after.conversation_id,
            "language": after.language,
            **fresh,
        }
        kind = UNCONFIRMED if after.granted else UNPROVED
        tasks.open_task(unit, kind, after.draft_id, None, facts)
    elif before != after:
        add(unit, after.draft_id, fresh)


def confirmed(unit: Unit, draft_id: str) -> None:
    """The return is open: its own papers say when the withdrawal was stated."""
    unit.connection.execute(
        task_rows.update()
        .where(_open(draft_id))
        .values(done_at=unit.now, done_by="system", result={"confirmed": draft_id})
    )


def recorded(house: House, conversation_id: str) -> tuple[Say, ...]:
    """The acknowledgement with day and time; nothing when none waits (L221-21)."""
    with house.reader.connect() as connection:
        draft = repository.open_draft(connection, conversation_id)
    if draft is None or draft.withdrawal_at is None:
        return ()
    at = draft.withdrawal_at
    params = {"day": Day(at), "time": TimeOfDay(at)}
    return (Say("utter_withdrawal_recorded", params),)


def add(unit: Unit, draft_id: str, fresh: dict[str, str]) -> None:
    """What became known of it, for the person whose task it is."""
    query = sa.select(task_rows.c.task_id, task_rows.c.facts).where(_open(draft_id))
    for row in unit.connection.execute(query).all():
        unit.connection.execute(
            task_rows.update()
            .where(task_rows.c.task_id == row.task_id)
            .values(facts={**row.facts, **fresh})
        )


def _open(draft_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        task_rows.c.kind.in_(KINDS),
        task_rows.c.subject_id == draft_id,
        task_rows.c.done_at.is_(None),
    )
