"""Pictures at rest: sealed, each under its own key, readable after every rotation."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from returns import vault
from returns.errors import ConfigurationError, NotFound, PictureRefused
from returns.services import safekeeping, uploads
from returns.tables import uploads as upload_rows
from tests.houses import TestHouse, opened
from tests.pictures import CANARY, REFUSED, TAKEN, damaged, located, photo


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


def files(house: TestHouse) -> list[Path]:
    return sorted((house.settings.var / "uploads").iterdir())


def test_no_picture_lies_open(house: TestHouse) -> None:
    """Not even two files of the same picture look alike."""
    one = uploads.keep(house, "c1", photo())
    uploads.keep(house, "c2", photo())
    here, there = (file.read_bytes() for file in files(house))
    assert here[60:] != there[60:] and len(here) == len(there)
    for stored in (here, there):
        assert stored.startswith(safekeeping.MAGIC)
        assert b"JFIF" not in stored and safekeeping.JPEG not in stored[:200]
    assert uploads.content_of(house, one).startswith(safekeeping.JPEG)


def test_any_change_is_noticed(house: TestHouse) -> None:
    """A byte anywhere, a cut, or another picture's file under this name."""
    one = uploads.keep(house, "c1", photo())
    two = uploads.keep(house, "c1", photo(width=80))
    (path,) = (file for file in files(house) if file.stem == one)
    (other,) = (file for file in files(house) if file.stem == two)
    whole = path.read_bytes()
    for place in (0, 5, 14, 60, safekeeping.HEAD_BYTES + 3, len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(bytes(changed))
        with pytest.raises(NotFound):
            uploads.content_of(house, one)
    for stored in (whole[:-1], whole[:20], b"", other.read_bytes()):
        path.write_bytes(stored)
        with pytest.raises(NotFound):
            uploads.content_of(house, one)
    path.write_bytes(whole)
    assert uploads.content_of(house, one)


def test_a_rotation_writes_the_keys_anew(house: TestHouse) -> None:
    """Everything opens before, meanwhile and afterwards, without the old key too."""
    ids = [uploads.keep(house, f"c{n}", photo(width=40 + 2 * n)) for n in range(5)]
    plain = [uploads.content_of(house, one) for one in ids]
    sealed = {file.name: file.read_bytes() for file in files(house)}
    house.settings.renew_secret("photos")
    assert [uploads.content_of(house, one) for one in ids] == plain
    late = uploads.keep(house, "late", photo())
    assert safekeeping.rotate(house.settings) == safekeeping.Rotated(rewrapped=5)
    assert safekeeping.rotate(house.settings) == safekeeping.Rotated()
    (house.settings.var / "secrets" / "photos_old").unlink()
    assert [uploads.content_of(house, one) for one in ids] == plain
    assert uploads.content_of(house, late)
    for file in files(house):
        if file.name in sealed:
            head = safekeeping.HEAD_BYTES
            assert file.read_bytes()[:head] != sealed[file.name][:head]
            assert file.read_bytes()[head:] == sealed[file.name][head:]


def test_a_rotation_goes_on_where_it_was_stopped(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the files are under each key; all open, and the rest follows."""
    ids = [uploads.keep(house, f"c{n}", photo(width=40 + 2 * n)) for n in range(4)]
    house.settings.renew_secret("photos")
    put, written = safekeeping._put, []

    def dying(path: Path, content: bytes) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        put(path, content)

    monkeypatch.setattr(safekeeping, "_put", dying)
    with pytest.raises(KeyboardInterrupt):
        safekeeping.rotate(house.settings)
    monkeypatch.undo()
    assert all(uploads.content_of(house, one) for one in ids)
    assert safekeeping.rotate(house.settings).rewrapped == 2


def test_what_lay_open_is_read_and_then_sealed(house: TestHouse) -> None:
    """Files of earlier versions, by the same command."""
    one = uploads.keep(house, "c1", photo())
    content = uploads.content_of(house, one)
    (path,) = files(house)
    path.unlink()
    path.with_suffix(".jpg").write_bytes(content)
    assert uploads.content_of(house, one) == content
    assert safekeeping.rotate(house.settings).sealed == 1
    assert [file.suffix for file in files(house)] == [".sealed"]
    assert uploads.content_of(house, one) == content


def test_without_its_key_a_picture_is_lost(house: TestHouse) -> None:
    """And the rotation names it instead of going on in silence."""
    one = uploads.keep(house, "c1", photo())
    (house.settings.var / "secrets" / "photos").write_text("another key")
    with pytest.raises(NotFound):
        uploads.content_of(house, one)
    assert safekeeping.rotate(house.settings).unreadable == (one,)


def test_production_has_no_key_of_its_own(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes from the environment, the older ones beside it."""
    strict = replace(house.settings, production=True)
    with pytest.raises(ConfigurationError, match="BONRETOUR_SECRET_PHOTOS"):
        safekeeping.write(strict, "id", b"x")
    monkeypatch.setenv("BONRETOUR_SECRET_PHOTOS", "first")
    safekeeping.write(strict, "id", b"\xff\xd8\xff picture")
    monkeypatch.setenv("BONRETOUR_SECRET_PHOTOS", "second")
    with pytest.raises(vault.SealBroken):
        safekeeping.read(strict, "id")
    monkeypatch.setenv("BONRETOUR_SECRET_PHOTOS_OLD", "zeroth first")
    assert safekeeping.read(strict, "id") == b"\xff\xd8\xff picture"
    with pytest.raises(ConfigurationError):
        strict.renew_secret("photos")


def test_hostile_files_leave_nothing_of_themselves(
    house: TestHouse, request: pytest.FixtureRequest
) -> None:
    """Whatever is sent: a refusal, or a sealed picture of our own; never the file."""
    full = request.config.getoption("--full")
    hostile = [*TAKEN.values(), *(content for content, _ in REFUSED.values())]
    hostile = hostile if full else hostile[::6]
    wanted = 300 if full else 12
    hostile += [damaged(seed) for seed in range(wanted - len(hostile))]
    hostile.append(located(3))
    kept = 0
    limits = replace(house.shop.limits, enabled=False)
    house.shop = replace(house.shop, limits=limits)
    for number, content in enumerate(hostile):
        try:
            upload_id = uploads.keep(house, f"c{number}", content)
        except PictureRefused:
            continue
        kept += 1
        assert uploads.content_of(house, upload_id) != content
    assert 0 < kept == len(files(house))
    for file in files(house):
        assert file.read_bytes().startswith(safekeeping.MAGIC)
        assert CANARY not in file.read_bytes()
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).select_from(upload_rows)
        assert connection.execute(query).scalar() == kept
