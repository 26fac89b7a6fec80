"""Shopify's order export, from the file to the database."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from returns import repository
from returns.engines import make_engine
from returns.errors import ImportRefused
from returns.importing import IMPORTERS, ImportReport, import_orders
from returns.model import (
    Draft,
    DraftLine,
    Order,
    OrderStatus,
    Outcome,
    PriorRefund,
    Resolution,
    ReturnReason,
)
from returns.policy import History, decide
from returns.settings import ROOT
from returns.shop import load_shop
from returns.tables import metadata, order_lines, orders, refund_components
from tests import shopify_exports as exports
from tests.databases import KINDS, throwaway
from tests.shopify_exports import Cells, item, write

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SHOP = load_shop(ROOT / "shop.yml")
EXPORT = ROOT / "tests" / "data" / "shopify" / "orders_export.csv"


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with throwaway(request.param, tmp_path) as url:
        engine = make_engine(url)
        metadata.create_all(engine)
        yield engine
        engine.dispose()


def take(engine: Engine, path: Path, what: str = "orders") -> ImportReport:
    return IMPORTERS[what](engine, SHOP, path, NOW)


def found(engine: Engine, number: str) -> Order:
    with engine.connect() as connection:
        return repository.get_order(connection, number)


def stored(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return [
            sorted(connection.execute(sa.select(table)).all(), key=str)
            for table in (orders, order_lines, refund_components)
        ]


def test_an_export_is_taken_in_as_it_was_downloaded(engine: Engine) -> None:
    """Lines of one order, notes over several lines, refunds and currencies."""
    assert take(engine, EXPORT) == ImportReport(imported=5)
    order = found(engine, "#1005")
    assert [line.line_id for line in order.lines] == ["#1005/1", "#1005/2", "#1005/3"]
    assert [line.title for line in order.lines][1] == 'Lampe "Lune", grande'
    assert [line.quantity for line in order.lines] == [2, 1, 1]
    assert [line.supplier for line in order.lines][1:] == ["Maison Lumen"] * 2
    assert sum(line.paid_minor for line in order.lines) == order.captured_minor == 21037
    assert order.placed_at == datetime(2026, 11, 1, 9, 11, 12, tzinfo=UTC)
    assert order.dispatched_at == datetime(2026, 11, 3, 15, tzinfo=UTC)
    assert order.customer.address.postcode == "75011"
    assert (order.customer.first_name, order.customer.last_name) == (
        "Camille",
        "Durand",
    )
    assert order.payment_reference == "Shopify Payments rPay7Kq"
    assert order.payment_method == SHOP.payment_method


def test_refunds_and_cancellations_are_read(engine: Engine) -> None:
    """Money given back belongs to no line; what was never paid cannot be refunded."""
    take(engine, EXPORT)
    part, whole = found(engine, "#1004"), found(engine, "#1001")
    assert (part.status, part.refunded) == (
        OrderStatus.PARTLY_REFUNDED,
        (PriorRefund(5500),),
    )
    assert (whole.status, whole.refunded) == (
        OrderStatus.REFUNDED,
        (PriorRefund(13750),),
    )
    cancelled = found(engine, "#1003")
    assert (cancelled.status, cancelled.captured_minor) == (OrderStatus.CANCELLED, 0)
    ledger = {row.order_number: row.amount_minor for row in stored(engine)[2]}
    assert ledger == {"#1004": 5500, "#1001": 13750}


def test_amounts_are_minor_units_of_each_currency(engine: Engine) -> None:
    """Yen have none, dinars three; tax on top is in what was paid for the goods."""
    take(engine, EXPORT)
    yen, dinar = found(engine, "#1002"), found(engine, "#1001")
    assert (yen.currency, yen.lines[0].paid_minor) == ("JPY", 4620)
    assert (yen.shipping_paid_minor, yen.captured_minor) == (600, 5220)
    assert (dinar.currency, dinar.lines[0].paid_minor) == ("KWD", 12500)


def test_the_language_is_that_of_the_country_of_delivery(engine: Engine) -> None:
    """Paris reads French, London English, and Tokyo the shop's first language."""
    take(engine, EXPORT)
    spoken = {n: found(engine, n).language for n in ("#1005", "#1004", "#1002")}
    assert spoken == {"#1005": "fr", "#1004": "en", "#1002": SHOP.languages[0]}


