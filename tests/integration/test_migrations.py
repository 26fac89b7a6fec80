"""The migrations, on SQLite and PostgreSQL."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from returns import repository
from returns.engines import make_engine
from returns.migrations import migrate
from returns.tables import metadata
from tests.databases import KINDS, throwaway

importlib.import_module("desk.tables")
ROOT = Path(__file__).resolve().parents[2]
MIGRATE = (
    "import sys; from returns.migrations import migrate;"
    "from returns.engines import make_engine; migrate(make_engine(sys.argv[1]))"
)

AN_OLDER_ORDER = sa.text(
    "INSERT INTO orders (order_number, order_key, email_key, placed_at, status,"
    " language, currency, customer, payment_method, payment_reference, captured_minor,"
    " shipping_paid_minor, shipping_standard_minor, refunded, updated_at) VALUES"
    " ('FR-1042', 'fr1042', 'a@example.com', CURRENT_TIMESTAMP, 'paid', 'fr',"
    " 'EUR', '{}', 'sandbox', 'p1', 100, 0, 0, '[]', CURRENT_TIMESTAMP)"
)


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with throwaway(request.param, tmp_path) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, {"compare_type": True})
        return list(compare_metadata(context, metadata))


def test_migrated_database_equals_the_tables(engine: Engine) -> None:
    """After all migrations nothing differs from the tables that the code uses."""
    migrate(engine)
    assert differences(engine) == []


def test_a_missing_column_would_be_noticed(engine: Engine) -> None:
    """The comparison that the other test trusts does see a difference."""
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE work DROP COLUMN last_error"))
    assert len(differences(engine)) == 1


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    """A second migration keeps the rows and the tables."""
    migrate(engine)
    clock = metadata.tables["clock_offset"]
    with engine.begin() as connection:
        connection.execute(clock.insert().values(clock_id=1, seconds=5))
    migrate(engine)
    with engine.begin() as connection:
        assert connection.execute(sa.select(clock.c.seconds)).scalar() == 5


def test_orders_of_an_older_version_are_found_by_their_digits(engine: Engine) -> None:
    """What 0003 stored is filled in."""
    migrate(engine, to="0003")
    with engine.begin() as connection:
        connection.execute(AN_OLDER_ORDER)
    migrate(engine)
    with engine.connect() as connection:
        found = repository.orders_called(connection, "1042")
    assert [row.order_number for row in found] == ["FR-1042"]


def test_processes_that_migrate_at_once(engine: Engine) -> None:
    """Four processes that start together all succeed, quietly."""
    url = engine.url.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, url.replace("+psycopg", "")],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(4)
    ]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outputs
    assert "".join(outputs) == ""
    assert differences(engine) == []
