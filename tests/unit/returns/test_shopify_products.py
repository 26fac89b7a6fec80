"""Shopify's product export, from the file to the database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from returns.engines import make_engine
from returns.importing import IMPORTERS, ImportReport
from returns.importing.html_text import plain_text
from returns.settings import ROOT
from returns.shop import load_shop
from returns.tables import metadata, products
from tests import shopify_exports as exports
from tests.shopify_exports import PRODUCT_HEADER, Cells, write

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SHOP = load_shop(ROOT / "shop.yml")


def take(
    tmp_path: Path, *groups: list[Cells], header: list[str] = PRODUCT_HEADER
) -> tuple[ImportReport, Engine]:
    engine = make_engine(f"sqlite:///{tmp_path / 'one.db'}")
    metadata.create_all(engine)
    path = write(tmp_path / "products.csv", *groups, header=header)
    return IMPORTERS["products"](engine, SHOP, path, NOW), engine


def stored(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(products)).all()
    return {row.product_id: row for row in rows}


def test_variants_and_pictures_of_a_product_are_told_apart(tmp_path: Path) -> None:
    """Two variants, one of them sold out; the picture's row is none."""
    report, engine = take(tmp_path, exports.product())
    assert report == ImportReport(imported=1)
    dress = stored(engine)["robe-en-lin"]
    assert (dress.title, dress.supplier) == ("Robe en lin", "Nordlys Apparel")
    assert dress.description == "Robe mi-longue en lin lavé."
    assert dress.supplier_description is None
    assert dress.variants == [
        {
            "sku": "NOR-01-38-BLEU",
            "options": {"Taille": "38", "Couleur": "Bleu"},
            "price_minor": 5990,
            "available": True,
        },
        {
            "sku": "NOR-01-40-BLEU",
            "options": {"Taille": "40", "Couleur": "Bleu"},
            "price_minor": 5990,
            "available": False,
        },
    ]


def test_the_same_export_twice_changes_nothing(tmp_path: Path) -> None:
    """A second import finds all products as they are."""
    take(tmp_path, exports.product(), exports.product("other"))
    report, _ = take(tmp_path, exports.product(), exports.product("other"))
    assert report == ImportReport(unchanged=2)


def test_a_plain_product_has_one_variant_without_options(tmp_path: Path) -> None:
    """Shopify calls it "Default Title"; without a sku it is known by its handle."""
    plain = {
        "Handle": "bougie",
        "Title": "Bougie",
        "Vendor": "",
        "Option1 Name": "Title",
        "Option1 Value": "Default Title",
        "Variant Price": "12.5",
        "Status": "active",
    }
    _, engine = take(tmp_path, [plain])
    candle = stored(engine)["bougie"]
    assert candle.supplier == SHOP.name
    assert [(one["sku"], one["options"]) for one in candle.variants] == [("bougie", {})]
    assert candle.variants[0]["price_minor"] == 1250


@pytest.mark.parametrize(
    ("cells", "available"),
    [
        ({"Variant Inventory Qty": "0"}, False),
        ({"Variant Inventory Qty": "-3"}, False),
        ({"Variant Inventory Qty": "0", "Variant Inventory Policy": "continue"}, True),
        ({"Variant Inventory Qty": "0", "Variant Inventory Tracker": ""}, True),
        ({"Variant Inventory Qty": ""}, None),
        ({"Status": "archived"}, False),
        ({"Status": "draft", "Variant Inventory Policy": "continue"}, False),
    ],
)
def test_what_can_be_had_is_what_the_shop_would_sell(
    cells: Cells, available: bool | None, tmp_path: Path
) -> None:
    """Sold out, sold anyway, not counted, or counted elsewhere: then nobody knows."""
    _, engine = take(tmp_path, exports.product(**cells))
    assert stored(engine)["robe-en-lin"].variants[0]["available"] is available


def test_the_newer_columns_are_understood(tmp_path: Path) -> None:
    """Shopify renamed its columns; both kinds of file are in use."""
    renamed = {
        "Handle": "URL handle",
        "Body (HTML)": "Description",
        "Variant SKU": "SKU",
        "Variant Price": "Price",
        "Variant Inventory Tracker": "Inventory tracker",
        "Variant Inventory Qty": "Inventory quantity",
        "Variant Inventory Policy": "Continue selling when out of stock",
        "Option1 Name": "Option1 name",
        "Option1 Value": "Option1 value",
    }
    rows = [
        {renamed.get(column, column): cell for column, cell in row.items()}
        for row in exports.product(**{"Variant Inventory Policy": "false"})
    ]
    header = [renamed.get(column, column) for column in PRODUCT_HEADER]
    report, engine = take(tmp_path, rows, header=header)
    assert report == ImportReport(imported=1)
    variants = stored(engine)["robe-en-lin"].variants
    assert [one["sku"] for one in variants] == ["NOR-01-38-BLEU", "NOR-01-40-BLEU"]
    assert [one["available"] for one in variants] == [True, False]
    assert variants[0]["price_minor"] == 5990


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"Title": ""}, "product second: column Title: expected the product's title"),
        ({"Variant Price": "dear"}, "column Variant Price: expected an amount such as"),
        ({"Variant Inventory Qty": "few"}, "column Variant Inventory Qty: expected a"),
        ({"Handle": ""}, "column Handle: expected the product's handle, found nothing"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line_and_column(
    cells: Cells, problem: str, tmp_path: Path
) -> None:
    """The product beside it is taken in."""
    wrong = exports.product("second", **cells)[:1]
    report, _ = take(tmp_path, exports.product("first"), wrong)
    assert report.imported == 1
    ((line_no, message),) = report.problems
    assert line_no == 5
    assert problem in message


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Une robe.</p><p>En lin.</p>", "Une robe.\nEn lin."),
        ("Un<br>deux<br/>trois", "Un\ndeux\ntrois"),
        ("<ul>\n<li>Lin</li>\n <li>Coton</li></ul>", "- Lin\n- Coton"),
        ("Taille&nbsp;: 38 &amp; 40 &lt; 42", "Taille : 38 & 40 < 42"),
        ("<style>p{}</style>Lin<script>alert('x')</script>", "Lin"),
        ("Pas de <b>balises", "Pas de balises"),
        ("a < b, et <inconnu>c</inconnu>", "a < b, et c"),
        ("<p> \n </p>", ""),
        ("deux\nlignes\tet  blancs", "deux lignes et blancs"),
    ],
)
def test_a_description_reads_as_on_the_page(html: str, text: str) -> None:
    """Blocks are lines, lists have hyphens, scripts are never seen."""
    assert plain_text(html) == text
