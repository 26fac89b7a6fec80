"""The words of the business as types: orders, drafts, decisions, returns, money.

Enumerations are the contract of docs/returns.md; a partner's words stay in its gateway.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class OrderStatus(StrEnum):
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class ReturnReason(StrEnum):
    """What the customer says is wrong."""

    CHANGED_MIND = "changed_mind"
    ORDERED_BY_MISTAKE = "ordered_by_mistake"
    BETTER_PRICE = "better_price"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    COLOR_OR_STYLE = "color_or_style"
    NOT_COMPATIBLE = "not_compatible"
    NOT_AS_DESCRIBED = "not_as_described"
    POOR_QUALITY = "poor_quality"
    DEFECTIVE_ON_ARRIVAL = "defective_on_arrival"
    FAILED_LATER = "failed_later"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"
    MISSING_PARTS = "missing_parts"
    WRONG_ITEM = "wrong_item"
    EXTRA_ITEM = "extra_item"
    ARRIVED_LATE = "arrived_late"
    NOT_DELIVERED = "not_delivered"
    DELIVERED_NOT_RECEIVED = "delivered_not_received"
    REFUSED = "refused"
    UNCLAIMED = "unclaimed"
    BAD_ADDRESS = "bad_address"
    CUSTOMS_CHARGE = "customs_charge"
    UNSAFE_OR_RECALL = "unsafe_or_recall"
    UNAUTHORISED_PURCHASE = "unauthorised_purchase"
    OTHER = "other"


class Outcome(StrEnum):
    ALLOW = "allow"
    ASK = "ask"
    REVIEW = "review"


class Ground(StrEnum):
    WITHDRAWAL = "withdrawal"
    CONFORMITY = "conformity"
    DELIVERY = "delivery"
    HIDDEN_DEFECT = "hidden_defect"
    SAFETY = "safety"
    SHOP_POLICY = "shop_policy"
    GOODWILL = "goodwill"


class DeclineReason(StrEnum):
    WINDOW_CLOSED = "window_closed"
    EXCEPTED = "excepted"
    NOT_DELIVERED = "not_delivered"
    ALREADY_RETURNED = "already_returned"
    NOT_FOUND = "not_found"
    MISUSE = "misuse"
    BUSINESS_BUYER = "business_buyer"
    FRAUD_SIGN = "fraud_sign"


class Liable(StrEnum):
    """Who is at fault."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    SUPPLIER = "supplier"
    CARRIER = "carrier"
    UNKNOWN = "unknown"


class Recourse(StrEnum):
    SUPPLIER = "supplier"
    CARRIER = "carrier"
    NONE = "none"


class ReturnPayer(StrEnum):
    MERCHANT = "merchant"
    CUSTOMER = "customer"
    NONE = "none"


class Resolution(StrEnum):
    """What the customer gets."""

    REFUND = "refund"
    REPLACEMENT = "replacement"
    EXCHANGE = "exchange"
    REDUCTION = "reduction"
    REPAIR = "repair"


class Disposition(StrEnum):
    """What happens to the goods."""

    RETURN = "return"
    KEEP = "keep"


class ReturnStatus(StrEnum):
    REQUESTED = "requested"
    NEEDS_REVIEW = "needs_review"
    AUTHORISED = "authorised"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class RefundState(StrEnum):
    NONE = "none"
    DUE = "due"
    IN_FLIGHT = "in_flight"
    PAID = "paid"
    FAILED = "failed"
    MANUAL = "manual"


class ReplacementState(StrEnum):
    DUE = "due"
    IN_FLIGHT = "in_flight"
    ORDERED = "ordered"
    FAILED = "failed"
    MANUAL = "manual"


