"""What `make test-full` counts of the fault tests, kept in benchmarks/faults.json."""

import fcntl
import json
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tools import fault_table, machine
from returns.clock import Clock
from tests.databases import KINDS

TRIALS = ("trial", "partner_trial", "random_seed")
FOLDERS = ("faults", "channels")

type Record = Callable[[str, object], None]


@dataclass
class Count:
    """All trials of one test on one database. seconds: of the tests themselves.

    fault: its id in the fault programme; promise: the test's docstring. seeds, and the
    note of the last trial: what the test itself recorded.
    """

    fault: str = ""
    promise: str = ""
    trials: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    seeds: list[int] = field(default_factory=list)
    note: str | None = None


class FaultCounts:
    """A pytest plugin; the tests of the last run replace the same ones in the file.

    Counted is what lies in one of FOLDERS or bears `pytest.mark.fault(id)`. A
    test that tries many times in one call says so: `record_property("trials", 500)`,
    and likewise seed and note.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._counts: dict[tuple[str, str], Count] = {}
        self._counted: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Function
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        marked = item.get_closest_marker("fault") is not None
        ours = marked or item.path.parent.name in FOLDERS
        if ours and item.nodeid not in self._counted:
            self._count(item, report)
        return report

    def pytest_sessionfinish(self) -> None:
        if not self._counts:
            return
        date = Clock().now().isoformat(timespec="seconds").replace("+00:00", "Z")
        when = {"date": date, "commit": machine.commit()}
        rows = []
        for (test, database), count in self._counts.items():
            count.seconds = round(count.seconds, 1)
            rows.append({"test": test, "database": database, **asdict(count), **when})
        keep(self._file, rows)

    def _count(self, item: pytest.Function, report: pytest.TestReport) -> None:
        """A trial ends with its call, or before it when it fails or is skipped."""
        if report.when == "setup" and report.passed:
            return
        self._counted.add(item.nodeid)
        count = self._counts.setdefault(_key(item), Count())
        told = dict(item.user_properties)
        trials = int(str(told.get("trials", 1)))
        count.fault = _fault_of(item)
        count.promise = (item.function.__doc__ or "").partition("\n")[0]
        count.trials += trials
        count.passed += trials * report.passed
        count.failed += trials * report.failed
        count.skipped += trials * report.skipped
        count.seconds += report.duration
        count.seeds += [int(str(told["seed"]))] if "seed" in told else []
        count.note = str(told["note"]) if "note" in told else count.note


def keep(file: Path, fresh: list[dict[str, Any]]) -> None:
    """Put rows into the file, in place of the same ones, and make its table anew.

    Of several runs at once each waits for the other, and a reader finds a whole file.
    """
    with _one_at_a_time(file.parent):
        text = file.read_text(encoding="utf-8") if file.exists() else "[]"
        kept = [*json.loads(text), *fresh]
        rows = {(row["test"], row["database"]): row for row in kept}
        found = [rows[key] for key in sorted(rows)]
        told = json.dumps(found, indent=1, ensure_ascii=False)
        whole = file.with_suffix(".new")
        whole.write_text(told + "\n", encoding="utf-8")
        whole.replace(file)
        fault_table.write(file)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fault_of(item: pytest.Function) -> str:
    marker = item.get_closest_marker("fault")
    return str(marker.args[0]) if marker is not None else ""


def _key(item: pytest.Function) -> tuple[str, str]:
    """The test with what it is about, without the trial's number; the database."""
    told = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    for name in TRIALS:
        told.pop(name, None)
    names = [str(getattr(value, "__name__", value)) for value in told.values()]
    databases = [name for name in names if name in KINDS]
    about = "-".join(name for name in names if name not in KINDS)
    about = about.encode("utf-8", "backslashreplace").decode()  # lone surrogates
    name = item.originalname
    database = databases[0] if databases else "none"
    return (f"{name}[{about}]" if about else name, database)
