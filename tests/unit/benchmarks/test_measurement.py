"""Numbers say what was measured, and are written with what they were taken on."""

import json
from pathlib import Path

import pytest

from benchmarks.tools import report
from benchmarks.tools.measurement import Measurement, from_plain, percentile, spread
from benchmarks.tools.report import Record


def test_percentiles_are_values_that_were_seen() -> None:
    """The smallest value that so many percent do not exceed."""
    values = [float(n) for n in range(20, 0, -1)]
    taken = [percentile(values, percent) for percent in (0, 50, 95, 96, 100)]
    assert taken == [1, 10, 19, 20, 20]


def test_a_spread_counts_its_samples() -> None:
    """Milliseconds of median, 95th percentile and maximum."""
    found = spread("turn", [0.001, 0.002, 0.004], "so")
    assert [(m.what, m.value) for m in found] == [
        ("turn, p50", 2.0),
        ("turn, p95", 4.0),
        ("turn, max", 4.0),
    ]
    assert {(m.unit, m.how) for m in found} == {("ms", "so; n=3")}


def test_plain_numbers_get_the_unit_of_their_name() -> None:
    """A longer ending wins over a shorter one; an unknown one is left alone."""
    plain = {"import_seconds": 1.5, "orders_per_second": 9, "database": "sqlite"}
    assert from_plain(plain, "so") == [
        Measurement("import", 1.5, "s", "so"),
        Measurement("orders", 9, "per second", "so"),
        Measurement("database", "sqlite", "", "so"),
    ]


def test_a_run_replaces_only_its_own_benchmark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed run leaves no old numbers behind, and others keep theirs."""
    monkeypatch.setattr(report, "JSON_FILE", tmp_path / "results.json")
    monkeypatch.setattr(report, "PAPER", tmp_path / "RESULTS.md")
    numbers = [Measurement("turn", 12.345, "ms", "by hand")]
    for name in ("nlu", "turns"):
        report.keep([Record(name, "About.", "then", "abc", "here", 1, numbers)])
    report.keep([Record("nlu", "About.", "now", "abc", "here", 1, [], "it broke")])
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["nlu"]["measurements"] == []
    assert found["turns"]["measurements"][0]["value"] == 12.345
    paper = (tmp_path / "RESULTS.md").read_text()
    assert "**Failed:** it broke" in paper
    assert paper.count("| turn | 12.3 | ms | by hand |") == 1
