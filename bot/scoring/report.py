"""`python -m bot.scoring.report`: what the training sentences are like.

How many there are of each kind, which are nearly the same (within a label: wasted;
across labels: a contradiction), which stand in a test file too, and which a model
that has not seen them reads otherwise (five-fold: runs of ten neighbours in a file
stay together, since whoever writes ten lines in a row repeats himself).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.quiet import hush

hush()

from bot.scoring import crossed  # noqa: E402
from bot.scoring.alike import Words, near_pairs, words_of  # noqa: E402
from bot.scoring.labelled import rows_of  # noqa: E402
from bot.scoring.training import ROOT, Example, examples  # noqa: E402

TESTS = ROOT / "tests" / "nlu"
MOST_LINES = 40
FEWEST = 60


def main() -> int:
    """Prints to stdout."""
    learnt = examples()
    _balance(learnt)
    _near(learnt)
    _leakage(learnt)
    _disagreements(learnt)
    return 0


def _balance(learnt: Sequence[Example]) -> None:
    print(f"{len(learnt)} sentences")
    langs = sorted({e.lang for e in learnt})
    for title, counted in (
        ("intents", [(e.intent, e.lang) for e in learnt]),
        ("reasons", [(r, e.lang) for e in learnt for r in e.reasons]),
    ):
        counts = Counter(counted)
        print(f"\n{title:30}" + "".join(f"{lang:>8}" for lang in langs))
        for name in sorted({name for name, _ in counts}):
            row = [counts[name, lang] for lang in langs]
            few = "  few" if min(row) < FEWEST else ""
            print(f"  {name:28}" + "".join(f"{n:8}" for n in row) + few)


def _near(learnt: Sequence[Example]) -> None:
    pairs = near_pairs([e.text for e in learnt])
    met = [(learnt[a], learnt[b]) for a, b in pairs]
    same = [(a, b) for a, b in met if (a.intent, a.reasons) == (b.intent, b.reasons)]
    apart = [(a, b) for a, b in met if a.intent != b.intent]
    other = [pair for pair in met if pair not in same and pair not in apart]
    for title, found in (
        ("nearly the same, same meaning", same),
        ("nearly the same, other reasons", other),
        ("nearly the same, other intent", apart),
    ):
        lines = [f"{_told(a)}  |  {_told(b)}" for a, b in found]
        _listed(title, lines)


def _leakage(learnt: Sequence[Example]) -> None:
    known: dict[Words, Example] = {frozenset(words_of(e.text)): e for e in learnt}
    print()
    for file in sorted(TESTS.glob("*.jsonl")):
        rows = rows_of(file)
        # Single words ("merci") are everybody's.
        also = [r for r in rows if len(words_of(r.text)) > 2 and _set(r.text) in known]
        print(f"in {file.name} too: {len(also)} of {len(rows)} (three words and more)")


def _set(text: str) -> Words:
    return frozenset(words_of(text))


def _disagreements(learnt: Sequence[Example]) -> None:
    read = crossed.intents(learnt)
    wrong = [
        (sure, e, got)
        for e, (got, sure) in zip(learnt, read, strict=True)
        if got != e.intent
    ]
    for lang in sorted({e.lang for e in learnt}):
        of = sum(e.lang == lang for e in learnt)
        right = of - sum(e.lang == lang for _, e, _ in wrong)
        print(f"\ncross-validated, {lang}: {right / of:.3f} of {of}")
    surest = sorted(wrong, key=lambda one: -one[0])
    lines = [f"{sure:.2f} {got:24} {_told(e)}" for sure, e, got in surest]
    _listed("read otherwise, surest first", lines)


def _told(e: Example) -> str:
    return f"{e.place} {e.intent} {'+'.join(e.reasons)} “{e.text[:70]}”"


def _listed(title: str, lines: Iterable[str]) -> None:
    listed = list(lines)
    print(f"\n{title}: {len(listed)}")
    for line in listed[:MOST_LINES]:
        print(f"  {line}")
    if len(listed) > MOST_LINES:
        print(f"  … and {len(listed) - MOST_LINES} more")


if __name__ == "__main__":
    sys.exit(main())
