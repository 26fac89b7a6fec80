"""The audit log: no change of it goes unseen."""

import random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from desk.console import audit
from desk.console.tables import audit_head, audit_log
from returns.unit import writing
from tests.houses import TestHouse

ENTRIES = 40


def fill(house: TestHouse) -> list[dict[str, Any]]:
    """Some entries, as they were written."""
    with writing(house) as unit:
        for number in range(ENTRIES):
            audit.note(house, unit, f"a{number % 3}@example.com", "x.y", str(number))
    with house.reader.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(sa.select(audit_log))]


def drop_triggers(house: TestHouse) -> None:
    """As somebody would who owns the database."""
    with house.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
        else:
            for act in ("UPDATE", "DELETE"):
                connection.execute(sa.text(f"DROP TRIGGER audit_log_no_{act}"))


def put_back(house: TestHouse, rows: list[dict[str, Any]]) -> None:
    with house.engine.begin() as connection:
        connection.execute(audit_log.delete())
        if rows:
            connection.execute(audit_log.insert(), rows)


def tampered(rows: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """One change: a field, a row gone, two swapped, one added, or the end cut off."""
    rows = [dict(row) for row in rows]
    place = chance.randrange(len(rows))
    match chance.randrange(5):
        case 0:
            name = chance.choice(["at", "who", "act", "subject", "data", "hash"])
            rows[place][name] = rows[place][name][:-1] + chance.choice("!?#")
        case 1:
            del rows[place]
        case 2:
            other = (place + 1) % len(rows)
            for name in ("at", "who", "act", "subject", "data", "hash"):
                here, there = rows[place][name], rows[other][name]
                rows[place][name], rows[other][name] = there, here
        case 3:
            rows.append({**rows[place], "entry": len(rows) + 1})
        case 4:
            del rows[place:]
    return rows


def test_a_whole_log_verifies(any_house: TestHouse) -> None:
    """Empty, and with entries."""
    assert audit.verify(any_house) == audit.Verdict(0, None)
    fill(any_house)
    assert audit.verify(any_house) == audit.Verdict(ENTRIES, None)


def test_the_database_refuses_changes(any_house: TestHouse) -> None:
    """No UPDATE and no DELETE, whoever asks."""
    fill(any_house)
    for statement in (audit_log.update().values(who="x"), audit_log.delete()):
        with pytest.raises(DBAPIError), any_house.engine.begin() as connection:
            connection.execute(statement)
    assert audit.verify(any_house).broken_at is None


def test_every_tamper_is_found(
    house: TestHouse, request: pytest.FixtureRequest
) -> None:
    """By somebody who may write to the database but has no key."""
    rows = fill(house)
    drop_triggers(house)
    chance, seen = random.Random(6), 0
    count = 1000 if request.config.getoption("--full") else 150
    for _ in range(count):
        changed = tampered(rows, chance)
        put_back(house, changed)
        seen += audit.verify(house).broken_at is not None
    assert seen == count
    put_back(house, rows)
    assert audit.verify(house).broken_at is None


def test_the_end_cannot_be_cut_off(house: TestHouse) -> None:
    """Nor everything thrown away, with the head or without it."""
    rows = fill(house)
    drop_triggers(house)
    put_back(house, rows[:-1])
    with house.engine.begin() as connection:
        connection.execute(audit_head.update().values(entries=ENTRIES - 1))
    assert audit.verify(house).broken_at is not None
    with house.engine.begin() as connection:
        connection.execute(audit_log.delete())
    assert audit.verify(house).broken_at is not None
    with house.engine.begin() as connection:
        connection.execute(audit_head.delete())
        connection.execute(audit_log.insert(), rows)
    assert audit.verify(house).broken_at is not None


def test_what_is_old_may_go_and_the_rest_still_verifies(any_house: TestHouse) -> None:
    """Only what is older; the database still refuses to lose anything else (P1)."""
    house = any_house
    fill(house)
    house.clock.move(days=10)
    with writing(house) as unit:
        audit.note(house, unit, "a@example.com", "x.y", "young")
        before = unit.now
    with writing(house) as unit:
        assert audit.forget_before(house, unit, before) == ENTRIES
    assert audit.verify(house) == audit.Verdict(1, None)
    assert [row.entry for row in audit.newest(house)] == [ENTRIES + 1]
    with pytest.raises(DBAPIError), house.engine.begin() as connection:
        connection.execute(audit_log.delete())
    house.clock.move(days=1)
    with writing(house) as unit:
        assert audit.forget_before(house, unit, unit.now) == 1
    with writing(house) as unit:
        audit.note(house, unit, "a@example.com", "x.y", "later")
        assert audit.forget_before(house, unit, before) == 0
    assert audit.verify(house) == audit.Verdict(1, None)
    assert audit.newest(house)[0].entry == ENTRIES + 2


@pytest.mark.parametrize("change", [{"start_entry": 25}, {"start_hash": "f" * 64}])
def test_nobody_can_forget_more_than_is_old(
    house: TestHouse, change: dict[str, Any]
) -> None:
    """Whoever moves the beginning, and deletes what is then before it, is seen."""
    rows = fill(house)
    with house.engine.begin() as connection:
        connection.execute(audit_head.update().values(**change))
        if "start_entry" in change:
            values = {"start_hash": rows[24]["hash"]}
            connection.execute(audit_head.update().values(**values))
            connection.execute(audit_log.delete().where(audit_log.c.entry <= 25))
    assert audit.verify(house).broken_at is not None


def test_a_broken_log_is_not_trimmed(house: TestHouse) -> None:
    """It is evidence."""
    rows = fill(house)
    drop_triggers(house)
    put_back(house, [{**rows[0], "who": "x"}, *rows[1:]])
    house.clock.move(days=1000)
    with writing(house) as unit:
        assert audit.forget_before(house, unit, unit.now) == 0
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).select_from(audit_log)
        assert connection.execute(query).scalar() == ENTRIES
