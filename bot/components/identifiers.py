"""What customers type to identify things, found by rules and not by learning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.components import patterns


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
    taken: list[tuple[int, int]] = []
    found: list[Identifier] = []
    for rule in _RULES:
        for identifier in rule(text):
            span = identifier.start, identifier.end
            if not any(start < span[1] and span[0] < end for start, end in taken):
                found.append(identifier)
        taken = [(i.start, i.end) for i in found]
    return sorted((i for i in found if i.kind), key=lambda i: (i.start, i.kind))


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
        local, domain = (patterns.SPOKEN_DOT.sub(".", part) for part in groups.values())
        start = match.start(next(iter(groups)))
        yield Identifier("email", f"{local}@{domain}".lower(), start, match.end())


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
        if not re.fullmatch(r"0\d{9,10}", match[0]):
            yield Identifier("tracking_number", _compact(match[0]), *match.span())


def _phones(text: str) -> Iterator[Identifier]:
    return _nameless(patterns.PHONES, text)


def _other_numbers(text: str) -> Iterator[Identifier]:
    return _nameless(patterns.OTHER_NUMBERS, text)


def _nameless(numbers: Iterable[re.Pattern[str]], text: str) -> Iterator[Identifier]:
    for pattern in numbers:
        for match in pattern.finditer(text):
            yield Identifier("", match[0], *match.span())


def _orders(text: str) -> Iterator[Identifier]:
    for match in patterns.LETTERED_ORDER.finditer(text):
        digits = re.sub(r"\s", "", match["digits"])
        value = f"{match['letters'].upper()}-{digits}"
        yield Identifier("order_number", value, match.start("letters"), match.end())
    for match in patterns.ORDER_CUE.finditer(text):
        yield Identifier("order_number", match["digits"], *match.span("digits"))


def _postcodes(text: str) -> Iterator[Identifier]:
    for match in patterns.POSTCODE_CUE.finditer(text):
        yield Identifier("postcode", _postcode(match["value"]), *match.span("value"))
    shown = text if len(text.split()) > 2 else text.upper()
    for match in patterns.UK_POSTCODE.finditer(shown):
        yield Identifier("postcode", f"{match[1]} {match[2]}", *match.span())


def _postcode(raw: str) -> str:
    value = _compact(raw)
    return value if value.isdigit() else f"{value[:-3]} {value[-3:]}"


def _bare_numbers(text: str) -> Iterator[Identifier]:
    match = patterns.BARE_NUMBER.match(text)
    if match:
        sure = 0.5 if len(match["digits"]) == 5 else 0.8
        span = match.span("digits")
        yield Identifier("order_number", match["digits"], *span, sure)
    for five in patterns.FIVE_DIGITS.finditer(text):
        yield Identifier("postcode", five[0], *five.span(), 0.5 if match else 0.8)


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


_RULES: tuple[Callable[[str], Iterator[Identifier]], ...] = (
    _emails, _cued_tracking, _phones, _known_tracking, _other_numbers, _postcodes,
    _orders, _bare_numbers, _surnames, _quantities,
)  # fmt: skip
