"""Numbers with their unit and how they were taken."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

type Value = float | int | str

# How the name of a plain number ends, and what that means.
UNITS = {
    "_seconds": "s",
    "_ms": "ms",
    "_us": "µs",
    "_mb": "MB",
    "_per_second": "per second",
    "_percent": "%",
}


@dataclass(frozen=True)
class Measurement:
    """One number. value None: it was not measured, and `how` says why."""

    what: str
    value: Value | None
    unit: str
    how: str


def spread(what: str, seconds: Sequence[float], how: str) -> list[Measurement]:
    """Median, 95th percentile and maximum in milliseconds."""
    how = f"{how}; n={len(seconds)}"
    taken = (
        ("p50", percentile(seconds, 50)),
        ("p95", percentile(seconds, 95)),
        ("max", max(seconds)),
    )
    return [Measurement(f"{what}, {n}", v * 1000, "ms", how) for n, v in taken]


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed."""
    place = math.ceil(len(values) * percent / 100) - 1
    return sorted(values)[max(place, 0)]


def from_plain(numbers: Mapping[str, Value], how: str) -> list[Measurement]:
    """`lookup_p50_ms: 3` as 3 ms; a name without a known ending has no unit."""
    return [_named(name, value, how) for name, value in numbers.items()]


def _named(name: str, value: Value, how: str) -> Measurement:
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            what = name.removesuffix(ending).replace("_", " ")
            return Measurement(what, value, unit, how)
    return Measurement(name.replace("_", " "), value, "", how)
