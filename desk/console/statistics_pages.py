"""The page of what goes wrong, with the cases one click behind each number."""

from dataclasses import dataclass

from starlette.responses import Response

from desk.console import quality, statistics
from desk.console.case_filters import CaseFilters
from desk.console.guard import Visit
from desk.console.statistics import Count, Figures, Heading, Question
from desk.console.talk_pages import render
from desk.figures import facts
from returns.model import ReturnReason

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
    def key(self) -> tuple[str, str]:
        return self.supplier, self.filters.product

    @property
    def rate(self) -> float | None:
        return 100 * self.faulty / self.sold if self.sold else None


def page(visit: Visit) -> Response:
    house = visit.house
    asked = statistics.question(house, Question.of(visit.asked))
    with statistics.counting(house, asked) as figures:
        grid, times = figures.grid(), figures.over_time()
        listings = to_fix(figures, by_product=True)[:MOST_TO_FIX]
        suppliers = to_fix(figures)
        claims = quality.claimed(figures.days, asked)
        how_well = quality.read(figures.days, asked)
    return render(
        visit,
        "statistics.html",
        asked=asked,
        grid=grid,
        times=times,
        behind=lambda *headings: link(asked, *headings),
        behind_bot=lambda heading: link(asked, heading, as_bot=True),
        listings=listings,
        suppliers=suppliers,
        claims=claims,
        quality=how_well,
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


def to_fix(figures: Figures, by_product: bool = False) -> list[ToFix]:
    """Suppliers, or their listings, the worst rate first, of these days."""
    group = ("supplier", "one") if by_product else ("supplier",)
    kind = facts.FAULTY_PRODUCT if by_product else facts.FAULTY
    sold = statistics.units_sold(figures.sold_of_all, *group)
    days = {"since": figures.asked.since, "until": figures.asked.until}
    found = []
    for key, told in figures.days.total(kind, *group).items():
        more = dict(zip(("supplier", "product"), key, strict=False))
        filters = CaseFilters(fault="supplier", **days, **more)
        units = sold.get(key, 0)
        counts = (told.cases, told.units, units)
        found.append(ToFix(key[0], told.title or None, *counts, filters))
    return sorted(found, key=lambda one: (-round(one.rate or 0, 1), one.key))
