"""A return's pictures: kept with it, sent to the supplier once, never lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from returns import repository
from returns.errors import NotFound, PartnerRefused, PartnerUnknown, TooManyPictures
from returns.failpoints import FailpointReached
from returns.gateways.supplier import Authorisation
from returns.model import ReturnReason
from returns.services import (
    authorisations,
    cases,
    desk_acts,
    evidence,
    tasks,
    uploads,
    views,
)
from returns.tables import evidence as evidence_rows
from returns.tables import returns, work
from returns.tables import uploads as upload_rows
from returns.unit import writing
from returns.work import WorkKind
from returns.workflows import give_up, handlers
from tests.databases import KINDS
from tests.houses import WAREHOUSE, FakeSupplier, TestHouse, opened
from tests.orders import new_order
from tests.pictures import TAKEN, located, photo
from tests.unit.returns.test_money import wish

BY_HAND = Authorisation("RMA-7", WAREHOUSE, None, "shop", None)
BROKEN = {"reasons": (ReturnReason.DAMAGED_IN_TRANSIT,)}


class CountingSupplier(FakeSupplier):
    """Counts what is sent, which its book would hide; may refuse or go silent after."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []
        self.error: Exception | None = None

    def add_evidence(
        self, rma: str, key: str, filename: str, content: bytes, content_type: str
    ) -> None:
        self.sent.append(key)
        if not isinstance(self.error, PartnerRefused):
            super().add_evidence(rma, key, filename, content, content_type)
        if self.error is not None:
            raise self.error


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        house.gateways.any_supplier = CountingSupplier()
        yield house


@pytest.fixture
def supplier(house: TestHouse) -> CountingSupplier:
    known = house.gateways.any_supplier
    assert isinstance(known, CountingSupplier)
    return known


def keep(house: TestHouse, content: bytes = TAKEN["JPEG"], talk: str = "c1") -> str:
    return uploads.keep(house, talk, content)


def open_with(
    house: TestHouse, *upload_ids: str, talk: str = "c1", **order: Any
) -> str:
    """A return whose first line was told with these pictures."""
    wish(house, new_order(house, **order), talk, **BROKEN)
    with writing(house) as unit:
        draft = repository.open_draft(unit.connection, talk)
        assert draft is not None
        first = replace(draft.lines[0], upload_ids=upload_ids)
        lines = (first, *draft.lines[1:])
        repository.save_draft(unit.connection, replace(draft, lines=lines), unit.now)
    (return_id,) = cases.confirm(house, talk, "yes").return_ids
    return return_id


def events(house: TestHouse, return_id: str) -> list[str]:
    told = {r["return_id"]: r for r in views.all_returns(house)}[return_id]
    return [e["event"] for e in told["history"] if e["event"].startswith("evidence")]


def send_what_waits(house: TestHouse) -> None:
    """As the worker does: each piece of work that is still pending, once."""
    query = sa.select(work.c.subject_id).where(
        work.c.kind == WorkKind.SEND_EVIDENCE, work.c.state == "pending"
    )
    with house.reader.connect() as connection:
        waiting = list(connection.execute(query).scalars())
    for subject_id in waiting:
        handlers(house)[WorkKind.SEND_EVIDENCE](subject_id)


def is_sent(house: TestHouse, return_id: str) -> list[bool]:
    query = sa.select(evidence_rows.c.sent_at).where(
        evidence_rows.c.return_id == return_id
    )
    with house.reader.connect() as connection:
        return [at is not None for at in connection.execute(query).scalars()]


def test_pictures_of_the_yes_go_to_the_supplier(
    house: TestHouse, supplier: CountingSupplier
) -> None:
    """Told with the line, kept with the return, sent once its number is known."""
    one, two = keep(house), keep(house, TAKEN["PNG with alpha"])
    return_id = open_with(house, one, two)
    assert events(house, return_id) == ["evidence.added"]
    assert not house.queue.subjects(WorkKind.SEND_EVIDENCE)
    authorisations.authorise(house, return_id)
    send_what_waits(house)
    (book,) = supplier.evidence.values()
    assert set(book) == {f"{return_id}:{one}", f"{return_id}:{two}"}
    assert book[f"{return_id}:{one}"] == uploads.content_of(house, one)
    assert events(house, return_id)[1:] == ["evidence.sent"] * 2
    assert is_sent(house, return_id) == [True, True]


