"""The page of what goes wrong, with the cases one click behind each number."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from desk.console import quality, statistics
from desk.console.asked import day
from desk.console.case_filters import CaseFilters
from desk.console.guard import Visit
from desk.console.statistics import Count, Heading, Question
from desk.console.talk_pages import render
from returns.model import ReturnReason
from returns.services import flags

MOST_TO_FIX = 12
MOST_BARS = 12


@dataclass(frozen=True)
class ToFix:
    """A listing or supplier that causes justified complaints. rate: None: not sold."""

    supplier: str
    title: str | None
    cases: int
    faulty: int
    sold: int
    filters: CaseFilters

    @property
    def rate(self) -> float | None:
        return 100 * self.faulty / self.sold if self.sold else None


def page(visit: Visit) -> Response:
    house = visit.house
    asked = statistics.question(house, Question.of(visit.asked))
    grid = statistics.grid(house, asked)
    listings, suppliers = to_fix(visit, asked)
    return render(
        visit,
        "statistics.html",
        asked=asked,
        grid=grid,
        times=statistics.over_time(house, asked),
        behind=lambda *headings: link(asked, *headings),
        behind_bot=lambda heading: link(asked, heading, as_bot=True),
        listings=listings,
        suppliers=suppliers,
        claims=quality.claimed(house, asked),
        quality=quality.read(house, asked),
        dimensions=statistics.DIMENSIONS,
        reasons=[reason.value for reason in ReturnReason],
        names=sorted(house.shop.suppliers),
        bars=MOST_BARS,
        of=lambda row, column: grid.cells.get((row.value, column.value), Count()),
    )


def link(asked: Question, *headings: Heading, as_bot: bool = False) -> str:
    """To the cases behind the number of these values."""
    told: dict[str, str] = {}
    for heading in headings:
        told.update(heading.filters)
    if as_bot:
        told = {f"bot_{name}": value for name, value in told.items()}
    return "/console/cases" + asked.cases(**told).address()


def to_fix(visit: Visit, asked: Question) -> tuple[list[ToFix], list[ToFix]]:
    """Listings and suppliers, the worst rate first, of these days."""
    zone = visit.house.shop.time_zone
    since, last = day(asked.since, zone), day(asked.until, zone)
    until = last + timedelta(days=1) if last else None
    return (
        [
            _to_fix(asked, row, str(row["title"]), product=row["product_id"])
            for row in flags.report(visit.house, since, until)[:MOST_TO_FIX]
        ],
        [
            _to_fix(asked, row)
            for row in flags.report(visit.house, since, until, by_product=False)
        ],
    )


def _to_fix(
    asked: Question, row: dict[str, Any], title: str | None = None, **more: str
) -> ToFix:
    supplier = str(row["supplier"])
    days = {"since": asked.since, "until": asked.until}
    filters = CaseFilters(fault="supplier", supplier=supplier, **days, **more)
    counts = (row["returns"], row["faulty"], row["sold"])
    return ToFix(supplier, title, *counts, filters)
