"""The demo's clock is moved in the database, and goes on without it."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from returns.clock import Clock
from returns.engines import make_engine
from returns.tables import clock_offset
from returns.wiring import SharedOffset


def test_the_clock_outlives_an_unreadable_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without tables it tells the time; later gone, it keeps the last offset."""
    monkeypatch.setattr("returns.wiring.CLOCK_CACHE_SECONDS", 0.0)
    engine = make_engine(f"sqlite:///{tmp_path / 'clock.db'}")
    offset = SharedOffset(engine)
    assert offset() == 0.0
    clock_offset.create(engine)
    with engine.begin() as connection:
        connection.execute(clock_offset.insert().values(seconds=86_400.0))
    assert offset() == 86_400.0
    with engine.begin() as connection:
        connection.execute(sa.schema.DropTable(clock_offset))
    assert offset() == 86_400.0
    assert (Clock(offset).now() - Clock().now()).days >= 0
    engine.dispose()
