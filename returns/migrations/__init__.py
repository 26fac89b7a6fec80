"""The history of the one database that desk and returns share.

After a change of the tables, `python -m returns.migrations "what changed"` compares
them with an empty database migrated to head and writes the next file into versions/.
Then `ruff check --fix` and `ruff format` that folder, and read the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData

HERE = Path(__file__).parent
LOCK_KEY = 7_202_611_220


def migrate(
    engine: Engine, metadata_target: MetaData | None = None, to: str = "head"
) -> None:
    """Bring the database to head; two processes may do so at once.

    metadata_target: only for writing a migration, else None. to: a revision.
    """
    with _alone(engine) as connection:
        command.upgrade(_config(connection, metadata_target), to)


def write_migration(engine: Engine, metadata_target: MetaData, message: str) -> None:
    """Write down what metadata_target has and the database at head has not."""
    migrate(engine)
    number = len(list((HERE / "versions").glob("*.py"))) + 1
    with _alone(engine) as connection:
        config = _config(connection, metadata_target)
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")


def _config(connection: Connection, metadata_target: MetaData | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata_target
    return config


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other migration can overlap (SQLite: BEGIN IMMEDIATE)."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            lock = f"SELECT pg_advisory_xact_lock({LOCK_KEY})"
            connection.exec_driver_sql(lock)
        yield connection
