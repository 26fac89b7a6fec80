"""One unit of work: a transaction, its moment, and the durable work it calls for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from returns.engines import one_writer
from returns.wiring import House
from returns.work import WorkItem, WorkKind, add_work


@dataclass
class Unit:
    connection: Connection
    now: datetime
    items: list[WorkItem] = field(default_factory=list)

    def will(self, kind: WorkKind, subject_id: str, at_once: bool = True) -> None:
        """Commit to this work. at_once False: the sweep starts it a little later."""
        item = add_work(self.connection, kind, subject_id, self.now)
        if at_once:
            self.items.append(item)


@contextmanager
def committing(house: House) -> Iterator[Unit]:
    """Commit or roll back as one; the caller pushes the unit's items afterwards."""
    with one_writer(house.engine), house.engine.begin() as connection:
        yield Unit(connection, house.clock.now())


@contextmanager
def writing(house: House) -> Iterator[Unit]:
    """Commit or roll back as one; push the work on only after the commit."""
    with committing(house) as unit:
        yield unit
    house.queue.push_all(unit.items)
