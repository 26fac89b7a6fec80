"""The law's cases, one by one, and what holds for all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.grounds import FAULTS, WITHDRAWAL_REASONS
from returns.model import (
    Address,
    Customer,
    Decision,
    DeclineReason,
    Draft,
    DraftLine,
    Ground,
    Order,
    OrderLine,
    OrderStatus,
    Outcome,
    PriorRefund,
    Resolution,
    ReturnPayer,
    ReturnReason,
)
from returns.policy import History, decide
from returns.settings import ROOT
from returns.shop import load_shop

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT
ALLOW, ASK, REVIEW = Outcome.ALLOW, Outcome.ASK, Outcome.REVIEW
SHOP = load_shop(ROOT / "shop.yml")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def line(line_id: str = "L1", **changes: Any) -> OrderLine:
    plain = OrderLine(line_id, "SKU", "P", "Robe", 1, 5990, "Nordlys Apparel")
    return replace(plain, **changes)


def order(*lines: OrderLine, country: str = "FR", **changes: Any) -> Order:
    """Delivered three days ago, all told and paid."""
    goods = lines or (line(),)
    paid = sum(one.paid_minor for one in goods)
    address = Address("Alex Martin", "3 rue des Lilas", "75011", "Paris", country)
    plain = Order(
        order_number="TS-1",
        placed_at=NOW - days(8),
        promised_at=NOW - days(2),
        delivered_at=NOW - days(3),
        status=OrderStatus.PAID,
        language="fr",
        currency="EUR",
        customer=Customer("Alex", "Martin", "alex@example.com", address),
        payment_method="sandbox",
        payment_reference="pay-1",
        captured_minor=paid + 490,
        shipping_paid_minor=490,
        shipping_standard_minor=490,
        withdrawal_informed=True,
        lines=goods,
    )
    return replace(plain, **changes)


def draft(*lines: DraftLine, **changes: Any) -> Draft:
    plain = Draft("d1", "c1", "fr", "web", NOW, order_number="TS-1", lines=lines)
    return replace(plain, granted=True, **changes)


def decided(
    bought: Order,
    *reasons: ReturnReason,
    wish: Resolution | None = REFUND,
    history: History | None = None,
    now: datetime = NOW,
    **facts: Any,
) -> Decision:
    """The decision for the order's first line."""
    said = DraftLine(bought.lines[0].line_id, 1, reasons, resolution=wish)
    return decide(draft(said, **facts), bought, SHOP, history or History(), now)


def delivered(ago: float, **changes: Any) -> Order:
    return order(
        placed_at=NOW - days(ago + 5),
        promised_at=NOW - days(ago - 1),
        delivered_at=NOW - days(ago),
        **changes,
    )


