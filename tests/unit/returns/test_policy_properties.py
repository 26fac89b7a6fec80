"""What holds for every order, draft and shop: the never-rules, and no fact hurts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from returns.grounds.case import EUROPE
from returns.grounds.explaining import EXPLANATIONS
from returns.model import (
    Decision,
    DeclineReason,
    Disposition,
    Draft,
    DraftLine,
    Ground,
    Liable,
    LineDecision,
    Order,
    Outcome,
    Product,
    Resolution,
    ReturnPayer,
    ReturnReason,
    Variant,
)
from returns.policy import FAULTS, History, decide
from returns.shop import Shop
from returns.shop_terms import KeepIt, OwnTerms
from tests.unit.returns.test_policy import NOW, SHOP, days, draft, line, order

R = ReturnReason
ALLOW, ASK, REVIEW = Outcome.ALLOW, Outcome.ASK, Outcome.REVIEW
RANK = {REVIEW: 0, ASK: 1, ALLOW: 2}
KNOWN = st.sampled_from([None, True, False])
AGO = st.sampled_from([None, 0.5, 3, 13, 20, 45, 200, 400, 800, 2500])
PRODUCTS = {
    "P": Product(
        "P",
        "Robe",
        "Nordlys Apparel",
        description="Robe en lin",
        supplier_description="Robe en lin",
        variants=tuple(
            Variant(sku, {}, price, True)
            for sku, price in (("SKU", 5990), ("CHEAP", 4990), ("DEAR", 7990))
        ),
    )
}
LINES = st.builds(
    line,
    quantity=st.integers(1, 4),
    paid_minor=st.integers(0, 20_000),
    supplier=st.sampled_from(list(SHOP.suppliers)),
    personalised=st.booleans(),
    perishable=st.booleans(),
    sealed_hygiene=st.booleans(),
    second_hand=st.booleans(),
    value_minor=st.one_of(st.none(), st.integers(0, 9000)),
)
SAID = st.builds(
    DraftLine,
    line_id=st.just("L0"),
    quantity=st.integers(1, 5),
    reasons=st.lists(st.sampled_from(list(R)), max_size=3).map(tuple),
    resolution=st.sampled_from([None, *Resolution]),
    replacement_sku=st.sampled_from([None, "SKU", "CHEAP", "DEAR", "NOBODYS"]),
    used=KNOWN,
    seal_broken=KNOWN,
    promised=KNOWN,
)
# Made once: a shop is checked when it is made, and that takes its time.
SHOPS = st.sampled_from(
    [
        replace(
            SHOP,
            own_terms=OwnTerms(
                days=own_days,
                return_cost_paid_by=payer,
                exchange=exchange,
                outside_europe=serves_all,
                business_buyers=serves_all,
            ),
            withdrawal=replace(SHOP.withdrawal, delivery_share=share),
        )
        for own_days, payer, exchange, serves_all, share in (
            (None, "customer", True, False, False),
            (None, "merchant", False, True, True),
            (30, "customer", True, True, False),
            (30, "merchant", False, False, True),
            (365, "customer", False, False, False),
            (365, "merchant", True, True, True),
        )
    ]
)


class Situation:
    """Everything policy is given; `decision` decides it, with something changed."""

    def __init__(
        self, said: Draft, bought: Order, shop: Shop, history: History
    ) -> None:
        self.said, self.bought, self.shop, self.history = said, bought, shop, history

    def __repr__(self) -> str:
        return f"{self.said}\n{self.bought}\n{self.shop.own_terms}\n{self.history}"

    def decision(self, **changed: Any) -> Decision:
        given = {"said": self.said, "bought": self.bought, "shop": self.shop, **changed}
        history: History = given.get("history", self.history)
        return decide(
            given["said"], given["bought"], given["shop"], history, NOW, PRODUCTS
        )


def moment(ago: float | None) -> datetime | None:
    return None if ago is None else NOW - days(ago)


@st.composite
def orders(draw: st.DrawFn, countries: tuple[str, ...]) -> Order:
    drawn = draw(st.lists(LINES, min_size=1, max_size=3))
    delivered = draw(AGO)
    placed = NOW - days((delivered or draw(st.sampled_from([0.1, 20, 60]))) + 5)
    bought = order(
        *(replace(one, line_id=f"L{n}") for n, one in enumerate(drawn)),
        country=draw(st.sampled_from(countries)),
        placed_at=placed,
        promised_at=draw(st.sampled_from([None, placed + days(6)])),
        dispatched_at=draw(st.sampled_from([None, placed + days(1)])),
        delivered_at=moment(delivered),
        withdrawal_informed=draw(KNOWN),
    )
    customer = replace(bought.customer, is_business=draw(st.booleans()))
    return replace(bought, customer=customer)


@st.composite
def situations(
    draw: st.DrawFn,
    countries: tuple[str, ...] = ("FR", "DE", "GB", "US", "CA"),
    spent: bool = True,
) -> Situation:
    """spent: units gone and money given back before, less captured than paid."""
    bought = draw(orders(countries))
    chosen = [one for one in bought.lines if draw(st.booleans())] or [bought.lines[0]]
    said = tuple(replace(draw(SAID), line_id=one.line_id) for one in chosen)
    stated = draw(st.sampled_from([None, None, NOW, NOW - days(2)]))
    talk = draft(*said, withdrawal_at=stated, no_reason_given=draw(st.booleans()))
    history = History()
    if spent:
        gone = {one.line_id: frozenset({1}) for one in chosen if draw(st.booleans())}
        bought = replace(
            bought, captured_minor=draw(st.integers(0, bought.captured_minor))
        )
        back = draw(st.integers(0, bought.captured_minor))
        history = History(gone, back, draw(st.booleans()))
    return Situation(talk, bought, draw(SHOPS), history)


def better_or_equal(one: LineDecision, than: LineDecision) -> bool:
    """Whether the customer gets at least as much of the first as of the second."""
    if RANK[one.outcome] != RANK[than.outcome]:
        return RANK[one.outcome] > RANK[than.outcome]
    if one.outcome is not ALLOW or one.resolution is not than.resolution:
        return True
    pays = (one.payer is ReturnPayer.CUSTOMER, than.payer is ReturnPayer.CUSTOMER)
    return (
        one.refund_minor + one.delivery_minor >= than.refund_minor + than.delivery_minor
        and pays != (True, False)
    )


@given(situations())
def test_no_more_than_captured_comes_back(case: Situation) -> None:
    """Goods, delivery and differences: never more than captured less refunded."""
    decision = case.decision()
    left = case.bought.captured_minor - case.history.refunded_minor
    assert 0 <= decision.refund_minor <= left
    delivery = decision.delivery_refund_minor + sum(
        one.delivery_minor for one in decision.lines
    )
    assert delivery <= case.bought.shipping_paid_minor


@given(situations(countries=tuple(sorted(EUROPE)), spent=False))
def test_a_stated_withdrawal_in_time_is_granted(case: Situation) -> None:
    """N1: no reason, photo or form; only a seal is asked, only an exception stops."""
    said = replace(
        case.said,
        withdrawal_at=NOW,
        lines=tuple(
            replace(one, quantity=1, resolution=Resolution.REFUND)
            for one in case.said.lines
        ),
    )
    elsewhere = {
        R.UNSAFE_OR_RECALL,
        R.UNAUTHORISED_PURCHASE,
        R.DELIVERED_NOT_RECEIVED,
        R.NOT_DELIVERED,
    }
    decision = case.decision(said=said)
    ends = decision.deadlines.withdrawal_ends
    assume(not case.bought.customer.is_business)
    assume(case.bought.placed_at > NOW - days(300))
    assume(ends is None or ends >= NOW)
    for told, one in zip(said.lines, decision.lines, strict=True):
        bought = case.bought.line(told.line_id)
        excepted = bought.personalised or bought.perishable
        if excepted or bought.sealed_hygiene or elsewhere & set(told.reasons):
            continue
        assert one.outcome is ALLOW, one
        assert Ground.WITHDRAWAL in (one.ground, *one.also)


@given(situations())
def test_a_refund_is_the_whole_price(case: Situation) -> None:
    """N2: money and all of it: no fee, no voucher, nothing held back."""
    for one in case.decision().lines:
        if one.outcome is ALLOW and one.resolution is Resolution.REFUND:
            amounts = case.bought.line(one.line_id).unit_amounts()
            assert one.refund_minor == sum(amounts[n - 1] for n in one.units)


SUPPLIERS_TERMS = st.fixed_dictionaries(
    {
        "who_pays": st.sampled_from(["merchant", "supplier"]),
        "window_days": st.sampled_from([None, 0, 5, 900]),
        "fault_days": st.sampled_from([None, 0, 5, 900]),
        "takes_unwanted": KNOWN,
        "evidence": st.sampled_from([(), ("photo", "video")]),
        "return_country": st.sampled_from([None, "FR", "CN"]),
    }
)


@given(situations(), SUPPLIERS_TERMS)
def test_a_supplier_s_terms_are_nothing_to_the_customer(
    case: Situation, terms: dict[str, Any]
) -> None:
    """N3, N4: no window, fee or proof of a supplier changes what is agreed."""
    stern = {
        name: replace(supplier, **terms)
        for name, supplier in case.shop.suppliers.items()
    }
    decision = case.decision()
    other = case.decision(shop=replace(case.shop, suppliers=stern))
    assert (decision.hash, decision.notices) == (other.hash, other.notices)
    assert decision.deadlines == other.deadlines


@given(situations())
def test_nothing_is_refused_by_the_machine(case: Situation) -> None:
    """N5: a refusal is proposed in a review; what is asked is named; no fault costs."""
    for one in case.decision().lines:
        assert one.decline_reason is None or one.outcome is REVIEW
        assert bool(one.asks) is (one.outcome is ASK)
        assert one.decline_reason is not DeclineReason.FRAUD_SIGN
        if one.outcome is ALLOW:
            assert one.resolution in one.remedies and one.rules and one.units
        if one.reason in FAULTS and one.outcome is ALLOW and "S01" not in one.rules:
            assert one.payer is not ReturnPayer.CUSTOMER
        assert one.justified is (one.liable is not Liable.CUSTOMER)
        if one.payer is ReturnPayer.CUSTOMER:
            assert one.disposition is Disposition.RETURN


@given(situations())
def test_every_decision_can_be_explained(case: Situation) -> None:
    """Each notice is worded, and what a yes would open is explained."""
    decision = case.decision()
    assert set(decision.notices) <= {*EXPLANATIONS, "review"}
    if decision.outcome is ALLOW:
        assert decision.notices


def generous(shop: Shop) -> list[Callable[[], Shop]]:
    own, withdrawal = shop.own_terms, shop.withdrawal
    longer = max(own.days or 0, 60)
    unknown = replace(withdrawal, customers_told_return_cost_since=None)
    free = replace(withdrawal, return_cost_paid_by="merchant")
    return [
        lambda: replace(shop, own_terms=replace(own, days=longer)),
        lambda: replace(shop, own_terms=replace(own, return_cost_paid_by="merchant")),
        lambda: replace(shop, own_terms=replace(own, exchange=True)),
        lambda: replace(shop, own_terms=replace(own, outside_europe=True)),
        lambda: replace(shop, own_terms=replace(own, business_buyers=True)),
        lambda: replace(shop, withdrawal=replace(withdrawal, delivery_share=True)),
        lambda: replace(shop, withdrawal=unknown),
        lambda: replace(shop, withdrawal=free),
        lambda: replace(shop, late_delivery_extra_days=0),
        lambda: replace(shop, keep_it=KeepIt(below={"EUR": Decimal(80)})),
    ]


@given(situations(spent=False), st.integers(0, 9))
def test_more_generous_terms_never_give_less(case: Situation, which: int) -> None:
    """Every generous key of shop.yml, one at a time, for whatever was said."""
    shop = generous(case.shop)[which]()
    for one, before in zip(
        case.decision(shop=shop).lines, case.decision().lines, strict=True
    ):
        assert better_or_equal(one, before), (one, before)


@given(situations(), st.randoms())
def test_no_order_of_facts_changes_the_decision(case: Situation, dice: Any) -> None:
    """Reasons and lines in any order: the same for each line, and the same yes."""
    mixed = [
        replace(one, reasons=tuple(dice.sample(one.reasons, len(one.reasons))))
        for one in case.said.lines
    ]
    dice.shuffle(mixed)
    one = case.decision()
    other = case.decision(said=replace(case.said, lines=tuple(mixed)))
    assert {ln.line_id: ln for ln in one.lines} == {
        ln.line_id: ln for ln in other.lines
    }
    assert replace(one, lines=()) == replace(other, lines=())


@given(situations(spent=False), st.sampled_from(["seal_broken", "promised", "used"]))
def test_an_unknown_fact_is_asked_or_taken_for_the_customer(
    case: Situation, fact: str
) -> None:
    """Not known: asked, or as good as the best that could turn out."""

    def with_fact(value: bool | None) -> Decision:
        lines = tuple(
            replace(one, **{fact: value})  # type: ignore[arg-type]
            for one in case.said.lines
        )
        return case.decision(said=replace(case.said, lines=lines))

    unknown = with_fact(None)
    for value in (True, False):
        known = with_fact(value)
        for one, other in zip(unknown.lines, known.lines, strict=True):
            stated = fact == "promised" and one.outcome is not ASK
            assert fact in one.asks or stated or better_or_equal(one, other)


GOODS_IN_HAND = [*FAULTS, R.CHANGED_MIND, R.TOO_SMALL, R.ORDERED_BY_MISTAKE]


@given(
    situations(countries=("FR", "ES", "GB"), spent=False),
    st.sampled_from(GOODS_IN_HAND),
    st.sampled_from([1, 10, 100, 600]),
)
def test_an_unknown_day_of_receipt_never_hurts(
    case: Situation, reason: ReturnReason, ago: int
) -> None:
    """Nobody knows when it came: as good as any day it may have come."""
    lines = tuple(replace(one, reasons=(reason,)) for one in case.said.lines)
    said = replace(case.said, lines=lines, withdrawal_at=None)
    placed = NOW - days(min(ago + 5, 300))
    bought = replace(case.bought, placed_at=placed, promised_at=None)
    known = replace(bought, delivered_at=NOW - days(ago))
    unknown = replace(bought, delivered_at=None)
    for one, other in zip(
        case.decision(said=said, bought=unknown).lines,
        case.decision(said=said, bought=known).lines,
        strict=True,
    ):
        assert better_or_equal(one, other), "\n".join(
            f"{ln.outcome} {ln.ground} {ln.payer} {ln.resolution} {ln.rules}"
            f" {ln.refund_minor}+{ln.delivery_minor} {ln.disposition} {ln.asks}"
            for ln in (one, other)
        )
