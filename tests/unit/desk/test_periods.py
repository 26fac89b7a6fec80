"""How long data is kept: each period with a clock that jumps, on both databases."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk import handoffs, workflows
from desk.channels.tables import arrivals, outbound
from desk.console import audit, talk
from desk.console.tables import audit_log
from desk.privacy import aged, periods, storage
from desk.tables import conversations, inbound_messages, messages
from returns.importing import import_orders
from returns.services import safekeeping, uploads
from returns.services.tombstones import Graveyard
from returns.tables import (
    metadata,
    notices,
    refunds,
    returns,
    work,
)
from returns.unit import writing
from returns.work import WorkKind
from tests.databases import KINDS
from tests.desks import FakeRasa
from tests.houses import TestHouse, opened
from tests.orders import new_order
from tests.pictures import photo
from tests.unit.desk.persons import CANARIES, NUMBER, hits, person, with_rasa
from tests.unit.desk_console.talks import HANDOFF, begin, say

DAY = timedelta(days=1)


@pytest.fixture(params=KINDS)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield with_rasa(house, tmp_path)


def count(house: TestHouse, name: str) -> int:
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).select_from(metadata.tables[name])
        return int(connection.execute(query).scalar_one())


def talks(house: TestHouse) -> set[str]:
    with house.reader.connect() as connection:
        return set(
            connection.execute(sa.select(conversations.c.conversation_id)).scalars()
        )


def test_a_talk_without_a_return_lives_90_days(home: TestHouse, rasa: FakeRasa) -> None:
    """Since its last message; nobody who waits for a person is forgotten."""
    old, waits, fresh = begin(home), begin(home), begin(home)
    say(home, rasa, old, "bonjour")
    say(home, rasa, waits, "un humain", handoff=HANDOFF)
    home.clock.move(days=60)
    say(home, rasa, fresh, "bonjour")
    home.clock.move(days=29)
    assert periods.unlinked_talks(home) == 0
    home.clock.move(days=2)
    assert periods.unlinked_talks(home) == 1
    assert talks(home) == {waits, fresh}
    assert {row[0] for row in _all(home, messages.c.conversation_id)} == {waits, fresh}
    assert old in {row[0] for row in _all(home, work.c.subject_id)}
    handoffs.release(home, waits)
    home.clock.move(days=91)
    assert periods.unlinked_talks(home) == 2


def _all(house: TestHouse, *columns: sa.Column[str]) -> list[sa.Row[tuple[str]]]:
    with house.reader.connect() as connection:
        return list(connection.execute(sa.select(*columns)).all())


def test_a_talk_with_a_return_lives_with_it(home: TestHouse, rasa: FakeRasa) -> None:
    """Also when it is much older than 90 days."""
    who = person(home, rasa)
    home.clock.move(days=700)
    assert periods.unlinked_talks(home) == periods.old_cases(home) == 0
    assert talks(home) == {who.talk}


def test_a_case_lives_730_days_and_then_as_an_amount(
    home: TestHouse, rasa: FakeRasa, tmp_path: Path
) -> None:
    """With its talk and its order; an import does not bring the order back."""
    who = person(home, rasa)
    with home.reader.connect() as connection:
        ended = connection.execute(sa.select(returns.c.updated_at)).scalar_one()
    home.clock.at = ended + 730 * DAY
    assert periods.old_cases(home) == 0
    home.clock.move(seconds=1)
    assert periods.old_cases(home) == 1
    assert periods.old_cases(home) == 0
    storage.forget_in_rasa(home, [who.talk])
    storage.scrub(home)
    assert hits(home, tmp_path, CANARIES) == []
    assert [row[0] for row in _all(home, refunds.c.amount_minor)] == [who.refund_minor]
    given = {"order_number": NUMBER}
    from tests.orders import make_order

    line = json.dumps(make_order(home, **given))
    left_out = Graveyard(home.settings).left_out
    report = import_orders(home.engine, [line], home.clock.now(), left_out)
    assert (report.erased, report.imported) == (1, 0)


def test_what_is_open_is_never_too_old(home: TestHouse, rasa: FakeRasa) -> None:
    """A return that nobody finished stays, with its photos, whatever the years."""
    person(home, rasa, settled=False)
    home.clock.move(days=4000)
    periods.keep(home, "day")
    assert (
        count(home, "returns") == count(home, "orders") == count(home, "uploads") == 1
    )


def test_amounts_live_six_years(home: TestHouse, rasa: FakeRasa) -> None:
    """Then nothing at all is left of the return."""
    person(home, rasa)
    home.clock.move(days=800)
    assert periods.old_cases(home) == 1
    home.clock.move(days=6 * 365 - 800)
    assert periods.old_ledger(home) == 0 and count(home, "refund_components") > 0
    home.clock.move(days=4)
    assert periods.old_ledger(home) == 1
    for name in ("returns", "return_lines", "refunds", "refund_components", "orders"):
        assert count(home, name) == 0, name
    assert count(home, "drafts") == count(home, "order_lines") == 0


def test_photos_live_60_days_after_the_case(home: TestHouse, rasa: FakeRasa) -> None:
    """File and rows; not while the supplier may still ask for them."""
    who = person(home, rasa)
    home.clock.move(days=59)
    assert aged.photos(home) == 0
    claim = {"party": "supplier", "amount_minor": 1, "currency": "EUR", "state": "open"}
    with home.engine.begin() as connection:
        connection.execute(returns.update().values(claim=claim))
    home.clock.move(days=5)
    assert aged.photos(home) == 0
    with home.engine.begin() as connection:
        connection.execute(returns.update().values(claim={**claim, "state": "won"}))
    assert aged.photos(home) == 1
    assert count(home, "uploads") == count(home, "evidence") == 0
    assert not list((home.settings.var / "uploads").iterdir())
    assert all(not message.images for message in talk.read(home, who.talk).messages)


def test_files_of_nobody_go(home: TestHouse) -> None:
    """What a crash left behind; not what is just being written."""
    kept = uploads.keep(home, "c1", photo())
    safekeeping.write(home.settings, "11111111-orphan", b"x")
    folder = home.settings.var / "uploads"
    (folder / f".{kept}.sealed.77").write_bytes(b"half")
    home.clock.at = home.clock.at.replace(year=2000)
    assert aged.photos(home) == 0
    home.clock.at = home.clock.at.replace(year=2100)
    assert aged.photos(home) == 2
    assert [path.name for path in folder.iterdir()] == [f"{kept}.sealed"]


def test_copies_live_14_days(home: TestHouse, rasa: FakeRasa) -> None:
    """The transcript and what was understood stay; copies and addresses go."""
    who = person(home, rasa)
    with writing(home) as unit:
        told = {"delivered_at": unit.now}
        unit.connection.execute(notices.update().values(**told))
    home.clock.move(days=13)
    assert aged.bodies(home) == 0
    home.clock.move(days=2)
    assert aged.bodies(home) > 0
    assert aged.bodies(home) == 0
    with home.reader.connect() as connection:
        inbound = connection.execute(sa.select(inbound_messages)).one()
        sent = connection.execute(sa.select(notices)).all()
    assert (inbound.text, inbound.events, inbound.payload) == ("", None, None)
    assert inbound.parse["intent"] == "inform" and "entities" not in inbound.parse
    assert all(row.recipient is None and row.params == {} for row in sent)
    assert len(sent) > 1
    for name in ("heard_messages", "identity_codes"):
        assert count(home, name) == 0
    said = talk.read(home, who.talk)
    assert "mot-canari-dit" in said.messages[1].text
    assert said.understood[inbound.inbound_id].parse["confidence"] == 0.3


def test_what_was_not_sent_yet_keeps_its_words(home: TestHouse, rasa: FakeRasa) -> None:
    """However old: it will still be told."""
    person(home, rasa)
    home.clock.move(days=40)
    aged.bodies(home)
    with home.reader.connect() as connection:
        waits = sa.select(notices.c.params).where(notices.c.delivered_at.is_(None))
        rows = list(connection.execute(waits).scalars())
    assert rows and all(rows)


def test_an_order_that_nobody_returned_lives_1095_days(home: TestHouse) -> None:
    """Since it was placed; its import is then ignored."""
    order = new_order(home, placed_days_ago=10)
    home.clock.move(days=1084)
    assert periods.old_orders(home) == 0
    home.clock.move(days=2)
    assert periods.old_orders(home) == 1
    assert count(home, "orders") == count(home, "order_lines") == 0
    left_out = Graveyard(home.settings).left_out
    line = json.dumps(order)
    report = import_orders(home.engine, [line], home.clock.now(), left_out)
    assert (report.erased, report.imported) == (1, 0)


def test_the_log_lives_two_years(home: TestHouse) -> None:
    """And still verifies."""
    with writing(home) as unit:
        audit.note(home, unit, "a@example.com", "x.y")
    home.clock.move(days=2 * 365 - 1)
    with writing(home) as unit:
        audit.note(home, unit, "a@example.com", "x.y")
    assert periods.old_log(home) == 0
    home.clock.move(days=3)
    assert periods.old_log(home) == 1
    assert audit.verify(home) == audit.Verdict(1, None)


def test_the_days_work_is_done_once_and_noted(home: TestHouse, rasa: FakeRasa) -> None:
    """By the pattern of all work: a row, a handler that may run twice, an entry."""
    say(home, rasa, begin(home), "bonjour")
    home.clock.move(days=200)
    for look in (periods.calendar(home), periods.calendar(home)):
        look()
        look()
    (day,) = home.queue.subjects(WorkKind.KEEP_PERIODS)
    handler = workflows.handlers(home)[WorkKind.KEEP_PERIODS]
    handler(day)
    handler(day)
    assert talks(home) == set()
    state = sa.select(work.c.state).where(work.c.kind == WorkKind.KEEP_PERIODS.value)
    with home.reader.connect() as connection:
        assert list(connection.execute(state).scalars()) == ["done"]
        acts = list(connection.execute(sa.select(audit_log.c.act)).scalars())
    assert acts.count("data.expired") == 1
    home.clock.move(days=1)
    periods.calendar(home)()
    assert len(home.queue.subjects(WorkKind.KEEP_PERIODS)) == 2


def test_platforms_copies_live_two_weeks(home: TestHouse) -> None:
    """What was taken in and what was sent; never what still waits."""
    both = ("waiting", "taken"), ("waiting", "read")
    with writing(home) as unit:
        for state in both[0]:
            unit.connection.execute(
                arrivals.insert().values(
                    arrival_id=state,
                    channel="whatsapp",
                    provider_id=state,
                    sender="33612345678",
                    at=unit.now,
                    received_at=unit.now,
                    place=0,
                    body={},
                    state=state,
                    tries=0,
                )
            )
        for state in both[1]:
            unit.connection.execute(
                outbound.insert().values(
                    outbound_id=state,
                    conversation_id="c1",
                    channel="whatsapp",
                    seq=1,
                    part=0,
                    payload={"text": "bonjour"},
                    state=state,
                    tries=0,
                    created_at=unit.now,
                )
            )
    home.clock.move(days=13)
    assert aged.bodies(home) == 0
    home.clock.move(days=2)
    assert aged.bodies(home) == 2
    assert [row[0] for row in _all(home, arrivals.c.state)] == ["waiting"]
    assert [row[0] for row in _all(home, outbound.c.state)] == ["waiting"]
