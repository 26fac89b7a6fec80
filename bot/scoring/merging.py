"""`python -m bot.scoring.merging FILE...`: corrected messages into data/nlu, to review.

Each line: {"text", "lang", "label"}, optional "reason" or "reasons", as for `make nlu`;
or the console's corrections.yml, which still holds names that no order knows.
Whatever is personal is taken out, what is known or nearly known is dropped, the rest is
written to data/nlu/<lang>/<topic>_corrected.yml. Nothing is committed: see `git diff`.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.components.plain import plain
from bot.scoring.alike import near_pairs, words_of
from bot.scoring.labelled import Row, rows_of
from bot.scoring.people import People
from bot.scoring.scrubbing import INSTEAD, scrub
from bot.scoring.training import DATA, Example, examples

CORRECTED = "_corrected.yml"
# handoff_more.yml and return_request_reasons_3.yml belong to handoff and return_request
_PART = re.compile(r"_(?:more|bare|chats|by_others|corrected|reasons_\d+)$")

Meaning = tuple[str, tuple[str, ...]]


def main(files: Sequence[Path], folder: Path = DATA) -> int:
    """Prints to stdout; 2 and nothing written when a line is not as it must be."""
    known = examples(folder)
    try:
        rows = [row for file in files for row in rows_of(file)]
        for row in rows:
            _check(row, known)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    people = People(e for e in known if not _file_of(e).endswith(CORRECTED))
    scrubbed = [
        replace(row, text=scrub(row.text, row.lang, people), reasons=_sorted(row))
        for row in rows
    ]
    taken, dropped = sift(scrubbed, known)
    written = write(taken, known, folder)
    _tell(taken, dropped, written, people)
    return 0


def _check(row: Row, known: Sequence[Example]) -> None:
    """Raises ValueError with file and line for what could not be learnt."""
    if not isinstance(row.text, str) or not row.text.strip():
        raise ValueError(f"{row.place}: no text")
    if row.lang not in INSTEAD:
        raise ValueError(f"{row.place}: unknown language {row.lang!r}")
    if row.intent not in {e.intent for e in known}:
        raise ValueError(f"{row.place}: unknown intent {row.intent!r}")
    for reason in row.reasons:
        if reason not in {r for e in known for r in e.reasons}:
            raise ValueError(f"{row.place}: unknown reason {reason!r}")


def _sorted(row: Row) -> tuple[str, ...]:
    return tuple(sorted(set(row.reasons)))


def sift(
    rows: Sequence[Row], known: Sequence[Example]
) -> tuple[list[Row], list[tuple[Row, str]]]:
    """The rows that say something new, and the others with why they do not."""
    taken: list[Row] = []
    dropped: list[tuple[Row, str]] = []
    for lang in INSTEAD:
        old = [e for e in known if e.lang == lang]
        new = [row for row in rows if row.lang == lang]
        both: list[Example | Row] = [*old, *new]
        like: dict[int, list[int]] = defaultdict(list)
        for earlier, later in near_pairs([one.text for one in both]):
            like[later].append(earlier)
        out: set[int] = set()
        for place, row in enumerate(new, len(old)):
            met = [both[p] for p in like[place] if p not in out]
            why = _why_not(row, met)
            if why:
                out.add(place)
                dropped.append((row, why))
            else:
                taken.append(row)
    return taken, dropped


def _why_not(row: Row, met: Sequence[Example | Row]) -> str:
    if not row.text:
        return "nothing left of it"
    same = [one for one in met if words_of(one.text) == words_of(row.text)]
    apart = [one for one in met if one.intent != row.intent]
    apart += [one for one in same if set(one.reasons) != set(row.reasons)]
    if apart:
        meant = "+".join([apart[0].intent, *apart[0].reasons])
        return f"contradicts {apart[0].place} ({meant})"
    if same:
        return f"known: {same[0].place}"
    return f"nearly known: {met[0].place}" if met else ""


def write(
    taken: Sequence[Row], known: Sequence[Example], folder: Path = DATA
) -> list[Path]:
    """Adds the rows to the corrected files of their topics, which it names."""
    by_file: dict[str, list[Row | Example]] = defaultdict(list)
    topics = _topics(known)
    for row in taken:
        by_file[f"{row.lang}/{topics[row.intent]}{CORRECTED}"].append(row)
    written = []
    for name, rows in sorted(by_file.items()):
        before = [e for e in known if _file_of(e) == name]
        (folder / name).write_text(_yaml([*before, *rows], name[:2]), "utf-8")
        written.append(folder / name)
    return written


def _file_of(example: Example) -> str:
    return example.place.rsplit(":", 1)[0]


def _topics(known: Sequence[Example]) -> dict[str, str]:
    """The topic of most sentences of each intent."""
    met: dict[str, Counter[str]] = defaultdict(Counter)
    for e in known:
        met[e.intent][_PART.sub("", Path(_file_of(e)).stem)] += 1
    return {
        intent: max(topics, key=lambda t: (topics[t], t))
        for intent, topics in met.items()
    }


def _yaml(rows: Sequence[Row | Example], lang: str) -> str:
    blocks: dict[Meaning, set[str]] = defaultdict(set)
    for row in rows:
        blocks[row.intent, row.reasons].add(row.text)
    lines = ['version: "3.1"', "", "nlu:"]
    for (intent, reasons), texts in sorted(blocks.items()):
        told = f", reasons: [{', '.join(reasons)}]" if reasons else ""
        lines += [
            f"- intent: {intent}",
            f"  metadata: {{language: {lang}{told}}}",
            "  examples: |",
            *(f"    - {t}" for t in sorted(texts, key=lambda t: (plain(t), t))),
        ]
    return "\n".join(lines) + "\n"


def _tell(
    taken: Sequence[Row],
    dropped: Sequence[tuple[Row, str]],
    written: Sequence[Path],
    people: People,
) -> None:
    print(f"{len(taken)} taken, {len(dropped)} dropped")
    for row, why in dropped:
        print(f"  {row.place}: {why}")
    for file in written:
        print(f"  written: {file.parent.name}/{file.name}")
    rare = {w for row in taken for w in people.rare_words(row.text)}
    ours = {
        w for words in INSTEAD.values() for said in words.values() for w in said.split()
    }
    if rare - ours:
        print(f"Rare words; is one of them a name? {', '.join(sorted(rare - ours))}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
