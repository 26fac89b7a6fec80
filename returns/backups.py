"""A copy of all that may never be lost, taken while everything runs, and its way back.

First the database, then the files: whatever a row of the copy names is there. Secrets
are no part of it (photos are sealed, and a thief of the copy must not open them), nor
are the databases of DBOS and Rasa, which are made anew.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from returns.engines import sqlite_module
from returns.errors import ReturnsError
from returns.settings import Settings
from returns.wiring import House

FOLDERS = ("uploads", "products")
CACHES = ("work.db", "rasa.db")
SQLITE, POSTGRES, MANIFEST = "bonretour.db", "bonretour.dump", "backup.json"
VERSION = "SELECT version_num FROM alembic_version"
PIECE = 1 << 20


class BackupRefused(ReturnsError):
    """The backup cannot be made or brought back; the message says what to do."""


@dataclass(frozen=True)
class Backup:
    """made_at: by our clock; revision: of the tables; files: pictures beside it."""

    made_at: str
    revision: str
    database: str
    sha256: str
    files: int


def make(house: House, folder: Path) -> Backup:
    """Into a folder that does not exist yet. Raises BackupRefused."""
    if folder.exists():
        raise BackupRefused(f"{folder} exists; name a folder that does not")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    made_at, settings = house.clock.now(), house.settings
    if house.engine.dialect.name == "sqlite":
        name = SQLITE
        _copy_sqlite(house, partial / name)
    else:
        name = POSTGRES
        file = f"--file={partial / name}"
        _run(settings, "pg_dump", "--format=custom", "--no-owner", file)
    files = sum(_copy_files(settings.var / part, partial / part) for part in FOLDERS)
    made = _manifest(house, made_at, partial / name, files)
    (partial / MANIFEST).write_text(json.dumps(asdict(made), indent=2) + "\n")
    partial.rename(folder)
    return made


def bring_back(settings: Settings, folder: Path) -> Backup:
    """Into an installation that is stopped and has no data of its own yet.

    The caches of DBOS and Rasa are taken away. Raises BackupRefused.
    """
    made = read(folder)
    if settings.database_url.startswith("sqlite") != (made.database == SQLITE):
        raise BackupRefused(f"{made.database} is no backup of this kind of database")
    if made.database == SQLITE:
        there = Path(str(sa.make_url(settings.database_url).database))
        if there.exists():
            raise BackupRefused(f"{there} exists; move it away first, with its -wal")
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / made.database, there)
        there.chmod(0o600)
    else:
        file = str(folder / made.database)
        _run(settings, "pg_restore", "--no-owner", "--exit-on-error", file)
    for part in FOLDERS:
        _copy_files(folder / part, settings.var / part)
    for cache in CACHES:
        for path in settings.var.glob(f"{cache}*"):
            path.unlink()
    return made


def read(folder: Path) -> Backup:
    """Raises BackupRefused for what is no whole backup."""
    try:
        made = Backup(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        found = _sha256(folder / made.database)
    except (OSError, ValueError, TypeError) as error:
        raise BackupRefused(f"{folder} is no backup of ours") from error
    if found != made.sha256:
        raise BackupRefused(f"{folder / made.database} is not as it was written")
    return made


def _copy_sqlite(house: House, path: Path) -> None:
    """SQLite's own way: a moment's picture, while others go on writing."""
    module = sqlite_module()
    path.touch(mode=0o600)
    with contextlib.closing(module.connect(path)) as there:
        raw = house.reader.raw_connection()
        try:
            raw.driver_connection.backup(there)  # type: ignore[union-attr]
        finally:
            raw.close()
        if there.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise BackupRefused("the database is damaged; keep it, and the last backup")
        there.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal


def _copy_files(here: Path, there: Path) -> int:
    """How many; what is deleted meanwhile was erased, and need not be kept."""
    copied = 0
    for path in sorted(here.glob("*")) if here.exists() else ():
        if path.is_file() and not path.name.startswith("."):
            there.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileNotFoundError):
                shutil.copy2(path, there / path.name)
                copied += 1
    return copied


def _manifest(house: House, made_at: datetime, database: Path, files: int) -> Backup:
    with house.reader.connect() as connection:
        revision = connection.exec_driver_sql(VERSION).scalar_one()
    at = made_at.isoformat().replace("+00:00", "Z")
    return Backup(at, str(revision), database.name, _sha256(database), files)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _run(settings: Settings, tool: str, *arguments: str) -> None:
    """PostgreSQL's own tool; the password goes by the environment, never as a word."""
    url = sa.make_url(settings.database_url)
    address = {
        "PGHOST": url.host,
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    environment = {**os.environ, **{k: v for k, v in address.items() if v}}
    if tool == "pg_restore":
        arguments = (f"--dbname={url.database}", *arguments)
    try:
        subprocess.run(  # noqa: S603
            [tool, *arguments], env=environment, check=True, capture_output=True
        )
    except FileNotFoundError as error:
        raise BackupRefused(f"{tool} is not installed (postgresql-client)") from error
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode(errors="replace").strip().splitlines()
        raise BackupRefused(f"{tool}: {told[0] if told else 'failed'}") from error
