"""Orders made for one test each, in the import format."""

import itertools
import json
import os
from datetime import timedelta
from typing import Any

from returns.importing import import_orders
from returns.wiring import House

_numbers = itertools.count(1)


def new_order(house: House, **changes: Any) -> dict[str, Any]:
    """Import a dress that was delivered three days ago, with these changes; the order.

    delivered_days_ago: None for an order that never came.
    """
    order = make_order(house, **changes)
    report = import_orders(house.engine, [json.dumps(order)], house.clock.now())
    assert not report.problems, report.problems
    return order


def make_order(
    house: House,
    *,
    delivered_days_ago: int | None = 3,
    placed_days_ago: int = 8,
    lines: list[dict[str, Any]] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """The order without importing it. Its number and e-mail are its own."""
    number = f"TS-{os.getpid() % 10_000:04}{next(_numbers):04}"
    now = house.clock.now()
    delivered = (
        None
        if delivered_days_ago is None
        else (now - timedelta(days=delivered_days_ago)).isoformat()
    )
    goods = lines or [{}]
    order: dict[str, Any] = {
        "order_number": number,
        "placed_at": (now - timedelta(days=placed_days_ago)).isoformat(),
        "promised_at": (now - timedelta(days=max(placed_days_ago - 6, 0))).isoformat(),
        "dispatched_at": (now - timedelta(days=placed_days_ago - 1)).isoformat(),
        "delivered_at": delivered,
        "status": "paid",
        "language": "fr",
        "currency": "EUR",
        "withdrawal_informed": True,
        "customer": {
            "first_name": "Alex",
            "last_name": "Martin",
            "email": f"{number.lower()}@example.com",
            "is_business": False,
            "address": {
                "name": "Alex Martin",
                "line1": "3 rue des Lilas",
                "postcode": "75011",
                "city": "Paris",
                "country": "FR",
            },
        },
        "payment": {"method": "sandbox", "reference": f"pay-{number}"},
        "shipping": {"paid_minor": 490, "standard_minor": 490},
        "lines": [_line(number, n, line) for n, line in enumerate(goods, 1)],
        "refunded": [],
    }
    order.update(changes)
    paid = sum(line["paid_minor"] for line in order["lines"])
    order["payment"].setdefault(
        "captured_minor", paid + order["shipping"]["paid_minor"]
    )
    return order


def _line(number: str, place: int, changes: dict[str, Any]) -> dict[str, Any]:
    return {
        "line_id": f"{number}/{place}",
        "sku": "NOR-01-38-BLEU",
        "product_id": "NOR-01",
        "title": "Robe en lin Solène",
        "options": {"Taille": "38"},
        "quantity": 1,
        "paid_minor": 5990,
        "supplier": "Nordlys Apparel",
        "supplier_order_reference": f"NRD-{number}-{place}",
        **changes,
    }
