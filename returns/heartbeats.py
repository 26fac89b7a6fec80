"""Whether durable work is alive: its workers' signs of life, and what stands still."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from returns.sql import insert_once
from returns.tables import work, worker_names

ALIVE = timedelta(seconds=20)
STANDSTILL = timedelta(seconds=60)


def beat(engine: Engine, worker: str, now: datetime) -> None:
    """Write down that this worker is alive."""
    with engine.begin() as connection:
        if not insert_once(connection, worker_names, worker=worker, heartbeat_at=now):
            row = worker_names.c.worker == worker
            connection.execute(
                worker_names.update().where(row).values(heartbeat_at=now)
            )


def workers_alive(engine: Engine, now: datetime) -> list[str]:
    """The workers whose heartbeat is younger than ALIVE; none: work stands still."""
    query = sa.select(worker_names.c.worker).where(
        worker_names.c.heartbeat_at > now - ALIVE
    )
    with engine.connect() as connection:
        return sorted(connection.execute(query).scalars())


def stands_still(engine: Engine, now: datetime) -> bool:
    """Whether something has been due for so long that no sweep can be running."""
    query = sa.select(work.c.work_id).where(
        work.c.state == "pending", work.c.next_at <= now - STANDSTILL
    )
    with engine.connect() as connection:
        return connection.execute(query.limit(1)).first() is not None
