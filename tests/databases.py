"""Throwaway databases for tests, on SQLite and on PostgreSQL where one answers."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

from returns.engines import make_engine
from returns.migrations import migrate

KINDS = ("sqlite", "postgresql")
SERVER = os.environ.get(
    "BONRETOUR_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432"
)
PREFIX = "bonretour_test_"
KEPT = ExitStack()  # what a process of tests makes once; tests/conftest.py closes it
# All that a running product writes to.
VARIABLES = (
    "BONRETOUR_DATABASE_URL",
    "BONRETOUR_DBOS_URL",
    "BONRETOUR_RASA_DATABASE_URL",
)


def empty_again(url: str) -> None:
    """Drop and create the throwaway database of this URL; files are deleted."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        return
    name = url.rpartition("/")[2]
    assert name.startswith(PREFIX), f"{name} is no throwaway database"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')


def server_answers() -> bool:
    """Whether a PostgreSQL is here."""
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def throwaway(kind: str, folder: Path, migrated: bool = False) -> Iterator[str]:
    """The URL of a database, dropped afterwards. It is empty, or at head."""
    if kind == "sqlite":
        file = folder / "bonretour.db"
        if migrated and not file.exists():
            shutil.copyfile(_migrated_file(), file)
        yield f"sqlite:///{file}"
        return
    name = f"{PREFIX}{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg.connect(
            f"{SERVER}/postgres", autocommit=True, connect_timeout=2
        )
    except psycopg.OperationalError:
        pytest.skip(f"no PostgreSQL answers at {SERVER}")
    with server:
        like = f' TEMPLATE "{_migrated_database()}"' if migrated else ""
        server.execute(f'CREATE DATABASE "{name}"{like}')
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@cache
def _migrated_file() -> Path:
    """Made once by each process of tests: to migrate takes longer than most tests."""
    folder = KEPT.enter_context(tempfile.TemporaryDirectory(prefix="bonretour-test-"))
    file = Path(folder) / "migrated.db"
    _migrate(f"sqlite:///{file}")
    return file


@cache
def _migrated_database() -> str:
    url = KEPT.enter_context(throwaway("postgresql", Path()))
    _migrate(url)
    return url.rpartition("/")[2]


def _migrate(url: str) -> None:
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()


@contextmanager
def three_databases(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a product on throwaway databases; on SQLite its own files."""
    with ExitStack() as dropping:
        urls = [
            dropping.enter_context(throwaway(kind, folder))
            for _ in (VARIABLES if kind != "sqlite" else ())
        ]
        yield dict(zip(VARIABLES, urls, strict=False))
