"""`python -m bot.scoring MODEL FILE...`: how well a model reads labelled messages.

Each line of a file: {"text", "lang", "label"}, the label an intent or
give_reason/<reason>; optional: "reason" or "reasons", "entities" {kind: [values]}.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.quiet import hush

hush()

from bot.components.plain import plain  # noqa: E402
from bot.scoring import labelled, measures  # noqa: E402
from bot.scoring.training import examples  # noqa: E402

MOST_CONFUSIONS = 4


def main(model: Path, files: list[Path]) -> int:
    """Prints to stdout; 2 when a file is not as it must be."""
    try:
        rows = [row for file in files for row in labelled.rows_of(file)]
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    from rasa.core.agent import Agent

    agent = Agent.load(str(model))
    pairs = list(
        zip(rows, labelled.readings(agent, [row.text for row in rows]), strict=True)
    )
    known = {_same(example.text) for example in examples()}
    unseen = [(row, got) for row, got in pairs if _same(row.text) not in known]
    for lang in sorted({row.lang for row in rows}):
        _print_labels(lang, [(r, g) for r, g in pairs if r.lang == lang])
    print()
    _print_measures("all", pairs)
    if len(unseen) < len(pairs):
        _print_measures("without texts of data/nlu", unseen)
    return 0


def _same(text: str) -> str:
    return " ".join(plain(text).split())


def _print_labels(lang: str, pairs: list[measures.Pair]) -> None:
    print(f"\n{lang}: {len(pairs)} messages")
    for label, taken in sorted(measures.confusions(pairs).items()):
        right, of = taken.pop(label, 0), 0
        of = right + sum(taken.values())
        others = ", ".join(
            f"{n} {name}" for name, n in taken.most_common(MOST_CONFUSIONS)
        )
        print(f"  {label:36} {right:4}/{of:<4} {right / of:5.2f}  {others}")


def _print_measures(title: str, pairs: list[measures.Pair]) -> None:
    languages = sorted({row.lang for row, _ in pairs})
    print(f"{title}: {len(pairs)} messages")
    by_language = [
        measures.measures([(r, g) for r, g in pairs if r.lang == lang])
        for lang in languages
    ]
    print(" " * 22 + "".join(f"{lang:22}" for lang in languages))
    for name in by_language[0] if by_language else ():
        print(f"  {name:20}" + "".join(f"{m[name]!s:22}" for m in by_language))
    for kind in measures.IDENTIFIERS:
        print(f"  {kind:20}{measures.identifiers(pairs, kind)}")
    for band in measures.reliability(pairs):
        told = f"said {band.said:.2f}, right {band.right}, one of two {band.either}"
        print(f"  from {band.least:.2f}           {told}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]))
