"""Files shaped as Shopify writes them, with made-up shops and people."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

type Cells = dict[str, str]

_PERSON = ["Name", "Street", "Address1", "Address2", "Company"]
_PLACE = ["City", "Zip", "Province", "Country", "Phone"]
_TAXES = [f"Tax {n} {what}" for n in range(1, 6) for what in ("Name", "Value")]

ORDER_HEADER = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Fulfilled at",
    "Accepts Marketing",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Shipping Method",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem compare at price",
    "Lineitem sku",
    "Lineitem requires shipping",
    "Lineitem taxable",
    "Lineitem fulfillment status",
    *[f"Billing {what}" for what in _PERSON + _PLACE],
    *[f"Shipping {what}" for what in _PERSON + _PLACE],
    "Notes",
    "Note Attributes",
    "Cancelled at",
    "Payment Method",
    "Payment Reference",
    "Refunded Amount",
    "Vendor",
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    "Id",
    "Tags",
    "Risk Level",
    "Source",
    "Lineitem discount",
    *_TAXES,
    "Phone",
    "Receipt Number",
    "Duties",
    "Billing Province Name",
    "Shipping Province Name",
    "Payment ID",
    "Payment Terms Name",
    "Next Payment Due At",
    "Payment References",
]

PRODUCT_HEADER = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    *[
        f"Option{n} {part}"
        for n in (1, 2, 3)
        for part in ("Name", "Value", "Linked To")
    ],
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Fulfillment Service",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Taxable",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Gift Card",
    "SEO Title",
    "SEO Description",
    "Variant Image",
    "Variant Weight Unit",
    "Cost per item",
    "Status",
]


def item(name: str = "Robe en lin - 38 / Bleu", **cells: str) -> Cells:
    """The cells that each row of an order has."""
    return {
        "Lineitem quantity": "1",
        "Lineitem name": name,
        "Lineitem price": "59.90",
        "Lineitem sku": "NOR-01-38-BLEU",
        "Lineitem requires shipping": "true",
        "Lineitem taxable": "true",
        "Lineitem fulfillment status": "fulfilled",
        "Vendor": "Nordlys Apparel",
        "Lineitem discount": "0.00",
        **cells,
    }


def order(
    name: str = "#1001", items: Iterable[Cells] = (), **cells: str
) -> list[Cells]:
    """An order's rows: the order's own cells in the first alone, as Shopify does.

    Without items: one dress at 59.90, delivery 4.90, paid, sent and in euros.
    """
    wanted = list(items) or [item()]
    facts = {
        "Email": "camille.durand@example.com",
        "Financial Status": "paid",
        "Paid at": "2026-11-01 10:11:13 +0100",
        "Fulfillment Status": "fulfilled",
        "Fulfilled at": "2026-11-03 16:00:00 +0100",
        "Accepts Marketing": "no",
        "Currency": "EUR",
        "Subtotal": "59.90",
        "Shipping": "4.90",
        "Taxes": "10.80",
        "Total": "64.80",
        "Discount Code": "",
        "Discount Amount": "0.00",
        "Shipping Method": "Colissimo",
        "Created at": "2026-11-01 10:11:12 +0100",
        **_someone("Billing"),
        **_someone("Shipping"),
        "Payment Method": "Shopify Payments",
        "Payment Reference": "rPay7Kq",
        "Refunded Amount": "0.00",
        "Outstanding Balance": "0.00",
        "Id": f"74109{name.strip('#')}",
        "Risk Level": "Low",
        "Source": "web",
        "Tax 1 Name": "FR TVA 20%",
        "Tax 1 Value": "10.80",
        "Payment ID": "rPay7Kq",
        "Payment References": "rPay7Kq",
        **cells,
    }
    created = {"Email": facts["Email"], "Created at": facts["Created at"]}
    first, *others = wanted
    return [
        {"Name": name, **first, **facts},
        *[{"Name": name, **other, **created} for other in others],
    ]


def _someone(kind: str) -> Cells:
    return {
        f"{kind} Name": "Camille Durand",
        f"{kind} Street": "14, rue de la Roquette",
        f"{kind} Address1": "14, rue de la Roquette",
        f"{kind} City": "Paris",
        f"{kind} Zip": "'75011",
        f"{kind} Country": "FR",
        f"{kind} Phone": "'+33600000000",
    }


def product(handle: str = "robe-en-lin", **cells: str) -> list[Cells]:
    """A dress in two variants, with a row that only adds a picture."""
    first = {
        "Handle": handle,
        "Title": "Robe en lin",
        "Body (HTML)": "<p>Robe mi-longue en <b>lin&nbsp;lavé</b>.</p>",
        "Vendor": "Nordlys Apparel",
        "Published": "true",
        "Option1 Name": "Taille",
        "Option2 Name": "Couleur",
        "Image Src": "https://cdn.example.com/robe-1.jpg",
        "Image Position": "1",
        "Gift Card": "false",
        "Status": "active",
        **variant("38", "Bleu", "NOR-01-38-BLEU"),
        **cells,
    }
    picture = {
        "Handle": handle,
        "Image Src": "https://cdn.example.com/robe-2.jpg",
        "Image Position": "2",
    }
    second = {"Handle": handle, **variant("40", "Bleu", "NOR-01-40-BLEU", stock="0")}
    return [first, second, picture]


def variant(size: str, colour: str, sku: str, stock: str = "7") -> Cells:
    return {
        "Option1 Value": size,
        "Option2 Value": colour,
        "Variant SKU": sku,
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": stock,
        "Variant Inventory Policy": "deny",
        "Variant Price": "59.90",
    }


def write(path: Path, *groups: list[Cells], **how: Any) -> Path:
    """The groups' rows as one file; how: as in `write_all`."""
    return write_all(path, groups, **how)


def write_all(
    path: Path,
    groups: Iterable[list[Cells]],
    header: list[str] = ORDER_HEADER,
    encoding: str = "utf-8",
    line_end: str = "\n",
    separator: str = ",",
) -> Path:
    """All rows as one file, each group when its turn comes; no cell named: empty."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(
            file, header, restval="", lineterminator=line_end, delimiter=separator
        )
        writer.writeheader()
        for rows in groups:
            writer.writerows(rows)
    return path
