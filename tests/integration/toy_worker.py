"""A worker with toy handlers, started as a process by test_worker.py.

Arguments: name wait, stale heartbeat and drain in seconds.
"""

import os
import sys
import threading
from typing import cast

import sqlalchemy as sa

from returns.clock import Clock
from returns.engines import make_engine
from returns.errors import PartnerUnknown
from returns.queue import DbosQueue
from returns.queue_engine import make_dbos_engine
from returns.settings import Settings, load_settings
from returns.shop import Shop
from returns.wiring import House
from returns.work import WorkItem, WorkKind, finish_work
from worker.process import Duties, Timing, run

effects = sa.Table(
    "toy_effects",
    sa.MetaData(),
    sa.Column("effect_id", sa.Integer, primary_key=True),
    sa.Column("subject_id", sa.String(120)),
    sa.Column("what", sa.String(20)),
)


class Toy:
    def __init__(self, house: House) -> None:
        self._house = house

    def pay(self, subject_id: str) -> None:
        begun = self._record(subject_id, "begun")
        hold = self._house.settings.var / "hold"
        while hold.exists():
            threading.Event().wait(0.01)
        if subject_id.startswith("hopeless") or (
            subject_id.startswith("flaky") and begun <= 2
        ):
            raise ValueError("secret words")
        if subject_id.startswith("patient") and begun == 1:
            raise PartnerUnknown("timeout", retry_after=3600)
        with self._house.engine.begin() as connection:
            row = {"subject_id": subject_id, "what": "done"}
            connection.execute(effects.insert().values(**row))
            finish_work(connection, WorkKind.PAY_REFUND, subject_id)

    def give_up(self, item: WorkItem) -> None:
        self._record(item.subject_id, "given_up")

    def _record(self, subject_id: str, what: str) -> int:
        mine = sa.and_(effects.c.subject_id == subject_id, effects.c.what == what)
        with self._house.engine.begin() as connection:
            connection.execute(
                effects.insert().values(subject_id=subject_id, what=what)
            )
            count = sa.select(sa.func.count()).where(mine)
            return int(connection.execute(count).scalar_one())


def house_without_shop(settings: Settings | None = None) -> House:
    settings = settings or load_settings()
    engine = make_engine(settings.database_url)
    queue = DbosQueue(make_dbos_engine(settings.dbos_url))
    return House(settings, cast(Shop, None), engine, Clock(), queue)


def main() -> int:
    name_wait, stale, drain = (float(word) for word in sys.argv[1:])
    house = house_without_shop()
    toy = Toy(house)
    timing = Timing(name_wait, stale, beat=0.2, loop=0.1, drain=int(drain))
    return run(house, Duties({WorkKind.PAY_REFUND: toy.pay}, toy.give_up), timing)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