class By(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"
    SUPPLIER = "supplier"


@dataclass(frozen=True)
class Say:
    """A response of domain.yml and what fills its gaps; never a sentence.

    params: str, int, or one of the typed values of returns/formats.py
    (`Money`, `Day`), or a list of Say that is rendered line by line.
    """

    response: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Address:
    name: str
    line1: str
    postcode: str
    city: str
    country: str
    line2: str | None = None


@dataclass(frozen=True)
class Customer:
    """country: ISO 3166-1 alpha-2 in the address."""

    first_name: str
    last_name: str
    email: str
    address: Address
    phone: str | None = None
    is_business: bool = False


@dataclass(frozen=True)
class OrderLine:
    """paid_minor: for the whole quantity, tax included, after all discounts."""

    line_id: str
    sku: str
    product_id: str
    title: str
    quantity: int
    paid_minor: int
    supplier: str
    options: dict[str, str] = field(default_factory=dict)
    supplier_order_reference: str | None = None
    delivered_at: datetime | None = None
    tracking_number: str | None = None
    category: str | None = None
    image: str | None = None
    personalised: bool = False
    sealed_hygiene: bool = False
    perishable: bool = False
    second_hand: bool = False
    value_minor: int | None = None

    def unit_amounts(self) -> list[int]:
        """What was paid for each unit, spread by largest remainder; sums exactly."""
        share, rest = divmod(self.paid_minor, self.quantity)
        return [share + 1] * rest + [share] * (self.quantity - rest)


@dataclass(frozen=True)
class PriorRefund:
    """Paid elsewhere. line_id None: it counts against what was captured."""

    amount_minor: int
    line_id: str | None = None
    quantity: int | None = None


@dataclass(frozen=True)
class Order:
    """withdrawal_informed None: nobody knows whether the customer was told."""

    order_number: str
    placed_at: datetime
    status: OrderStatus
    language: str
    currency: str
    customer: Customer
    payment_method: str
    payment_reference: str
    captured_minor: int
    shipping_paid_minor: int
    shipping_standard_minor: int
    lines: tuple[OrderLine, ...]
    promised_at: datetime | None = None
    dispatched_at: datetime | None = None
    delivered_at: datetime | None = None
    withdrawal_informed: bool | None = None
    refunded: tuple[PriorRefund, ...] = ()

    def line(self, line_id: str) -> OrderLine:
        return next(line for line in self.lines if line.line_id == line_id)

    def received_at(self, line: OrderLine) -> datetime | None:
        """When the customer received the line; None when nobody knows."""
        return line.delivered_at or self.delivered_at


@dataclass(frozen=True)
class DraftLine:
    """What is being said about one order line. quantity None: not said yet."""

    line_id: str
    quantity: int | None = None
    reasons: tuple[ReturnReason, ...] = ()
    detail: str | None = None
    resolution: Resolution | None = None


@dataclass(frozen=True)
class Draft:
    """The one truth while a return is being talked about.

    order_number, email: as last said by the customer, None until said.
    withdrawal_at: when the first clear withdrawal was stated (law: N1), else None.
    reasons, resolution: said before it was clear which line they are about.
    mentions: words heard so far, to recognise a product that was named early.
    asked: what the last question expects. recap: hash of the last recap shown.
    explained: the grounds already explained, so that none is explained twice.
    changing: the customer said no to the recap without saying what is wrong.
    revision: raised by every change.
    """

    draft_id: str
    conversation_id: str
    language: str
    channel: str
    created_at: datetime
    order_number: str | None = None
    email: str | None = None
    granted: bool = False
    lines: tuple[DraftLine, ...] = ()
    reasons: tuple[ReturnReason, ...] = ()
    no_reason_given: bool = False
    resolution: Resolution | None = None
    withdrawal_at: datetime | None = None
    mentions: tuple[str, ...] = ()
    asked: str | None = None
    recap: str | None = None
    explained: tuple[str, ...] = ()
    changing: bool = False
    revision: int = 0


@dataclass(frozen=True)
class LineDecision:
    """What policy says of one draft line.

    units: the unit numbers concerned, from 1. refund_minor: what was paid for them.
    remedies: what the customer may choose.
    """

    line_id: str
    units: tuple[int, ...]
    reason: ReturnReason | None
    other_reasons: tuple[ReturnReason, ...]
    outcome: Outcome
    ground: Ground | None
    justified: bool
    liable: Liable
    recourse: Recourse
    payer: ReturnPayer
    disposition: Disposition
    remedies: tuple[Resolution, ...]
    resolution: Resolution | None
    refund_minor: int
    rules: tuple[str, ...]
    decline_reason: DeclineReason | None = None


@dataclass(frozen=True)
class Deadlines:
    """Last moments, UTC; None where the deadline does not apply."""

    withdrawal_ends: datetime | None = None
    guarantee_ends: datetime | None = None
    ship_by: datetime | None = None
    refund_by: datetime | None = None
    replace_by: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """The one decision that serves bot, console and tests.

    outcome: review if any line needs a person, ask if any line lacks a fact.
    delivery_refund_minor: the standard delivery given back with the goods, once.
    hash: of everything the customer confirms with a yes.
    """

    order_number: str
    currency: str
    outcome: Outcome
    lines: tuple[LineDecision, ...]
    payer: ReturnPayer
    delivery_refund_minor: int
    deadlines: Deadlines
    notices: tuple[str, ...]
    rules: tuple[str, ...]
    hash: str

    @property
    def refund_minor(self) -> int:
        """Goods and delivery that a yes would refund, in minor units."""
        goods = sum(
            line.refund_minor
            for line in self.lines
            if line.resolution is Resolution.REFUND and line.outcome is Outcome.ALLOW
        )
        return goods + self.delivery_refund_minor


@dataclass(frozen=True)
class Choice:
    """A button: what it says and what it means when it is pressed.

    means: facts of `Heard` by name, such as {"resolution": "refund"}.
    """

    title: Say
    means: dict[str, Any]
    image: str | None = None
    detail: Say | None = None


@dataclass(frozen=True)
class Question:
    """What to say and offer next. expects: the contract's word, None for nothing.

    recap: the decision hash that a yes to this question would confirm.
    """

    says: tuple[Say, ...]
    expects: str | None
    choices: tuple[Choice, ...] = ()
    choose: str = "one"
    recap: str | None = None


@dataclass(frozen=True)
class Heard:
    """What was understood in one customer message, in the business's words.

    intent: one of docs/architecture.md's intents. line_ids: chosen by button.
    change: the part of the recap that the customer wants to change.
    """

    conversation_id: str
    message_id: str
    channel: str
    language: str
    intent: str
    text: str = ""
    reasons: tuple[ReturnReason, ...] = ()
    order_number: str | None = None
    email: str | None = None
    quantity: int | None = None
    line_ids: tuple[str, ...] = ()
    resolution: Resolution | None = None
    no_reason: bool = False
    change: str | None = None


class Step(StrEnum):
    """What the dialogue must do next instead of asking."""

    LOOK_UP = "look_up"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Answer:
    """What hearing a message led to.

    understood: False when the message said nothing about the return, so that the
    dialogue may treat it as a question, a digression or nonsense.
    """

    understood: bool
    says: tuple[Say, ...] = ()
    step: Step | None = None
    draft_id: str | None = None
