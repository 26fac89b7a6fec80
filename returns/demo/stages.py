"""The states that demo orders are in, from just placed to years ago."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from returns.demo.building import Item, Purchase, Timeline, line_id

type Change = Callable[[Purchase], Purchase]


@dataclass(frozen=True)
class Stage:
    """name: said in tests. weight: how often. change: what else is special, if any."""

    name: str
    weight: int
    timeline: Callable[[Random], Timeline]
    change: Change = lambda purchase: purchase


def delivered(earliest: int, latest: int, late_by: int = 0) -> Callable[..., Timeline]:
    """Delivered between so many days ago, late_by days after the promised day."""

    def timeline(random: Random) -> Timeline:
        day = random.randint(earliest, latest)
        way = random.randint(2, 6)
        promised = day + late_by if late_by else day - random.randint(0, 2)
        return Timeline(promised + way + 4, promised, day + way, day)

    return timeline


def _just_placed(random: Random) -> Timeline:
    return Timeline(placed=0, promised=-random.randint(4, 9))


def _dispatched(random: Random) -> Timeline:
    sent = random.randint(1, 3)
    return Timeline(sent + 2, -random.randint(1, 5), sent)


def _late(random: Random) -> Timeline:
    promised = random.randint(2, 25)
    return Timeline(promised + 12, promised, promised + 8)


def _late_without_promise(random: Random) -> Timeline:
    placed = random.randint(33, 50)
    return Timeline(placed, None, placed - 3)


def _cancelled(random: Random) -> Timeline:
    return Timeline(random.randint(3, 60))


def _entry(
    amount_minor: int, line: str | None = None, quantity: int | None = None
) -> dict[str, Any]:
    return {"line_id": line, "quantity": quantity, "amount_minor": amount_minor}


def _lines(purchase: Purchase) -> Iterator[tuple[str, Item]]:
    for number, item in enumerate(purchase.items, 1):
        yield line_id(purchase.number, number), item


def _unit_refunded(purchase: Purchase) -> Purchase:
    """One of several units of the first line was refunded elsewhere."""
    first, *others = purchase.items
    first = replace(first, quantity=max(2, first.quantity))
    amount = -(-first.paid_minor(purchase.person.currency) // first.quantity)
    entry = _entry(amount, line_id(purchase.number, 1), 1)
    return replace(
        purchase, items=[first, *others], status="partly_refunded", refunds=[entry]
    )


def _amount_refunded(purchase: Purchase) -> Purchase:
    """Ten were given back without saying for what."""
    return replace(purchase, status="partly_refunded", refunds=[_entry(1000)])


def _refunded(purchase: Purchase) -> Purchase:
    entries = [
        _entry(item.paid_minor(purchase.person.currency), line, item.quantity)
        for line, item in _lines(purchase)
    ]
    if purchase.shipping[0]:
        entries.append(_entry(purchase.shipping[0]))
    return replace(purchase, status="refunded", refunds=entries)


def _all_cancelled(purchase: Purchase) -> Purchase:
    return replace(_refunded(purchase), status="cancelled")


STAGES = (
    Stage("just placed", 5, _just_placed),
    Stage("dispatched", 6, _dispatched),
    Stage("delivered yesterday", 5, delivered(1, 1)),
    Stage("delivered lately", 22, delivered(2, 12)),
    Stage("thirteenth day", 3, delivered(13, 13)),
    Stage("fourteenth day", 3, delivered(14, 14)),
    Stage("fifteenth day", 3, delivered(15, 15)),
    Stage("just beyond", 5, delivered(16, 24)),
    Stage("months ago", 17, delivered(45, 500)),
    Stage("beyond two years", 4, delivered(740, 900)),
    Stage("late", 5, _late),
    Stage("late without a promise", 2, _late_without_promise),
    Stage("delivered late", 5, delivered(2, 20, late_by=9)),
    Stage("partly refunded", 5, delivered(4, 60), _unit_refunded),
    Stage("partly refunded, no line", 3, delivered(4, 60), _amount_refunded),
    Stage("refunded", 4, delivered(15, 200), _refunded),
    Stage("cancelled", 3, _cancelled, _all_cancelled),
)
