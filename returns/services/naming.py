"""Which of the order's lines, or of a product's variants, words mean. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from returns.model import OrderLine, Product, Variant

SHORTEST_WORD = 3
# In titles, but no one's name for a product.
COMMON = frozenset(
    """avec sans pour par sur les des une dans son ses set lot kit pack the and with
    homme femme enfant men women kids new taille size paire pair""".split()  # noqa: SIM905
)
EVERYTHING = re.compile(
    r"\b(tout(e la commande)?|tous( les)?( articles| produits)?|toutes|l ensemble"
    r"|les (deux|trois|quatre|cinq|2|3|4|5)|commande (entiere|complete)|everything"
    r"|(all|both)( of)?( them| it| the items)?|the lot|(whole|entire|full) order)\b"
)
SEVERAL = re.compile(r"\b(les|mes|ces|des|deux|trois|both|all|my \w+s|the \w+s|\d)\b")
DENIED = re.compile(
    r"\b(pas|non|not|except|sauf|instead of|au lieu de)( \w{1,4}){0,2} $"
)
LETTER_SIZES = ("XXXS", "XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL", "XXXXL")
BIGGER = re.compile(
    r"\b(au dessus|plus (grande?|large)s?|taille de plus|superieure?|sizes? up|bigger"
    r"|larger|one up)\b"
)
SMALLER = re.compile(
    r"\b((au|en) dessous|plus petite?s?|taille de moins|inferieure?|sizes? down|smaller"
    r"|one down)\b"
)
ADDRESS = re.compile(r"\S+@\S+")  # names no product, though its words may
ORDINALS = {
    r"premiere?|1e?r?e?|first|1st": 0,
    r"deuxieme|seconde?|2e(me)?|second|2nd": 1,
    r"troisieme|3e(me)?|third|3rd": 2,
    r"quatrieme|4e(me)?|fourth|4th": 3,
    r"derniere?|last": -1,
}


def plain(text: str) -> str:
    """Lower case, no accents, one blank between words and nothing else."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


def words(text: str) -> list[str]:
    """Plain words of three letters and more that may be names, in the singular."""
    found = plain(text).split()
    return [
        word.rstrip("s")
        for word in found
        if len(word) >= SHORTEST_WORD and word not in COMMON and not word.isdigit()
    ]


def lines_named(text: str, lines: Sequence[OrderLine]) -> list[str]:
    """The line_ids that the text means; [] when it names none, or cannot tell which."""
    said = _without_denied(plain(ADDRESS.sub(" ", text)))
    if len(lines) > 1 and EVERYTHING.search(said) and not _scores(said, lines):
        return [line.line_id for line in lines] if _counts(said, len(lines)) else []
    scores = _scores(said, lines)
    best = max(scores.values(), default=0)
    named = [line_id for line_id, score in scores.items() if score == best]
    distinct = {line.line_id for line in lines if scores.get(line.line_id)}
    if len(named) == 1:
        others = [i for i in distinct if i not in named]
        return [*named, *_named_apart(said, lines, named[0], others)]
    return named if _apart(said, lines, named) or SEVERAL.search(said) else []


def means_all(text: str) -> bool:
    """Whether it is said of everything: "my money back for both"."""
    return EVERYTHING.search(plain(text)) is not None


def line_chosen(text: str, lines: Sequence[OrderLine]) -> list[str]:
    """For an answer to "which item?": also "la deuxième", "the last one"."""
    named = lines_named(text, lines)
    if named:
        return named
    said = plain(text)
    for pattern, place in ORDINALS.items():
        if re.search(rf"\b({pattern})\b", said) and place < len(lines):
            return [lines[place].line_id]
    return []


