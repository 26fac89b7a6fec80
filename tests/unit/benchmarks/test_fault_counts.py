"""What is written of the fault tests is what happened in them."""

import json
import subprocess
import sys
from pathlib import Path

from returns.settings import ROOT

PLUGIN = """
import pytest
from pathlib import Path
from tests.fault_counts import FaultCounts

def pytest_configure(config):
    file = Path(__file__).with_name("faults.json")
    config.pluginmanager.register(FaultCounts(file))

@pytest.fixture(params=["sqlite", "postgresql"])
def faulty(request):
    if request.param == "postgresql":
        pytest.skip("none answers")
    return request.param
"""
TESTS = """
import pytest

@pytest.mark.parametrize("trial", range(3))
@pytest.mark.parametrize("failpoint", ["a", "b"])
def test_kill(faulty, failpoint, trial):
    assert (failpoint, trial) != ("b", 2)

def test_broken_setup(nothing): ...
"""


def counted(folder: Path) -> dict[tuple[str, str], tuple[int, ...]]:
    """Run the tests of this folder; trials, passed, failed, skipped by test."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    options = ["-c", "/dev/null", "--rootdir", str(folder), str(folder)]
    subprocess.run([*command, *options], cwd=ROOT, capture_output=True, check=False)
    rows = json.loads((folder / "faults.json").read_text())
    assert all(row["date"] and row["commit"] for row in rows)
    what = ("trials", "passed", "failed", "skipped")
    return {
        (row["test"], row["database"]): tuple(row[key] for key in what) for row in rows
    }


def test_trials_are_added_up_by_test_and_database(tmp_path: Path) -> None:
    """Passed, failed and skipped trials, also those that fail before they begin."""
    (tmp_path / "faults").mkdir()
    (tmp_path / "conftest.py").write_text(PLUGIN)
    (tmp_path / "faults" / "test_a.py").write_text(TESTS)
    (tmp_path / "test_other.py").write_text("def test_other(): ...\n")
    earlier = {"test": "test_old", "database": "sqlite", "date": "x", "commit": "y"}
    numbers = dict.fromkeys(("trials", "passed", "failed", "skipped"), 7)
    (tmp_path / "faults.json").write_text(json.dumps([{**earlier, **numbers}]))
    assert counted(tmp_path) == {
        ("test_kill[a]", "sqlite"): (3, 3, 0, 0),
        ("test_kill[b]", "sqlite"): (3, 2, 1, 0),
        ("test_kill[a]", "postgresql"): (3, 0, 0, 3),
        ("test_kill[b]", "postgresql"): (3, 0, 0, 3),
        ("test_broken_setup", "none"): (1, 0, 1, 0),
        ("test_old", "sqlite"): (7, 7, 7, 7),
    }
