"""The bugs that `python -m tests.mutations` puts back still fit the source."""

from returns.settings import ROOT
from tests.mutations.bugs import BUGS


def test_each_bug_has_its_place() -> None:
    """Thirty or more, each with another name; its anchor is in its file once."""
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 30
    for bug in BUGS:
        source = (ROOT / bug.file).read_text(encoding="utf-8")
        assert source.count(bug.old) == 1, bug.name
        assert bug.old != bug.new
        named = [name for name in bug.tests if name.startswith("tests/")]
        assert all((ROOT / name).exists() for name in named), bug.name
