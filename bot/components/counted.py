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
        counts = Counter(self._pieces(text))
        known = sorted(
            (self._places[piece], count)
            for piece, count in counts.items()
            if piece in self._places
        )
        places = np.array([place for place, _ in known], dtype=np.int32)
        values = 1 + np.log([count for _, count in known])
        values = values * self._rarity[places]
        length = np.linalg.norm(values)
        return places, values / length if length else values
