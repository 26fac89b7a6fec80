"""`python -m tests.mutations [NAME...]`: put known bugs back, one at a time (F21).

Each in a copy of the source, against the few tests that should catch it. What came of
it is kept in benchmarks/faults.json, and told in faults.md.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.tools import machine
from returns.clock import Clock
from returns.settings import ROOT
from tests.fault_counts import keep
from tests.mutations.bugs import BUGS, Bug

COPIED = (
    *("actions", "benchmarks", "bot", "cli", "data", "deploy", "desk", "docs"),
    *("returns", "tests", "worker"),
    *("bonretour", "pyproject.toml", "domain.yml", "config.yml", "endpoints.yml"),
    *("credentials.yml", "shop.yml"),
)
LINKED = (".venv", ".venv-rasa", "widget", "var")
SECONDS = 900
TESTS_FAILED, WITHOUT_BUG = 1, 0
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """by: the first test that failed, None when the bug was missed."""

    bug: Bug
    by: str | None
    seconds: float


def main(wanted: list[str]) -> int:
    chosen = [bug for bug in BUGS if not wanted or bug.name in wanted]
    with tempfile.TemporaryDirectory(prefix="bonretour-bugs-") as folder:
        home = Path(folder)
        _copy(home)
        outcomes = []
        for bug in chosen:
            outcome = _try(home, bug)
            told = f"caught by {outcome.by}" if outcome.by else "MISSED"
            print(f"{bug.name}: {told} ({outcome.seconds:.0f} s)", flush=True)
            outcomes.append(outcome)
            _keep(outcome)
    missed = [outcome.bug.name for outcome in outcomes if outcome.by is None]
    caught = len(outcomes) - len(missed)
    print(f"{caught} of {len(outcomes)} caught; missed: {', '.join(missed) or 'none'}")
    return 1 if len(missed) > 1 else 0


def _copy(home: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, home / name, ignore=_generated)
        else:
            shutil.copy(source, home / name)
    for name in LINKED:
        (home / name).symlink_to(ROOT / name)


def _generated(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__"]


def _try(home: Path, bug: Bug) -> Outcome:
    """Raises RuntimeError when the tests fail for another reason than the bug."""
    path, began = home / bug.file, time.monotonic()
    plain = path.read_text(encoding="utf-8")
    assert plain.count(bug.old) == 1, f"{bug.name} no longer fits {bug.file}"
    path.write_text(plain.replace(bug.old, bug.new), encoding="utf-8")
    try:
        ended = _test(home, bug)
    finally:
        path.write_text(plain, encoding="utf-8")
    found = FAILED.search(ended.stdout)
    if ended.returncode not in (TESTS_FAILED, WITHOUT_BUG):
        raise RuntimeError(f"{bug.name}: {ended.stdout[-2000:]}{ended.stderr[-500:]}")
    by = found.group(1) if ended.returncode == TESTS_FAILED and found else None
    return Outcome(bug, by, time.monotonic() - began)


def _test(home: Path, bug: Bug) -> subprocess.CompletedProcess[str]:
    options, tests = (
        ["-x", "-q", "-p", "no:cacheprovider", "--tb=no", "-rfE"],
        bug.tests,
    )
    room = ".venv"
    if tests[0] == "rasa":
        room, tests = ".venv-rasa", tests[1:]
        options += ["-c", "tests/nlu/pytest.ini"]
    command = [str(home / room / "bin/python"), "-m", "pytest", *options, *tests]
    return subprocess.run(
        command,
        cwd=home,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def _keep(outcome: Outcome) -> None:
    caught = outcome.by is not None
    date = Clock().now().isoformat(timespec="seconds").replace("+00:00", "Z")
    row: dict[str, Any] = {
        "test": f"replanted[{outcome.bug.name}]",
        "database": "none",
        "fault": "F21",
        "promise": outcome.bug.what,
        "trials": 1,
        "passed": int(caught),
        "failed": int(not caught),
        "skipped": 0,
        "seconds": round(outcome.seconds, 1),
        "seeds": [],
        "note": outcome.by,
        "date": date,
        "commit": machine.commit(),
    }
    keep(ROOT / "benchmarks" / "faults.json", [row])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
