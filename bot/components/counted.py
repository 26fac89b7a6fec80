"""TF-IDF of one text at a time, from a fitted scikit-learn vectoriser.

scikit-learn's own `transform` checks and builds for thousands of texts; for one
message that costs more than the counting.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

APART = "\n"  # in no term: the analyser takes every blank for a space


class Counted:
    """What a text holds of a vocabulary: places, and sublinear values of length 1."""

    def __init__(self, kept: dict[str, Any]) -> None:
        settings = {
            **kept["settings"],
            "ngram_range": tuple(kept["settings"]["ngram_range"]),
        }
        self._pieces = TfidfVectorizer(**settings).build_analyzer()
        self._rarity = kept["rarity"]
        self._places = {term: i for i, term in enumerate(kept["terms"].split(APART))}
        self.size = len(self._places)

    @staticmethod
    def keep(fitted: TfidfVectorizer) -> dict[str, Any]:
        """What is saved of it: the terms as one text, for one by one takes long."""
        return {
            "settings": {
                "analyzer": fitted.analyzer,
                "ngram_range": list(fitted.ngram_range),
                "token_pattern": fitted.token_pattern,
            },
            "terms": APART.join(fitted.get_feature_names_out()),
            "rarity": fitted.idf_,
        }

    def __call__(self, text: str) -> tuple[Any, Any]:
        """Sorted places, and their values."""
        known: Counter[int] = Counter()
        for piece in self._pieces(text):
            place = self._places.get(piece)
            if place is not None:
                known[place] += 1
        found = np.fromiter(known, dtype=np.int32, count=len(known))
        counts = np.fromiter(known.values(), dtype=np.float64, count=len(known))
        order = found.argsort()
        places = found[order]
        values = (1 + np.log(counts[order])) * self._rarity[places]
        length = np.linalg.norm(values)
        return places, values / length if length else values
