"""French words by their dictionary form: spaCy when training, a table afterwards.

Loading spaCy takes ten seconds and a message some milliseconds; the table, none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

_MODEL = "fr_core_news_md"
_WORD = re.compile(r"\w+")


def plain(text: str) -> str:
    """`text` in lower case without accents and with straight apostrophes."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def lemma_table(texts: list[str]) -> dict[str, str]:
    """From plain word to plain lemma: each word of `texts`, read in its sentence,
    and every other form of the same verbs, nouns and adjectives.
    """
    import spacy  # three seconds that only training should pay

    french = spacy.load(_MODEL, exclude=["parser", "ner"])
    seen = Counter(
        (plain(token.text).strip("'"), plain(token.lemma_))
        for document in french.pipe(texts)
        for token in document
        if token.is_alpha or token.text.endswith(("'", "’"))
    )
    table = {word: lemma for (word, lemma), _ in reversed(seen.most_common())}
    lemmas = set(table.values())
    for form, lemma in _known_forms(french, lemmas):
        table.setdefault(form, lemma)
    return {word: lemma for word, lemma in table.items() if word != lemma}


def _known_forms(french: Language, lemmas: set[str]) -> Iterator[tuple[str, str]]:
    lookups = french.get_pipe("lemmatizer").lookups  # type: ignore[attr-defined]
    for form, bases in lookups.get_table("lemma_exc")["verb"].items():
        if plain(bases[0]) in lemmas:
            yield plain(form), plain(bases[0])
    for kind in ("verb", "noun", "adj"):
        for ending, base in lookups.get_table("lemma_rules")[kind]:
            for lemma in sorted(lemmas):
                if lemma.endswith(plain(base)):
                    yield lemma[: len(lemma) - len(base)] + plain(ending), lemma


def lemmatised(text: str, table: dict[str, str]) -> str:
    """A plain `text` with each known word replaced by its lemma."""
    return _WORD.sub(lambda word: table.get(word[0], word[0]), text)
