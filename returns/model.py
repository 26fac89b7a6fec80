"""The words of the business as types: orders, drafts, decisions, returns, money.

Enumerations are the contract of docs/returns.md; a partner's words stay in its gateway.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
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


# What is sent again, the same or another variant.
SENT_AGAIN = (Resolution.REPLACEMENT, Resolution.EXCHANGE)


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


class Proof(StrEnum):
    """How the customer shows that the order is theirs, beside its number."""

    EMAIL = "email"
    ADDRESS = "address"
    CODE = "code"


@dataclass(frozen=True)
class Say:
    """A response of domain.yml and what fills its gaps; never a sentence.

    params: str, int, or one of the typed values of returns/formats.py
    (`Money`, `Day`, …), or a list of Say that is rendered line by line.
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
    """paid_minor: for the whole quantity, tax included, after all discounts.

    image: a path of the desk, for a conversation that proved the order; None: no copy.
    """

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

    def received_by(self, line: OrderLine, days_to_deliver: int) -> datetime | None:
        """The latest plausible moment of receipt, in the customer's favour.

        Where nobody knows, so many days after dispatch; None before dispatch. It
        opens time limits late and never proves that anything arrived.
        """
        if self.dispatched_at is None or self.received_at(line) is not None:
            return self.received_at(line)
        return self.dispatched_at + timedelta(days=days_to_deliver)


@dataclass(frozen=True)
class Variant:
    """One sku of a product. available None: nobody knows."""

    sku: str
    options: dict[str, str]
    price_minor: int
    available: bool | None = None


@dataclass(frozen=True)
class Product:
    """description: the shop's own text; supplier_description: the supplier's."""

    product_id: str
    title: str
    supplier: str
    description: str | None = None
    supplier_description: str | None = None
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True)
class Clause:
    """A part of a message that says one thing, in the customer's words."""

    text: str
    reasons: tuple[ReturnReason, ...] = ()
    resolution: Resolution | None = None
    quantity: int | None = None


@dataclass(frozen=True)
class DraftLine:
    """What is being said about one order line. quantity None: not said yet.

    detail: the customer's own words on what is wrong (which part, what differs).
    replacement_sku: the variant that shall come instead, None: not chosen.
    received: they have it, though the carrier does not say so.
    used: handled more than needed to try it (W14); seal_broken: the hygiene seal was
    opened (X05); promised: the listing promised what is missing (not_compatible).
    Each None: not known.
    upload_ids: the customer's pictures of this line.
    """

    line_id: str
    quantity: int | None = None
    reasons: tuple[ReturnReason, ...] = ()
    detail: str | None = None
    resolution: Resolution | None = None
    replacement_sku: str | None = None
    received: bool | None = None
    used: bool | None = None
    seal_broken: bool | None = None
    promised: bool | None = None
    upload_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """The one truth while a return is being talked about.

    order_number, email, postcode, surname, code: as last said by the customer, None
    until said. proof: what the order is proved with. tried: the number last refused.
    code_id: the code last asked for, None: none. paired: the order whose number and
    other proof were right, but which opens to a code only.
    withdrawal_at: when the first clear withdrawal was stated (law: N1), else None.
    reasons, resolution, quantity: said of no line in particular.
    unplaced: clauses heard before the order was known, to be told of its lines then.
    asked: what the last question expects; asked_about: its line_id, with "#" and the
    fact where it is one of DraftLine's. recap: hash of the last recap shown.
    explained: the grounds already explained, so that none is explained twice.
    changing: the customer said no to the recap without saying what is wrong.
    needed_by: a day named before the purchase as essential (D03), None: none was.
    skipped: questions the customer was asked and need not answer, so that none is
    asked twice, as "expects" or "expects/<line_id>".
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
    quantity: int | None = None
    withdrawal_at: datetime | None = None
    unplaced: tuple[Clause, ...] = ()
    upload_ids: tuple[str, ...] = ()
    asked: str | None = None
    asked_about: str | None = None
    recap: str | None = None
    explained: tuple[str, ...] = ()
    changing: bool = False
    needed_by: datetime | None = None
    skipped: tuple[str, ...] = ()
    revision: int = 0
    proof: Proof = Proof.EMAIL
    postcode: str | None = None
    surname: str | None = None
    code: str | None = None
    code_id: str | None = None
    tried: str | None = None
    paired: str | None = None


class Flag(StrEnum):
    """What staff must see beside a decision; never a reason to give less.

    VALUE_LOSS_POSSIBLE: used more than to try it, a person may set a deduction (W14).
    URGENT: at once. STOP_ORDER: not dispatched yet, the supplier must not send it.
    REFUSE_PARCEL: on its way, the customer may refuse it or send it back.
    COMES_BACK: refused, unclaimed or misaddressed, so that the carrier returns it.
    CARRIER_INQUIRY: ask the carrier for proof of delivery (D08).
    REPEATED_CLAIM: this customer said so of earlier parcels too.
    COMPENSATION: a sum on top of goods and delivery that a person pays (D10).
    FREE_PICKUP: it may be collected at the merchant's cost, or stay (D11).
    LISTING_WRONG: the product page says what is not so.
    FOREIGN_LAW: the customer's own country may give more than what was applied.
    TOO_DEAR: the variant wished instead costs more than the one that was bought.
    """

    VALUE_LOSS_POSSIBLE = "value_loss_possible"
    URGENT = "urgent"
    STOP_ORDER = "stop_order"
    REFUSE_PARCEL = "refuse_parcel"
    COMES_BACK = "comes_back"
    CARRIER_INQUIRY = "carrier_inquiry"
    REPEATED_CLAIM = "repeated_claim"
    COMPENSATION = "compensation"
    FREE_PICKUP = "free_pickup"
    LISTING_WRONG = "listing_wrong"
    FOREIGN_LAW = "foreign_law"
    TOO_DEAR = "too_dear"


@dataclass(frozen=True)
class Claim:
    """What the merchant asks from whoever is at fault, in the order's currency."""

    party: Recourse
    amount_minor: int


