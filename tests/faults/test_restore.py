"""The drill: back up under load, lose everything, bring it back, finish, pay once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from returns import backups
from returns.backups import BackupRefused
from returns.migrations import migrate
from returns.services import catching_up, refunds
from tests.databases import KINDS, empty_again
from tests.faults.journeys import Journey, eventually
from tests.houses import TestHouse, opened
from tests.orders import new_order
from tests.pictures import photo
from tests.stack import Stack
from tests.unit.returns.test_money import fall_due, open_one

OURS = ("actions", "rasa", "worker", "desk")


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    folder = tmp_path / "house"
    folder.mkdir()
    with opened(request.param, folder) as house:
        yield house


def tables_of(house: TestHouse) -> dict[str, Any]:
    from returns.tables import metadata

    with house.reader.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in metadata.sorted_tables
        }


def make(house: TestHouse, folder: Path) -> backups.Backup:
    try:
        return backups.make(house, folder)
    except BackupRefused as refused:
        if "not installed" in str(refused) or "version mismatch" in str(refused):
            pytest.skip(f"PostgreSQL's own tools do not fit: {refused}")
        raise


def test_a_backup_comes_back_whole(house: TestHouse, tmp_path: Path) -> None:
    """Every row and every picture; the caches are gone; a paid refund stays paid."""
    return_id = open_one(house, new_order(house))
    refund_id = fall_due(house, return_id)
    refunds.pay(house, refund_id)
    pictures = house.settings.var / "uploads"
    pictures.mkdir()
    (pictures / "u1.sealed").write_bytes(b"sealed")
    (house.settings.var / "work.db").write_bytes(b"x")
    before, copy = tables_of(house), tmp_path / "copy"
    assert make(house, copy).files == 1
    assert copy.stat().st_mode & 0o077 == 0
    assert not list(copy.rglob("secrets"))
    with pytest.raises(BackupRefused):
        backups.make(house, copy)
    house.engine.dispose()
    empty_again(house.settings.database_url)
    (pictures / "u1.sealed").unlink()
    backups.bring_back(house.settings, copy)
    migrate(house.engine)
    assert tables_of(house) == before
    assert (pictures / "u1.sealed").read_bytes() == b"sealed"
    assert not (house.settings.var / "work.db").exists()
    refunds.pay(house, refund_id)
    assert house.gateways.bank.paid_minor() == 5990 + 490
    with pytest.raises(BackupRefused):
        backups.bring_back(house.settings, copy)


def test_a_damaged_backup_is_refused(house: TestHouse, tmp_path: Path) -> None:
    """One changed byte, a missing file, a folder of somebody's: nothing is touched."""
    made = make(house, tmp_path / "copy")
    file = tmp_path / "copy" / made.database
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    for folder in (tmp_path / "copy", tmp_path):
        with pytest.raises(BackupRefused):
            backups.bring_back(house.settings, folder)


def test_nothing_is_paid_twice_after_a_disaster(
    faulty: Stack, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Backed up while customers write; then everything of ours is deleted."""
    url = faulty.settings.database_url
    if not url.startswith("sqlite") and not pytestconfig.getoption("--full"):
        pytest.skip("on PostgreSQL with --full; the tests above restore there")
    paid, waiting = (Journey(faulty).to_the_recap_at_once() for _ in range(2))
    for journey in (paid, waiting):
        journey.say_yes_until_answered()
        journey.must_be_whole()
    upload_id = waiting.customer.upload(photo())
    made = _backed_up_under_load(faulty, tmp_path / "copy")
    assert made.files >= 1
    paid.must_be_paid_once()  # after the backup: the copy does not know it
    for part in OURS:
        faulty.kill(part)
    faulty.house.engine.dispose()
    empty_again(url)
    backups.bring_back(faulty.settings, tmp_path / "copy")
    assert paid.status() == "authorised"
    faulty.start(*OURS)
    faulty.wait_ready()
    catching_up.read_books(faulty.house)
    eventually(lambda: paid.status() == "closed", "it finishes once more")
    assert [row["amount_minor"] for row in paid.payments()] == [6480]
    waiting.must_be_paid_once()
    reply = waiting.customer.http.get(f"/chat/uploads/{upload_id}")
    assert reply.status_code == 200


def _backed_up_under_load(stack: Stack, folder: Path) -> backups.Backup:
    """While two customers write without a pause."""
    stop = threading.Event()

    def write() -> None:
        somebody = stack.customer()
        while not stop.is_set():
            with suppress(httpx.TransportError):
                somebody.say("bonjour")

    with ThreadPoolExecutor(2) as pool:
        talks = [pool.submit(write) for _ in range(2)]
        try:
            return backups.make(stack.house, folder)
        finally:
            stop.set()
            for talk in talks:
                talk.result()
