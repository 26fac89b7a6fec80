"""Names of people and places in a sentence.

French ones by spaCy's named-entity recogniser, both languages by the words that
announce a name. A developer's tool: nothing of it is loaded while customers are served.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from bot.components import patterns
from bot.components.plain import plain
from bot.scoring.training import Example

if TYPE_CHECKING:
    from spacy.language import Language

Named = tuple[int, int, str]

MODEL = "fr_core_news_md"
UNUSED = ("parser", "lemmatizer", "morphologizer", "attribute_ruler")
KINDS = {"PER": "person", "LOC": "place"}
ORDINARY = 5  # so often in small letters: a word, whatever the recogniser says
RARE = 3  # fewer than this: worth a look
_KEPT = re.compile(
    r"monsieur|madame|mademoiselle|mme|mlle|mrs|miss|cordialement|regards|cheers|dear"
    r"|hello|belgique|suisse|luxembourg|espagne|italie|allemagne|chine|europe|belgium"
    r"|ireland|germany|spain|italy|china|scotland|wales|england|colissimo|chronopost"
    r"|mondial|relay|evri|amazon|aliexpress|temu|shein|ebay|vinted|paypal|klarna|visa"
    r"|mastercard|cc|veuillez|reunion|guadeloupe|martinique|guyane|mayotte|corse"
)
# Words too; with a capital letter they are believed to be names.
_NAMES_TOO = re.compile(r"Jean|Claire|Rose|Marine|Pierre|Olive|Bordeaux|Mark|Grace")
_ARTICLE = re.compile(r"(?<!\w)(?:(?:la|le|les|en)\s+|l['’])$", re.IGNORECASE)
_AT = re.compile(r"(?<!\w)[àa]\s+$", re.IGNORECASE)

_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S+@\S+")  # « lucie.martin@… » makes no word of a name
_NAME = r"[A-ZÉÈÀÇÖÜŒ](?:['’]?[^\W\d_])+"
_NAMES = rf"(?P<name>(?:[A-Z]\.? )?{_NAME}(?:[ -]{_NAME}){{0,3}})"
_TITLE = r"(?<![\w'’])(?:M|(?i:mr|mme|mlle|monsieur|madame|mrs|ms|miss|dr))\.?\s+"
_CUES = (
    re.compile(
        r"\b(?i:merci|cordialement|bonjour|bonsoir|salut|coucou|bien [àa] vous|je suis"
        r"|ici|sign[ée]|thanks|thank you|regards|hi|hello|dear|cheers|this is|i am"
        r"|i['’]m|m[èe]re|p[èe]re|mari|femme|fils|fille|s(?:oe|œ)ur|fr[èe]re|amie?|coll[èe]gue"
        r"|mum|mother|dad|father|husband|wife|son|daughter|sister|brother|friend)"
        rf"[\s,!.:]+{_NAMES}"
    ),
    re.compile(rf"{_TITLE}{_NAMES}"),
    re.compile(rf"{_TITLE}(?P<name>[^\W\d_]+)"),
)


class People:
    """Finds names; a word that sentences of `learnt` use in small letters is none."""

    def __init__(self, learnt: Iterable[Example]) -> None:
        """Counts the words of `learnt`."""
        words = Counter(
            word
            for example in learnt
            for word in _WORD.findall(_ADDRESS.sub(" ", example.text))
        )
        self._small: Counter[str] = Counter()
        self._any: Counter[str] = Counter()
        for word, count in words.items():
            self._any[plain(word)] += count
            if word.islower():
                self._small[plain(word)] += count

    def named(self, text: str, lang: str) -> Iterator[Named]:
        """Start, end and kind (person, place) of every name; they may overlap."""
        for match in patterns.SURNAME.finditer(text):
            yield from self._announced(text, *match.span("value"))
        if not text.isupper():
            for cue in _CUES:
                for match in cue.finditer(text):
                    yield from self._announced(text, *match.span("name"))
        if lang == "fr":
            for entity in self._recogniser(text).ents:
                if entity.label_ in KINDS:
                    span = entity.start_char, entity.end_char
                    yield from self._inside(text, *span, KINDS[entity.label_])

    def rare_words(self, text: str) -> list[str]:
        """Words that the sentences learnt so far hardly have."""
        return [w for w in _WORD.findall(text) if self._any[plain(w)] < RARE]

    @cached_property
    def _recogniser(self) -> Language:
        import spacy

        return spacy.load(MODEL, exclude=UNUSED)

    def _announced(self, text: str, start: int, end: int) -> Iterator[Named]:
        """A name up to the first ordinary word."""
        last = start
        for match in _WORD.finditer(text, start, end):
            if self._ordinary(match[0]):
                break
            last = match.end()
        if last > start:
            yield start, last, "person"

    def _inside(self, text: str, start: int, end: int, kind: str) -> Iterator[Named]:
        """From the first to the last word that is not ordinary."""
        met = [m for m in _WORD.finditer(text, start, end) if not self._ordinary(m[0])]
        if self._believed([m[0] for m in met], text[:start], kind):
            first = met[0].start()
            # "la Bretagne", "en Bretagne": Paris, without the article
            article = kind == "place" and _ARTICLE.search(text, 0, first)
            yield article.start() if article else first, met[-1].end(), kind

    def _believed(self, words: list[str], before: str, kind: str) -> bool:
        """In small letters the recogniser takes much of what is misspelt for names."""
        if any(len(word) > 1 and not word.islower() for word in words):
            return True
        if kind == "place":
            return bool(words) and _AT.search(before) is not None
        return len(words) > 1

    def _ordinary(self, word: str) -> bool:
        if _NAMES_TOO.fullmatch(word) or (len(word) == 1 and word.isupper()):
            return False
        shown = plain(word)
        known = len(shown) < 2 or self._small[shown] >= ORDINARY
        return known or _KEPT.fullmatch(shown) is not None
