"""Durable work through the real worker and DBOS, on each database.

The work is the delivery of a notice into a conversation, as every piece of news goes:
a row is committed, pushed to DBOS, taken by the worker and becomes a message. The
moments are DBOS's own, in whole milliseconds.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dbos import DBOSClient, WorkflowStatus

from benchmarks.tools.measurement import Measurement, spread
from benchmarks.tools.product import product
from desk import transcript
from returns import ids
from returns.heartbeats import workers_alive
from returns.queue import PlainSerializer
from returns.queue_engine import make_dbos_engine
from returns.tables import notices
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, pending_count, work_id_of
from tests.databases import KINDS, server_answers, three_databases

ONE_BY_ONE = 100
AT_ONCE = 500
CONVERSATIONS = 50
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 120.0


def run() -> list[Measurement]:
    kinds = KINDS if server_answers() else KINDS[:1]
    return [measurement for kind in kinds for measurement in _on(kind)]


def _on(kind: str) -> list[Measurement]:
    with (
        TemporaryDirectory() as folder,
        three_databases(kind, Path(folder)) as databases,
    ):
        told = _with_a_worker(databases)
    return [replace(one, what=f"{kind}: {one.what}") for one in told]


def _with_a_worker(databases: dict[str, str]) -> list[Measurement]:
    with product("sandbox", "worker", databases=databases) as stack:
        house = stack.house
        _wait(lambda: bool(workers_alive(house.reader, house.clock.now())))
        conversations = _conversations(house)
        _deliver_one_by_one(house, conversations)  # warms up
        single = _deliver_one_by_one(house, conversations)
        began = house.clock.now().timestamp()
        many = _deliver_at_once(house, conversations)
        done = _statuses(house, [*single, *many])
    return [*_latency([done[i] for i in single]), _rate(began, [done[i] for i in many])]


def _latency(done: list[WorkflowStatus]) -> list[Measurement]:
    moments = [_moments(status) for status in done]
    started = [(taken - pushed) / 1000 for pushed, taken, _ in moments]
    finished = [(ended - pushed) / 1000 for pushed, _, ended in moments]
    how = f"one item every {PAUSE_SECONDS * 1000:.0f} ms or more"
    return [
        *spread("enqueued to running", started, how),
        *spread("enqueued to done", finished, how),
    ]


def _rate(began: float, done: list[WorkflowStatus]) -> Measurement:
    seconds = max(_moments(status)[2] for status in done) / 1000 - began
    how = f"{len(done)} items in one transaction, from its start to the last one done"
    return Measurement("items", len(done) / seconds, "per second", how)


def _moments(status: WorkflowStatus) -> tuple[int, int, int]:
    """Pushed, taken and completed, in Unix milliseconds."""
    pushed, taken, ended = status.created_at, status.dequeued_at, status.completed_at
    if status.status != "SUCCESS" or pushed is None or taken is None or ended is None:
        raise AssertionError(f"{status.workflow_id}: {status.status}")
    return pushed, taken, ended


def _deliver_one_by_one(house: House, conversations: list[str]) -> list[str]:
    """The workflow ids."""
    found = []
    for conversation_id in itertools.islice(itertools.cycle(conversations), ONE_BY_ONE):
        with writing(house) as unit:
            found.append(_will_tell(unit, conversation_id))
        time.sleep(PAUSE_SECONDS)
        _wait(lambda: pending_count(house.reader) == 0)
    return found


def _deliver_at_once(house: House, conversations: list[str]) -> list[str]:
    with writing(house) as unit:
        crowd = itertools.islice(itertools.cycle(conversations), AT_ONCE)
        found = [_will_tell(unit, conversation_id) for conversation_id in crowd]
    _wait(lambda: pending_count(house.reader) == 0)
    return found


def _will_tell(unit: Unit, conversation_id: str) -> str:
    notice_id = ids.new_id()
    unit.connection.execute(
        notices.insert().values(
            notice_id=notice_id,
            conversation_id=conversation_id,
            medium="chat",
            response="utter_anything_else",
            params={},
            language="fr",
            created_at=unit.now,
        )
    )
    unit.will(WorkKind.DELIVER_NOTICE, notice_id)
    return f"{work_id_of(WorkKind.DELIVER_NOTICE, notice_id)}:1"


def _conversations(house: House) -> list[str]:
    with writing(house) as unit:
        return [
            transcript.start(unit, "web", ids.new_id(), "fr")
            for _ in range(CONVERSATIONS)
        ]


def _statuses(house: House, workflow_ids: list[str]) -> dict[str, WorkflowStatus]:
    """Of ended attempts: DBOS writes that a little after the work's row is done."""
    engine = make_dbos_engine(house.settings.dbos_url)
    client = DBOSClient(
        system_database_engine=engine, serializer=PlainSerializer(), lazy=True
    )
    found: dict[str, WorkflowStatus] = {}

    def all_ended() -> bool:
        told = client.list_workflows(
            workflow_id_prefix=WorkKind.DELIVER_NOTICE,
            load_input=False,
            load_output=False,
        )
        found.update({status.workflow_id: status for status in told})
        return all(found[one].completed_at for one in workflow_ids)

    _wait(all_ended)
    engine.dispose()
    return {workflow_id: found[workflow_id] for workflow_id in workflow_ids}


def _wait(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError("the worker did not get it done")
        time.sleep(0.01)
