"""benchmarks/faults.md, made of faults.json: what was done to us and how it ended.

`python -m benchmarks.tools.fault_table` writes it again.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "faults.json"
HEAD = """# Faults: what was tried, and how it ended

Made by `benchmarks/tools/fault_table.py` of [faults.json](faults.json), which every run
of the tests with `--full` renews (`make test-full`, or some of them:
`pytest tests/faults/test_kills.py --full`). One line is one test: its trials on all
kinds and databases, and how many did not end as promised. A row of faults.json is one
kind on one database. Failpoints, and what else is done:
[docs/faults.md](../docs/faults.md).

**Stock Rasa** is Rasa 3.6.21 as its documentation sets it up, with a small refund
model, measured once on one core; n/a: it has no such part, or it was not measured.

The partners are simulators of ours, not a bank's or a supplier's; all of it ran on one
machine over loopback. `+` after a commit: files differed from it.

| fault | promise | trials | failed | stock Rasa | databases | seed | date, commit |
|---|---|--:|--:|---|---|---|---|
"""
TWICE = "2 parallel yeses: 2 refunds"
LOST = "one failed write: the turn is lost, without an error"
REPEATED = "the same id 3 times: 3 turns, 3 replies"
# Measured on stock Rasa 3.6.21, by the beginning of a test's name or by fault.
STOCK = {
    "test_rasa_killed": "killed in the action, the yes again: 5 of 5 refunded twice",
    "test_actions_killed": "no reply, and the action is recorded as done",
    "test_desk_killed": "killed turns are absent from the database: 5 of 5",
    "test_random_kills": "only killed in the action: 5 of 5 refunded twice",
    "test_typed_commands": "typed `/intent{…}` sets slots and runs the refund",
    "test_the_same_message_id": REPEATED,
    "test_fifty": TWICE,
    "test_races": TWICE,
    "test_two_conversations": TWICE,
    "test_locked": "locked 14 s: silent for 12.8 s, 1 of 4 messages lost",
    "test_full": LOST,
    "test_read_only": LOST,
    "test_lost": LOST,
    "test_postgresql": "one failed read: a new conversation, its events dropped",
    "F6": REPEATED,
    "F7": "3 messages in one webhook: 2 lost",
    "F8": "no signature: accepted (Twilio); a bad one: 200 (Facebook)",
    "F12": "20 MB message: accepted, 4.3 s; 292 KB deflated: 918 MB of memory",
    "F13": "typed `/intent{…}` is obeyed, always",
    "F14": "a client's own sender id is believed",
}
UNNAMED = "–"


@dataclass
class Line:
    """All rows of one test."""

    fault: str
    test: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    def total(self, name: str) -> int:
        return sum(int(row[name]) for row in self.rows)

    def all(self, name: str) -> list[str]:
        """Each value once, those that say nothing left out."""
        told = (row.get(name) for row in self.rows)
        return sorted({str(value) for value in told if value not in (None, "", "none")})

    def seeds(self) -> list[str]:
        return [str(seed) for row in self.rows for seed in row.get("seeds") or ()]

    def newest(self) -> dict[str, Any]:
        return max(self.rows, key=lambda row: str(row["date"]))

    @property
    def stock(self) -> str:
        named = [told for stem, told in STOCK.items() if self.test.startswith(stem)]
        return named[0] if named else STOCK.get(self.fault, "n/a")

    def __str__(self) -> str:
        newest, skipped = self.newest(), self.total("skipped")
        promise = str(newest.get("promise") or self.test)
        cells = [
            self.fault or UNNAMED,
            "; ".join([promise, *self.all("note")]),
            f"{self.total('trials') - skipped:,}",
            str(self.total("failed")),
            self.stock,
            ", ".join(self.all("database")) or UNNAMED,
            ", ".join(self.seeds()) or UNNAMED,
            f"{str(newest['date'])[:10]}, {newest['commit']}",
        ]
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


PLANTED = "replanted"
BUGS = """
## Known bugs, put back

`python -m tests.mutations` puts each into a copy of the source and runs the few tests
that should catch it: {caught} of {all} caught.

| bug | caught by |
|---|---|
"""


def write(file: Path = FILE) -> None:
    """The table beside the file of counts."""
    rows = json.loads(file.read_text(encoding="utf-8"))
    planted = [row for row in rows if str(row["test"]).startswith(PLANTED)]
    lines = lines_of(row for row in rows if row not in planted)
    text = HEAD + "".join(f"{line}\n" for line in lines) + bugs(planted)
    file.with_suffix(".md").write_text(text, encoding="utf-8")


def lines_of(rows: Iterable[dict[str, Any]]) -> list[Line]:
    """By fault in the programme's order, then by test."""
    found: dict[tuple[str, str], Line] = {}
    for row in rows:
        fault, test = str(row.get("fault") or ""), str(row["test"]).partition("[")[0]
        line = found.setdefault((fault, test), Line(fault, test))
        line.rows.append(row)
    return [found[key] for key in sorted(found, key=_order)]


def bugs(rows: list[dict[str, Any]]) -> str:
    """Of F21: which test caught what."""
    if not rows:
        return ""
    caught = sum(int(row["passed"]) for row in rows)
    cells = [f"| {row['promise']} | {_test(row)} |\n" for row in rows]
    return BUGS.format(caught=caught, all=len(rows)) + "".join(cells)


def _test(row: dict[str, Any]) -> str:
    return f"`{row['note']}`" if row["passed"] else "**missed**"


def _order(key: tuple[str, str]) -> tuple[int, str, str]:
    fault, test = key
    digits = "".join(c for c in fault if c.isdigit())
    return int(digits or 99), fault, test


if __name__ == "__main__":
    write()
