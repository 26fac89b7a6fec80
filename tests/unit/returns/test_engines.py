"""What a database complains of may be logged, so it names no customer (P3)."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from returns.engines import make_engine


def test_an_error_hides_what_was_written(tmp_path: Path) -> None:
    """The statement is told, its parameters are not."""
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    missing = sa.text("INSERT INTO nowhere VALUES (:text)")
    with pytest.raises(sa.exc.OperationalError) as failed, engine.begin() as connection:
        connection.execute(missing, {"text": "CANARY"})
    engine.dispose()
    assert "nowhere" in str(failed.value)
    assert "CANARY" not in str(failed.value)
