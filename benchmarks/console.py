"""The staff console over 1,000,000 messages in 100,000 conversations, on SQLite.

Two years of a shop are written in bulk, then each list, search and statistics page is
asked of a real desk process by a signed-in agent, one request after the other.
"""

import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy import Engine

from benchmarks.tools.crowd import Crowd, fill
from benchmarks.tools.measurement import Measurement, percentile
from benchmarks.tools.processes import memory_mb
from benchmarks.tools.product import product, wait_until_ok
from desk.console import accounts
from desk.console.accounts import Role
from desk.console.tables import staff
from desk.figures import keeping
from desk.tables import conversations, messages
from returns.engines import learn
from returns.tables import returns
from returns.unit import writing
from tests.databases import throwaway
from tests.stack import Stack

CONVERSATIONS = 100_000
CONVERSATIONS_VARIABLE = "BONRETOUR_BENCH_CONVERSATIONS"
KEPT_VARIABLE = "BONRETOUR_BENCH_CROWD"  # a PostgreSQL's URL
ASKED = 20
PASSWORD = "a benchmark of the console"
EMAIL = f"bench-{uuid.uuid4().hex[:8]}@example.com"  # new in a kept crowd
TALKS, CASES, FIGURES = (
    "/console/conversations",
    "/console/cases",
    "/console/statistics",
)
PAGES = {
    "inbox": TALKS,
    "inbox, to review": f"{TALKS}?reviewed=no",
    "inbox, waiting": f"{TALKS}?mode=waiting",
    "inbox, a rare label": f"{TALKS}?label=vip",
    "inbox, by reason": f"{TALKS}?reason=too_small",
    "inbox, by intent": f"{TALKS}?intent=nlu_fallback",
    "inbox, by supplier and days": f"{TALKS}?supplier=Kado+Factory&since=2026-01-01",
    "inbox, by product": f"{TALKS}?product=P-7",
    "inbox, by product's title": f"{TALKS}?product=num%C3%A9ro+399",
    "inbox, unsure ones": f"{TALKS}?below=30",
    "inbox, by order": f"{TALKS}?order=FR-150000",
    "inbox, no return, corrected": f"{TALKS}?outcome=none&reading=corrected",
    "inbox, six filters": f"{TALKS}?mode=bot&language=en&outcome=closed&reviewed=no"
    "&reason=too_small&below=80",
    "inbox, nothing fits": f"{TALKS}?label=nobody&reason=refused",
    "search, a word of most": f"{TALKS}?q=robe",
    "search, a rare word": f"{TALKS}?q=macram%C3%A9",
    "search, three common words": f"{TALKS}?q=robe+d%C3%A9chir%C3%A9e+rembours%C3%A9e",
    "search, common and rare": f"{TALKS}?q=robe+zellige",
    "search with filters": f"{TALKS}?q=lampe&language=en&reviewed=no",
    "search, not there": f"{TALKS}?q=xylophone",
    "waiting": "/console/waiting",
    "unsure": "/console/unsure",
    "corrections": "/console/corrections",
    "returns": CASES,
    "returns, for a person": f"{CASES}?state=person",
    "returns, by reason and product": f"{CASES}?reason=too_small&product=P-7",
    "returns, claims lost": f"{CASES}?claim=lost",
    "tasks": "/console/tasks",
    "figures, 90 days": FIGURES,
    "figures, 90 days, reason × product": f"{FIGURES}?rows=product&across=reason",
    "figures, one product": f"{FIGURES}?product=P-7",
    "figures, a year": f"{FIGURES}?since=2025-11-25&rows=supplier&across=period",
    "figures, two years": f"{FIGURES}?since=2024-11-25&rows=product&across=supplier",
}


def run() -> list[Measurement]:
    return on("sqlite")


def on(kind: str) -> list[Measurement]:
    """On a new database of this kind; CONVERSATIONS_VARIABLE makes a smaller crowd."""
    count = int(os.environ.get(CONVERSATIONS_VARIABLE, CONVERSATIONS))
    with database(kind) as environment, product(databases=environment) as stack:
        return measured(stack, count)


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """What moves the product there; dropped afterwards, but a kept crowd's."""
    if kind == "sqlite":
        yield {}
        return
    if kept := os.environ.get(KEPT_VARIABLE):
        yield {"BONRETOUR_DATABASE_URL": kept}
        return
    with throwaway(kind, Path()) as url:
        yield {"BONRETOUR_DATABASE_URL": url}


