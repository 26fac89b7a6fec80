"""The facts that every rule reads, and what follows from them at once. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from returns import deadlines
from returns.model import (
    Draft,
    DraftLine,
    LineDecision,
    Order,
    OrderLine,
    Product,
    Variant,
)
from returns.shop import Shop

# The member states share the directives' rights with France; Monaco's shops and
# customers are served as France's.
EUROPE = frozenset(
    """AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI
    SK MC""".split()  # noqa: SIM905  one name in each line would fill a page
)
GUARANTEE_YEARS = 2
LATE_INFORMATION_YEARS = 1


class Regime(StrEnum):
    """Whose law protects the customer, by the country of their address."""

    EUROPE = "europe"
    UNITED_KINGDOM = "united_kingdom"
    UNITED_STATES = "united_states"
    ELSEWHERE = "elsewhere"


class Window(StrEnum):
    """Whether unwanted goods may go back: by law, by the shop's terms, or no more.

    UNCERTAIN: nobody knows when they came, and it must be more than a year ago.
    """

    OPEN = "open"
    OWN_TERMS = "own_terms"
    UNCERTAIN = "uncertain"
    CLOSED = "closed"


@dataclass(frozen=True)
class History:
    """What already happened to the order and, where it says so, to its customer.

    gone: unit numbers per line that are refunded or held by an open return.
    refunded_minor: all money already given back or reserved; delivery_minor: of it,
    shares of the delivery cost; delivery_refunded: the rest of it went back too.
    replaced: lines of which a unit was replaced before.
    not_received_before: how often the customer said that a delivered parcel of
    another order never came. goodwill_order, goodwill_customer: gestures so far.
    """

    gone: Mapping[str, frozenset[int]] = field(default_factory=dict)
    refunded_minor: int = 0
    delivery_refunded: bool = False
    delivery_minor: int = 0
    replaced: frozenset[str] = frozenset()
    not_received_before: int = 0
    goodwill_order: int = 0
    goodwill_customer: int = 0

    def free_units(self, line: OrderLine) -> tuple[int, ...]:
        gone = self.gone.get(line.line_id, frozenset())
        return tuple(n for n in range(1, line.quantity + 1) if n not in gone)


@dataclass(frozen=True)
class Case:
    """The facts of one draft."""

    draft: Draft
    order: Order
    shop: Shop
    history: History
    now: datetime
    products: Mapping[str, Product] = field(default_factory=dict)

    @property
    def regime(self) -> Regime:
        country = self.order.customer.address.country
        if country in EUROPE:
            return Regime.EUROPE
        known = {"GB": Regime.UNITED_KINGDOM, "US": Regime.UNITED_STATES}
        return known.get(country, Regime.ELSEWHERE)

    @property
    def statement_at(self) -> datetime:
        """When the customer's wish was first clear (N1, W07)."""
        return self.draft.withdrawal_at or self.now

    @property
    def withdraws(self) -> bool:
        """Whether the customer said so, or asked to give no reason (N1)."""
        return self.draft.withdrawal_at is not None or self.draft.no_reason_given

    @cached_property
    def last_known_receipt(self) -> datetime | None:
        moments = [self.order.received_at(line) for line in self.order.lines]
        return max((known for known in moments if known is not None), default=None)

    @cached_property
    def received_at(self) -> datetime | None:
        """Receipt of the last good (W02), at the latest; None before dispatch.

        A line that is gone and not talked about keeps no window open.
        """
        about = {line.line_id for line in self.draft.lines}
        days = self.shop.delivery_days_default
        moments = [
            self.order.received_by(line, days)
            for line in self.order.lines
            if line.line_id in about or self.history.free_units(line)
        ]
        known = [moment for moment in moments if moment is not None]
        return max(known) if moments and len(known) == len(moments) else None

    @property
    def informed(self) -> bool:
        """Whether the customer was told of the right of withdrawal (W05, W14)."""
        return was_informed(self.order, self.shop)

    @cached_property
    def withdrawal_ends(self) -> datetime | None:
        """The last moment by law (W04, W05); None while the time has not begun."""
        if self.received_at is None:
            return None
        shop = self.shop
        ends = deadlines.withdrawal_end(
            self.received_at, shop.time_zone, shop.country, shop.holidays_region
        )
        if self.informed:
            return ends
        return deadlines.plus_years_end(ends, LATE_INFORMATION_YEARS, shop.time_zone)

    @property
    def own_terms_end(self) -> datetime | None:
        """The last moment by the shop's own terms; None where they give no more."""
        days = self.shop.own_terms.days
        if days is None or self.received_at is None:
            return None
        return deadlines.plus_days_end(self.received_at, days, self.shop.time_zone)

    @cached_property
    def window(self) -> Window:
        ends, own = self.withdrawal_ends, self.own_terms_end
        if ends is None:
            return Window.UNCERTAIN if self._long_ago() else Window.OPEN
        if self.statement_at <= ends:
            return Window.OPEN
        in_own_terms = own is not None and self.statement_at <= own
        return Window.OWN_TERMS if in_own_terms else Window.CLOSED

    @property
    def delivery_due(self) -> datetime:
        """The promised day, else 30 days from the contract (D01)."""
        default = timedelta(days=self.shop.delivery_days_default)
        return self.order.promised_at or self.order.placed_at + default

    @property
    def extra_time_ends(self) -> datetime:
        """The end of the reasonable time that a late delivery still has (D02)."""
        return self.delivery_due + timedelta(days=self.shop.late_delivery_extra_days)

    def _long_ago(self) -> bool:
        days = 365 * LATE_INFORMATION_YEARS + deadlines.WITHDRAWAL_DAYS
        return self.statement_at > self.delivery_due + timedelta(days=days)


@dataclass(frozen=True)
class Matter:
    """One draft line: the case, what was bought, what is said, an open decision."""

    case: Case
    line: OrderLine
    said: DraftLine
    blank: LineDecision

    @property
    def received_at(self) -> datetime | None:
        return self.case.order.received_at(self.line)

    @property
    def product(self) -> Product | None:
        return self.case.products.get(self.line.product_id)

    @property
    def bought(self) -> Variant | None:
        """The variant as the shop sells it today; None when it is not known."""
        variants = self.product.variants if self.product else ()
        return next((one for one in variants if one.sku == self.line.sku), None)

    @property
    def in_stock(self) -> bool:
        """Whether the same can be sent again; yes while nobody knows."""
        return self.bought is None or self.bought.available is not False

    def open_question(self, fact: str) -> bool:
        """Whether a fact may still be asked: not when the customer let it pass."""
        names = {fact, f"{fact}/{self.line.line_id}"}
        return not names & set(self.case.draft.skipped)


def with_rules(decided: LineDecision, *rules: str) -> LineDecision:
    """The decision with further rule ids, none of them twice."""
    return replace(decided, rules=tuple(dict.fromkeys((*decided.rules, *rules))))


def was_informed(order: Order, shop: Shop) -> bool:
    """As `Case.informed`; what nobody knows of the order, the shop's own date tells."""
    if order.withdrawal_informed is not None:
        return order.withdrawal_informed
    since = shop.withdrawal.customers_told_of_right_since
    return since is not None and order.placed_at.date() >= since
