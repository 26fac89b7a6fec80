"""Webhooks' events become rows: those that wait at the same time, in one commit.

A commit costs a disk its time whatever is in it; two hundred webhooks in a second are
acknowledged in time because they share a few.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy.exc import DataError, IntegrityError
from starlette.concurrency import run_in_threadpool

from desk.channels import receipts
from desk.channels.events import Arrival, Events
from desk.channels.tables import arrivals
from returns.sql import insert_new
from returns.unit import Unit, committing
from returns.wiring import House
from returns.work import WorkItem, WorkKind, add_works

MOST_AT_ONCE = 500

_log = structlog.get_logger()


class Storing:
    """One per process; while one commit runs, what comes waits for the next."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._waiting: list[tuple[Events, asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None
        self._pushing: set[asyncio.Task[None]] = set()

    async def store(self, events: Events) -> None:
        """Returns when all of it is committed; raises what the database raised."""
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((events, stored))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        await stored

    async def pushed(self) -> None:
        """Returns when all that was stored has been handed to the worker."""
        await asyncio.gather(*self._pushing)

    async def _commit_all(self) -> None:
        while self._waiting:
            together = self._waiting[:MOST_AT_ONCE]
            del self._waiting[:MOST_AT_ONCE]
            await self._commit(together)

    async def _commit(
        self, together: list[tuple[Events, asyncio.Future[None]]]
    ) -> None:
        try:
            told = [events for events, _stored in together]
            items = await run_in_threadpool(store, self._house, told)
        except (DataError, IntegrityError) as error:
            await self._one_by_one(together, error)
            return
        except Exception as error:  # the webhooks answer 503 and come again
            for _events, stored in together:
                _settle(stored, error)
            return
        for _events, stored in together:
            _settle(stored)
        task = asyncio.create_task(run_in_threadpool(_push, self._house, items))
        self._pushing.add(task)
        task.add_done_callback(self._pushing.discard)

    async def _one_by_one(
        self,
        together: list[tuple[Events, asyncio.Future[None]]],
        error: Exception,
    ) -> None:
        """What no database takes must not keep out what came beside it."""
        if len(together) == 1:
            _log.error("webhook.not_storable", error=type(error).__name__)
            _settle(together[0][1])
            return
        for one in together:
            await self._commit([one])


def _settle(stored: asyncio.Future[None], error: Exception | None = None) -> None:
    if stored.done():  # whoever asked has gone
        return
    if error is None:
        stored.set_result(None)
    else:
        stored.set_exception(error)


def store(house: House, told: Iterable[Events]) -> list[WorkItem]:
    """Commit it all in one transaction; the work that is to be pushed."""
    with committing(house) as unit:
        _add(unit, [arrival for events in told for arrival in events.arrivals])
        for events in told:
            for receipt in events.receipts:
                receipts.note(house, unit, receipt)
    return unit.items


def _add(unit: Unit, arrived: list[Arrival]) -> None:
    """One piece of work for each person: it takes all of theirs, in order.

    What came before is no row again (M4).
    """
    if not arrived:
        return
    rows = [_row(unit, arrival, place) for place, arrival in enumerate(arrived)]
    fresh = insert_new(unit.connection, arrivals, rows, arrivals.c.arrival_id)
    latest: dict[tuple[str, str], Arrival] = {}
    for arrival in arrived:
        person = arrival.channel, arrival.sender
        known = latest.get(person)
        if arrival.arrival_id in fresh and (known is None or known.at <= arrival.at):
            latest[person] = arrival
    ids = [arrival.arrival_id for arrival in latest.values()]
    unit.items += add_works(unit.connection, WorkKind.TAKE_ARRIVAL, ids, unit.now)


def _row(unit: Unit, arrival: Arrival, place: int) -> dict[str, Any]:
    return {
        "arrival_id": arrival.arrival_id,
        "channel": arrival.channel,
        "provider_id": arrival.provider_id,
        "sender": arrival.sender,
        "at": arrival.at,
        "received_at": unit.now,
        "place": place,
        "body": _body(arrival),
        "state": "waiting",
        "tries": 0,
    }


def _body(arrival: Arrival) -> dict[str, object]:
    """All that the worker needs."""
    return {
        "names": list(arrival.names),
        "address": arrival.address,
        "phone": arrival.phone,
        "kind": arrival.kind,
        "text": arrival.text,
        "button": arrival.button,
        "media": [vars(one) for one in arrival.media],
        "other": arrival.other,
    }


def _push(house: House, items: list[WorkItem]) -> None:
    house.queue.push_all(items)
