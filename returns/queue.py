"""Hands work to DBOS. Its database is a cache of the work table: losing it is fine."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from dbos import DBOSClient, EnqueueOptions, Serializer, WorkflowStatus
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from returns import wake
from returns.work import Progress, WorkItem, WorkKind, WorkQueue

APPLICATION = "bonretour"
QUEUE = "work"

_log = structlog.get_logger()
_UNDER_WAY = {"ENQUEUED", "PENDING", "DELAYED"}
_FIRST, _LATER = 1, 2
# By a customer, now.
WAITED_FOR = {
    WorkKind.ANSWER_MESSAGE,
    WorkKind.AUTHORISE_RETURN,
    WorkKind.SEND_CODE,
    WorkKind.TAKE_ARRIVAL,
    WorkKind.SEND_OUTBOUND,
}


class AttemptFailed(Exception):
    """How an attempt ended; the message is a reason code, never personal data."""


class PlainSerializer(Serializer):
    """JSON in place of DBOS's pickle: what lies in the table cannot run as code."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_as_failure)

    def deserialize(self, serialized_data: str) -> Any:
        plain = json.loads(serialized_data)
        if isinstance(plain, dict) and "failed" in plain:
            return AttemptFailed(plain["failed"])
        return plain

    def name(self) -> str:
        return "bonretour_json"


class DbosQueue(WorkQueue):
    """Enqueues for the worker; connects when first used and again after a loss.

    engine: from make_dbos_engine; the caller disposes of it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._client = DBOSClient(
            system_database_engine=engine,
            application_name=APPLICATION,
            serializer=PlainSerializer(),
            lazy=True,
            retry_connection_errors=False,
        )

    def push(self, item: WorkItem) -> None:
        """Enqueue this attempt; if DBOS cannot be reached the sweep pushes later."""
        self.push_all([item])

    def push_all(self, items: Sequence[WorkItem]) -> None:
        """All in one commit."""
        if not items:
            return
        try:
            with self._engine.begin() as connection:
                for item in items:
                    self._client.enqueue_in_transaction(
                        connection, _options(item), item.subject_id
                    )
                wake.notify(connection)
            wake.ring(self._engine)
        except (DBAPIError, sa.exc.TimeoutError) as error:
            _log.warning(
                "work.push.failed",
                workflow_id=" ".join(workflow_id(item) for item in items),
                error=type(error).__name__,
            )

    def progress(self, item: WorkItem) -> Progress:
        """Raises sqlalchemy.exc.DBAPIError when DBOS's tables cannot be read."""
        return self.progress_of([item])[0]

    def progress_of(self, items: Sequence[WorkItem]) -> list[Progress]:
        """As `progress` for each, in one query."""
        found = self._find(*map(workflow_id, items)) if items else []
        status = {one.workflow_id: one.status for one in found}
        return [_progress(status.get(workflow_id(item))) for item in items]

    def check(self) -> None:
        """Raises sqlalchemy.exc.DBAPIError when DBOS's tables cannot be read."""
        self._find("none")

    def _find(self, *workflow_ids: str) -> list[WorkflowStatus]:
        return self._client.list_workflows(
            workflow_ids=list(workflow_ids), load_input=False, load_output=False
        )


def workflow_id(item: WorkItem) -> str:
    return f"{item.work_id}:{item.attempt}"


def _options(item: WorkItem) -> EnqueueOptions:
    waited_for = item.kind in WAITED_FOR
    return {
        "workflow_name": item.kind.value,
        "queue_name": QUEUE,
        "workflow_id": workflow_id(item),
        "priority": _FIRST if waited_for else _LATER,
    }


def _progress(status: str | None) -> Progress:
    if status is None:
        return Progress.UNKNOWN
    return Progress.RUNNING if status in _UNDER_WAY else Progress.ENDED


def _as_failure(error: object) -> dict[str, str]:
    reason = str(error) if isinstance(error, AttemptFailed) else type(error).__name__
    return {"failed": reason}