def test_work_that_runs_twice_sends_once(
    house: TestHouse, supplier: CountingSupplier
) -> None:
    """The same work again, and a second authorisation's, find it sent."""
    upload_id = keep(house)
    return_id = open_with(house, upload_id)
    authorisations.authorise(house, return_id)
    for _ in range(2):
        evidence.send(house, f"{return_id}:{upload_id}")
    with writing(house) as unit:
        evidence.send_all(house, unit, return_id)
    send_what_waits(house)
    assert len(supplier.sent) == 1
    assert events(house, return_id) == ["evidence.added", "evidence.sent"]


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_a_loss_after_the_call_reads_the_book(
    house: TestHouse,
    supplier: CountingSupplier,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    """It arrived, we never knew: the next run finds it there and sends no other."""
    upload_id = keep(house)
    return_id = open_with(house, upload_id)
    authorisations.authorise(house, return_id)
    with monkeypatch.context() as broken:
        if how == "killed":
            broken.setenv("BONRETOUR_FAILPOINT", "evidence.after_call:raise")
        else:
            supplier.error = PartnerUnknown("timeout")
        with pytest.raises((FailpointReached, PartnerUnknown)):
            send_what_waits(house)
    assert is_sent(house, return_id) == [False]
    supplier.error = None
    send_what_waits(house)
    assert is_sent(house, return_id) == [True]
    assert len(supplier.sent) == 1


def test_a_refusal_becomes_a_task_and_stops_nothing(
    house: TestHouse, supplier: CountingSupplier
) -> None:
    """A person passes the pictures on; the return itself stays as it was."""
    one, two = keep(house), keep(house, photo("PNG", "L"))
    return_id = open_with(house, one, two)
    authorisations.authorise(house, return_id)
    supplier.error = PartnerRefused("unknown_rma")
    send_what_waits(house)
    send_what_waits(house)
    (task,) = tasks.open_tasks(house)
    assert (task.kind, task.subject_id) == ("send_evidence", return_id)
    assert task.facts["refused"] == "unknown_rma"
    assert sorted(task.facts["pictures"]) == sorted([one, two])
    desk_acts.evidence_by_hand(house, task, "lea")
    assert is_sent(house, return_id) == [True, True]
    assert tasks.open_tasks(house) == []


def test_a_lost_file_becomes_a_task(house: TestHouse) -> None:
    """A restored database without its files: a person hears of it, nothing loops."""
    upload_id = keep(house)
    return_id = open_with(house, upload_id)
    authorisations.authorise(house, return_id)
    for file in (house.settings.var / "uploads").iterdir():
        file.unlink()
    send_what_waits(house)
    assert [task.facts["refused"] for task in tasks.open_tasks(house)] == ["file_lost"]


def test_given_up_sending_is_a_task_to_try_again(house: TestHouse) -> None:
    """A supplier that is silent for a day costs a plain task, as all work does."""
    return_id = open_with(house, keep(house))
    authorisations.authorise(house, return_id)
    (item,) = (i for i in house.queue.pushed if i.kind is WorkKind.SEND_EVIDENCE)
    give_up(house, item)
    (task,) = tasks.open_tasks(house)
    assert task.facts == {"kind": "send_evidence", "subject_id": item.subject_id}


def test_a_supplier_without_an_api_gets_them_from_staff(house: TestHouse) -> None:
    """The task lists the pictures, also one that came after it was opened."""
    one, two, late = (
        keep(house),
        keep(house, TAKEN["PNG"]),
        keep(house, photo(width=90)),
    )
    return_id = open_with(house, one, lines=[{"supplier": "Kado Factory"}])
    house.clock.move(minutes=1)  # pictures of one moment come in any order
    assert evidence.add_later(house, "c1", [two]) == return_id
    (task,) = tasks.open_tasks(house)
    assert task.facts["pictures"] == [one, two]
    assert tasks.find_task(house, task.task_id[:8]).facts == task.facts
    desk_acts.address_by_hand(house, task, BY_HAND, "lea")
    assert tasks.open_tasks(house) == []
    assert evidence.add_later(house, "c1", [late]) == return_id
    assert [task.kind for task in tasks.open_tasks(house)] == ["send_evidence"]
    assert not house.queue.subjects(WorkKind.SEND_EVIDENCE)


def test_a_later_picture_goes_to_the_newest_open_return(
    house: TestHouse, supplier: CountingSupplier
) -> None:
    """After the yes, before or after the number: sent all the same, and once."""
    early, late = keep(house), keep(house, TAKEN["PNG"])
    open_with(house, talk="c0")
    with writing(house) as unit:
        unit.connection.execute(returns.update().values(conversation_id="c1"))
    house.clock.move(seconds=5)
    newest = open_with(house)
    assert evidence.add_later(house, "c1", [early]) == newest
    authorisations.authorise(house, newest)
    assert evidence.add_later(house, "c1", [late]) == newest
    assert evidence.add_later(house, "c1", [late]) == newest
    send_what_waits(house)
    assert sorted(supplier.sent) == sorted(f"{newest}:{u}" for u in (early, late))
    assert events(house, newest).count("evidence.added") == 2


def test_a_later_picture_needs_an_open_return_and_an_own_picture(
    house: TestHouse,
) -> None:
    """Without either it stays with the conversation, and nothing is claimed."""
    mine, foreign = keep(house), keep(house, talk="c2")
    assert evidence.add_later(house, "c1", [mine]) is None
    open_with(house)
    assert evidence.add_later(house, "c1", [foreign, "no-such", "x\x00"]) is None
    assert evidence.add_later(house, "c2", [foreign]) is None


def test_anothers_picture_is_never_attached(house: TestHouse) -> None:
    """An id of another conversation in a draft adds nothing to its return."""
    return_id = open_with(house, keep(house, talk="c2"))
    assert events(house, return_id) == []
    assert is_sent(house, return_id) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_picture_is_kept_once(kind: str, tmp_path: Path) -> None:
    """Sent again after a lost answer it has the same id; in another talk its own."""
    with opened(kind, tmp_path) as house:
        assert keep(house) == keep(house)
        assert keep(house) != keep(house, talk="c2")
        files = list((house.settings.var / "uploads").iterdir())
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert files[0].parent.stat().st_mode & 0o777 == 0o700


def test_what_is_kept_is_described_and_plain(house: TestHouse) -> None:
    """Size and hash in the row are the file's; the file tells no place."""
    upload_id = keep(house, located(6))
    with house.reader.connect() as connection:
        row = connection.execute(sa.select(upload_rows)).one()
    assert (row.upload_id, row.width, row.height) == (upload_id, 32, 64)
    assert row.bytes == len(uploads.content_of(house, upload_id))
    assert b"SECRET" not in uploads.content_of(house, upload_id)


def test_a_day_has_a_limit(house: TestHouse) -> None:
    """The 24 hours' last picture is taken, one more is not, the next day it is."""
    limits = replace(house.shop.limits, uploads_per_conversation=2)
    house.shop = replace(house.shop, limits=limits)
    shades = [photo(width=size) for size in (20, 22, 24)]
    keep(house, shades[0])
    keep(house, shades[1])
    with pytest.raises(TooManyPictures):
        keep(house, shades[2])
    assert keep(house, shades[1]) and keep(house, shades[2], talk="c2")
    house.clock.move(hours=24)
    keep(house, shades[2])


def test_erasing_a_talk_erases_its_pictures(house: TestHouse) -> None:
    """Row and file go; another conversation's stay."""
    gone, stays = keep(house), keep(house, talk="c2")
    with writing(house) as unit:
        uploads.erase(house, unit, "c1")
    with pytest.raises(NotFound):
        uploads.content_of(house, gone)
    assert uploads.content_of(house, stays)
    with house.reader.connect() as connection:
        assert uploads.of_conversation(connection, "c1", [gone]) == []
