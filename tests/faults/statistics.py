"""Whether two samples may come from one source: Kolmogorov and Smirnov's test."""

import bisect
import math
from collections.abc import Mapping, Sequence


def ks_p(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How likely a distance as large as theirs is by chance (large samples)."""
    first, second = sorted(ours), sorted(theirs)
    n, m = len(first), len(second)
    distance = max(
        abs(bisect.bisect_right(first, x) / n - bisect.bisect_right(second, x) / m)
        for x in (*first, *second)
    )
    root = math.sqrt(n * m / (n + m))
    scaled = (root + 0.12 + 0.11 / root) * distance
    if scaled < 0.2:
        return 1.0
    terms = ((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return min(1.0, max(0.0, 2 * sum(terms)))


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """The same p-values, corrected by Holm and Bonferroni for being so many.

    Below 0.05 is then below 0.05 for all of them together, whatever they share.
    """
    corrected, least = {}, 0.0
    for place, name in enumerate(sorted(p, key=p.__getitem__)):
        least = max(least, min(1.0, p[name] * (len(p) - place)))
        corrected[name] = least
    return corrected