LATE: dict[str, Any] = {"placed_at": NOW - days(40), "delivered_at": None}
CASES = [
    ("W01 changed mind, day 3", order(), R.CHANGED_MIND, REFUND, ALLOW, "W01"),
    ("W01 no reason at all", order(), None, REFUND, ALLOW, "W01"),
    ("W01 every reason of taste", order(), R.TOO_SMALL, REFUND, ALLOW, "W01"),
    ("W04 last day", delivered(14), R.CHANGED_MIND, REFUND, ALLOW, "W04"),
    ("W09 told: customer pays", order(), R.CHANGED_MIND, REFUND, ALLOW, "W09"),
    (
        "W10 never told: merchant pays",
        order(withdrawal_informed=False),
        R.CHANGED_MIND,
        REFUND,
        ALLOW,
        "W10",
    ),
    ("W12 money back", order(), R.CHANGED_MIND, REFUND, ALLOW, "W12"),
    ("C01 not as described", order(), R.NOT_AS_DESCRIBED, REPLACEMENT, ALLOW, "C01"),
    (
        "C02 fails after 23 months",
        delivered(700),
        R.FAILED_LATER,
        REPLACEMENT,
        ALLOW,
        "C02",
    ),
    ("C03 poor quality", order(), R.POOR_QUALITY, REPLACEMENT, ALLOW, "C03"),
    ("C06 wrong item", order(), R.WRONG_ITEM, REFUND, ALLOW, "C06"),
    ("C06 dead on arrival", order(), R.DEFECTIVE_ON_ARRIVAL, REFUND, ALLOW, "C06"),
    ("C08 full price, merchant pays", order(), R.WRONG_ITEM, REFUND, ALLOW, "C08"),
    (
        "D01 no date: 30 days and the extra time",
        order(promised_at=None, **LATE),
        R.NOT_DELIVERED,
        REFUND,
        ALLOW,
        "D01",
    ),
    (
        "D02 promised 8 days ago",
        order(promised_at=NOW - days(8), **LATE),
        R.NOT_DELIVERED,
        REFUND,
        ALLOW,
        "D02",
    ),
    (
        "D05 lost: sent again",
        order(promised_at=NOW - days(8), **LATE),
        R.NOT_DELIVERED,
        REPLACEMENT,
        ALLOW,
        "D05",
    ),
    ("D05 broken on the way", order(), R.DAMAGED_IN_TRANSIT, REFUND, ALLOW, "D05"),
    ("no wish yet", order(), R.WRONG_ITEM, None, ASK, "C01"),
    (
        "personalised, changed mind",
        order(line(personalised=True)),
        R.CHANGED_MIND,
        REFUND,
        REVIEW,
        "W01",
    ),
    (
        "personalised but wrong",
        order(line(personalised=True)),
        R.WRONG_ITEM,
        REFUND,
        ALLOW,
        "C01",
    ),
    (
        "hygiene seal",
        order(line(sealed_hygiene=True)),
        R.CHANGED_MIND,
        REFUND,
        ASK,
        "X05",
    ),
    (
        "perishable",
        order(line(perishable=True)),
        R.CHANGED_MIND,
        REFUND,
        REVIEW,
        "W01",
    ),
    ("window closed", delivered(20), R.CHANGED_MIND, REFUND, REVIEW, "W04"),
    (
        "failed later, refund outside the window",
        delivered(200),
        R.FAILED_LATER,
        REFUND,
        REVIEW,
        "C03",
    ),
    (
        "guarantee over",
        delivered(740),
        R.FAILED_LATER,
        REPLACEMENT,
        REVIEW,
        "C02",
    ),
    (
        "second hand, month 14",
        delivered(425, lines=(line(second_hand=True),)),
        R.FAILED_LATER,
        REPLACEMENT,
        REVIEW,
        "C02",
    ),
    ("replacement for taste", order(), R.CHANGED_MIND, REPLACEMENT, REVIEW, "W01"),
    (
        "not late yet",
        order(promised_at=NOW + days(1), delivered_at=None),
        R.NOT_DELIVERED,
        REFUND,
        ASK,
        "D01",
    ),
    (
        "late, extra time still running",
        order(promised_at=NOW - days(3), delivered_at=None),
        R.NOT_DELIVERED,
        REFUND,
        ASK,
        "D01",
    ),
    ("said undelivered, is delivered", order(), R.NOT_DELIVERED, REFUND, REVIEW, "D01"),
    ("US address", order(country="US"), R.WRONG_ITEM, REFUND, REVIEW, "US4"),
    ("cancelled", order(status=OrderStatus.CANCELLED), None, REFUND, REVIEW, None),
    ("unsafe", order(), R.UNSAFE_OR_RECALL, REFUND, REVIEW, "P01"),
    ("other", order(), R.OTHER, REFUND, REVIEW, None),
]


