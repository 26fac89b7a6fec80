"""One attempt at one piece of work: a DBOS workflow of one step."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta

import structlog
from dbos import DBOS
from sqlalchemy.exc import SQLAlchemyError

from returns import measures
from returns.errors import PartnerError, PartnerUnknown, place_of
from returns.queue import AttemptFailed
from returns.wiring import House
from returns.work import WorkKind, note_error
from worker.whose import conversation_of

Handler = Callable[[str], None]
Around = Callable[[WorkKind], AbstractContextManager[None]]

_log = structlog.get_logger()


def as_workflow(
    house: House, kind: WorkKind, handler: Handler, around: Around
) -> Handler:
    """The workflow of this kind; raises AttemptFailed when the handler raises.

    around: entered for each attempt, and left however it went.
    """

    def do(subject_id: str) -> None:
        try_once(house, kind, handler, subject_id)

    def attempt(subject_id: str) -> None:
        with around(kind):
            DBOS.run_step({"name": kind.value}, do, subject_id)

    return attempt


def try_once(house: House, kind: WorkKind, handler: Handler, subject_id: str) -> None:
    """Why it failed is noted in the work's row. Raises AttemptFailed."""
    try:
        handler(subject_id)
    except Exception as error:
        measures.ATTEMPTS.labels(kind, "failed").inc()
        _note(house, kind, subject_id, error)
        raise AttemptFailed(_reason(error)) from None
    measures.ATTEMPTS.labels(kind, "done").inc()
    if _log.is_enabled_for(logging.INFO):
        _log.info(
            "work.done",
            kind=kind.value,
            subject_id=subject_id,
            conversation_id=_talk(house, kind, subject_id),
        )


def _talk(house: House, kind: WorkKind, subject_id: str) -> str | None:
    """For the log alone: a database that fails costs no attempt."""
    with suppress(SQLAlchemyError):
        return conversation_of(house.reader, kind, subject_id)
    return None


def _note(house: House, kind: WorkKind, subject_id: str, error: Exception) -> None:
    expected = isinstance(error, PartnerError)
    _log.warning(
        "work.attempt.failed",
        kind=kind.value,
        subject_id=subject_id,
        conversation_id=_talk(house, kind, subject_id),
        reason=_reason(error),
        at=None if expected else place_of(error),
    )
    not_before = None
    if isinstance(error, PartnerUnknown) and error.retry_after is not None:
        not_before = house.clock.now() + timedelta(seconds=error.retry_after)
    with house.engine.begin() as connection:
        note_error(connection, kind, subject_id, _reason(error), not_before)


def _reason(error: Exception) -> str:
    return error.reason if isinstance(error, PartnerError) else type(error).__name__
