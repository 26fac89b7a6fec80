"""`/metrics` for Prometheus: what this process counted, and how the house stands.

Closed without the secret BONRETOUR_SECRET_METRICS; where none is set there is no such
page. Numbers only: no id, no name, no text.
"""

import hmac
import shutil
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk.problems import Problem
from desk.tables import conversations
from returns import measures
from returns.heartbeats import workers_alive
from returns.model import RefundState
from returns.services import reconciling, spending
from returns.shop_values import in_minor_units
from returns.tables import refunds, tasks, work
from returns.wiring import House
from returns.work import WorkKind

CONTENT = "text/plain; version=0.0.4; charset=utf-8"
OPEN_REFUNDS = (
    RefundState.DUE,
    RefundState.IN_FLIGHT,
    RefundState.FAILED,
    RefundState.MANUAL,
)
LEFT = ("pending", "given_up")

_log = structlog.get_logger()


def note_answer(
    channel: str, row: Row[Any], parse: dict[str, Any], took: float
) -> None:
    """row: the customer's message; took: seconds from its coming to its answer."""
    measures.ANSWERED.labels(channel).observe(took)
    measures.UNDERSTOOD.labels(str(parse.get("intent"))).inc()
    _log.info(
        "turn.answered",
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        channel=channel,
        seconds=round(took, 3),
    )


def routes() -> list[Route]:
    return [Route("/metrics", _told)]


async def _told(request: Request) -> Response:
    house: House = request.app.state.house
    wanted = house.settings.metrics_secret
    if wanted is None:
        raise Problem(404, "Not Found", "BONRETOUR_SECRET_METRICS is not set.")
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        raise Problem(401, "Unauthorised", "The metrics are not public.")
    return Response(await run_in_threadpool(text, house), media_type=CONTENT)


def text(house: House) -> bytes:
    """Everything, as Prometheus reads it."""
    standing = CollectorRegistry(auto_describe=False)
    standing.register(Standing(house))
    return generate_latest(REGISTRY) + generate_latest(standing)


class Standing(Collector):
    """Read from the database: every desk tells the same, so take the maximum."""

    def __init__(self, house: House) -> None:
        self._house = house

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is read before it is asked for."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        disk = shutil.disk_usage(self._house.settings.var)
        yield _one("disk_free_bytes", "Free where files are written", disk.free)
        now = self._house.clock.now()
        try:
            with self._house.reader.connect() as connection:
                found = [*_standing(self._house, connection, now)]
            alive = len(workers_alive(self._house.reader, now))
        except sa.exc.SQLAlchemyError:
            yield _one("database_up", "Whether the database can be read", 0)
            return
        yield _one("database_up", "Whether the database can be read", 1)
        yield _one("workers_alive", "Workers that gave a sign of life", alive)
        yield from found


def _standing(
    house: House, connection: Connection, now: datetime
) -> Iterator[GaugeMetricFamily]:
    yield from _work(connection, now)
    yield from _talks(connection, now)
    yield from _tasks(connection, now)
    yield from _money(house, connection, now)
    yield from _books(connection, now)


def _work(connection: Connection, now: datetime) -> Iterator[GaugeMetricFamily]:
    """Unanswered messages are work too: answer_message, take_arrival."""
    rows = _family("work", "Durable work that is not done", "kind", "state")
    oldest = _family("work_oldest_seconds", "Age of the oldest that is pending", "kind")
    query = sa.select(
        work.c.kind, work.c.state, sa.func.count(), sa.func.min(work.c.created_at)
    )
    left = query.where(work.c.state.in_(LEFT)).group_by(work.c.kind, work.c.state)
    found = {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(left)}
    for kind in WorkKind:
        for state in LEFT:
            rows.add_metric([kind, state], found.get((kind, state), (0,))[0])
        waiting = found.get((kind, "pending"))
        oldest.add_metric([kind], _age(waiting[1] if waiting else None, now))
    yield from (rows, oldest)


def _talks(connection: Connection, now: datetime) -> Iterator[GaugeMetricFamily]:
    mode = conversations.c.mode
    since = sa.func.min(conversations.c.waiting_since)
    query = sa.select(mode, sa.func.count(), since).where(
        mode.in_(("waiting", "human"))
    )
    rows = {row[0]: row for row in connection.execute(query.group_by(mode))}
    handed = _family("handoffs", "Conversations with a person, or for one", "mode")
    for name in ("waiting", "human"):
        handed.add_metric([name], rows[name][1] if name in rows else 0)
    longest = rows["waiting"][2] if "waiting" in rows else None
    yield handed
    yield _one("handoff_oldest_seconds", "Who waits longest", _age(longest, now))


def _tasks(connection: Connection, now: datetime) -> Iterator[GaugeMetricFamily]:
    overdue = sa.func.sum(sa.case((tasks.c.due_at < now, 1), else_=0))
    query = sa.select(tasks.c.kind, sa.func.count(), overdue)
    open_ = _family("tasks_open", "Tasks that wait for a person", "kind")
    late = _family("tasks_overdue", "Those whose last day has passed", "kind")
    here = tasks.c.done_at.is_(None)
    for kind, count, missed in connection.execute(
        query.where(here).group_by(tasks.c.kind)
    ):
        open_.add_metric([kind], count)
        late.add_metric([kind], missed or 0)
    yield from (open_, late)


def _money(
    house: House, connection: Connection, now: datetime
) -> Iterator[GaugeMetricFamily]:
    by_state = _family("refunds", "Refunds that are not paid yet", "state")
    query = sa.select(refunds.c.state, sa.func.count())
    left = query.where(refunds.c.state.in_(OPEN_REFUNDS)).group_by(refunds.c.state)
    found = {row[0]: row[1] for row in connection.execute(left)}
    for state in OPEN_REFUNDS:
        by_state.add_metric([state], found.get(state, 0))
    spent = _family("refunded_last_hour_minor", "Sent in the last hour", "currency")
    limit = _family("refund_hour_limit_minor", "Above it a person pays", "currency")
    for currency in house.shop.refund_limits.per_hour:
        sent = spending.in_last_hour(connection, currency, now)
        most = in_minor_units(house.shop.refund_limits.per_hour, currency)
        spent.add_metric([currency], sent)
        limit.add_metric([currency], most or 0)
    yield from (by_state, spent, limit)


def _books(connection: Connection, now: datetime) -> Iterator[GaugeMetricFamily]:
    """Zeros before the first comparison."""
    newest = reconciling.last_in(connection)
    read = reconciling.last_in(connection, complete=True)
    unexplained = newest.unexplained if newest else 0
    since = read.at if read else newest.since if newest else None
    yield _one("reconcile_unexplained", "Differences nobody explained", unexplained)
    yield _one("reconcile_age_seconds", "Since all books were read", _age(since, now))


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def _family(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bonretour_{name}", meaning, labels=labels)


def _one(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bonretour_{name}", meaning, value=value)
