"""What `make test-full` counts of the fault tests, kept in benchmarks/faults.json.

A test that tries many things by itself says how many, and by which seed:
`record_property("trials", n)`, `record_property("seed", n)`.
"""

import json
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from benchmarks.tools import machine
from returns.clock import Clock

DATABASES = ("faulty", "front", "any_house")  # fixtures that have one of each kind

type Record = Callable[[str, object], None]


@dataclass
class Count:
    """All trials of one test on one database. seconds: of the tests themselves.

    seed: None where nothing is left to chance, or pytest names the trial.
    """

    trials: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    seed: int | None = None


class FaultCounts:
    """A pytest plugin; the tests of the last run replace the same ones in the file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._counts: dict[tuple[str, str], Count] = {}
        self._counted: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Function
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if item.path.parent.name == "faults" and item.nodeid not in self._counted:
            self._count(item, report)
        return report

    def pytest_sessionfinish(self) -> None:
        if not self._counts:
            return
        text = self._file.read_text() if self._file.exists() else "[]"
        rows = {(row["test"], row["database"]): row for row in json.loads(text)}
        date = Clock().now().isoformat(timespec="seconds").replace("+00:00", "Z")
        when = {"date": date, "commit": machine.commit()}
        for (test, database), count in self._counts.items():
            count.seconds = round(count.seconds, 1)
            told = {k: v for k, v in asdict(count).items() if v is not None}
            rows[test, database] = {"test": test, "database": database, **told, **when}
        found = [rows[key] for key in sorted(rows)]
        self._file.write_text(json.dumps(found, indent=1) + "\n")

    def _count(self, item: pytest.Function, report: pytest.TestReport) -> None:
        """A trial ends with its call, or before it when it fails or is skipped."""
        if report.when == "setup" and report.passed:
            return
        self._counted.add(item.nodeid)
        count = self._counts.setdefault(_key(item), Count())
        told = dict(item.user_properties)
        trials = int(str(told.get("trials", 1)))
        count.trials += trials
        count.passed += trials * report.passed
        count.failed += trials * report.failed
        count.skipped += trials * report.skipped
        count.seconds += report.duration
        count.seed = told.get("seed", count.seed)


def _key(item: pytest.Function) -> tuple[str, str]:
    """The test with what it is about, without the trial's number; the database."""
    told = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    databases = [told.pop(name) for name in DATABASES if name in told]
    database = str(databases[0]) if databases else "none"
    told.pop("trial", None)
    about = "-".join(str(value) for value in told.values())
    name = item.originalname
    return (f"{name}[{about}]" if about else name, database)