def test_a_company_in_the_address_is_an_office_not_a_business_buyer(
    engine: Engine,
) -> None:
    """Who has a parcel sent to work keeps a consumer's rights."""
    take(engine, EXPORT)
    customer = found(engine, "#1004").customer
    assert not customer.is_business
    assert customer.address.line2 == "Clarke & Sons, Ltd, Floor 2"


def test_the_same_export_twice_changes_nothing(engine: Engine) -> None:
    """No row is touched by a second import."""
    take(engine, EXPORT)
    before = stored(engine)
    assert take(engine, EXPORT) == ImportReport(unchanged=5)
    assert stored(engine) == before


def test_a_newer_export_updates_what_happened_since(
    engine: Engine, tmp_path: Path
) -> None:
    """Sent, then refunded in part: each export adds what is new."""
    path = tmp_path / "orders.csv"
    waiting = {"Fulfillment Status": "unfulfilled", "Fulfilled at": ""}
    take(engine, write(path, exports.order(**waiting)))
    assert found(engine, "#1001").dispatched_at is None
    assert take(engine, write(path, exports.order())).changed == 1
    assert found(engine, "#1001").dispatched_at is not None
    back = {"Financial Status": "partially_refunded", "Refunded Amount": "20.00"}
    take(engine, write(path, exports.order(**back)))
    take(engine, write(path, exports.order(**{**back, "Refunded Amount": "30.00"})))
    assert [row.amount_minor for row in stored(engine)[2]] == [2000, 1000]
    report = take(engine, write(path, exports.order()))
    assert "the refunds told before stay" in report.problems[0][1]
    assert len(stored(engine)[2]) == 2


def test_the_export_and_json_lines_of_an_order_are_the_same(
    engine: Engine, tmp_path: Path
) -> None:
    """Both ways in leave the same rows: the second changes nothing."""
    take(engine, write(tmp_path / "orders.csv", exports.order(Notes="x")))
    address = {
        "name": "Camille Durand",
        "line1": "14, rue de la Roquette",
        "postcode": "75011",
        "city": "Paris",
        "country": "FR",
    }
    same = {
        "order_number": "#1001",
        "placed_at": "2026-11-01T09:11:12Z",
        "dispatched_at": "2026-11-03T15:00:00Z",
        "status": "paid",
        "language": "fr",
        "currency": "EUR",
        "customer": {
            "first_name": "Camille",
            "last_name": "Durand",
            "email": "camille.durand@example.com",
            "phone": "+33600000000",
            "is_business": False,
            "address": address,
        },
        "payment": {
            "method": SHOP.payment_method,
            "reference": "Shopify Payments rPay7Kq",
            "captured_minor": 6480,
        },
        "shipping": {"paid_minor": 490, "standard_minor": 490},
        "lines": [
            {
                "line_id": "#1001/1",
                "sku": "NOR-01-38-BLEU",
                "product_id": "robe-en-lin-38-bleu",
                "title": "Robe en lin - 38 / Bleu",
                "options": {},
                "quantity": 1,
                "paid_minor": 5990,
                "supplier": "Nordlys Apparel",
            }
        ],
    }
    assert import_orders(engine, [json.dumps(same)], NOW) == ImportReport(unchanged=1)


def test_a_known_product_gives_a_line_its_options(
    engine: Engine, tmp_path: Path
) -> None:
    """By sku, or by the name where the sku is missing."""
    sheet = write(
        tmp_path / "products.csv", exports.product(), header=exports.PRODUCT_HEADER
    )
    assert take(engine, sheet, "products") == ImportReport(imported=1)
    named = item("Robe en lin - 40 / Bleu", **{"Lineitem sku": ""})
    coded = item("An older title", **{"Lineitem sku": "NOR-01-38-BLEU"})
    money = {"Subtotal": "119.80", "Total": "124.70"}
    path = write(tmp_path / "orders.csv", exports.order("#1", [named, coded], **money))
    take(engine, path)
    lines = found(engine, "#1").lines
    assert [line.product_id for line in lines] == ["robe-en-lin"] * 2
    assert [line.sku for line in lines] == ["NOR-01-40-BLEU", "NOR-01-38-BLEU"]
    assert [line.options for line in lines] == [
        {"Taille": "40", "Couleur": "Bleu"},
        {"Taille": "38", "Couleur": "Bleu"},
    ]


