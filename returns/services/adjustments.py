"""What a person takes off a refund, or owes on top of it: entered, decided, told.

A deduction (W14) lowers one unit's part of a refund that nobody has paid yet, and needs
a picture. A compensation (`COMPENSATIONS`) lies outside the ledger: no machine pays it.
Above the shop's sum the one who enters it only asks; somebody else confirms (X10).
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.errors import AdjustmentRefused, NotFound
from returns.model import By
from returns.services import (
    adjustment_news,
    compensations,
    deductions,
    history,
    second_person,
    tasks,
)
from returns.services.tasks import Task
from returns.sql import insert_once
from returns.tables import adjustment_pictures, adjustments
from returns.unit import Unit, writing
from returns.wiring import House

KIND = "confirm_adjustment"
LONGEST_REASON = 1000


class State(StrEnum):
    ASKED = "asked"
    SET = "set"
    PAID = "paid"
    DECLINED = "declined"


@dataclass(frozen=True)
class Deduction:
    """From one unit. reason: what the customer reads. pictures: upload_ids."""

    return_id: str
    line_id: str
    unit_no: int
    amount_minor: int
    reason: str
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class Compensation:
    """rule: what grounds it, one of `compensations.RULES`."""

    return_id: str
    rule: str
    amount_minor: int
    reason: str


def enter(house: House, wanted: Deduction | Compensation, by: str) -> bool:
    """False: the sum needs two people; it is asked for, and somebody else confirms it.

    The same again changes nothing. Raises NotFound, AdjustmentRefused.
    """
    with writing(house) as unit:
        case = history.lock_return(unit, wanted.return_id)
        values = _values(wanted)
        known = _find(unit.connection, values["adjustment_id"])
        if known is not None and known.state != State.DECLINED:
            return bool(known.state != State.ASKED)
        if known is not None:
            raise AdjustmentRefused("declined")
        if not 0 < len(wanted.reason.strip()) <= LONGEST_REASON:
            raise AdjustmentRefused("no_reason")
        _check(house, unit, case, wanted)
        currency = deductions.currency_of(unit.connection, case)
        unit.connection.execute(
            adjustments.insert().values(
                **values,
                currency=currency,
                state=State.ASKED,
                asked_by=by,
                asked_at=unit.now,
            )
        )
        if isinstance(wanted, Deduction):
            _keep_pictures(unit, case, values["adjustment_id"], wanted.pictures)
        row = _get(unit.connection, values["adjustment_id"])
        if _waits(house, unit, case, row, by):
            return False
        _take_effect(house, unit, case, row, by)
        return True


def decide(house: House, task: Task, allowed: bool, by: str) -> None:
    """The second person's word. Raises WrongState, AdjustmentRefused."""
    tasks.expect(task, KIND)
    if allowed:
        second_person.require(house, task, by)
    with writing(house) as unit:
        row = _get(unit.connection, task.subject_id)
        case = history.lock_return(unit, row.return_id)
        tasks.finish_task(unit, task, by, {"allowed": allowed})
        if allowed:
            _take_effect(house, unit, case, row, by)
            return
        _move(unit, row, State.DECLINED, by)
        event = f"{row.kind}.declined"
        history.record(unit, case.return_id, event, By.STAFF, by, **_told(row))


def compensation_paid(house: House, task: Task, reference: str, by: str) -> None:
    """A person paid it by hand. Raises WrongState."""
    tasks.expect(task, compensations.TASK)
    second_person.require(house, task, by)
    with writing(house) as unit:
        row = _get(unit.connection, task.subject_id)
        case = history.lock_return(unit, row.return_id)
        tasks.finish_task(unit, task, by, {"reference": reference})
        unit.connection.execute(
            adjustments.update()
            .where(adjustments.c.adjustment_id == row.adjustment_id)
            .values(state=State.PAID, paid_reference=reference)
        )
        told = {**_told(row), "reference": reference}
        history.record(unit, case.return_id, "compensation.paid", By.STAFF, by, **told)
        adjustment_news.tell_paid(unit, case, row)


def of_return(connection: Connection, return_id: str) -> list[Row[Any]]:
    """Oldest first, the declined ones too."""
    query = sa.select(adjustments).where(adjustments.c.return_id == return_id)
    ordered = query.order_by(adjustments.c.asked_at, adjustments.c.adjustment_id)
    return list(connection.execute(ordered).all())


