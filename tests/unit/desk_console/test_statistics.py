"""Figures: each number is that of the list it leads to."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from desk import handoffs
from desk.console import casework, corrections, listing, quality, reasons, statistics
from desk.console.accounts import Member, Role
from desk.console.case_filters import CaseFilters
from desk.console.filters import Filters
from desk.console.quality import Quality
from desk.console.statistics import Count, Grid, Question
from desk.console.tables import readings
from returns.model import ReturnReason
from returns.services import claims, history
from returns.tables import orders, ratings, return_lines, returns
from returns.unit import writing
from tests.desks import FakeRasa
from tests.houses import TestHouse
from tests.orders import new_order
from tests.unit.desk_console.staff import Browser
from tests.unit.desk_console.talks import HANDOFF, begin, say
from tests.unit.desk_console.test_cases import opened_case

Enter = Callable[[Role], Browser]
LAMP = {
    "product_id": "LUM-07",
    "sku": "LUM-07",
    "title": "Lampe Lune",
    "supplier": "Maison Lumen",
}
NUMBER_LINK = re.compile(r'<a (?:data-open )?href="(/console/[^"]+)">(\d+)</a>')


def case_of(house: TestHouse, talk: str, *lines: dict[str, object]) -> str:
    """An order with these lines, all of them returned; reason: of each line."""
    told = [{k: v for k, v in line.items() if k != "reason"} for line in lines]
    order = new_order(house, lines=told)
    first = opened_case(house, talk)
    number = order["order_number"]
    with writing(house) as unit:
        row = history.get_return(unit.connection, first)
        line = unit.connection.execute(
            sa.select(return_lines).where(return_lines.c.return_id == first)
        ).one()
        return_id = f"R-{number}"
        unit.connection.execute(
            returns.insert().values(
                {
                    **row._mapping,
                    "return_id": return_id,
                    "order_number": number,
                    "supplier": order["lines"][0]["supplier"],
                    "rma_number": None,
                }
            )
        )
        for bought, asked in zip(order["lines"], lines, strict=True):
            unit.connection.execute(
                return_lines.insert().values(
                    {
                        **line._mapping,
                        "return_id": return_id,
                        "order_number": number,
                        "line_id": bought["line_id"],
                        "sku": bought["sku"],
                        "return_reason": asked.get("reason", "too_small"),
                    }
                )
            )
    return return_id


@pytest.fixture
def shop(any_house: TestHouse) -> TestHouse:
    """Dresses too small and damaged, a lamp that failed, an old case, a cancelled."""
    house = any_house
    old = case_of(house, "old", {"reason": "wrong_item"})
    cancelled = case_of(house, "cancelled", {"reason": "wrong_item"})
    with writing(house) as unit:
        change = returns.update().where(returns.c.return_id == old)
        past = house.clock.now().replace(year=2025)
        unit.connection.execute(change.values(created_at=past))
        change = returns.update().where(returns.c.return_id == cancelled)
        unit.connection.execute(change.values(status="cancelled"))
    case_of(house, "a", {"reason": "too_small"}, {"reason": "damaged_in_transit"})
    case_of(house, "b", {"reason": "too_small", "quantity": 1})
    case_of(house, "c", {"reason": "failed_later", **LAMP})
    new_order(house, lines=[{"quantity": 3}])
    return house


def asked(house: TestHouse, **told: str) -> Question:
    return statistics.question(house, Question(**told))


def listed(house: TestHouse, filters: CaseFilters) -> int:
    return len(casework.page(house, filters).entries)


def grid_of(house: TestHouse, **told: str) -> tuple[Question, Grid]:
    question = asked(house, **told)
    with statistics.counting(house, question) as figures:
        return question, figures.grid()


def quality_of(house: TestHouse) -> Quality:
    with statistics.counting(house, asked(house)) as figures:
        return quality.read(figures.days, figures.asked)


@pytest.mark.parametrize("rows", statistics.DIMENSIONS)
@pytest.mark.parametrize("across", ["", *statistics.DIMENSIONS])
def test_every_number_is_its_lists(shop: TestHouse, rows: str, across: str) -> None:
    """Cells, rows and total count the cases that the list shows behind them."""
    question, grid = grid_of(shop, rows=rows, across=across)
    seen = 0
    for row in grid.rows:
        count = grid.of_rows.get(row.value, Count())
        assert listed(shop, question.cases(**dict(row.filters))) == count.cases
        seen += count.cases
        for column in grid.columns:
            cell = grid.cells.get((row.value, column.value), Count())
            told = {**dict(row.filters), **dict(column.filters)}
            assert listed(shop, question.cases(**told)) == cell.cases
    assert listed(shop, question.cases()) == grid.whole.cases > 3
    assert seen >= grid.whole.cases


def test_two_lines_count_in_two_rows_and_once_in_the_whole(shop: TestHouse) -> None:
    """The old case is outside the days, the cancelled one is no case."""
    _, grid = grid_of(shop)
    counts = {key: count.cases for key, count in grid.of_rows.items()}
    whole = {"too_small": 2, "damaged_in_transit": 6, "failed_later": 1}
    assert counts == whole
    assert grid.whole.cases == 8
    _, grid = grid_of(shop, reason="too_small", rows="product", across="reason")
    assert {key: count.cases for key, count in grid.cells.items()} == {
        ("NOR-01", "too_small"): 2
    }


def test_rates_are_of_units_sold_in_the_same_days(shop: TestHouse) -> None:
    """By product, and none where nothing was sold."""
    _, grid = grid_of(shop, rows="product")
    assert grid.of_rows["LUM-07"] == Count(1, 1, 1, None)
    assert grid.of_rows["LUM-07"].rate == 100.0
    assert grid.of_rows["NOR-01"].units == 8
    assert grid.of_rows["NOR-01"].sold == 13
    with writing(shop) as unit:
        past = shop.clock.now().replace(year=2025)
        unit.connection.execute(orders.update().values(placed_at=past))
    _, grid = grid_of(shop, rows="product")
    assert grid.of_rows["LUM-07"].rate is None


def test_corrected_reasons(house: TestHouse, team: dict[Role, Member]) -> None:
    """The person's counts; the bot's is kept, and each leads to its own list."""
    return_id = case_of(house, "a", {"reason": "too_small"}, {"reason": "other"})
    (line, _) = casework.read(house, return_id).lines[0]
    me = team[Role.AGENT]
    reasons.correct(house, return_id, line.line_id, ReturnReason.TOO_LARGE, me)
    question, grid = grid_of(house)
    assert (grid.of_rows["too_large"].cases, grid.of_rows["too_large"].bot) == (1, 0)
    assert (grid.of_rows["too_small"].cases, grid.of_rows["too_small"].bot) == (0, 1)
    assert listed(house, question.cases(reason="too_large")) == 1
    assert listed(house, question.cases(reason="too_small")) == 0
    assert listed(house, question.cases(bot_reason="too_small")) == 1
    assert listed(house, question.cases(reason="too_large", product="nope")) == 0


def test_a_corrected_message_corrects_the_line_it_led_to(
    house: TestHouse, rasa: FakeRasa, team: dict[Role, Member]
) -> None:
    """Where one right reason stands in place of a wrong one."""
    talk = begin(house)
    inbound_id = say(house, rasa, talk, "trop grand", reasons=("too_small",))
    return_id = case_of(house, talk, {"reason": "too_small"}, {"reason": "other"})
    corrections.check(house, inbound_id, team[Role.AGENT], None, ["too_large"])
    found = casework.read(house, return_id).right_reasons
    assert [row.right_reason for row in found.values()] == ["too_large"]
    with house.reader.connect() as connection:
        assert connection.execute(sa.select(readings.c.corrected)).scalar_one() is True


def test_shares_of_conversations(
    house: TestHouse, rasa: FakeRasa, team: dict[Role, Member]
) -> None:
    """Alone, handed over, not understood, corrected; silent visitors do not count."""
    begin(house)
    alone, missed, handed = begin(house), begin(house), begin(house)
    say(house, rasa, alone, "ma robe")
    wrong = say(house, rasa, missed, "blabla", "nlu_fallback", 0.2)
    say(house, rasa, handed, "un humain", "talk_to_human", handoff=HANDOFF)
    admin = team[Role.ADMIN]
    house.clock.move(minutes=2)
    handoffs.claim(house, handed, admin.staff_id)
    handoffs.reply(house, handed, "Bonjour", "Admin", admin.staff_id)
    corrections.check(house, wrong, admin, "greet")
    found = quality_of(house)
    told = {one.name: (one.count, one.whole) for one in found.shares}
    assert told == {
        "alone": (2, 3),
        "handed_over": (1, 3),
        "not_understood": (1, 3),
        "corrected": (1, 3),
    }
    for one in [found.spoken, *found.shares]:
        page = listing.page(house, one.filters)
        assert len(page.entries) == one.count, one.name
    waits = {one.name: (one.count, one.median) for one in found.waits}
    assert waits["bot_answer"] == (3, 0.0)
    count, seconds = waits["person_answer"]
    assert count == 1
    assert seconds == pytest.approx(130, abs=0.1)
    assert waits["refund"] == (0, None)


def test_waits_claims_and_ratings(any_house: TestHouse) -> None:
    """On both databases, from the case's own history."""
    house = any_house
    return_id = opened_case(house)
    house.clock.move(hours=3)
    with writing(house) as unit:
        from returns.model import By

        history.record(unit, return_id, "supplier.authorised", By.SUPPLIER)
        claim = {"state": claims.OPEN, "amount_minor": 5990, "currency": "EUR"}
        unit.connection.execute(returns.update().values(claim=claim))
        unit.connection.execute(
            ratings.insert().values(return_id=return_id, rating=4, at=unit.now)
        )
    found = quality_of(house)
    address = next(one for one in found.waits if one.name == "address")
    assert address.median == pytest.approx(3 * 3600, abs=1)
    assert (found.rated, found.rating) == (1, 4.0)
    with statistics.counting(house, asked(house)) as figures:
        claimed = quality.claimed(figures.days, figures.asked)
    states = {one.state: (one.cases, one.amounts) for one in claimed}
    assert states == {"open": (1, {"EUR": 5990}), "won": (0, {}), "lost": (0, {})}
    assert listed(house, CaseFilters(claim="open")) == 1
    assert listed(house, CaseFilters(claim="won")) == 0
    assert listed(house, found.rated_filters) == 1


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_leads_to_what_it_counts(
    house: TestHouse, enter: Enter, language: str
) -> None:
    """Every number that is a link opens a list of as many rows."""
    case_of(house, "a", {"reason": "too_small"}, {"reason": "damaged_in_transit"})
    case_of(house, "b", {"reason": "failed_later", **LAMP})
    viewer = enter(Role.VIEWER)
    viewer.post("/console/account/language", language=language)
    for told in ("", "?rows=product&across=reason", "?rows=supplier&across=period"):
        page = viewer.get(f"/console/statistics{told}").text
        links = NUMBER_LINK.findall(page)
        assert len(links) > 4
        for href, number in links:
            rows = viewer.get(unescape(href)).text.count("<tr data-row")
            assert rows == int(number), href
    assert page.count("<svg") == page.count('role="img"') == 2


def test_odd_questions_are_answered(house: TestHouse, enter: Enter) -> None:
    """No days, days that are none, a century, dimensions that are none."""
    viewer = enter(Role.VIEWER)
    for told in (
        "since=x&until=y",
        "since=1900-01-01&until=2026-11-01",
        "since=2027-01-01&until=2026-01-01",
        "rows=nope&across=nope",
        "until=9999-12-31",
        "until=0001-01-01",
    ):
        assert viewer.get(f"/console/statistics?{told}").status_code == 200, told


def test_an_address_gives_its_filters_back() -> None:
    """What a link says is what the list reads."""
    told = CaseFilters(reason="too_small", product="é & ü", since="2026-01-01")
    read = {k: v[0] for k, v in parse_qs(urlsplit(told.address()).query).items()}
    assert CaseFilters.of(lambda name: read.get(name, "")) == told
    assert Filters(q="a").address(before="x", q=None) == "?before=x"
