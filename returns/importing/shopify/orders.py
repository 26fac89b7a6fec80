"""Shopify's order export: the first row of an order holds it, the others its lines."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from returns.formats import minor_digits
from returns.importing.models import OrderIn
from returns.importing.reading import MISTAKES_TOLD, Problem, Read
from returns.importing.shopify.catalogue import Catalogue
from returns.importing.shopify.customers import customer_of, language_of
from returns.importing.shopify.money import (
    AmountsDisagree,
    LinePrice,
    Paid,
    Totals,
    what_was_paid,
)
from returns.importing.shopify.rows import (
    AMOUNT,
    MOMENT,
    CsvRow,
    WrongCell,
    read_rows,
)
from returns.mistakes import in_words
from returns.model import OrderStatus
from returns.shop import Shop

NAME = "Name"
PAID_IN_FULL = frozenset({"paid", "partially_refunded", "refunded"})
PAID_IN_PART = "partially_paid"
NOTHING_PAID = frozenset({"pending", "authorized", "voided", "expired", "unpaid"})
STATUSES = {
    "partially_refunded": OrderStatus.PARTLY_REFUNDED,
    "refunded": OrderStatus.REFUNDED,
    "voided": OrderStatus.CANCELLED,
    "expired": OrderStatus.CANCELLED,
}
SENT = frozenset({"fulfilled", "partial"})
TIPS = frozenset({"tip", "pourboire"})
DIGITAL = "digital"
CURRENCY = re.compile("[A-Z]{3}")
NEEDED = {
    "Currency": "a currency such as EUR",
    "Created at": MOMENT,
    "Total": AMOUNT,
}
EDITED = (
    "was changed after it was placed: its lines are worth more than Subtotal;"
    " it is taken in, and refunds stop at what was paid"
)
# Where the checks of the import format speak of what the export calls otherwise.
COLUMNS = {
    "order_number": "column Name",
    "lines": "column Lineitem quantity",
    "customer.email": "column Email",
    "customer.address.name": "column Shipping Name",
}


def read_shopify_orders(
    lines: Iterable[str], shop: Shop, catalogue: Catalogue
) -> Iterator[Read[OrderIn] | Problem]:
    """The export's orders as the import format; what is wrong, with line and column.

    Raises ImportRefused where the quotation marks cannot be followed any more.
    """
    for rows in read_rows(lines, NAME):
        yield from _entries(rows, shop, catalogue)


def _entries(
    rows: list[CsvRow], shop: Shop, catalogue: Catalogue
) -> Iterator[Read[OrderIn] | Problem]:
    first = rows[0].line_no
    order = f"order {rows[0].text(NAME) or 'without a name'}"
    try:
        export = _Export(rows, shop, catalogue)
        value = OrderIn.model_validate(export.order())
    except WrongCell as error:
        yield error.line_no, f"{order}: {error}"
    except AmountsDisagree as error:
        yield first, f"{order}: {error}"
    except ValidationError as error:
        yield first, f"{order}: {_in_columns(error)}"
    else:
        if export.paid.edited:
            yield first, f"{order} {EDITED}"
        yield Read(first, value)


def _in_columns(error: ValidationError) -> str:
    mistakes = error.errors(include_url=False)[:MISTAKES_TOLD]
    told = []
    for mistake in mistakes:
        path, colon, rest = in_words(OrderIn, mistake).partition(":")
        told.append(COLUMNS.get(path, path) + colon + rest)
    return "; ".join(told)


class _Export:
    """One order's rows. Raises WrongCell or AmountsDisagree for what cannot be used."""

    def __init__(self, rows: list[CsvRow], shop: Shop, catalogue: Catalogue) -> None:
        self._rows = rows
        self._first = rows[0]
        self._shop = shop
        self._catalogue = catalogue
        self._check_whole()
        self._digits = minor_digits(self._first.text("Currency"))
        # The place of a row numbers its line, whatever the others hold.
        goods = [pair for pair in enumerate(rows, 1) if not _is_tip(pair[1])]
        self._goods = [pair for pair in goods if pair[1].whole("Lineitem quantity")]
        self._total = self._first.price("Total", self._digits)
        self.paid = self._amounts()

    def order(self) -> dict[str, Any]:
        first = self._first
        lines = zip(self._goods, self.paid.lines, strict=True)
        refunded = first.price("Refunded Amount", self._digits)
        return {
            "order_number": first.text(NAME),
            "placed_at": first.moment("Created at"),
            "dispatched_at": self._dispatched_at(),
            "status": self._status(),
            "language": language_of(first, self._shop),
            "currency": first.text("Currency"),
            "customer": customer_of(first),
            "payment": self._payment(refunded),
            # Which delivery was cheapest is not told: none is taken for dearer (W13).
            "shipping": {
                "paid_minor": self.paid.shipping,
                "standard_minor": self.paid.shipping,
            },
            "lines": [self._line(*place, paid) for place, paid in lines],
            "refunded": [{"amount_minor": refunded}] if refunded else [],
        }

    def _check_whole(self) -> None:
        for row in self._rows:
            if row.damage:
                raise WrongCell(row.line_no, row.damage)
        if not self._first.text(NAME):
            raise self._first.wrong(NAME, "the order's name, such as #1001")
        if not self._first.text("Financial Status", "Total"):
            raise WrongCell(
                self._first.line_no,
                "its first row is missing or stands elsewhere: the rows of an order"
                " must follow each other, as Shopify writes them",
            )
        if len({row.text("Id") for row in self._rows} - {""}) > 1:
            raise WrongCell(self._first.line_no, "two orders have this name")
        for column, expected in NEEDED.items():
            if not self._first.text(column):
                raise self._first.wrong(column, expected)
        if not CURRENCY.fullmatch(self._first.text("Currency")):
            raise self._first.wrong("Currency", NEEDED["Currency"])

    def _amounts(self) -> Paid:
        first, digits = self._first, self._digits
        prices = [self._price(row) for _, row in self._goods]
        tips = [self._price(row).gross for row in self._rows if _is_tip(row)]
        totals = Totals(
            total=self._total,
            subtotal=first.amount("Subtotal", digits),
            discount=first.amount("Discount Amount", digits),
            shipping=first.price("Shipping", digits),
            taxes=first.price("Taxes", digits),
            duties=first.price("Duties", digits),
            tip=sum(tips),
        )
        return what_was_paid(prices, totals)

    def _price(self, row: CsvRow) -> LinePrice:
        each = row.price("Lineitem price", self._digits)
        return LinePrice(
            gross=each * row.whole("Lineitem quantity"),
            discount=row.price("Lineitem discount", self._digits),
            taxable=row.text("Lineitem taxable").lower() != "false",
        )

    def _dispatched_at(self) -> datetime | None:
        if self._first.text("Fulfillment Status") not in SENT:
            return None
        return self._first.moment("Fulfilled at")

    def _status(self) -> OrderStatus:
        if self._first.moment("Cancelled at", "Canceled at"):
            return OrderStatus.CANCELLED
        return STATUSES.get(self._first.text("Financial Status"), OrderStatus.PAID)

    def _payment(self, refunded: int) -> dict[str, Any]:
        first = self._first
        by = first.text("Payment Method")
        reference = first.text(
            "Payment References", "Payment ID", "Payment Reference", "Id", NAME
        )
        return {
            "method": self._shop.payment_method,
            "reference": f"{by} {reference}".strip()[:200],
            "captured_minor": max(self._captured(), refunded),
        }

    def _captured(self) -> int:
        state = self._first.text("Financial Status")
        if state in PAID_IN_FULL:
            return self._total
        if state == PAID_IN_PART:
            open_minor = self._first.price("Outstanding Balance", self._digits)
            return max(0, self._total - open_minor)
        if state in NOTHING_PAID:
            return 0
        known = sorted({*PAID_IN_FULL, PAID_IN_PART, *NOTHING_PAID})
        raise self._first.wrong("Financial Status", "one of " + ", ".join(known))

    def _line(self, place: int, row: CsvRow, paid_minor: int) -> dict[str, Any]:
        name = row.text("Lineitem name")
        if not name:
            raise row.wrong("Lineitem name", "the product's name")
        article = self._catalogue.article(name, row.text("Lineitem sku"))
        return {
            "line_id": f"{self._first.text(NAME)}/{place}",
            "sku": article.sku,
            "product_id": article.product_id,
            "title": article.title,
            "options": article.options,
            "quantity": row.whole("Lineitem quantity"),
            "paid_minor": paid_minor,
            "supplier": row.text("Vendor") or self._shop.name,
            "category": None if _goes_by_post(row) else DIGITAL,
        }


def _is_tip(row: CsvRow) -> bool:
    named = row.text("Lineitem name").casefold() in TIPS
    return named and not row.text("Lineitem sku") and not _goes_by_post(row)


def _goes_by_post(row: CsvRow) -> bool:
    return row.text("Lineitem requires shipping").lower() != "false"