def variant_named(text: str, product: Product | None, but: str) -> Variant | None:
    """The one variant whose options the text names; None when none or several.

    but: the sku that is not meant, since it is the one they have. What the text leaves
    open stays as they have it: « la 40 » of a blue dress is the blue one.
    """
    if product is None:
        return None
    said = f" {plain(text)} "
    own = next((v.options for v in product.variants if v.sku == but), {})
    scored = [
        (_named_options(said, variant), _shared(own, variant), variant)
        for variant in product.variants
        if variant.sku != but
    ]
    best = max((score[:2] for score in scored), default=(0, 0))
    if best[0] == 0:
        return _next_size(said, product, own)
    found = [score[2] for score in scored if score[:2] == best]
    return found[0] if len(found) == 1 else None


def _next_size(said: str, product: Product, own: dict[str, str]) -> Variant | None:
    """« La taille au-dessus » of theirs, all else alike; None: there is none."""
    bigger, smaller = BIGGER.search(said), SMALLER.search(said)
    if bool(bigger) == bool(smaller):
        return None
    for name, value in own.items():
        rest = {**own, name: ""}
        alike = {
            size: variant
            for variant in product.variants
            if {**variant.options, name: ""} == rest
            and (size := _size(variant.options[name])) is not None
        }
        mine = _size(value)
        if mine is not None and len(alike) > 1:
            further = [s for s in alike if (s > mine if bigger else s < mine)]
            nearest = (min if bigger else max)(further, default=None)
            return None if nearest is None else alike[nearest]
    return None


def _size(value: str) -> float | None:
    """Where it stands among sizes of its kind; None: it is no size."""
    said = value.strip().upper()
    if said in LETTER_SIZES:
        return float(LETTER_SIZES.index(said))
    found = re.fullmatch(r"(?:EU|FR|UK|US)?\s?(\d{1,3})(?:[.,](\d))?", said)
    return float(f"{found[1]}.{found[2] or 0}") if found else None


def _named_options(said: str, variant: Variant) -> int:
    return sum(f" {plain(value)} " in said for value in variant.options.values())


def _shared(own: dict[str, str], variant: Variant) -> int:
    return sum(own.get(name) == value for name, value in variant.options.items())


def _counts(said: str, number: int) -> bool:
    """Whether "les deux" is all there is; "tout" always is."""
    names = {"deux": 2, "2": 2, "trois": 3, "3": 3, "quatre": 4, "4": 4, "5": 5}
    both = re.search(r"\bles (\w+)\b", said)
    wanted = names.get(both.group(1)) if both else 2 if "both" in said else None
    return wanted in (None, number)


def _without_denied(said: str) -> str:
    """Without the word that a "not" stands before: "pas la robe, la lampe"."""
    kept: list[str] = []
    for word in said.split():
        before = " ".join(kept) + " "
        denied = len(word) > SHORTEST_WORD and DENIED.search(before)
        kept.append("_" if denied else word)
    return " ".join(kept)


def _scores(said: str, lines: Iterable[OrderLine]) -> dict[str, int]:
    """How many of a line's own words were said, for lines with any."""
    spoken = {word.rstrip("s") for word in said.split()}
    found = {line.line_id: len(spoken & _names(line)) for line in lines}
    return {line_id: score for line_id, score in found.items() if score}


def _names(line: OrderLine) -> set[str]:
    options = " ".join(line.options.values())
    return set(words(f"{line.title} {options} {line.category or ''}"))


def _named_apart(
    said: str, lines: Sequence[OrderLine], named: str, others: list[str]
) -> list[str]:
    """Of the others those named by a word that the best one does not share."""
    by_id = {line.line_id: line for line in lines}
    spoken = {word.rstrip("s") for word in said.split()}
    own = _names(by_id[named])
    return [i for i in others if (spoken & _names(by_id[i])) - own]


def _apart(said: str, lines: Sequence[OrderLine], named: list[str]) -> bool:
    """Whether each was named by a word of its own, as in "la robe et la lampe"."""
    by_id = {line.line_id: line for line in lines}
    spoken = {word.rstrip("s") for word in said.split()}
    hits = [frozenset(spoken & _names(by_id[i])) for i in named]
    return len(set(hits)) == len(hits)
