"""Builds one demo order in the import format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from returns.demo.catalogue import Article, Options, options_in
from returns.demo.people import Person

SHOP_ZONE = ZoneInfo("Europe/Paris")
FLAGS = ("personalised", "sealed_hygiene", "perishable", "second_hand")
SUPPLIER_SHARE = 0.45


@dataclass(frozen=True)
class Timeline:
    """Days ago; negative lies ahead, None has not happened or was never told."""

    placed: int
    promised: int | None = None
    dispatched: int | None = None
    delivered: int | None = None


@dataclass(frozen=True)
class Item:
    """discount: a share of the price. delivered: when unlike the order's own day."""

    article: Article
    options: Options
    quantity: int = 1
    discount: float = 0.0
    delivered: int | None = None

    def paid_minor(self, currency: str) -> int:
        full = self.article.price_minor(currency) * self.quantity
        return full - round(full * self.discount)


@dataclass(frozen=True)
class Purchase:
    """What somebody ordered and how.

    refunds: of the import format. separately: each line has its own delivery day.
    """

    number: str
    person: Person
    items: Sequence[Item]
    timeline: Timeline
    status: str = "paid"
    payment: str = "sandbox"
    informed: bool | None = True
    shipping: tuple[int, int] = (490, 490)
    separately: bool = False
    refunds: Sequence[dict[str, Any]] = ()

    @property
    def captured_minor(self) -> int:
        goods = sum(item.paid_minor(self.person.currency) for item in self.items)
        return goods + self.shipping[0]


def order_json(purchase: Purchase, now: datetime) -> dict[str, Any]:
    """The purchase in the import format, its days counted back from now."""
    timeline, person = purchase.timeline, purchase.person
    common = None if purchase.separately else timeline.delivered
    return {
        "order_number": purchase.number,
        "placed_at": _placed_at(purchase, now),
        "promised_at": _moment(now, timeline.promised, time(20, 0)),
        "dispatched_at": _moment(now, timeline.dispatched, _about(16, purchase)),
        "delivered_at": _moment(now, common, _about(11, purchase)),
        "status": purchase.status,
        "language": person.language,
        "currency": person.currency,
        "withdrawal_informed": purchase.informed,
        "customer": person.customer(),
        "payment": _payment(purchase),
        "shipping": {
            "paid_minor": purchase.shipping[0],
            "standard_minor": purchase.shipping[1],
        },
        "lines": [
            _line_json(purchase, number, item, now)
            for number, item in enumerate(purchase.items, 1)
        ],
        "refunded": list(purchase.refunds),
    }


def _payment(purchase: Purchase) -> dict[str, Any]:
    return {
        "method": purchase.payment,
        "reference": f"pay_{_digits(purchase.number, 'payment')}",
        "captured_minor": purchase.captured_minor,
    }


def _line_json(
    purchase: Purchase, number: int, item: Item, now: datetime
) -> dict[str, Any]:
    article, person = item.article, purchase.person
    return {
        "line_id": line_id(purchase.number, number),
        "sku": article.sku(item.options),
        "product_id": article.product_id,
        "title": article.english if person.language == "en" else article.title,
        "options": options_in(person.language, item.options),
        "quantity": item.quantity,
        "paid_minor": item.paid_minor(person.currency),
        "supplier": article.supplier,
        "supplier_order_reference": _supplier_reference(purchase, article),
        "delivered_at": _moment(now, item.delivered, _about(11, purchase)),
        "tracking_number": _tracking_number(purchase, article),
        "category": article.category,
        "image": f"/demo/pictures/{article.product_id}.svg",
        **{flag: flag in article.flags for flag in FLAGS},
        "value_minor": round(item.paid_minor(person.currency) * SUPPLIER_SHARE),
    }


def line_id(order_number: str, number: int) -> str:
    """The id of an order's n-th line, from 1."""
    return f"{order_number}/{number}"


def _supplier_reference(purchase: Purchase, article: Article) -> str | None:
    """Suppliers confirm an order the day after it was placed."""
    if purchase.timeline.placed < 1:
        return None
    prefix = article.product_id.partition("-")[0]
    return f"{prefix}-{_digits(purchase.number, article.supplier):.6}"


def _tracking_number(purchase: Purchase, article: Article) -> str | None:
    if purchase.timeline.dispatched is None:
        return None
    digits = _digits(purchase.number, article.supplier)
    if purchase.person.country == "GB":
        return f"RM{digits:.9}GB"
    return f"6A{digits:.11}"


def _digits(*seeds: str) -> str:
    """Twelve digits that are always the same for the same words."""
    low, high = crc32("/".join(seeds).encode()), crc32("/".join(seeds[::-1]).encode())
    return f"{low:010}{high:010}"[:12]


def _placed_at(purchase: Purchase, now: datetime) -> str | None:
    at = _about(9, purchase)
    if purchase.timeline.placed == 0:
        return _text(now - timedelta(minutes=20 + at.minute))
    return _moment(now, purchase.timeline.placed, at)


def _about(hour: int, purchase: Purchase) -> time:
    """A time within the hour that is the order's own."""
    return time(hour, crc32(purchase.number.encode()) % 60)


def _moment(now: datetime, days_ago: int | None, at: time) -> str | None:
    """A time of day in the shop's zone, so many of its days ago."""
    if days_ago is None:
        return None
    day = now.astimezone(SHOP_ZONE).date() - timedelta(days=days_ago)
    return _text(datetime.combine(day, at, SHOP_ZONE))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
