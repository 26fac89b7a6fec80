"""Failpoints are where docs/faults.md says that they are."""

import re

from returns.settings import ROOT

ROOMS = ("actions", "desk", "returns", "worker")
CALL = re.compile(r'failpoint\("([^"]+)"\)')
ROW = re.compile(r"^\| [^|]+ \| (`[^|]+`) \| `([^|]+\.py)` \|$", re.MULTILINE)


def test_each_failpoint_is_in_the_table_with_its_file() -> None:
    """Neither the source nor the table has one that the other does not know."""
    called = {
        (name, str(path.relative_to(ROOT)))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for name in CALL.findall(path.read_text(encoding="utf-8"))
    }
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    told = {
        (name, file)
        for names, file in ROW.findall(page)
        for name in re.findall(r"`([^`]+)`", names)
    }
    assert told == called
