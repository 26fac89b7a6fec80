"""What a database complains of names no customer (P3); what waits for the disk."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from returns.engines import KEPT_CONNECTIONS, make_engine
from returns.errors import ConfigurationError
from returns.queue_engine import make_dbos_engine
from returns.settings import load_settings
from tests.databases import throwaway


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


@pytest.mark.parametrize("most", [2, 7])
def test_a_process_takes_no_more_than_it_may(most: int, tmp_path: Path) -> None:
    """And who finds none free waits for the next, instead of failing."""
    with throwaway("postgresql", tmp_path) as url:
        engine = make_engine(url, connections=most)
        held = [engine.connect() for _ in range(most)]
        back = threading.Timer(0.2, held[0].close)
        back.start()
        with engine.connect() as late:
            assert _taken(late) == most
        for connection in held:
            connection.close()
        back.join()
        with engine.connect() as kept:
            assert _taken(kept) == min(most, KEPT_CONNECTIONS)
        engine.dispose()


def _taken(connection: sa.Connection) -> int:
    """The server closes in its own time what we have closed."""
    ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    seen = 0
    for _ in range(50):
        now = int(connection.exec_driver_sql(ours).scalar_one())
        connection.rollback()
        if now == seen:
            break
        seen = now
        time.sleep(0.1)
    return seen


@pytest.mark.parametrize("told", ["1", "0", "many", "-3", "101"])
def test_so_many_connections_cannot_be(
    told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BONRETOUR_DATABASE_CONNECTIONS", told)
    with pytest.raises(ConfigurationError, match="expected a number, 2 to 100"):
        load_settings()
