"""What the training sentences nearest in meaning are: a vote beside the classifier.

The classifier weighs words and letters; its neighbours know a sentence that was said
before in other words. Meanings are kept in fewer dimensions, which loses nothing here
and makes the vote a small product of matrices.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

DIMENSIONS = 128
NEAREST = 20
CLOSENESS = 20.0  # how much more the nearest counts than the twentieth


class Neighbours:
    """Shares of the labels among the nearest sentences."""

    def __init__(self, learnt: dict[str, Any], labels: int) -> None:
        self._learnt = learnt
        self._labels = labels

    @staticmethod
    def learn(meanings: Any, labels: Any) -> dict[str, Any]:
        """What `Neighbours` needs. labels: the number of each sentence's label."""
        middle = meanings.mean(axis=0)
        centred = meanings - middle
        _, axes = np.linalg.eigh(centred.T @ centred)
        axes = np.ascontiguousarray(axes[:, ::-1][:, :DIMENSIONS], dtype=np.float32)
        places = _of_length_one(centred @ axes)
        return {
            "middle": middle.astype(np.float32),
            "axes": axes,
            "places": places.astype(np.float16),
            "labels": np.asarray(labels, dtype=np.int32),
        }

    @cached_property
    def places(self) -> Any:
        """In the precision that is quick to multiply."""
        return self._learnt["places"].astype(np.float32)

    def __call__(self, meaning: Any) -> Any:
        """One share for each label, together 1."""
        place = (meaning - self._learnt["middle"]) @ self._learnt["axes"]
        near = self.places @ _of_length_one(place)
        number = min(NEAREST, len(near))
        nearest = np.argpartition(near, -number)[-number:]
        votes = np.bincount(
            self._learnt["labels"][nearest],
            weights=np.exp(CLOSENESS * (near[nearest] - 1)),
            minlength=self._labels,
        )
        return votes / votes.sum()


def _of_length_one(places: Any) -> Any:
    length = np.linalg.norm(places, axis=-1, keepdims=True)
    return places / np.maximum(length, 1e-9)
