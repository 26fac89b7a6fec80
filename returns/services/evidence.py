"""Pictures of a return as evidence: kept with it, sent once to its supplier."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.errors import NotFound, PartnerRefused
from returns.failpoints import failpoint
from returns.model import By, ReturnStatus
from returns.services import history, tasks, uploads
from returns.sql import insert_once, lock_row
from returns.tables import evidence, returns
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

OPEN = (
    ReturnStatus.REQUESTED,
    ReturnStatus.NEEDS_REVIEW,
    ReturnStatus.AUTHORISED,
    ReturnStatus.IN_TRANSIT,
    ReturnStatus.RECEIVED,
)
BY_HAND = "send_evidence"


def attach(unit: Unit, return_id: str, upload_ids: Iterable[str]) -> list[str]:
    """Keep the conversation's own pictures with its return; those that are new."""
    case = history.get_return(unit.connection, return_id)
    own = uploads.of_conversation(unit.connection, case.conversation_id, upload_ids)
    if case.told_in is not None:  # the customer went on there
        own += uploads.of_conversation(unit.connection, case.told_in, upload_ids)
    added = [
        upload_id
        for upload_id in own
        if insert_once(
            unit.connection,
            evidence,
            return_id=return_id,
            upload_id=upload_id,
            added_at=unit.now,
        )
    ]
    if added:
        history.record(
            unit, return_id, "evidence.added", By.CUSTOMER, pictures=len(added)
        )
    return added


def add_later(house: House, conversation_id: str, upload_ids: list[str]) -> str | None:
    """Pictures sent after the yes go to the conversation's newest open return.

    Its return_id; None when no return is open or no picture is the conversation's.
    """
    newest_open = (
        sa.select(returns.c.return_id)
        .where(
            sa.or_(
                returns.c.conversation_id == conversation_id,
                returns.c.told_in == conversation_id,
            ),
            returns.c.status.in_(OPEN),
        )
        .order_by(returns.c.created_at.desc(), returns.c.return_id)
        .limit(1)
    )
    with writing(house) as unit:
        own = uploads.of_conversation(unit.connection, conversation_id, upload_ids)
        return_id: str | None = unit.connection.execute(newest_open).scalar()
        if return_id is None or not own:
            return None
        lock_row(unit.connection, returns, returns.c.return_id == return_id)
        added = attach(unit, return_id, own)
        case = history.get_return(unit.connection, return_id)
        if case.rma_number is not None and added:
            if _has_api(house, case):
                send_all(house, unit, return_id)
            else:
                subject_id = _subject(return_id, added[0])
                tasks.open_task(unit, BY_HAND, subject_id, case)
        return return_id


def send_all(house: House, unit: Unit, return_id: str) -> None:
    """The supplier gave its number: commit to sending each picture not yet sent.

    A supplier without an API gets them from staff, whose task lists them.
    """
    case = history.get_return(unit.connection, return_id)
    if _has_api(house, case):
        for upload_id in _unsent(unit.connection, return_id):
            unit.will(WorkKind.SEND_EVIDENCE, _subject(return_id, upload_id))


def send(house: House, subject_id: str) -> None:
    """Send one picture, reading the supplier's book first. Raises PartnerError.

    subject_id, also the Idempotency-Key: `<return_id>:<upload_id>`.
    """
    return_id, _, upload_id = subject_id.partition(":")
    with house.reader.connect() as connection:
        case = history.get_return(connection, return_id)
        waits = upload_id in _unsent(connection, return_id)
    if not waits:
        with writing(house) as unit:
            finish_work(unit.connection, WorkKind.SEND_EVIDENCE, subject_id)
        return
    try:
        _place(house, case, subject_id, uploads.content_of(house, upload_id))
    except (PartnerRefused, NotFound) as refusal:
        _hand_to_person(house, case, subject_id, refusal)
        return
    with writing(house) as unit:
        if _mark_sent(unit, return_id, upload_id):
            history.record(unit, return_id, "evidence.sent", By.SYSTEM)
        finish_work(unit.connection, WorkKind.SEND_EVIDENCE, subject_id)


def sent_by_hand(unit: Unit, return_id: str, by: str) -> None:
    """A person passed on all that was not sent yet."""
    waiting = _unsent(unit.connection, return_id)
    marked = [_mark_sent(unit, return_id, upload_id) for upload_id in waiting]
    if any(marked):
        history.record(unit, return_id, "evidence.sent", By.STAFF, by)


def _place(house: House, case: Row[Any], key: str, content: bytes) -> None:
    gateway = house.gateways.supplier(case.supplier)
    if key in gateway.evidence_keys(case.rma_number):
        return
    failpoint("evidence.before_call")
    name = f"{key.rpartition(':')[2]}.jpg"
    gateway.add_evidence(case.rma_number, key, name, content, uploads.CONTENT_TYPE)
    failpoint("evidence.after_call")


def _hand_to_person(
    house: House, case: Row[Any], subject_id: str, refusal: PartnerRefused | NotFound
) -> None:
    """The supplier will not have it, or the file is lost: the return goes on."""
    reason = refusal.reason if isinstance(refusal, PartnerRefused) else "file_lost"
    with writing(house) as unit:
        finish_work(unit.connection, WorkKind.SEND_EVIDENCE, subject_id)
        history.record(
            unit, case.return_id, "evidence.refused", By.SUPPLIER, reason=reason
        )
        tasks.open_task(unit, BY_HAND, case.return_id, case, {"refused": reason})


def _has_api(house: House, case: Row[Any]) -> bool:
    return house.shop.supplier(case.supplier).api is not None


def _subject(return_id: str, upload_id: str) -> str:
    return f"{return_id}:{upload_id}"


def _unsent(connection: Connection, return_id: str) -> list[str]:
    query = sa.select(evidence.c.upload_id).where(
        evidence.c.return_id == return_id, evidence.c.sent_at.is_(None)
    )
    ordered = query.order_by(evidence.c.added_at, evidence.c.upload_id)
    return list(connection.execute(ordered).scalars())


def _mark_sent(unit: Unit, return_id: str, upload_id: str) -> bool:
    marked = unit.connection.execute(
        evidence.update()
        .where(
            evidence.c.return_id == return_id,
            evidence.c.upload_id == upload_id,
            evidence.c.sent_at.is_(None),
        )
        .values(sent_at=unit.now)
    )
    return marked.rowcount == 1
