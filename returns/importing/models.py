"""The import files' format: one JSON object a line, an order or a product.

docs/schemas/ holds the same as JSON Schema. Amounts are in minor units, tax included.
"""

from collections import Counter
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from returns.keys import order_key
from returns.model import OrderStatus

LARGEST_MINOR = 2_147_483_647


def _with_time_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment with its time zone, such as 2026-01-31T09:30:00Z")
    return moment


Moment = Annotated[datetime, AfterValidator(_with_time_zone)]
Minor = Annotated[int, Field(ge=0, le=LARGEST_MINOR)]
Quantity = Annotated[int, Field(ge=1, le=10_000)]
Language = Annotated[str, Field(pattern="^[a-z]{2}$", examples=["fr"])]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["FR"])]
Email = Annotated[str, Field(max_length=320, pattern=r"^\s*[^@\s]+@[^@\s]+\s*$")]
Text20 = Annotated[str, Field(min_length=1, max_length=20)]
Text64 = Annotated[str, Field(min_length=1, max_length=64)]
Text80 = Annotated[str, Field(min_length=1, max_length=80)]
Text120 = Annotated[str, Field(min_length=1, max_length=120)]
Text200 = Annotated[str, Field(min_length=1, max_length=200)]
Text300 = Annotated[str, Field(min_length=1, max_length=300)]
Url = Annotated[str, Field(min_length=1, max_length=500)]


class FileModel(BaseModel):
    """Refuses keys that the format does not know: a misspelt fact is a lost fact."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AddressIn(FileModel):
    """country: ISO 3166-1 alpha-2. postcode: empty where the country has none."""

    name: Text200
    line1: str
    line2: str | None = None
    postcode: str
    city: str
    country: Country


class CustomerIn(FileModel):
    first_name: str
    last_name: str
    email: Email
    phone: str | None = None
    is_business: bool
    address: AddressIn


class PaymentIn(FileModel):
    """reference: by which the bank or payment provider knows the payment."""

    method: Text20
    reference: Text200
    captured_minor: Minor


class ShippingIn(FileModel):
    """standard_minor: what the cheapest offered delivery would have cost (W13)."""

    paid_minor: Minor
    standard_minor: Minor


class LineIn(FileModel):
    """paid_minor: for the whole quantity, after all discounts.

    delivered_at: null means the order's own. value_minor: what the goods of the
    line are worth to the shop, null if unknown. image: an https address, or a file
    beside the import file; copied once (returns/services/product_pictures.py).
    """

    line_id: Text80
    sku: Text120
    product_id: Text120
    title: Text300
    options: dict[str, str]
    quantity: Quantity
    paid_minor: Minor
    supplier: Text120
    supplier_order_reference: Text200 | None = None
    delivered_at: Moment | None = None
    tracking_number: Text80 | None = None
    category: Text120 | None = None
    image: Url | None = None
    personalised: bool = False
    sealed_hygiene: bool = False
    perishable: bool = False
    second_hand: bool = False
    value_minor: Minor | None = None


class RefundedIn(FileModel):
    """Money given back elsewhere. line_id null: it belongs to no line.

    quantity: the units it pays for in full; null: it is a part of the line's price.
    """

    line_id: Text80 | None = None
    quantity: Quantity | None = None
    amount_minor: Minor


class OrderIn(FileModel):
    """withdrawal_informed: told of the right before buying; null: nobody knows."""

    order_number: Text64
    placed_at: Moment
    promised_at: Moment | None = None
    dispatched_at: Moment | None = None
    delivered_at: Moment | None = None
    status: OrderStatus
    language: Language
    currency: Currency
    withdrawal_informed: bool | None = None
    customer: CustomerIn
    payment: PaymentIn
    shipping: ShippingIn
    lines: Annotated[
        tuple[LineIn, ...], Field(strict=False, json_schema_extra={"minItems": 1})
    ]
    refunded: Annotated[tuple[RefundedIn, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not order_key(self.order_number):
            raise _wrong("order_number: expected letters a-z or digits in it")
        if not self.lines:
            raise _wrong("lines: expected at least one entry")
        counted = Counter(line.line_id for line in self.lines)
        twice = [line_id for line_id, count in counted.items() if count > 1]
        if twice:
            raise _wrong(f"lines: line_id {twice[0]!r} is used twice")
        self._check_refunded()
        return self

    def _check_refunded(self) -> None:
        quantities = {line.line_id: line.quantity for line in self.lines}
        refunded: Counter[str] = Counter()
        for entry in self.refunded:
            if entry.line_id is None and entry.quantity is not None:
                raise _wrong("refunded: a quantity needs its line_id")
            if entry.line_id is not None and entry.line_id not in quantities:
                raise _wrong(f"refunded: the order has no line {entry.line_id!r}")
            refunded[entry.line_id or ""] += entry.quantity or 0
        for line_id, quantity in quantities.items():
            if refunded[line_id] > quantity:
                raise _wrong(f"refunded: more units than line {line_id!r} has")
        if sum(e.amount_minor for e in self.refunded) > self.payment.captured_minor:
            raise _wrong("refunded: more money than payment.captured_minor")


class VariantIn(FileModel):
    """available: null means that nobody knows."""

    sku: Text120
    options: dict[str, str]
    price_minor: Minor
    available: bool | None


class ProductIn(FileModel):
    """supplier_description: the supplier's own words; tells who described wrongly.

    image: for order lines that have none of their own.
    """

    product_id: Text120
    title: Text300
    supplier: Text120
    description: str | None = None
    supplier_description: str | None = None
    image: Url | None = None
    variants: Annotated[tuple[VariantIn, ...], Field(strict=False)]


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("incoherent", "{message}", {"message": message})
