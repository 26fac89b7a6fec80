"""Exports: everything that a list shows, safe in a spreadsheet, masked for viewers."""

import csv
import json
from collections.abc import Callable
from io import StringIO

import pytest
import sqlalchemy as sa

from desk.console import exports
from desk.console.accounts import Role
from desk.console.tables import audit_log
from returns.tables import refunds, returns
from returns.unit import writing
from tests.desks import FakeRasa
from tests.houses import TestHouse
from tests.unit.desk_console.staff import Browser
from tests.unit.desk_console.talks import begin, say
from tests.unit.desk_console.test_cases import opened_case

Enter = Callable[[Role], Browser]
EVIL = ["=1+1", "+33 6", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1"]


def rows(text: str, sep: str = ";") -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text[1:], newline=""), delimiter=sep))


@pytest.mark.parametrize("text", EVIL)
def test_no_cell_is_a_formula(text: str) -> None:
    """An apostrophe is in front of whatever a spreadsheet would calculate."""
    assert exports.safe(text) == f"'{text}"


def test_harmless_cells_stay() -> None:
    """Nothing else changes."""
    for text in ("", "robe", "l'été", "a=b", "1 - 2", "«=»"):
        assert exports.safe(text) == text


def test_conversations_with_their_filters(
    house: TestHouse, rasa: FakeRasa, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row each, over many pieces, in all three forms; nothing else is let in."""
    monkeypatch.setattr(exports, "PIECE", 2)
    texts = [*EVIL, 'ma "robe"; déçue, très', "une\nligne"]
    made = [begin(house) for _ in texts]
    for talk, text in zip(made, texts, strict=True):
        say(house, rasa, talk, text, confidence=0.5)
    other = begin(house, "en")
    say(house, rasa, other, "hello")
    agent = enter(Role.AGENT)
    path = "/console/export/conversations"
    for sep in (";", ","):
        got = agent.get(f"{path}.csv?language=fr&sep={sep}")
        assert got.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in got.headers["content-disposition"]
        found = rows(got.text, sep)
        assert {row["conversation_id"] for row in found} == set(made)
        assert len(found) == len(made)
        said = {row["said"] for row in found}
        assert all(f"'{text}" in said for text in EVIL if text.strip() == text)
        assert 'ma "robe"; déçue, très' in said
        decimal = "0,5" if sep == ";" else "0.5"
        assert {row["lowest_confidence"] for row in found} == {decimal}
    listed = json.loads(agent.get(f"{path}.json?language=en").text)
    assert [row["conversation_id"] for row in listed] == [other]
    assert listed[0]["began_at"].startswith("2026-11-20T13:")
    assert json.loads(agent.get(f"{path}.json?label=none").text) == []
    assert rows(agent.get(f"{path}.csv?label=none").text) == []


def test_cases_and_figures(house: TestHouse, enter: Enter) -> None:
    """One row for each case with its money; the figures by all four dimensions."""
    return_id = opened_case(house)
    with writing(house) as unit:
        number = sa.select(returns.c.order_number).scalar_subquery()
        told = {"amount_minor": 6480, "currency": "EUR", "method": "sandbox"}
        keys = {"payment_reference": "p", "payment_key": "k", "state": "due"}
        ours = {"refund_id": "f", "return_id": return_id, "order_number": number}
        made = refunds.insert().values(**ours, **told, **keys, created_at=unit.now)
        unit.connection.execute(made)
    agent = enter(Role.AGENT)
    (row,) = rows(agent.get("/console/export/cases.csv").text)
    assert row["return_id"] == return_id
    assert row["refund"] == "64,80"
    assert row["bot_reasons"] == row["reasons"] == "damaged_in_transit"
    assert row["customer"] == "A. M."  # only a reason, told, unmasks
    (told,) = json.loads(agent.get("/console/export/cases.json").text)
    assert (told["refund"], told["currency"]) == ("64.80", "EUR")
    (figure,) = rows(agent.get("/console/export/statistics.csv").text)
    # The order was placed in another week than the return was opened in.
    told = (figure["cases"], figure["sold"], figure["rate_percent"])
    assert told == ("1", "0", "")
    assert figure["reason"] == "damaged_in_transit"


def test_viewers_get_masked_data(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """The same columns, without what tells who somebody is."""
    talk = begin(house)
    say(house, rasa, talk, "je suis Alex Martin, alex@example.com")
    opened_case(house, talk)
    viewer = enter(Role.VIEWER)
    text = viewer.get("/console/export/conversations.csv").text
    text += viewer.get("/console/export/cases.json").text
    for secret in ("Alex", "Martin", "alex@example.com"):
        assert secret not in text
    assert "A. M." in text


def test_who_exported_what_is_noted(house: TestHouse, enter: Enter) -> None:
    """With the filters; an export that does not exist is not found."""
    admin = enter(Role.ADMIN)
    assert admin.get("/console/export/cases.csv?status=closed").status_code == 200
    for what in ("cases.xlsx", "staff.csv", "cases", "../x.csv"):
        assert admin.get(f"/console/export/{what}").status_code == 404
    with house.reader.connect() as connection:
        noted = connection.execute(
            sa.select(audit_log).where(audit_log.c.act == "exported")
        ).all()
    assert [row.subject for row in noted] == ["cases"]
    assert "status=closed" in noted[0].data


def test_rows_are_not_gathered(house: TestHouse) -> None:
    """The answer is a stream: what is read is written."""
    read = []

    def endless() -> object:
        for number in range(10**9):
            read.append(number)
            yield {"n": number}

    lines = exports.as_csv(endless(), ";")  # type: ignore[arg-type]
    assert [next(lines), next(lines)] == ["\ufeffn\r\n", "0\r\n"]
    assert len(read) == 1
