"""The page of what goes wrong, with the cases one click behind each number."""

from dataclasses import dataclass
from functools import lru_cache

from starlette.responses import Response

from desk.console import quality, statistics
from desk.console.case_filters import CaseFilters
from desk.console.guard import Visit
from desk.console.statistics import Count, Figures, Heading, Question
from desk.console.talk_pages import render
from desk.figures import facts
from desk.figures.facts import Sum
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
    def rate(self) -> float | None:
        return 100 * self.faulty / self.sold if self.sold else None


def page(visit: Visit) -> Response:
    house = visit.house
    asked = statistics.question(house, Question.of(visit.asked))
    with statistics.counting(house, asked) as figures:
        grid, times = figures.grid(), figures.over_time()
        listings = to_fix(figures, MOST_TO_FIX)
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
    told: dict[str, str | None] = {}
    for heading in headings:
        told.update(heading.filters)
    if as_bot:
        told = {f"bot_{name}": value for name, value in told.items()}
    return "/console/cases" + _behind_all(asked).address(**told)


@lru_cache(1)
def _behind_all(asked: Question) -> CaseFilters:
    return asked.cases()


def to_fix(figures: Figures, listings: int = 0) -> list[ToFix]:
    """Suppliers, or so many listings, the worst rate first, of these days."""
    group = ("supplier", "one") if listings else ("supplier",)
    kind = facts.FAULTY_PRODUCT if listings else facts.FAULTY
    sold = statistics.units_sold(figures.sold_of_all, *group)
    found = figures.days.total(kind, *group)

    def worst_first(key: tuple[str, ...]) -> tuple[float, tuple[str, ...]]:
        count = Count(units=found[key].units, sold=sold.get(key, 0))
        return (-round(count.rate or 0, 1), key)

    keys = sorted(found, key=worst_first)[: listings or None]
    return [_to_fix(figures, key, found[key], sold.get(key, 0)) for key in keys]


def _to_fix(figures: Figures, key: tuple[str, ...], told: Sum, sold: int) -> ToFix:
    days = {"since": figures.asked.since, "until": figures.asked.until}
    more = dict(zip(("supplier", "product"), key, strict=False))
    filters = CaseFilters(fault="supplier", **days, **more)
    return ToFix(key[0], told.title or None, told.cases, told.units, sold, filters)