def one(
    tmp_path: Path, *groups: list[Cells], **how: Any
) -> tuple[ImportReport, Engine]:
    """The groups' rows imported into an empty SQLite database."""
    engine = make_engine(f"sqlite:///{tmp_path / 'one.db'}")
    metadata.create_all(engine)
    return take(engine, write(tmp_path / "orders.csv", *groups, **how)), engine


@pytest.mark.parametrize(
    ("encoding", "line_end"), [("utf-8-sig", "\n"), ("utf-8", "\r\n"), ("utf-8", "\r")]
)
def test_a_byte_order_mark_and_any_line_end_do_no_harm(
    tmp_path: Path, encoding: str, line_end: str
) -> None:
    """Files come through Windows, Macs and mail programs."""
    report, _ = one(tmp_path, exports.order(), encoding=encoding, line_end=line_end)
    assert report == ImportReport(imported=1)


def test_a_later_header_is_understood_too(tmp_path: Path) -> None:
    """Columns in another order, spelt otherwise, and some that are new."""
    header = ["Payment terms", *reversed(exports.ORDER_HEADER)]
    spelt = {"Cancelled at": "Canceled at", "Lineitem sku": "Lineitem SKU"}
    rows = exports.order(**{"Canceled at": "2026-11-02 08:00:00 +0100"})
    rows[0]["Lineitem SKU"] = rows[0].pop("Lineitem sku")
    report, engine = one(tmp_path, rows, header=[spelt.get(c, c) for c in header])
    assert report == ImportReport(imported=1)
    order = found(engine, "#1001")
    assert (order.status, order.lines[0].sku) == (
        OrderStatus.CANCELLED,
        "NOR-01-38-BLEU",
    )


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"Email": ""}, "column Email: expected the customer's e-mail address, found"),
        ({"Total": "64,80"}, "column Total: expected an amount such as 49.90, found"),
        ({"Total": "64.805"}, "column Total: expected an amount with at most 2 dec"),
        ({"Total": ""}, "column Total: expected an amount such as 49.90, found noth"),
        ({"Shipping": "-1"}, "column Shipping: expected 0 or more, found '-1'"),
        ({"Subtotal": "-5.00"}, "column Subtotal: expected 0 or more, found '-5.00'"),
        ({"Taxes": "NaN"}, "column Taxes: expected an amount such as 49.90, found"),
        ({"Created at": "01/11/2026"}, "column Created at: expected a moment such as"),
        ({"Created at": "2026-11-01 10:11"}, "column Created at: expected a moment"),
        ({"Currency": "€"}, "column Currency: expected a currency such as EUR"),
        ({"Shipping Country": "France"}, "column Shipping Country: expected two cap"),
        ({"Shipping Name": ""}, "column Shipping Name: expected the customer's name"),
        ({"Financial Status": "payé"}, "column Financial Status: expected one of"),
        ({"Total": "70.00"}, "do not add up to Total"),
        ({"Subtotal": "99.00", "Total": "103.90"}, "worth less than Subtotal"),
        ({"Notes": "a\0b"}, "NUL"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line_and_column(
    cells: Cells, problem: str, tmp_path: Path
) -> None:
    """The owner is told where to look; the orders beside it are taken in."""
    wrong = exports.order("#1002", **cells)
    report, _ = one(tmp_path, exports.order(), wrong, exports.order("#1003"))
    assert report.imported == 2
    ((line_no, message),) = report.problems
    assert line_no == 3
    assert message.startswith("order #1002: ")
    assert problem in message


def test_a_line_of_the_file_is_counted_as_editors_count(tmp_path: Path) -> None:
    """A note over three lines moves the next order's number by two."""
    noted = exports.order(Notes='a\n"b"\nc')
    several = exports.order("#1002", [item(), item(**{"Lineitem quantity": "two"})])
    report, _ = one(tmp_path, noted, several)
    ((line_no, message),) = report.problems
    assert line_no == 6
    assert "column Lineitem quantity: expected a whole number, found 'two'" in message


def test_rows_of_an_order_that_stand_apart_are_reported(tmp_path: Path) -> None:
    """A sorted file tears orders apart: none of the halves comes in."""
    two = exports.order("#1001", [item(), item()], Subtotal="119.80", Total="124.70")
    report, _ = one(tmp_path, two[:1], exports.order("#1002"), two[1:])
    assert report.imported == 1
    assert [line_no for line_no, _ in report.problems] == [2, 4]
    assert "is one missing?" in report.problems[0][1]
    assert "the rows of an order must follow each other" in report.problems[1][1]


def test_two_orders_of_one_name_are_not_mixed(tmp_path: Path) -> None:
    """Shopify allows it; one customer's lines never join another's order."""
    report, _ = one(
        tmp_path, exports.order(Id="1"), exports.order(Id="2"), exports.order("#9")
    )
    assert (report.imported, report.problems) == (
        1,
        [(2, "order #1001: two orders have this name")],
    )


def test_a_missing_quotation_mark_is_reported(tmp_path: Path) -> None:
    """What it swallowed is named by its first line; the rest goes in."""
    path = write(tmp_path / "orders.csv", *[exports.order(f"#{n}") for n in range(4)])
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[2] = lines[2].replace("Shopify Payments", '"Shopify Payments')
    path.write_text("".join(lines), "utf-8")
    engine = make_engine(f"sqlite:///{tmp_path / 'one.db'}")
    metadata.create_all(engine)
    report = take(engine, path)
    assert report.imported == 2
    ((line_no, message),) = report.problems
    assert (line_no, "is a quotation mark missing" in message) == (3, True)


def test_a_file_in_another_encoding_is_reported_by_order(tmp_path: Path) -> None:
    """Saved by an old spreadsheet: the order with the accent is named."""
    accent = exports.order("#1002", Notes="déjà")
    report, _ = one(tmp_path, exports.order(), accent, encoding="latin-1")
    assert report.imported == 1
    assert report.problems[0][1].startswith("order #1002: expected UTF-8 text")


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_file_saved_by_a_spreadsheet_is_refused_clearly(
    separator: str, name: str, tmp_path: Path
) -> None:
    """Spreadsheets also change dates and numbers, so it must be exported again."""
    with pytest.raises(ImportRefused, match=f"separated by {name} instead of commas"):
        one(tmp_path, exports.order(), separator=separator)


def test_a_file_of_another_kind_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """The wrong export, a spreadsheet, and a CSV of something else."""
    engine = make_engine(f"sqlite:///{tmp_path / 'one.db'}")
    metadata.create_all(engine)
    sheet = write(tmp_path / "p.csv", exports.product(), header=exports.PRODUCT_HEADER)
    with pytest.raises(ImportRefused, match="import products p"):
        take(engine, sheet)
    with pytest.raises(ImportRefused, match="import orders orders_export"):
        take(engine, EXPORT, "products")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04\x14\x00")
    with pytest.raises(ImportRefused, match="spreadsheet or a zip archive"):
        take(engine, tmp_path / "book.xlsx")
    (tmp_path / "people.csv").write_text("Name,Email\nCamille,c@example.com\n")
    with pytest.raises(ImportRefused, match="are missing: created at, currency"):
        take(engine, tmp_path / "people.csv")


def test_an_order_without_a_parcel_is_taken_in(tmp_path: Path) -> None:
    """A gift card has a billing address only, no supplier and no delivery."""
    card = item(
        "Carte cadeau - 50 €",
        **{
            "Lineitem price": "50.00",
            "Lineitem sku": "",
            "Lineitem requires shipping": "false",
            "Vendor": "",
        },
    )
    empty = {f"Shipping {what}": "" for what in ("Name", "Street", "Address1")}
    empty |= {f"Shipping {what}": "" for what in ("City", "Zip", "Country", "Phone")}
    money = {"Subtotal": "50.00", "Shipping": "0.00", "Taxes": "0.00", "Total": "50.00"}
    report, engine = one(tmp_path, exports.order("#1001", [card], **empty, **money))
    assert report == ImportReport(imported=1)
    order = found(engine, "#1001")
    assert order.customer.address.name == "Camille Durand"
    (line,) = order.lines
    assert (line.supplier, line.category) == (SHOP.name, "digital")


def test_a_tip_is_no_line_and_keeps_its_place(tmp_path: Path) -> None:
    """What is not goods cannot be returned, and no line is renamed by it."""
    tip = item(
        "Tip",
        **{
            "Lineitem price": "2.00",
            "Lineitem sku": "",
            "Lineitem requires shipping": "false",
            "Lineitem taxable": "false",
            "Vendor": "",
        },
    )
    goods = {"Subtotal": "119.80", "Total": "126.70"}
    report, engine = one(tmp_path, exports.order("#1", [item(), tip, item()], **goods))
    assert report == ImportReport(imported=1)
    order = found(engine, "#1")
    assert [line.line_id for line in order.lines] == ["#1/1", "#1/3"]
    assert [line.paid_minor for line in order.lines] == [5990, 5990]
    assert (order.captured_minor, order.shipping_paid_minor) == (12670, 490)


def test_an_edited_order_comes_in_and_is_named(tmp_path: Path) -> None:
    """A line taken out later has quantity 0 or is worth more than the subtotal."""
    gone = exports.order("#1", [item(), item(**{"Lineitem quantity": "0"})])
    dear = exports.order("#2", [item(), item()])
    report, engine = one(tmp_path, gone, dear)
    assert report.imported == 2
    ((line_no, message),) = report.problems
    assert (line_no, "order #2 was changed" in message) == (4, True)
    assert [line.line_id for line in found(engine, "#1").lines] == ["#1/1"]
    assert found(engine, "#2").captured_minor == 6480


@pytest.mark.parametrize(
    ("state", "open_", "captured"),
    [
        ("paid", "0.00", 6480),
        ("pending", "64.80", 0),
        ("authorized", "64.80", 0),
        ("partially_paid", "40.00", 2480),
        ("expired", "64.80", 0),
    ],
)
def test_only_what_was_paid_can_be_given_back(
    state: str, open_: str, captured: int, tmp_path: Path
) -> None:
    """An order that was never paid is found, and a person decides."""
    cells = {"Financial Status": state, "Outstanding Balance": open_}
    report, engine = one(tmp_path, exports.order(**cells))
    assert report.imported == 1
    assert found(engine, "#1001").captured_minor == captured


def test_refunds_go_the_way_that_the_shop_chose(tmp_path: Path) -> None:
    """With `manual`, staff are told by which payment the money goes back."""
    engine = make_engine(f"sqlite:///{tmp_path / 'one.db'}")
    metadata.create_all(engine)
    path = write(tmp_path / "orders.csv", exports.order())
    shop = replace(SHOP, payment_method="manual")
    IMPORTERS["orders"](engine, shop, path, NOW)
    order = found(engine, "#1001")
    assert order.payment_method == "manual"
    assert order.payment_reference == "Shopify Payments rPay7Kq"


def test_an_unknown_day_of_delivery_is_never_made_up(tmp_path: Path) -> None:
    """Dispatch is told, receipt is not; time limits run from the latest day."""
    _, engine = one(tmp_path, exports.order())
    order = found(engine, "#1001")
    line = order.lines[0]
    assert order.received_at(line) is None
    assert order.received_by(line, 30) == datetime(2026, 12, 3, 15, tzinfo=UTC)
    waiting = replace(order, dispatched_at=None)
    assert waiting.received_by(line, 30) is None
    known = replace(order, delivered_at=NOW)
    assert known.received_by(line, 30) == NOW


@pytest.mark.parametrize(
    ("days", "reason", "outcome"),
    [
        (1, ReturnReason.CHANGED_MIND, Outcome.ALLOW),
        (40, ReturnReason.CHANGED_MIND, Outcome.ALLOW),
        (60, ReturnReason.CHANGED_MIND, Outcome.REVIEW),
        (60, ReturnReason.NOT_DELIVERED, Outcome.ALLOW),
    ],
)
def test_an_unknown_day_of_delivery_is_decided_for_the_customer(
    days: int, reason: ReturnReason, outcome: Outcome, tmp_path: Path
) -> None:
    """14 days run from the latest day of receipt, which proves no delivery."""
    _, engine = one(tmp_path, exports.order())
    order = found(engine, "#1001")
    assert order.dispatched_at is not None
    said = DraftLine("#1001/1", 1, (reason,), resolution=Resolution.REFUND)
    draft = Draft("D1", "C1", "fr", "web", NOW, lines=(said,))
    now = order.dispatched_at + timedelta(days=days)
    assert decide(draft, order, SHOP, History(), now).outcome is outcome


@pytest.mark.parametrize("said", ["#1001", "1001", " 1001 "])
def test_an_order_is_found_however_its_name_is_typed(said: str, tmp_path: Path) -> None:
    """Customers leave out the sign that Shopify writes before the number."""
    _, engine = one(tmp_path, exports.order())
    with engine.connect() as connection:
        named = repository.orders_called(connection, said)
    assert [row.order_number for row in named] == ["#1001"]


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    """Nothing in, nothing changed; a header alone is as empty."""
    report, engine = one(tmp_path)
    assert report == ImportReport()
    (tmp_path / "nothing").write_text("")
    assert take(engine, tmp_path / "nothing") == ImportReport()
