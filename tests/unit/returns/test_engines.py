"""What a database complains of names no customer (P3); what waits for the disk."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from returns.engines import make_engine
from returns.queue_engine import make_dbos_engine


def test_an_error_hides_what_was_written(tmp_path: Path) -> None:
    """The statement is told, its parameters are not."""
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    missing = sa.text("INSERT INTO nowhere VALUES (:text)")
    with pytest.raises(sa.exc.OperationalError) as failed, engine.begin() as connection:
        connection.execute(missing, {"text": "CANARY"})
    engine.dispose()
    assert "nowhere" in str(failed.value)
    assert "CANARY" not in str(failed.value)


@pytest.mark.parametrize(("make", "level"), [(make_engine, 2), (make_dbos_engine, 1)])
def test_commits_wait_for_the_disk_but_in_the_cache(
    make: Callable[[str], sa.Engine], level: int, tmp_path: Path
) -> None:
    """FULL for what was promised; NORMAL where the work table has it all."""
    engine = make(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.begin() as connection:
        told = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    engine.dispose()
    assert told == level
