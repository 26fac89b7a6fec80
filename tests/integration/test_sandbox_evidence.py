"""A customer's picture at the sandbox's supplier, whatever the network does."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from returns.clock import Clock
from returns.errors import PartnerError, PartnerUnknown
from returns.sandbox.client import SandboxClient
from returns.services import authorisations, cases, evidence, uploads
from returns.settings import Settings
from returns.tables import evidence as evidence_rows
from tests.houses import TestHouse, opened
from tests.orders import new_order
from tests.partners import sandbox_in_thread, sandbox_settings
from tests.pictures import TAKEN, located, photo
from tests.sandboxed import SandboxGateways
from tests.unit.returns.test_money import wish

WRITES = ("timeout_after", "truncated", "wrong_schema", "timeout_before", "503")
READS = ("truncated", "wrong_schema", "garbage")
FAULTS = [("POST", kind) for kind in WRITES] + [("GET", kind) for kind in READS]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    found = sandbox_settings(tmp_path_factory.mktemp("evidence"))
    with sandbox_in_thread(found, Clock()):
        yield found


@pytest.fixture
def admin(settings: Settings) -> Iterator[SandboxClient]:
    client = SandboxClient(settings)
    yield client
    client.clear()
    client.close()


@contextmanager
def authorised(settings: Settings, folder: Path) -> Iterator[tuple[TestHouse, str]]:
    """A house and its return, which the sandbox's supplier authorised."""
    with opened("sqlite", folder) as house:
        house.gateways = SandboxGateways(settings)
        wish(house, new_order(house))
        (return_id,) = cases.confirm(house, "c1", "yes").return_ids
        authorisations.authorise(house, return_id)
        yield house, return_id


def pictures_at(admin: SandboxClient, return_id: str) -> int:
    (row,) = (row for row in admin.returns() if row["reference"] == return_id)
    return int(row["pictures"])


def add(house: TestHouse, content: bytes) -> str:
    """Attach a picture to the return; the subject of its work."""
    upload_id = uploads.keep(house, "c1", content)
    return f"{evidence.add_later(house, 'c1', [upload_id])}:{upload_id}"


def sent_count(house: TestHouse) -> int:
    with house.reader.connect() as connection:
        rows = connection.execute(evidence_rows.select()).all()
    return sum(row.sent_at is not None for row in rows)


def test_pictures_arrive_at_the_supplier(
    settings: Settings, admin: SandboxClient, tmp_path: Path
) -> None:
    """Each once, counted where `sandbox returns --json` shows it."""
    with authorised(settings, tmp_path) as (house, return_id):
        for content in (located(6), TAKEN["PNG"], photo(width=3000)):
            evidence.send(house, add(house, content))
        assert pictures_at(admin, return_id) == 3
        assert sent_count(house) == 3


@pytest.mark.parametrize(("method", "fault"), FAULTS)
def test_a_fault_sends_nothing_twice(
    settings: Settings,
    admin: SandboxClient,
    tmp_path: Path,
    fault: str,
    method: str,
) -> None:
    """Kept or not when the answer was lost: after the next run it is there once."""
    with authorised(settings, tmp_path) as (house, return_id):
        subject_id = add(house, TAKEN["JPEG"])
        admin.fault("nordlys", fault, times=1, method=method)
        with suppress(PartnerUnknown):  # a read is tried again within the call
            evidence.send(house, subject_id)
        admin.clear()
        evidence.send(house, subject_id)
        assert pictures_at(admin, return_id) == 1
        assert sent_count(house) == 1


def test_an_answer_lost_after_it_was_kept_is_unknown(
    settings: Settings, admin: SandboxClient, tmp_path: Path
) -> None:
    """Nothing is claimed before we know: it is there, and not yet marked as sent."""
    with authorised(settings, tmp_path) as (house, return_id):
        subject_id = add(house, TAKEN["JPEG"])
        admin.fault("nordlys", "timeout_after", times=1, method="POST")
        with pytest.raises(PartnerError, match="timeout"):
            evidence.send(house, subject_id)
        assert (pictures_at(admin, return_id), sent_count(house)) == (1, 0)
