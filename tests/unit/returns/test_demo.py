import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from returns.deadlines import withdrawal_end
from returns.demo import demo_orders, demo_products, seed_demo
from returns.engines import make_engine
from returns.importing import ImportReport, import_orders, import_products
from returns.settings import ROOT
from returns.shop import load_shop
from returns.tables import metadata, orders, products, refund_components

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

type Json = dict[str, Any]

ORDERS: list[Json] = list(demo_orders(NOW))
PRODUCTS: list[Json] = list(demo_products())
BY_NUMBER: dict[str, Json] = {order["order_number"]: order for order in ORDERS}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path / 'demo.db'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def days_since(text: str | None) -> int | None:
    return None if text is None else (NOW - datetime.fromisoformat(text)).days


def count(engine: Engine, table: sa.Table) -> int | None:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def test_the_demo_shop_has_its_size() -> None:
    """About 200 orders, 40 products and the four suppliers of shop.yml."""
    assert 190 <= len(ORDERS) <= 210
    assert len(BY_NUMBER) == len(ORDERS)
    assert len(PRODUCTS) == 40
    sold = {line["supplier"] for order in ORDERS for line in order["lines"]}
    listed = set(load_shop(ROOT / "shop.yml").suppliers)
    assert sold == listed == {product["supplier"] for product in PRODUCTS}


def test_the_same_moment_gives_the_same_shop() -> None:
    """Docs and tests can rely on every order."""
    assert list(demo_orders(NOW)) == ORDERS


def test_a_later_moment_moves_every_day_along() -> None:
    """A demo started next month is as fresh as today's."""
    later = {o["order_number"]: o for o in demo_orders(NOW + timedelta(days=7))}
    fresh, stale = later["FR-1042"]["delivered_at"], BY_NUMBER["FR-1042"]
    assert moment(fresh) - moment(stale["delivered_at"]) == timedelta(days=7)  # type: ignore[operator]


@pytest.mark.parametrize("hour", [0, 6, 23])
def test_nothing_has_happened_in_the_future(hour: int) -> None:
    """At any time of day, what was placed, sent or delivered lies behind."""
    now = NOW.replace(hour=hour, minute=1)
    for order in demo_orders(now):
        happened = [order["placed_at"], order["dispatched_at"], order["delivered_at"]]
        happened += [line["delivered_at"] for line in order["lines"]]
        told = [at for at in map(moment, happened) if at]
        assert max(told) <= now, order["order_number"]
        assert told[0] == min(told), order["order_number"]


@pytest.mark.parametrize(
    ("number", "email", "titles", "supplier", "delivered", "captured"),
    [
        (
            "FR-1042",
            "camille.durand@example.com",
            ["Robe en lin Solène"],
            "Nordlys Apparel",
            3,
            6480,
        ),
        (
            "FR-1043",
            "julien.moreau@example.com",
            ["Lampe Orée", "Coussin Brume"],
            "Maison Lumen",
            5,
            13370,
        ),
        (
            "FR-1044",
            "sophie.bernard@example.com",
            ["Bracelet Iris"],
            "Kado Factory",
            2,
            3890,
        ),
        (
            "FR-1045",
            "thomas.petit@example.com",
            ["Enceinte Nomade"],
            "Shenzhen Brightway",
            None,
            5480,
        ),
        (
            "FR-1046",
            "nadia.benali@example.com",
            ["Sac Cabas Lou"],
            "Nordlys Apparel",
            40,
            4990,
        ),
        (
            "FR-1047",
            "lea.fontaine@example.com",
            ["Robe en lin Solène"],
            "Nordlys Apparel",
            3,
            6480,
        ),
        (
            "FR-1048",
            "marc.leroy@example.com",
            ["Verre Soufflé"],
            "Maison Lumen",
            6,
            4960,
        ),
        (
            "UK-2051",
            "emily.clarke@example.com",
            ["Ceramic Table Lamp"],
            "Maison Lumen",
            4,
            5290,
        ),
        (
            "UK-2052",
            "oliver.hughes@example.com",
            ["Wireless Earbuds Pico"],
            "Shenzhen Brightway",
            8,
            3990,
        ),
    ],
)
def test_well_known_orders_keep_their_facts(
    number: str,
    email: str,
    titles: list[str],
    supplier: str,
    delivered: int | None,
    captured: int,
) -> None:
    """README, docs and other tests speak of these orders."""
    order = BY_NUMBER[number]
    assert order["customer"]["email"] == email
    assert [line["title"] for line in order["lines"]] == titles
    assert order["lines"][0]["supplier"] == supplier
    assert days_since(order["delivered_at"]) in (delivered, (delivered or 0) - 1)
    assert order["payment"]["captured_minor"] == captured
    assert order["withdrawal_informed"] is True
    assert (order["status"], order["refunded"]) == ("paid", [])


def test_the_first_order_of_the_readme() -> None:
    """FR-1042 in full: what the demo says to try."""
    order = BY_NUMBER["FR-1042"]
    address = order["customer"]["address"]
    assert (address["postcode"], address["city"]) == ("75011", "Paris")
    assert order["shipping"] == {"paid_minor": 490, "standard_minor": 490}
    (line,) = order["lines"]
    assert line["options"] == {"Taille": "38", "Couleur": "bleu"}
    assert (line["quantity"], line["paid_minor"]) == (1, 5990)
    assert BY_NUMBER["FR-1047"]["payment"]["method"] == "manual"
    assert BY_NUMBER["FR-1048"]["lines"][0]["quantity"] == 3
    assert days_since(BY_NUMBER["FR-1045"]["promised_at"]) in (19, 20)
    lamp = BY_NUMBER["UK-2051"]
    assert (lamp["currency"], lamp["lines"][0]["paid_minor"]) == ("GBP", 4800)


