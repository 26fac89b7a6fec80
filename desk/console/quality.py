"""How well the bot does, and how quickly people and partners follow.

Each share counts what the filters of the list that its number leads to find.
"""

from dataclasses import dataclass

from desk.console.case_filters import CaseFilters
from desk.console.filters import Filters
from desk.console.statistics import Question
from desk.figures import facts, talks
from desk.figures.facts import Sum
from desk.figures.reading import Days, Sums
from returns.services import claims

# Each of these of all in which the customer said something.
SHARES: dict[str, dict[str, str]] = {
    talks.ALONE: {"help": "bot"},
    talks.HANDED_OVER: {"help": "person"},
    talks.NOT_UNDERSTOOD: {"help": "spoken", "reading": "missed"},
    talks.CORRECTED: {"help": "spoken", "reading": "corrected"},
}
WAITS = ("bot_answer", "person_answer", "address", "refund")
NOTHING = ("",)  # what `one` is where it says nothing


@dataclass(frozen=True)
class Share:
    """filters: of the inbox, that show the same conversations."""

    name: str
    count: int
    whole: int
    filters: Filters

    @property
    def percent(self) -> float | None:
        return 100 * self.count / self.whole if self.whole else None


@dataclass(frozen=True)
class Wait:
    """Seconds; None: it has not happened in these days. count: of how many."""

    name: str
    count: int
    median: float | None
    p95: float | None


@dataclass(frozen=True)
class Claims:
    """Of one state; amounts in minor units by currency."""

    state: str
    cases: int
    amounts: dict[str, int]
    filters: CaseFilters


@dataclass(frozen=True)
class Quality:
    """rated: how many gave a rating; rating: their mean of 1 to 5."""

    spoken: Share
    shares: list[Share]
    waits: list[Wait]
    rated: int
    rating: float | None
    rated_filters: CaseFilters


def read(days: Days, asked: Question) -> Quality:
    """Conversations by their last message, cases by their opening, in these days."""
    within = {"since": asked.since, "until": asked.until}
    waits = [f"wait_{name}" for name in WAITS]
    told_of = days.totals([talks.SPOKEN, *SHARES, facts.RATING, *waits], "one")

    def share(name: str, whole: int | None, **told: str) -> Share:
        count = told_of[name].get(NOTHING, Sum()).cases
        filters = Filters(**within, **told)
        return Share(name, count, count if whole is None else whole, filters)

    spoken = share(talks.SPOKEN, None, help="spoken")
    rated = told_of[facts.RATING].get(NOTHING, Sum())
    return Quality(
        spoken=spoken,
        shares=[share(n, spoken.count, **told) for n, told in SHARES.items()],
        waits=[_wait(name, told_of[f"wait_{name}"]) for name in WAITS],
        rated=rated.cases,
        rating=rated.units / rated.cases if rated.cases else None,
        rated_filters=CaseFilters(rated="yes", **within),
    )


def claimed(days: Days, asked: Question) -> list[Claims]:
    """From suppliers at fault: open, won, lost."""
    told = days.total(facts.CLAIM, "one", "two", supplier=asked.supplier)
    found = []
    for state in (claims.OPEN, claims.WON, claims.LOST):
        within = {"since": asked.since, "until": asked.until}
        filters = CaseFilters(claim=state, supplier=asked.supplier, **within)
        mine = {key[1]: sum_ for key, sum_ in told.items() if key[0] == state}
        amounts = {currency: sum_.units for currency, sum_ in sorted(mine.items())}
        cases = sum(sum_.cases for sum_ in mine.values())
        found.append(Claims(state, cases, amounts, filters))
    return found


def _wait(name: str, found: Sums) -> Wait:
    """Of all that happened in these days, each as it was kept (talks.rounded)."""
    values = sorted((int(key[0]), told.cases) for key, told in found.items())
    count = sum(cases for _, cases in values)
    if not count:
        return Wait(name, 0, None, None)
    last = count - 1
    middle, late = _nth(values, last // 2), _nth(values, round(last * 0.95))
    return Wait(name, count, middle, late)


def _nth(values: list[tuple[int, int]], place: int) -> float:
    """In seconds; values: hundredths of them, and how many there are of each."""
    for value, cases in values:
        place -= cases
        if place < 0:
            return value / 100
    raise IndexError(place)
