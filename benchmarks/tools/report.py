"""results.json and RESULTS.md: the last run of each benchmark, with its date."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.tools.measurement import Measurement, Value

FOLDER = Path(__file__).resolve().parents[1]
JSON_FILE = FOLDER / "results.json"
PAPER = FOLDER / "RESULTS.md"
HEAD = """# Results

Written by `make bench`; do not edit. [README.md](README.md) says what is measured and
how to read it. The same numbers are in [results.json](results.json).
"""


@dataclass(frozen=True)
class Record:
    """One run of one benchmark. problem: why it has no numbers; None: it has."""

    benchmark: str
    about: str
    date: str
    commit: str
    machine: str
    seconds: float
    measurements: list[Measurement]
    problem: str | None = None


def keep(records: Iterable[Record]) -> None:
    """Put these in place of the earlier runs of the same benchmarks."""
    found = _read()
    for record in records:
        told = asdict(record)
        found[str(told.pop("benchmark"))] = told
    found = dict(sorted(found.items()))
    JSON_FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    PAPER.write_text(HEAD + "".join(_section(n, told) for n, told in found.items()))


def table(measurements: Iterable[Measurement]) -> str:
    """For the terminal."""
    rows = [(m.what, shown(m.value), m.unit) for m in measurements]
    wide = max((len(what) for what, _, _ in rows), default=0)
    return "\n".join(
        f"  {what:<{wide}}  {value:>10} {unit}".rstrip() for what, value, unit in rows
    )


def shown(value: Value | None) -> str:
    """Three figures that count, or all of a large number; None as a dash."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else value


def _read() -> dict[str, dict[str, Any]]:
    if not JSON_FILE.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(JSON_FILE.read_text())
    return found


def _section(name: str, told: dict[str, Any]) -> str:
    lines = [
        f"\n## {name}\n",
        f"{told['about']}\n",
        f"{told['date']}, commit `{told['commit']}`, {told['seconds']:.0f} s.",
        f"{told['machine']}.\n",
    ]
    if told["problem"]:
        lines.append(f"**Failed:** {told['problem']}")
    else:
        lines += ["| what | value | unit | how it was taken |", "|---|---:|---|---|"]
        lines += [_row(m) for m in told["measurements"]]
    return "\n".join(lines) + "\n"


def _row(told: dict[str, Any]) -> str:
    value = shown(told["value"])
    return f"| {told['what']} | {value} | {told['unit']} | {told['how']} |"
