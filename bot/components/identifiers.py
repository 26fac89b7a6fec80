"""What customers type to identify things, found by rules and not by learning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.components import other_numbers, patterns, places, short_orders, spelt
from bot.components.lone import TOWN, is_alone
from bot.components.plain import typed
from bot.components.short_orders import LONGEST_LEAD


@dataclass(frozen=True)
class Identifier:
    """One thing found in a text; `confidence` below 1 means it may be another kind."""

    kind: str
    value: str | int
    start: int
    end: int
    confidence: float = 1.0


def find_identifiers(text: str) -> list[Identifier]:
    """Everything in `text` that identifies an order, a person or a parcel, in order."""
    text = typed(text)
    taken: list[tuple[int, int]] = []
    found: list[Identifier] = []
    for rule in _RULES if _NUMBER_LIKE.search(text) else _OF_WORDS:
        for identifier in rule(text):
            span = identifier.start, identifier.end
            free = not any(start < span[1] and span[0] < end for start, end in taken)
            if free and identifier not in found:
                found.append(identifier)
        taken = [(i.start, i.end) for i in found]
    found += _lone_numbers(_without(text, found), found)
    found = _meant(text, found)
    return sorted((i for i in found if i.kind), key=lambda i: (i.start, i.kind))


def _meant(text: str, found: list[Identifier]) -> list[Identifier]:
    """Without order numbers that the customer took back for the next one."""
    orders = sorted(
        (one for one in found if one.kind == "order_number"), key=lambda one: one.start
    )
    slips = [_slip(text, one, next_one) for one, next_one in pairwise(orders)]
    return [one for one in found if one not in slips]


def _slip(text: str, one: Identifier, next_one: Identifier) -> Identifier | None:
    """Which of the two is not meant; None: both are."""
    between = one.end, next_one.start
    denied = patterns.DENIED.search(text[: one.start][-LONGEST_LEAD:])
    if denied and patterns.INSTEAD.fullmatch(text, *between):
        return one
    if patterns.NOT_NEXT.fullmatch(text, *between):
        return next_one
    slips = (patterns.CORRECTED, patterns.BEFORE_NOW)
    return one if any(slip.fullmatch(text, *between) for slip in slips) else None


def _without(text: str, found: list[Identifier]) -> str:
    """`text` with blanks where something was found."""
    for one in found:
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def mask(text: str, *, named: bool = True) -> str:
    """`text` with each identifier but counts replaced by its kind, or by nothing."""
    pieces: list[str] = []
    at = 0
    for found in find_identifiers(text):
        if found.kind in {"quantity", "surname"} or found.start < at:
            continue
        word = f" {found.kind.replace('_', '')} " if named else " "
        pieces += [text[at : found.start], word]
        at = found.end
    return "".join([*pieces, text[at:]])


def _emails(text: str) -> Iterator[Identifier]:
    for match in patterns.EMAIL.finditer(text):
        groups = {k: v for k, v in match.groupdict().items() if v}
        local, domain = map(_unspoken, groups.values())
        domain = patterns.GLUED_ENDING.sub(r"\g<host>.\g<ending>", domain)
        start = match.start(next(iter(groups)))
        yield Identifier("email", f"{local}@{domain}".lower(), start, match.end())


def _unspoken(part: str) -> str:
    part = patterns.SPOKEN_UNDERSCORE.sub("_", part)
    part = patterns.SPOKEN_DASH.sub("-", part)
    return patterns.SPOKEN_DOT.sub(".", part)


def _compact(raw: str) -> str:
    return re.sub(r"[\s-]", "", raw).upper()


def _cued_tracking(text: str) -> Iterator[Identifier]:
    for match in patterns.TRACKING_CUE.finditer(text):
        value = _as_far_as_it_is_a_number(match["value"])
        if sum(c.isdigit() for c in value) >= 7:
            start = match.start("value")
            yield Identifier(
                "tracking_number", _compact(value), start, start + len(value)
            )


def _as_far_as_it_is_a_number(raw: str) -> str:
    words: list[str] = []
    for word in raw.split(" "):
        if words and not any(c.isdigit() for c in word) and len(word) != 2:
            break
        words.append(word)
    return " ".join(words)


def _known_tracking(text: str) -> Iterator[Identifier]:
    for match in patterns.CARRIER.finditer(text):
        phone = re.fullmatch(r"0\d{9,10}", match[0])
        order = re.fullmatch(r"[a-z]{2}\d+", match[0], re.I) and _is_called_order(
            text[: match.start()]
        )
        if not phone and not order:
            yield Identifier("tracking_number", _compact(match[0]), *match.span())


def _is_called_order(before: str) -> bool:
    return bool(patterns.ORDER_BEFORE.search(before[-LONGEST_LEAD:]))


def _phones(text: str) -> Iterator[Identifier]:
    return _nameless(other_numbers.PHONES, text)


def _other_numbers(text: str) -> Iterator[Identifier]:
    return _nameless(other_numbers.OTHER_NUMBERS, text)


def _nameless(numbers: Iterable[re.Pattern[str]], text: str) -> Iterator[Identifier]:
    for pattern in numbers:
        for match in pattern.finditer(text):
            yield Identifier("", match[0], *match.span())


def _numbered_things(text: str) -> Iterator[Identifier]:
    for pattern in other_numbers.NUMBERED_THINGS:
        for match in pattern.finditer(text):
            yield Identifier("", match["value"], *match.span("value"))


_MISTAKEN = str.maketrans({"o": "0", "i": "1", "l": "1"})


def _lettered_orders(text: str) -> Iterator[Identifier]:
    for match in patterns.LETTERED_ORDER.finditer(text):
        digits = _digits(match["digits"])
        value = f"{_compact_letters(match['letters'])}-{digits}"
        yield Identifier("order_number", value, match.start("letters"), match.end())
        yield from _more_orders(text, match.end(), len(digits))


def _country_orders(text: str) -> Iterator[Identifier]:
    for match in patterns.COUNTRY_ORDER.finditer(text):
        letters = match["letters"] or match["letters2"]
        digits = match["digits"] or match["digits2"]
        value = f"{_compact_letters(letters)}-{digits}"
        yield Identifier("order_number", value, *match.span())


def _digits(meant: str) -> str:
    return re.sub(r"\D", "", meant.lower().translate(_MISTAKEN))


def _compact_letters(raw: str) -> str:
    return re.sub(r"[^A-Z]", "", raw.upper())


def _called_orders(text: str) -> Iterator[Identifier]:
    for pattern in _CALLING:
        matches = list(pattern.finditer(text))
        if pattern is patterns.THE_NUMBER:
            matches = _told_apart(text, matches)
        for match in matches:
            digits, span = _digits(match["digits"]), match.span("digits")
            yield Identifier("order_number", digits, *span)
            yield from _more_orders(text, match.end(), len(digits))


def _told_apart(text: str, matches: list[re.Match[str]]) -> list[re.Match[str]]:
    """Without numbers that stand alone: « c'est le 33000 » may be a postcode.

    Beside another one it is none: « Et la 3320 ? Vous ne parlez que de la 3319 ».
    """
    told = [m for m in matches if not is_alone(text, *m.span("digits"))]
    lengths = {len(m["digits"]) for m in told} - {TOWN}
    return [m for m in matches if m in told or len(m["digits"]) in lengths]


_CALLING = (
    patterns.NUMBER_OF_ORDER,
    patterns.ORDER_CUE,
    patterns.THE_NUMBER,
    patterns.FAR_ORDER,
    patterns.PAIR,
)


def _short_orders(text: str) -> Iterator[Identifier]:
    for order in short_orders.orders(text):
        yield Identifier("order_number", order.value, order.start, order.end)


def _spelt_orders(text: str) -> Iterator[Identifier]:
    """Dictated: « UK dash two oh five one », « commande dix quarante-deux »."""
    for said in spelt.numbers(text):
        before = text[: said.start][-LONGEST_LEAD:]
        letters = patterns.LETTERS_BEFORE.search(before)
        if letters:
            value = f"{_compact_letters(letters['letters'])}-{said.digits}"
            start = said.start - (len(before) - letters.start("letters"))
            yield Identifier("order_number", value, start, said.end)
        elif _is_called_order(before) or is_alone(text, said.start, said.end):
            yield Identifier("order_number", said.digits, said.start, said.end)


def _more_orders(text: str, at: int, length: int) -> Iterator[Identifier]:
    """Those listed behind one: numbers of one shop are about as long as each other."""
    while match := patterns.MORE_ORDERS.match(text, at):
        if len(match["digits"]) != length:
            return
        yield Identifier("order_number", match["digits"], *match.span("digits"))
        at = match.end()


def _postcodes(text: str) -> Iterator[Identifier]:
    for match in patterns.POSTCODE_CUE.finditer(text):
        yield Identifier("postcode", _postcode(match["value"]), *match.span("value"))
    for value, start, end in places.postcodes(text):
        if not _is_called_order(text[:start]):
            yield Identifier("postcode", value, start, end)
    shown = text if len(text.split()) > 2 else text.upper()
    for match in patterns.UK_POSTCODE.finditer(shown):
        yield Identifier("postcode", f"{match[1]} {match[2]}", *match.span())


def _postcode(raw: str) -> str:
    value = _compact(raw)
    return value if value.isdigit() else f"{value[:-3]} {value[-3:]}"


def _lone_numbers(text: str, found: list[Identifier]) -> Iterator[Identifier]:
    """The number that nothing announces, of what is left; no second order number."""
    ordered = any(one.kind == "order_number" for one in found)
    numbers = list(patterns.NUMBER.finditer(text))
    alone = [m for m in numbers if not ordered and is_alone(text, *m.span())]
    other = [m for m in alone if len(_digits(m[0])) != TOWN]
    for match in numbers:
        digits = _digits(match[0])
        order = match in (other or alone)
        if order:
            sure = 0.5 if len(digits) == TOWN else 0.8
            yield Identifier("order_number", digits, *match.span(), sure)
        if re.fullmatch(r"\d{5}", match[0]):
            sure = 0.5 if order else 0.8
            yield Identifier("postcode", digits, *match.span(), sure)


def _surnames(text: str) -> Iterator[Identifier]:
    for match in patterns.SURNAME.finditer(text):
        yield Identifier("surname", match["value"], *match.span("value"))


def _quantities(text: str) -> Iterator[Identifier]:
    for pattern in patterns.QUANTITIES:
        for match in pattern.finditer(text):
            count = match["count"].lower()
            value = int(count) if count.isdigit() else patterns.COUNTS[count]
            if 1 <= value <= 20:
                yield Identifier("quantity", value, *match.span("count"))
                return
    for match in patterns.BOTH.finditer(text):
        yield Identifier("quantity", 2, *match.span())
        return


_NUMBER_LIKE = re.compile(r"\d")
_OF_WORDS: tuple[Callable[[str], Iterator[Identifier]], ...] = (
    _emails, _spelt_orders, _surnames, _quantities,
)  # fmt: skip
_RULES: tuple[Callable[[str], Iterator[Identifier]], ...] = (
    _emails, _cued_tracking, _phones, _known_tracking, _other_numbers, _postcodes,
    _numbered_things, _lettered_orders, _country_orders, _short_orders, _called_orders,
    _spelt_orders, _surnames, _quantities,
)  # fmt: skip