def measured(stack: Stack, count: int) -> list[Measurement]:
    """stack: with nothing started; count: conversations to write."""
    for name in list(stack.processes):
        stack.kill(name)
    house, kind = stack.house, stack.house.engine.dialect.name
    began = time.monotonic()
    crowd = known(house.engine) or fill(house.engine, count, house.clock.now())
    seeded = time.monotonic()
    while keeping.keep(house):
        pass
    summed = time.monotonic()
    settled(house.engine)
    _agent(stack)
    stack.start("desk")
    wait_until_ok(f"{stack.url}/livez")
    pid = stack.processes["desk"].pid
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=60) as client:
        _sign_in(client, stack.url)
        before, _ = memory_mb(pid)
        found = [*_pages(client), *_deep(client)]
        now, highest = memory_mb(pid)
        rows, took = _export(client)
        _, after = memory_mb(pid)
    how = f"{crowd.messages:,} messages, {crowd.cases:,} returns"
    told = [
        Measurement("conversations", crowd.conversations, "", how),
        Measurement("seeding", seeded - began, "s", "in bulk, from this process"),
        Measurement("sums of all days", summed - seeded, "s", "the worker's part"),
        *found,
        Measurement("desk, resident at first", before, "MB", "signed in"),
        Measurement("desk, resident after all pages", now, "MB", how),
        Measurement("desk, highest after all pages", highest, "MB", how),
        Measurement("export of all conversations", took, "s", f"{rows:,} rows of CSV"),
        Measurement("desk, highest after the export", after, "MB", "streamed"),
    ]
    return [replace(one, what=f"{kind}: {one.what}") for one in told]


def known(engine: Engine) -> Crowd | None:
    """The crowd of a run before this one; None: there is nobody."""

    def count(table: sa.Table) -> int:
        return int(
            connection.execute(
                sa.select(sa.func.count()).select_from(table)
            ).scalar_one()
        )

    with engine.connect() as connection:
        found = Crowd(*(count(table) for table in (conversations, messages, returns)))
    return found if found.conversations else None


def settled(engine: Engine) -> None:
    """What PostgreSQL does by itself within minutes, and the worker daily on SQLite."""
    learn(engine)
    if engine.dialect.name == "postgresql":
        alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        with alone.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _pages(client: httpx.Client) -> list[Measurement]:
    slowest = ("", 0.0)
    found = []
    for name, path in PAGES.items():
        times = [_asked(client, path) for _ in range(ASKED + 1)][1:]
        p95 = percentile(times, 95) * 1000
        slowest = max(slowest, (name, p95), key=lambda one: one[1])
        how = f"GET {path}, n={ASKED}"
        p50 = median(times) * 1000
        found.append(Measurement(f"{name}, p50", p50, "ms", how))
        found.append(Measurement(f"{name}, p95", p95, "ms", how))
    told = Measurement("slowest page, p95", slowest[1], "ms", slowest[0])
    return [*found, told]


def _deep(client: httpx.Client) -> list[Measurement]:
    """The hundredth page is as quick as the first."""
    path, times = TALKS, []
    for _ in range(100):
        began = time.perf_counter()
        text = client.get(path).text
        times.append(time.perf_counter() - began)
        older = re.search(r'href="(\?before=[^"]+)" rel="next"', text)
        if older is None:
            break
        path = TALKS + older[1].replace("&amp;", "&")
    p95 = percentile(times, 95) * 1000
    how = f"{len(times)} pages, one after the other"
    return [Measurement("inbox, paging back, p95", p95, "ms", how)]


def _export(client: httpx.Client) -> tuple[int, float]:
    began, rows = time.monotonic(), 0
    with client.stream("GET", "/console/export/conversations.csv") as answer:
        for piece in answer.iter_bytes():
            rows += piece.count(b"\r\n")
    return rows - 1, time.monotonic() - began


def _asked(client: httpx.Client, path: str) -> float:
    """Raises ValueError for anything but a whole page."""
    began = time.perf_counter()
    answer = client.get(path)
    took = time.perf_counter() - began
    if answer.status_code != 200 or "</html>" not in answer.text:
        raise ValueError(f"{path}: {answer.status_code}")
    return took


def _agent(stack: Stack) -> None:
    accounts.add(stack.house, "Bench", EMAIL, Role.AGENT, "bench", PASSWORD)
    with writing(stack.house) as unit:
        unit.connection.execute(staff.update().values(must_change=False))


def _sign_in(client: httpx.Client, url: str) -> None:
    told: dict[str, Any] = {"email": EMAIL, "password": PASSWORD}
    answer = client.post("/console/login", data=told, headers={"Origin": url})
    if answer.status_code != 303:
        raise ValueError(f"not signed in: {answer.status_code}")