@dataclass(frozen=True)
class LineDecision:
    """What policy says of one draft line.

    units: the unit numbers concerned, from 1. refund_minor: what was paid for them,
    for an exchange the difference in price. remedies: what the customer may choose.
    also: further grounds that fit. asks: the facts that are missing, in the order to
    ask them: "seal_broken", "promised" or "replacement_sku" of the draft line,
    "withdrawal_at" of the draft ("do you withdraw?"), "resolution"; only then is the
    outcome ask. replacement_sku: what is sent instead, None: the same again, or
    nothing. exchange_skus: what may be chosen instead, at the same or a lower price.
    supplier_window_ends, loss_minor: for the merchant alone: until when the supplier
    hears of it, and what of the cost nobody will give back to the merchant.
    goodwill_minor: the small sum that may be offered where no right is left.
    delivery_minor: the share of the delivery cost that these units return (W18).
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
    also: tuple[Ground, ...] = ()
    asks: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    replacement_sku: str | None = None
    exchange_skus: tuple[str, ...] = ()
    claim: Claim | None = None
    supplier_window_ends: datetime | None = None
    loss_minor: int = 0
    goodwill_minor: int = 0
    delivery_minor: int = 0

    @property
    def gives_back(self) -> bool:
        """Whether a yes to it moves money: a refund, or an exchange's difference."""
        pays = self.resolution in (Resolution.REFUND, Resolution.EXCHANGE)
        return pays and self.outcome is Outcome.ALLOW


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
    delivery_refund_minor: delivery given back once, with the last of the goods; a
    share that goes with some of them is the line's delivery_minor.
    notices: the explanations utter_explain_<notice> of domain.yml, and "review".
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
        paying = [line for line in self.lines if line.gives_back]
        goods = sum(line.refund_minor + line.delivery_minor for line in paying)
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
    about: the line_id it is about, with "#" and a fact of DraftLine if it asks one;
    outside the form the return it is about. None: none.
    """

    says: tuple[Say, ...]
    expects: str | None
    choices: tuple[Choice, ...] = ()
    choose: str = "one"
    recap: str | None = None
    about: str | None = None


@dataclass(frozen=True)
class Heard:
    """What was understood in one customer message, in the business's words.

    intent: one of docs/architecture.md's intents. line_ids, replacement_sku: chosen
    by button. change: the part of the recap that the customer wants to change.
    code: of an identity mail. proof: what the customer would rather prove the order
    with. rating: 1 to 5. answer: yes or no to a question of detail, by button.
    upload_ids: pictures sent with the message.
    skip: the customer has no answer to the open question. no_number: nor the number
    of the order, which is asked.
    clauses: what each part of a typed message tells. pressed: a button was pressed.
    return_id: chosen by button. asked: what the last message before this one
    expected, None: nothing. comment: said to a rating, else None. other_orders: the
    numbers that the message names after order_number.
    """

    conversation_id: str
    message_id: str
    channel: str
    language: str
    intent: str
    text: str = ""
    reasons: tuple[ReturnReason, ...] = ()
    order_number: str | None = None
    other_orders: tuple[str, ...] = ()
    email: str | None = None
    quantity: int | None = None
    line_ids: tuple[str, ...] = ()
    resolution: Resolution | None = None
    no_reason: bool = False
    no_number: bool = False
    change: str | None = None
    postcode: str | None = None
    surname: str | None = None
    code: str | None = None
    tracking_number: str | None = None
    rating: int | None = None
    replacement_sku: str | None = None
    answer: bool | None = None
    skip: bool = False
    upload_ids: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()
    pressed: bool = False
    proof: Proof | None = None
    return_id: str | None = None
    asked: str | None = None
    comment: str | None = None


class Step(StrEnum):
    """What the dialogue must do next instead of asking."""

    LOOK_UP = "look_up"
    CONFIRMED = "confirmed"
    ASIDE = "aside"


@dataclass(frozen=True)
class Answer:
    """What hearing a message led to.

    understood: False when the message said nothing about the return, so that the
    dialogue may treat it as a question, a digression or nonsense.
    recap: hash of the recap that this message says yes to, None: it is no yes.
    """

    understood: bool
    says: tuple[Say, ...] = ()
    step: Step | None = None
    draft_id: str | None = None
    recap: str | None = None