def pictures_of(connection: Connection, return_id: str) -> dict[str, list[str]]:
    """upload_ids by adjustment_id."""
    query = sa.select(adjustment_pictures).where(
        adjustment_pictures.c.return_id == return_id
    )
    found: dict[str, list[str]] = {}
    for row in connection.execute(query.order_by(adjustment_pictures.c.upload_id)):
        found.setdefault(row.adjustment_id, []).append(row.upload_id)
    return found


def as_json(connection: Connection, return_id: str) -> list[dict[str, Any]]:
    names = ("kind", "rule", "line_id", "unit_no", "reason", "state")
    return [
        {name: row._mapping[name] for name in (*names, "amount_minor", "currency")}
        for row in of_return(connection, return_id)
    ]


def _values(wanted: Deduction | Compensation) -> dict[str, Any]:
    """The row's; its id is made of what the customer would read."""
    said = {"line_id": None, "unit_no": None, "rule": deductions.RULE, **asdict(wanted)}
    said.pop("pictures", None)
    said["kind"] = "deduction" if isinstance(wanted, Deduction) else "compensation"
    facts = json.dumps(said, sort_keys=True).encode()
    return {**said, "adjustment_id": hashlib.sha256(facts).hexdigest()}


def _check(
    house: House, unit: Unit, case: Row[Any], wanted: Deduction | Compensation
) -> None:
    if isinstance(wanted, Compensation):
        compensations.check(wanted.rule, wanted.amount_minor)
        return
    line = (wanted.line_id, wanted.unit_no)
    deductions.check(house, unit, case, line, wanted.amount_minor)
    known = _of_unit(unit, wanted)
    if known is not None:
        raise AdjustmentRefused("unit_has_one")
    own = deductions.own_pictures(unit, case, wanted.pictures)
    if not own or len(own) != len(set(wanted.pictures)):
        raise AdjustmentRefused("no_picture")


def _of_unit(unit: Unit, wanted: Deduction) -> Row[Any] | None:
    query = sa.select(adjustments).where(
        adjustments.c.return_id == wanted.return_id,
        adjustments.c.line_id == wanted.line_id,
        adjustments.c.unit_no == wanted.unit_no,
        adjustments.c.state != State.DECLINED,
    )
    return unit.connection.execute(query).first()


def _keep_pictures(
    unit: Unit, case: Row[Any], adjustment_id: str, pictures: tuple[str, ...]
) -> None:
    for upload_id in pictures:
        insert_once(
            unit.connection,
            adjustment_pictures,
            adjustment_id=adjustment_id,
            upload_id=upload_id,
            return_id=case.return_id,
        )


def _waits(house: House, unit: Unit, case: Row[Any], row: Row[Any], by: str) -> bool:
    """Whether somebody else must confirm it, who is asked to by now."""
    subject = row.adjustment_id
    if not second_person.is_too_much(house, unit.connection, KIND, subject):
        return False
    facts = {
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "rule": row.rule,
        "reason": row.reason,
    }
    due_at = case.refund_by if row.kind == "deduction" else None
    tasks.open_task(unit, KIND, subject, case, facts, due_at=due_at)
    task = tasks.about(unit.connection, KIND, subject)
    return task is not None and second_person.note_asked(unit, task, by)


def _take_effect(
    house: House, unit: Unit, case: Row[Any], row: Row[Any], by: str
) -> None:
    _move(unit, row, State.SET, by)
    if row.kind == "deduction":
        deductions.lower(unit, case, row)
    else:
        compensations.owe(unit, case, row)
    event = f"{row.kind}.set"
    history.record(unit, case.return_id, event, By.STAFF, by, **_told(row))
    adjustment_news.tell(house, unit, case, row)


def _told(row: Row[Any]) -> dict[str, Any]:
    names = ("rule", "amount_minor", "currency", "reason")
    return {name: row._mapping[name] for name in names}


def _move(unit: Unit, row: Row[Any], state: State, by: str) -> None:
    unit.connection.execute(
        adjustments.update()
        .where(adjustments.c.adjustment_id == row.adjustment_id)
        .values(state=state, decided_by=by, decided_at=unit.now)
    )


def _find(connection: Connection, adjustment_id: str) -> Row[Any] | None:
    query = sa.select(adjustments).where(adjustments.c.adjustment_id == adjustment_id)
    return connection.execute(query).first()


def _get(connection: Connection, adjustment_id: str) -> Row[Any]:
    row = _find(connection, adjustment_id)
    if row is None:
        raise NotFound(f"no adjustment {adjustment_id}")
    return row
