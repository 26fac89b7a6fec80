"""Throwaway databases for tests, on SQLite and on PostgreSQL where one answers."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

KINDS = ("sqlite", "postgresql")
SERVER = "postgresql://postgres@127.0.0.1:5432"
PREFIX = "bonretour_test_"
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
def throwaway(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database, dropped afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bonretour.db'}"
        return
    name = f"{PREFIX}{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg.connect(
            f"{SERVER}/postgres", autocommit=True, connect_timeout=2
        )
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL answers on 127.0.0.1:5432")
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def three_databases(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a product on throwaway databases; on SQLite its own files."""
    with ExitStack() as dropping:
        urls = [
            dropping.enter_context(throwaway(kind, folder))
            for _ in (VARIABLES if kind != "sqlite" else ())
        ]
        yield dict(zip(VARIABLES, urls, strict=False))
