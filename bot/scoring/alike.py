"""Which sentences are nearly the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from bot.components.plain import plain

NEAR = 0.85  # of the words of both, how many are shared
SHORTEST = 4  # words; of shorter ones only equal ones are near

Words = frozenset[str]


def near_pairs(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Places of texts that are equal or share nearly all of their words."""
    words = [frozenset(words_of(text)) for text in texts]
    having: dict[str, list[int]] = defaultdict(list)
    found: list[tuple[int, int]] = []
    common = Counter(word for one in words for word in one)
    for place, one in enumerate(words):
        rare = sorted(one, key=lambda word: (common[word], word))
        # Who shares 85 % with it shares one of its rarest words.
        probes = rare[: len(one) - int(NEAR * len(one)) + 1]
        for other in sorted({p for word in probes for p in having[word]}):
            if _alike(one, words[other]):
                found.append((other, place))
        for word in probes:
            having[word].append(place)
    return found


def _alike(one: Words, other: Words) -> bool:
    if min(len(one), len(other)) < SHORTEST:
        return one == other
    return len(one & other) >= NEAR * len(one | other)


def words_of(text: str) -> list[str]:
    """Its words without accents, capitals and marks; of marks only, the marks."""
    kept = "".join(c if c.isalnum() else " " for c in plain(text)).split()
    return kept or [text.strip()]
