"""The papers name what exists: tests, commands, metrics, variables."""

import re

import pytest

from cli.__main__ import parser
from desk import metrics
from returns.settings import ROOT
from tests.houses import TestHouse

STATES = ("test", "yes", "part", "yours", "missing", "n/a")
ASVS = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([\d., ]+) \| ([a-z/]+) \| (.+) \|$", re.MULTILINE)


def test_the_checklist_names_each_requirement_once() -> None:
    """With a state of ours, and a test that exists where it says so."""
    seen: list[str] = []
    for ids, state, where in ROW.findall(ASVS):
        seen += ids.split(", ")
        assert state in STATES, ids
        named = re.findall(r"`(tests/[\w/.]+)`", where)
        assert named or state != "test", ids
        for path in named:
            assert (ROOT / path).is_file(), path
    assert len(seen) == len(set(seen)) > 150


@pytest.mark.parametrize(
    "command", re.findall(r"^\./bonretour ([a-z-]+)", OPERATIONS, re.M)
)
def test_its_commands_exist(command: str) -> None:
    """None of them was renamed."""
    assert f" {command} " in parser().format_help().replace("\n", " ")


def test_its_metrics_exist(house: TestHouse) -> None:
    """An alarm on a name that nobody counts never rings."""
    told = metrics.text(house).decode()
    table = OPERATIONS.split("| metric (")[1].split("\n\n")[0]
    names = re.findall(r"`([a-z_]+)(?:\{[^`]*\})?`", table.partition("|---")[2])
    ours = {n for n in names if "_" in n} | {"work", "refunds", "handoffs"}
    known = set(re.findall(r"^# TYPE bonretour_(\w+) ", told, re.MULTILINE))
    spoken = {
        n for n in ours if n.split("_")[0] not in ("answer", "last", "pay", "given")
    }
    for name in spoken - {"work_attempts", "nlu_fallback"}:
        assert name in known or name.removesuffix("_total") in known, name
