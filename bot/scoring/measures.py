"""How right the readings of labelled messages are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bot.scoring.labelled import Reading, Row
from bot.scoring.neighbours import same_answer

OUT_OF_SCOPE = "out_of_scope"
NOT_KNOWN = frozenset({OUT_OF_SCOPE, "nlu_fallback"})
IDENTIFIERS = ("order_number", "email")
BANDS = (
    0.25,
    0.3,
    0.4,
    0.5,
    0.6,
    0.75,
    0.9,
    1.01,
)  # below the first it is not understood

Pair = tuple[Row, Reading]


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    right: int
    of: int

    def __str__(self) -> str:
        share = f"{self.right / self.of:.3f}" if self.of else "  -  "
        return f"{share} ({self.right}/{self.of})"

    @property
    def value(self) -> float:
        """Between 0 and 1; 0 of nothing."""
        return self.right / self.of if self.of else 0.0


def share(found: Iterable[bool]) -> Share:
    """How many are true."""
    listed = list(found)
    return Share(sum(listed), len(listed))


def measures(pairs: Sequence[Pair]) -> dict[str, Share]:
    """Every measure by name, over these messages.

    strict, lenient: over what is in scope; a message turned away is wrong.
    reason: the surest reason is one of those told; all reasons: exactly those told.
    """
    inside = [(row, got) for row, got in pairs if row.intent != OUT_OF_SCOPE]
    outside = [(row, got) for row, got in pairs if row.intent == OUT_OF_SCOPE]
    telling = [(row, got) for row, got in pairs if row.reasons]
    silent = [(row, got) for row, got in pairs if not row.reasons]
    return {
        "strict": share(got.intent == row.intent for row, got in inside),
        "lenient": share(same_answer(row.intent, got.intent) for row, got in inside),
        "reason": share(
            bool(got.reasons) and got.reasons[0] in row.reasons for row, got in telling
        ),
        "all reasons": share(set(g.reasons) == set(r.reasons) for r, g in telling),
        "invented reason": share(bool(got.reasons) for _, got in silent),
        "out of scope caught": share(got.intent in NOT_KNOWN for _, got in outside),
        "turned away": share(got.intent in NOT_KNOWN for _, got in inside),
    }


@dataclass(frozen=True)
class Band:
    """Readings of about the same confidence: what was said, and how often it came true.

    either: the label is this reading or the next likely one.
    """

    least: float
    said: float
    right: Share
    either: Share


def reliability(pairs: Sequence[Pair]) -> list[Band]:
    """By confidence, of the readings that were acted on; empty bands are left out."""
    bands: list[Band] = []
    for least, beyond in pairwise(BANDS):
        met = [
            (row, got)
            for row, got in pairs
            if least <= got.confidence < beyond and got.intent != "nlu_fallback"
        ]
        if met:
            said = sum(got.confidence for _, got in met) / len(met)
            right = share(got.intent == row.intent for row, got in met)
            either = share(r.intent in (g.intent, g.runner_up) for r, g in met)
            bands.append(Band(least, said, right, either))
    return bands


@dataclass(frozen=True)
class Found:
    """Entities found, wrongly found and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def f1(self) -> float:
        """1 when there was nothing to find and nothing was found."""
        all_of_them = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / all_of_them if all_of_them else 1.0

    def __str__(self) -> str:
        counts = f"{self.right} right, {self.wrong} wrong, {self.missed} missed"
        return f"F1 {self.f1:.3f} ({counts})"


def identifiers(pairs: Sequence[Pair], kind: str) -> Found:
    """How well one kind was found; a message without labels is taken to have none."""
    right = wrong = missed = 0
    for row, got in pairs:
        told = Counter(map(_plain, _listed((row.entities or {}).get(kind))))
        found = Counter(set(map(_plain, got.entities.get(kind, ()))))
        right += sum((told & found).values())
        wrong += sum((found - told).values())
        missed += sum((told - found).values())
    return Found(right, wrong, missed)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> str:
    return str(value).casefold().replace(" ", "")


def confusions(pairs: Sequence[Pair]) -> dict[str, Counter[str]]:
    """What else each label was taken for; give_reason by its reason too."""
    found: dict[str, Counter[str]] = {}
    for row, got in pairs:
        taken = found.setdefault(_label(row), Counter())
        taken[_taken_for(row, got)] += 1
    return found


def _label(row: Row) -> str:
    told = row.intent == "give_reason" and row.reasons
    return f"give_reason/{row.reasons[0]}" if told else row.intent


def _taken_for(row: Row, got: Reading) -> str:
    if got.intent != row.intent:
        return str(got.intent)
    if row.intent != "give_reason" or not row.reasons:
        return _label(row)
    first = got.reasons[0] if got.reasons else "no reason"
    return _label(row) if first in row.reasons else f"give_reason/{first}"