def traits(order: Json) -> Iterator[str]:
    delivered, promised = moment(order["delivered_at"]), moment(order["promised_at"])
    lines = order["lines"]
    yield order["status"]
    yield order["language"] + " " + order["customer"]["address"]["country"]
    yield "paid by " + order["payment"]["method"]
    yield f"informed {order['withdrawal_informed']}"
    yield f"{len(lines)} lines"
    yield f"{len({line['supplier'] for line in lines})} suppliers"
    if order["status"] == "paid":
        yield from delivery_traits(order, delivered, promised)
    for line in lines:
        yield f"quantity {line['quantity']}"
        yield from (flag for flag in FLAGS if line[flag])
    if order["customer"]["is_business"]:
        yield "business"
    if order["shipping"]["paid_minor"] > order["shipping"]["standard_minor"]:
        yield "express"


def delivery_traits(
    order: Json, delivered: datetime | None, promised: datetime | None
) -> Iterator[str]:
    if delivered:
        age = (NOW.date() - delivered.date()).days
        yield f"delivered {age} days ago" if age < 16 else "window closed"
        if age > 730:
            yield "beyond two years"
        if promised and delivered > promised + timedelta(days=7):
            yield "delivered late"
    elif not any(line["delivered_at"] for line in order["lines"]):
        late = promised and promised < NOW
        yield "late" if late else "on its way"
        yield "dispatched" if order["dispatched_at"] else "just placed"
        if promised is None:
            yield "no promise"


FLAGS = ("personalised", "sealed_hygiene", "perishable", "second_hand")


@pytest.mark.parametrize(
    "trait",
    [
        "paid",
        "partly_refunded",
        "refunded",
        "cancelled",
        "fr FR",
        "en GB",
        "en IE",
        "paid by sandbox",
        "paid by manual",
        "informed True",
        "informed False",
        "informed None",
        "1 lines",
        "2 lines",
        "3 lines",
        "2 suppliers",
        "quantity 3",
        "delivered 1 days ago",
        "delivered 13 days ago",
        "delivered 14 days ago",
        "delivered 15 days ago",
        "window closed",
        "beyond two years",
        "delivered late",
        "late",
        "no promise",
        "on its way",
        "just placed",
        "dispatched",
        "business",
        "express",
        *FLAGS,
    ],
)
def test_every_state_is_there(trait: str) -> None:
    """Whatever a visitor wants to try, at least one order is in that state."""
    found = Counter(trait for order in ORDERS for trait in set(traits(order)))
    assert found[trait] > 0, found


def test_both_sides_of_the_withdrawal_window_are_there() -> None:
    """Many orders may still be withdrawn from, many no longer."""
    received = [at for at in (moment(o["delivered_at"]) for o in ORDERS) if at]
    is_open = [withdrawal_end(at, "Europe/Paris", "FR") >= NOW for at in received]
    assert is_open.count(True) > 40
    assert is_open.count(False) > 40


def test_amounts_add_up() -> None:
    """Lines and delivery are what was captured; refunds never more than that."""
    for order in ORDERS:
        goods = sum(line["paid_minor"] for line in order["lines"])
        captured = order["payment"]["captured_minor"]
        assert goods + order["shipping"]["paid_minor"] == captured
        given_back = sum(entry["amount_minor"] for entry in order["refunded"])
        whole = order["status"] in ("refunded", "cancelled")
        assert given_back == captured if whole else given_back < captured


def test_every_line_is_a_product_of_the_shop() -> None:
    """SKU and product of each line are in the product file."""
    skus = {p["product_id"]: {v["sku"] for v in p["variants"]} for p in PRODUCTS}
    for order in ORDERS:
        for line in order["lines"]:
            assert line["sku"] in skus[line["product_id"]]
    every_sku = [variant["sku"] for p in PRODUCTS for variant in p["variants"]]
    assert len(every_sku) == len(set(every_sku))


def test_nobody_real_is_written_to() -> None:
    """Every e-mail address is at a domain reserved for examples."""
    hosts = {order["customer"]["email"].partition("@")[2] for order in ORDERS}
    assert hosts <= {"example.com", "example.org", "example.net"}


def test_payment_references_are_unique() -> None:
    """The bank's book can tell two orders apart."""
    references = [order["payment"]["reference"] for order in ORDERS]
    assert len(set(references)) == len(references)


def test_seeding_fills_an_empty_shop_once(engine: Engine) -> None:
    """A second start, also a week later, leaves the shop as it is."""
    assert seed_demo(engine, NOW)
    before = count(engine, refund_components)
    assert not seed_demo(engine, NOW + timedelta(days=7))
    assert count(engine, orders) == len(ORDERS)
    assert count(engine, products) == len(PRODUCTS)
    assert count(engine, refund_components) == before


def test_the_demo_s_own_files_import_without_a_change(engine: Engine) -> None:
    """What the demo writes is the import format, and importing it again is nothing."""
    seed_demo(engine, NOW)
    again = import_orders(engine, map(json.dumps, ORDERS), NOW)
    assert again == ImportReport(unchanged=len(ORDERS))
    products_again = import_products(engine, map(json.dumps, PRODUCTS), NOW)
    assert products_again == ImportReport(unchanged=len(PRODUCTS))
