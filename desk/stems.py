"""Words of French and English without accents and endings, for the search. Pure."""

import re
import unicodedata

LONGEST = 40
MOST = 400
SHORTEST_LEFT = 4
WORD = re.compile(r"[a-z0-9]+")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
# Longest first; what is left must keep four letters.
ENDINGS = tuple(
    sorted(
        WORD.findall(
            "issements issement ements ement ments ment ations ation ions ion aient "
            "ait ant ants ante antes ees ee er ez es ed ing ings ies ie ent euses "
            "euse eurs eur eux aux al ures ure aisons aison ables able ly e s x y"
        ),
        key=len,
        reverse=True,
    )
)


def stems(text: str) -> list[str]:
    """Each stem once, in the order of the words."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(LIGATURES))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    found = (stem(word) for word in WORD.findall(plain))
    return list(dict.fromkeys(found))[:MOST]


def stem(word: str) -> str:
    """word: lower case without accents; numbers stay as they are."""
    word = word[:LONGEST]
    if any(c.isdigit() for c in word):
        return word
    for _ in range(2):
        word = _shorter(word)
    if len(word) > SHORTEST_LEFT - 1 and word[-1] == word[-2]:
        return word[:-1]
    return word


def _shorter(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_LEFT - 1:
            return word[: -len(ending)]
    return word
