"""French words in their dictionary form, from spaCy without parser and names."""

from __future__ import annotations

from functools import cache

import spacy
from spacy.language import Language

_MODEL = "fr_core_news_md"


@cache
def _french() -> Language:
    return spacy.load(_MODEL, exclude=["parser", "ner"])


def french_lemmas(texts: list[str]) -> list[str]:
    """Each text as its lemmas, separated by spaces."""
    return [
        " ".join(token.lemma_ for token in document)
        for document in _french().pipe(texts)
    ]
