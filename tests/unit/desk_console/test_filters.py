"""A filter finds the same whether it is looked up first or asked of each."""

import pytest
import sqlalchemy as sa

from benchmarks.tools.crowd import fill
from desk.console import casework, filters, listing
from desk.console.case_filters import CaseFilters
from desk.console.filters import Filters
from desk.console.tables import readings
from returns.engines import learn
from returns.services import tasks
from returns.sql import each_value
from returns.tables import order_lines, returns
from returns.tables import tasks as task_rows
from returns.unit import writing
from tests.houses import TestHouse

TALKS = (
    Filters(reason="too_small"),
    Filters(reason="damaged_in_transit", language="fr"),
    Filters(intent="nlu_fallback"),
    Filters(intent="inform", reading="corrected"),
    Filters(reading="missed", help="bot"),
    Filters(outcome="closed", supplier="Kado Factory"),
    Filters(outcome="none"),
    Filters(label="vip"),
    Filters(product="P-1"),
    Filters(product="lampe"),
    Filters(product="SKU-2"),
    Filters(q="robes déchirée"),
    Filters(q="lampe", reviewed="no"),
)


@pytest.fixture
def crowded(any_house: TestHouse) -> TestHouse:
    fill(any_house.engine, 120, any_house.clock.now())
    return any_house


def test_few_and_many(crowded: TestHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """And most of these find something."""
    found = {}
    for few in (3000, 0):
        monkeypatch.setattr(filters, "FEW", few)
        found[few] = [
            [
                e.conversation.conversation_id
                for e in listing.page(crowded, one, size=500).entries
            ]
            for one in TALKS
        ]
    assert found[0] == found[3000]
    assert sum(map(bool, found[0])) >= len(TALKS) - 2


def test_cases_of_a_product(crowded: TestHouse) -> None:
    """By number, SKU and a piece of the title, as the lines have it."""
    with crowded.reader.connect() as connection:
        line = connection.execute(sa.select(order_lines).limit(1)).one()
        titled = sa.func.lower(order_lines.c.title).contains(line.title.lower())
        same = sa.or_(titled, order_lines.c.product_id == line.title)
        query = sa.select(returns.c.return_id).join(
            order_lines, order_lines.c.order_number == returns.c.order_number
        )
        wanted = set(connection.execute(query.where(same)).scalars())
    for text in (line.product_id, line.sku, line.title, line.title.upper()):
        page = casework.page(crowded, CaseFilters(product=text), size=500)
        assert {entry.case.return_id for entry in page.entries} == wanted, text


def test_each_value_once(crowded: TestHouse) -> None:
    """As DISTINCT would, also of an empty table."""
    with crowded.reader.connect() as connection:
        run = connection.execute
        for column in (readings.c.intent, order_lines.c.title, task_rows.c.kind):
            distinct = sorted(run(sa.select(column).distinct()).scalars())
            assert sorted(run(each_value(column)).scalars()) == distinct


def test_tasks_by_pages(any_house: TestHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, the first due first, those without a day last."""
    monkeypatch.setattr(casework, "TASKS", 2)
    for n in range(5):
        with writing(any_house) as unit:
            due = unit.now if n % 2 else None
            tasks.open_task(unit, "given_up", f"s{n}", None, due_at=due)
        any_house.clock.move(minutes=1)
    seen, after = [], ""
    for size in (2, 2, 1):
        page, older = casework.open_tasks(any_house, after)
        assert len(page) == size
        seen += [task.subject_id for task in page]
        after = older or ""
    assert after == ""
    assert seen == ["s1", "s3", "s0", "s2", "s4"]


def test_sqlite_learns_without_samples(house: TestHouse) -> None:
    """A value in its statistics would outlive its erasure (P2)."""
    fill(house.engine, 30, house.clock.now())
    learn(house.engine)
    with house.reader.connect() as connection:
        run = connection.exec_driver_sql
        assert run("SELECT COUNT(*) FROM sqlite_stat1").scalar_one() > 20
        known = run("SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_stat4'")
        if known.scalar_one():
            assert run("SELECT COUNT(*) FROM sqlite_stat4").scalar_one() == 0