@pytest.mark.parametrize(
    ("bought", "reason", "wish", "outcome", "rule"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_law_case_by_case(
    bought: Order,
    reason: ReturnReason | None,
    wish: Resolution | None,
    outcome: Outcome,
    rule: str | None,
) -> None:
    """Each case ends as the law says, by the rule that says so."""
    reasons = (reason,) if reason else ()
    decision = decided(bought, *reasons, wish=wish, no_reason_given=reason is None)
    assert decision.outcome is outcome
    assert rule in decision.rules if rule else not decision.rules


def test_who_pays_the_parcel() -> None:
    """The customer only for a withdrawal they were told about; never for a fault."""
    assert decided(order(), R.CHANGED_MIND).payer is ReturnPayer.CUSTOMER
    untold = order(withdrawal_informed=False)
    assert decided(untold, R.CHANGED_MIND).payer is ReturnPayer.MERCHANT
    early = order(placed_at=datetime(2023, 12, 30, tzinfo=UTC))
    assert decided(early, R.CHANGED_MIND).payer is ReturnPayer.MERCHANT
    for reason in FAULTS:
        decision = decided(order(), reason, wish=REPLACEMENT)
        assert (decision.outcome, decision.payer) == (ALLOW, ReturnPayer.MERCHANT)


def test_the_window_ends_with_its_last_second() -> None:
    """Received Saturday 7 November: Monday 23 November, 23:59:59 in Paris (W04)."""
    received = order(delivered_at=datetime(2026, 11, 7, 10, tzinfo=UTC))
    last = datetime(2026, 11, 23, 22, 59, 59, tzinfo=UTC)
    assert decided(received, R.CHANGED_MIND, now=last).outcome is ALLOW
    after = decided(received, R.CHANGED_MIND, now=last + timedelta(seconds=1))
    assert after.lines[0].decline_reason is DeclineReason.WINDOW_CLOSED
    stated = decided(received, now=last + days(1), withdrawal_at=last)
    assert stated.outcome is ALLOW


def test_the_window_counts_from_the_last_good() -> None:
    """One line came 25 days ago, another today: both may still go back (W02)."""
    first = line("L1", delivered_at=NOW - days(25))
    bought = order(first, line("L2", delivered_at=NOW), delivered_at=None)
    assert decided(bought, R.CHANGED_MIND).outcome is ALLOW


def test_a_business_buyer_is_for_a_person() -> None:
    """Consumer law is not theirs: a person decides, whatever the reason but danger."""
    alone = order()
    business = replace(alone, customer=replace(alone.customer, is_business=True))
    for reason in set(R) - {R.UNSAFE_OR_RECALL}:
        decision = decided(business, reason)
        assert decision.outcome is REVIEW
        assert decision.lines[0].decline_reason is DeclineReason.BUSINESS_BUYER


def test_express_delivery_is_refunded_at_the_standard_price() -> None:
    """A withdrawal gives back standard delivery, a fault all of it (W12, C08)."""
    express = order(shipping_paid_minor=1290, captured_minor=5990 + 1290)
    assert decided(express, R.CHANGED_MIND).refund_minor == 5990 + 490
    assert decided(express, R.WRONG_ITEM).refund_minor == 5990 + 1290


def test_a_fault_wins_over_taste() -> None:
    """Several reasons: the one that serves the customer best decides."""
    decision = decided(order(), R.CHANGED_MIND, R.WRONG_ITEM, R.TOO_SMALL)
    (only,) = decision.lines
    assert (only.reason, only.ground) == (R.WRONG_ITEM, Ground.CONFORMITY)
    assert set(only.other_reasons) == {R.CHANGED_MIND, R.TOO_SMALL}


def test_refunds_made_elsewhere_are_for_a_person() -> None:
    """A prior refund that names no line leaves unclear what is left."""
    bought = order(refunded=(PriorRefund(500),))
    assert decided(bought, R.WRONG_ITEM).outcome is REVIEW
    assert decided(bought, R.WRONG_ITEM, wish=REPLACEMENT).outcome is ALLOW


REASONS = st.lists(st.sampled_from(list(R)), max_size=4).map(tuple)
WISHES = st.sampled_from([None, *Resolution])
LINES = st.builds(
    line,
    quantity=st.integers(1, 5),
    paid_minor=st.integers(0, 50_000),
    personalised=st.booleans(),
    second_hand=st.booleans(),
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Draft, Order, History, datetime]:
    """Any order with any draft about it and anything already given back."""
    drawn = draw(st.lists(LINES, min_size=1, max_size=4))
    goods = tuple(replace(one, line_id=f"L{n}") for n, one in enumerate(drawn))
    paid = sum(one.paid_minor for one in goods) + 490
    bought = order(
        *goods,
        country=draw(st.sampled_from(["FR", "DE", "US"])),
        delivered_at=draw(st.sampled_from([None, NOW - days(3), NOW - days(300)])),
        captured_minor=draw(st.integers(0, paid)),
    )
    said = tuple(
        DraftLine(
            one.line_id, draw(st.integers(1, 6)), draw(REASONS), None, draw(WISHES)
        )
        for one in goods
        if draw(st.booleans())
    )
    gone = {one.line_id: frozenset({1}) for one in goods if draw(st.booleans())}
    history = History(
        gone, draw(st.integers(0, bought.captured_minor)), draw(st.booleans())
    )
    no_reason = draw(st.booleans())
    return draft(*said, no_reason_given=no_reason), bought, history, NOW


@given(situations())
def test_never_more_than_is_left(
    situation: tuple[Draft, Order, History, datetime],
) -> None:
    """What a yes gives back never exceeds captured minus refunded."""
    said, bought, history, now = situation
    decision = decide(said, bought, SHOP, history, now)
    assert decision.refund_minor >= 0
    assert decision.refund_minor <= bought.captured_minor - history.refunded_minor


@given(situations())
def test_the_machine_never_refuses(
    situation: tuple[Draft, Order, History, datetime],
) -> None:
    """A proposed refusal is always a review; what is allowed has its wish and rules."""
    said, bought, history, now = situation
    for one in decide(said, bought, SHOP, history, now).lines:
        assert one.decline_reason is None or one.outcome is REVIEW
        if one.outcome is ALLOW:
            assert one.resolution in one.remedies and one.rules and one.units


@given(situations(), st.randoms())
def test_no_order_of_words_changes_the_decision(
    situation: tuple[Draft, Order, History, datetime], dice: Any
) -> None:
    """Reasons and lines shuffled: the same outcome, money and rules for each line."""
    said, bought, history, now = situation
    mixed = [
        replace(one, reasons=tuple(dice.sample(one.reasons, len(one.reasons))))
        for one in said.lines
    ]
    dice.shuffle(mixed)
    one = decide(said, bought, SHOP, history, now)
    other = decide(replace(said, lines=tuple(mixed)), bought, SHOP, history, now)
    assert {ln.line_id: ln for ln in one.lines} == {
        ln.line_id: ln for ln in other.lines
    }
    assert (one.outcome, one.payer, one.refund_minor, one.rules, one.deadlines) == (
        other.outcome,
        other.payer,
        other.refund_minor,
        other.rules,
        other.deadlines,
    )


def test_every_order_of_three_reasons_is_the_same_yes() -> None:
    """The hash a yes agrees to does not depend on the order of the reasons."""
    reasons = (R.CHANGED_MIND, R.WRONG_ITEM, R.POOR_QUALITY)
    assert len({decided(order(), *p).hash for p in permutations(reasons)}) == 1


AGREED: dict[str, Decision] = {
    "as it was": decided(order(), R.WRONG_ITEM),
    "another reason": decided(order(), R.DEFECTIVE_ON_ARRIVAL),
    "another wish": decided(order(), R.WRONG_ITEM, wish=REPLACEMENT),
    "another price": decided(order(line(paid_minor=5991)), R.WRONG_ITEM),
    "no delivery back": decided(order(line(), line("L2")), R.WRONG_ITEM),
    "another payer": decided(order(), R.CHANGED_MIND),
    "merchant pays": decided(order(withdrawal_informed=False), R.CHANGED_MIND),
    "another outcome": decided(delivered(20), R.CHANGED_MIND),
    "another draft": decided(order(), R.WRONG_ITEM, draft_id="d2"),
    "another order": decided(order(order_number="TS-2"), R.WRONG_ITEM),
    "another currency": decided(order(currency="GBP"), R.WRONG_ITEM),
    "another unit": decided(
        order(line(quantity=2)),
        R.WRONG_ITEM,
        history=History({"L1": frozenset({1})}),
    ),
}


def test_the_hash_is_of_what_is_agreed() -> None:
    """Other agreed facts, another hash; facts a yes does not agree to, the same."""
    assert len({decision.hash for decision in AGREED.values()}) == len(AGREED)
    same = AGREED["as it was"].hash
    later = decided(order(), R.WRONG_ITEM, now=NOW + timedelta(minutes=9))
    told = decided(order(), R.WRONG_ITEM, explained=("x",), revision=7, asked="x")
    assert later.hash == told.hash == same


@given(st.integers(1, 50), st.integers(0, 1_000_000))
def test_units_add_up_to_the_line(quantity: int, paid: int) -> None:
    """What the units cost sums to what was paid and differs by a cent at most."""
    amounts = line(quantity=quantity, paid_minor=paid).unit_amounts()
    assert (len(amounts), sum(amounts)) == (quantity, paid)
    assert max(amounts) - min(amounts) <= 1


def test_every_reason_has_its_way() -> None:
    """No reason is both a fault and a matter of taste."""
    assert not set(FAULTS) & WITHDRAWAL_REASONS
