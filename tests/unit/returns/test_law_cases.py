"""Every worked case of the law digest (docs/policy.md), by its number."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from returns.model import (
    Decision,
    DeclineReason,
    Disposition,
    DraftLine,
    Flag,
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
from returns.policy import History, decide
from returns.shop import Shop
from returns.shop_terms import OwnTerms
from tests.unit.returns.test_policy import (
    NOW,
    SHOP,
    days,
    delivered,
    draft,
    line,
    order,
)

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT
EXCHANGE = Resolution.EXCHANGE
ALLOW, ASK, REVIEW = Outcome.ALLOW, Outcome.ASK, Outcome.REVIEW
CUSTOMER, MERCHANT = ReturnPayer.CUSTOMER, ReturnPayer.MERCHANT


def judged(
    bought: Order,
    *reasons: ReturnReason,
    wish: Resolution | None = REFUND,
    shop: Shop = SHOP,
    history: History | None = None,
    now: datetime = NOW,
    products: dict[str, Product] | None = None,
    about: dict[str, Any] | None = None,
    **facts: Any,
) -> Decision:
    """The decision for the order's first line; about: facts of the draft line."""
    said = DraftLine(bought.lines[0].line_id, 1, reasons, resolution=wish)
    said = replace(said, **about or {})
    talk = draft(said, **facts)
    return decide(talk, bought, shop, history or History(), now, products or {})


def only(decision: Decision) -> LineDecision:
    (line_decision,) = decision.lines
    return line_decision


def with_terms(**terms: Any) -> Shop:
    return replace(SHOP, own_terms=OwnTerms(**terms))


def case_1() -> None:
    """Opened headphones, day 10: refund with delivery, the customer pays the parcel."""
    decision = judged(delivered(10), R.CHANGED_MIND, about={"used": True})
    assert (decision.outcome, decision.payer) == (ALLOW, CUSTOMER)
    assert only(decision).ground is Ground.WITHDRAWAL
    assert decision.refund_minor == 5990 + 490
    assert {"W01", "W09", "W12", "W14"} <= set(decision.rules)
    assert Flag.VALUE_LOSS_POSSIBLE in only(decision).flags
    tried = judged(delivered(10), R.CHANGED_MIND)
    assert only(tried).flags == ()


def case_2() -> None:
    """The shop never said who pays the return: the merchant does."""
    silent = replace(SHOP.withdrawal, customers_told_return_cost_since=None)
    shop = replace(SHOP, withdrawal=silent)
    decision = judged(delivered(10), R.CHANGED_MIND, shop=shop)
    assert (decision.outcome, decision.payer) == (ALLOW, MERCHANT)
    assert "W10" in decision.rules


def case_4() -> None:
    """Earbuds with the seal intact, day 6; not known: asked; broken: a person."""
    buds = delivered(6, lines=(line(sealed_hygiene=True),))
    intact = judged(buds, R.CHANGED_MIND, about={"seal_broken": False})
    assert intact.outcome is ALLOW
    unknown = judged(buds, R.CHANGED_MIND)
    assert (unknown.outcome, only(unknown).asks) == (ASK, ("seal_broken",))
    passed = judged(buds, R.CHANGED_MIND, skipped=("seal_broken/L1",))
    assert passed.outcome is ALLOW
    broken = judged(buds, R.CHANGED_MIND, about={"seal_broken": True})
    assert only(broken).decline_reason is DeclineReason.EXCEPTED
    assert broken.outcome is REVIEW
    assert {"X05", "W01"} <= set(broken.rules)


def case_5() -> None:
    """A mattress without its wrapping is like clothes: it may go back (slewo)."""
    mattress = delivered(9, lines=(line(title="Matelas"),))
    opened = {"seal_broken": True}
    assert judged(mattress, R.CHANGED_MIND, about=opened).outcome is ALLOW


def case_7() -> None:
    """A mug with the wrong photo: the guarantee, free; the money if it must wait."""
    mug = delivered(5, lines=(line(personalised=True),))
    wrong = judged(mug, R.WRONG_ITEM, wish=REPLACEMENT)
    assert (wrong.outcome, wrong.payer) == (ALLOW, MERCHANT)
    assert only(wrong).ground is Ground.CONFORMITY
    assert {"C01", "C03"} <= set(wrong.rules)
    assert REFUND in only(wrong).remedies
    dull = judged(mug, R.POOR_QUALITY, wish=None)
    assert only(dull).remedies == (REPLACEMENT,)  # nothing to withdraw from: X03
    again = History(replaced=frozenset({"L1"}))
    assert judged(mug, R.POOR_QUALITY, history=again).outcome is ALLOW


def case_8() -> None:
    """A shirt of the shop's own design, too small; the supplier takes none back."""
    shirt = delivered(5, lines=(line(supplier="Kado Factory", value_minor=2000),))
    decision = judged(shirt, R.TOO_SMALL)
    assert (decision.outcome, only(decision).ground) == (ALLOW, Ground.WITHDRAWAL)
    assert only(decision).loss_minor == 2000
    assert only(decision).claim is None


def case_9() -> None:
    """Received on Saturday the 7th, written on Monday the 23rd at 22:00: in time."""
    received = order(delivered_at=datetime(2026, 11, 7, 10, tzinfo=UTC))
    late_evening = datetime(2026, 11, 23, 21, tzinfo=UTC)
    assert judged(received, R.CHANGED_MIND, now=late_evening).outcome is ALLOW


def case_10() -> None:
    """Received on the 9th, written on the 24th, fully informed, no own terms."""
    received = order(delivered_at=datetime(2026, 11, 9, 10, tzinfo=UTC))
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    decision = judged(received, R.CHANGED_MIND, now=now)
    assert decision.outcome is REVIEW
    assert only(decision).decline_reason is DeclineReason.WINDOW_CLOSED
    assert judged(received, R.FAILED_LATER, wish=REPLACEMENT, now=now).outcome is ALLOW
    own = judged(received, R.CHANGED_MIND, now=now, shop=with_terms(days=30))
    assert (own.outcome, only(own).ground) == (ALLOW, Ground.SHOP_POLICY)


def case_12() -> None:
    """Three articles, the last came today: the first may still go back."""
    goods = [line(f"L{n}", delivered_at=NOW - days(25 - n)) for n in (1, 2)]
    bought = order(*goods, line("L3", delivered_at=NOW), delivered_at=None)
    assert judged(bought, R.CHANGED_MIND).outcome is ALLOW
    on_its_way = replace(bought, lines=(*goods, line("L3")))
    assert judged(on_its_way, R.CHANGED_MIND).outcome is ALLOW


def case_14() -> None:
    """Money, never a voucher: no remedy is one."""
    remedies = only(judged(order(), R.CHANGED_MIND)).remedies
    assert remedies == (REFUND,)


def case_15() -> None:
    """No restocking fee: all that was paid comes back."""
    assert judged(order(), R.CHANGED_MIND).refund_minor == 5990 + 490


def case_17() -> None:
    """Withdrew thirty days ago and sent nothing: still a withdrawal, time is told."""
    said = NOW - days(30)
    decision = judged(delivered(40), withdrawal_at=said)
    assert decision.outcome is ALLOW
    assert decision.deadlines.ship_by is not None
    assert decision.deadlines.ship_by < NOW
    assert only(decision).disposition is Disposition.RETURN


def case_18() -> None:
    """Shoes worn outside, day 12: allowed, a person may set a deduction."""
    worn = judged(delivered(12), R.CHANGED_MIND, about={"used": True})
    assert (worn.outcome, worn.refund_minor) == (ALLOW, 5990 + 490)
    assert Flag.VALUE_LOSS_POSSIBLE in only(worn).flags
    untold = delivered(12, withdrawal_informed=False)
    free = judged(untold, R.CHANGED_MIND, about={"used": True})
    assert Flag.VALUE_LOSS_POSSIBLE not in only(free).flags


def case_20() -> None:
    """An hour after the order, or on its way from China: the whole money."""
    fresh = order(
        placed_at=NOW - timedelta(hours=1),
        promised_at=NOW + days(9),
        delivered_at=None,
    )
    early = judged(fresh, withdrawal_at=NOW)
    assert (early.outcome, early.refund_minor) == (ALLOW, 5990 + 490)
    assert only(early).disposition is Disposition.KEEP
    assert only(early).flags == (Flag.STOP_ORDER,)
    sent = replace(fresh, dispatched_at=NOW - timedelta(minutes=5))
    later = judged(sent, withdrawal_at=NOW)
    assert (later.outcome, later.refund_minor) == (ALLOW, 5990 + 490)
    assert only(later).flags == (Flag.REFUSE_PARCEL,)
    assert "W06" in later.rules


def case_21() -> None:
    """A lamp dead on day 3: replaced for nothing, or the money; a claim today."""
    lamp = delivered(3, lines=(line(supplier="Maison Lumen"),))
    decision = judged(lamp, R.DEFECTIVE_ON_ARRIVAL)
    assert (decision.outcome, decision.payer) == (ALLOW, MERCHANT)
    assert only(decision).remedies == (REPLACEMENT, REFUND)
    assert only(decision).also == (Ground.WITHDRAWAL,)
    claim = only(decision).claim
    assert claim is not None
    assert (claim.party.value, claim.amount_minor) == ("supplier", 5990)
    assert only(decision).supplier_window_ends is not None
    again = judged(lamp, R.DEFECTIVE_ON_ARRIVAL, wish=REPLACEMENT)
    assert again.deadlines.replace_by is not None
    assert again.deadlines.replace_by - NOW < days(31)


def case_23() -> None:
    """A second-hand phone in month 14: a person, for the guarantee still runs."""
    phone = delivered(425, lines=(line(second_hand=True),))
    decision = judged(phone, R.FAILED_LATER, wish=REPLACEMENT)
    assert (decision.outcome, only(decision).ground) == (REVIEW, Ground.CONFORMITY)
    assert only(decision).decline_reason is None


def case_24() -> None:
    """A phone in month 26 with a latent fault: a person, as a hidden defect."""
    decision = judged(delivered(800), R.FAILED_LATER)
    assert (decision.outcome, only(decision).ground) == (REVIEW, Ground.HIDDEN_DEFECT)
    assert "H01" in decision.rules
    assert only(decision).decline_reason is None


def case_26() -> None:
    """A scratch, and it works: another one; no money at once, no reduction alone."""
    scratched = delivered(100)
    decision = judged(scratched, R.POOR_QUALITY, wish=None)
    assert only(decision).remedies == (REPLACEMENT,)
    for wish in (REFUND, Resolution.REDUCTION, Resolution.REPAIR):
        assert judged(scratched, R.POOR_QUALITY, wish=wish).outcome is REVIEW


def case_28() -> None:
    """Crushed, told on day 8, the supplier's five days are over: allowed (N4)."""
    terms = replace(SHOP.supplier("Maison Lumen"), fault_days=5)
    shop = replace(SHOP, suppliers={**SHOP.suppliers, "Maison Lumen": terms})
    box = delivered(8, lines=(line(supplier="Maison Lumen"),))
    decision = judged(box, R.DAMAGED_IN_TRANSIT, shop=shop)
    assert (decision.outcome, decision.payer) == (ALLOW, MERCHANT)
    assert only(decision).liable is Liable.CARRIER
    assert only(decision).loss_minor == 5990
    assert "D05" in decision.rules


def case_29() -> None:
    """Delivered by tracking and denied: a person asks the carrier; no accusation."""
    decision = judged(order(), R.DELIVERED_NOT_RECEIVED)
    assert (decision.outcome, only(decision).ground) == (REVIEW, Ground.DELIVERY)
    assert only(decision).flags == (Flag.CARRIER_INQUIRY,)
    assert (only(decision).justified, only(decision).decline_reason) == (True, None)
    again = judged(
        order(), R.DELIVERED_NOT_RECEIVED, history=History(not_received_before=2)
    )
    assert Flag.REPEATED_CLAIM in only(again).flags
    both = judged(order(), R.DELIVERED_NOT_RECEIVED, R.CHANGED_MIND, withdrawal_at=NOW)
    assert only(both).disposition is Disposition.KEEP


def case_31() -> None:
    """Needed for Christmas Eve, and it will not come by then: the money at once."""
    eve = datetime(2026, 12, 24, 23, tzinfo=UTC)
    late = order(promised_at=datetime(2026, 12, 28, tzinfo=UTC), delivered_at=None)
    decision = judged(late, R.NOT_DELIVERED, needed_by=eve)
    assert (decision.outcome, "D03" in decision.rules) == (ALLOW, True)
    assert decision.deadlines.refund_by is not None
    assert decision.deadlines.refund_by - NOW < days(15)
    plain = judged(late, R.NOT_DELIVERED)
    assert (plain.outcome, only(plain).asks) == (ASK, ("withdrawal_at",))


def case_32() -> None:
    """A wrong address: asked whether they withdraw; then the money, as in W12."""
    lost = order(delivered_at=None, dispatched_at=NOW - days(6))
    asked = judged(lost, R.BAD_ADDRESS)
    assert (asked.outcome, only(asked).asks) == (ASK, ("withdrawal_at",))
    assert only(asked).liable is Liable.CUSTOMER
    resend = judged(lost, R.BAD_ADDRESS, wish=REPLACEMENT)
    assert (resend.outcome, resend.rules) == (REVIEW, ("D09",))
    withdrawn = judged(lost, R.BAD_ADDRESS, withdrawal_at=NOW)
    assert (withdrawn.outcome, withdrawn.refund_minor) == (ALLOW, 5990 + 490)
    assert Flag.COMES_BACK in only(withdrawn).flags


def case_35() -> None:
    """A battery burned a hand: stop, a person, nothing by post; for anybody."""
    alone = order(country="US")
    business = replace(alone, customer=replace(alone.customer, is_business=True))
    for bought in (order(), business, delivered(900)):
        decision = judged(bought, R.CHANGED_MIND, R.UNSAFE_OR_RECALL)
        assert (decision.outcome, only(decision).ground) == (REVIEW, Ground.SAFETY)
        assert only(decision).disposition is Disposition.KEEP
        assert only(decision).flags == (Flag.URGENT,)
        assert (decision.rules, "safety" in decision.notices) == (("P01",), True)


def case_37() -> None:
    """An American changed their mind on day 5: the shop's own terms, else a person."""
    bought = delivered(5, country="US")
    assert judged(bought, R.CHANGED_MIND).outcome is REVIEW
    posted = judged(bought, R.CHANGED_MIND, shop=with_terms(days=30))
    assert (posted.outcome, only(posted).ground) == (ALLOW, Ground.SHOP_POLICY)
    assert "W01" not in posted.rules
    generous = judged(bought, R.CHANGED_MIND, shop=with_terms(outside_europe=True))
    assert generous.outcome is ALLOW


def case_38() -> None:
    """A Briton with a fault on day 20: all the money, the merchant pays the parcel."""
    decision = judged(delivered(20, country="GB"), R.FAILED_LATER)
    assert (decision.outcome, decision.payer) == (ALLOW, MERCHANT)
    assert "UK3" in decision.rules
    later = judged(delivered(60, country="GB"), R.FAILED_LATER, wish=None)
    assert only(later).remedies == (REPLACEMENT,)
    proof = judged(delivered(300, country="GB"), R.FAILED_LATER, wish=REPLACEMENT)
    assert (proof.outcome, only(proof).decline_reason) == (REVIEW, None)


WORKED: dict[str, Callable[[], None]] = {
    name.removeprefix("case_"): case
    for name, case in list(globals().items())
    if name.startswith("case_")
}


@pytest.mark.parametrize("number", WORKED)
def test_a_worked_case_of_the_law_digest(number: str) -> None:
    """Facts of the case, and the decision that the digest expects."""
    WORKED[number]()


def test_every_worked_case_is_there() -> None:
    """The digest's numbers, none forgotten."""
    digest = "1 2 4 5 7 8 9 10 12 14 15 17 18 20 21 23 24 26 28 29 31 32 35 37 38"
    assert list(WORKED) == digest.split()


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2026-06-30", "2026-07-15"),
        ("2026-10-18", "2026-11-02"),
        ("2026-10-28", "2026-11-12"),
        ("2026-11-07", "2026-11-23"),
        ("2026-11-08", "2026-11-23"),
        ("2026-11-20", "2026-12-04"),
        ("2026-12-11", "2026-12-28"),
        ("2026-12-18", "2027-01-04"),
    ],
)
def test_a_deadline_vector_decides(received: str, last: str) -> None:
    """Allowed to the last second of the last day in Paris, a person from then on."""
    paris = ZoneInfo("Europe/Paris")
    bought = order(
        placed_at=datetime(2026, 6, 20, tzinfo=UTC),
        delivered_at=datetime.fromisoformat(received).replace(hour=12, tzinfo=paris),
    )
    end = datetime.fromisoformat(last).replace(
        hour=23, minute=59, second=59, tzinfo=paris
    )
    decision = judged(bought, R.CHANGED_MIND, now=end)
    assert (decision.outcome, decision.deadlines.withdrawal_ends) == (ALLOW, end)
    after = judged(bought, R.CHANGED_MIND, now=end + timedelta(seconds=1))
    assert only(after).decline_reason is DeclineReason.WINDOW_CLOSED


# ------------------------------------------------------------ further rules, one each


def test_who_was_never_told_has_a_year_more() -> None:
    """W05: twelve months after the first expiry, to the day."""
    received = order(
        placed_at=datetime(2025, 11, 1, tzinfo=UTC),
        delivered_at=datetime(2025, 11, 7, 10, tzinfo=UTC),
        withdrawal_informed=False,
    )
    last = datetime(2026, 11, 21, 22, 59, 59, tzinfo=UTC)
    decision = judged(received, R.CHANGED_MIND, now=last)
    assert (decision.outcome, decision.payer) == (ALLOW, MERCHANT)
    assert {"W05", "W10"} <= set(decision.rules)
    after = judged(received, R.CHANGED_MIND, now=last + timedelta(seconds=1))
    assert only(after).decline_reason is DeclineReason.WINDOW_CLOSED
    told = replace(received, withdrawal_informed=True)
    assert judged(told, R.CHANGED_MIND, now=last).outcome is REVIEW


def test_an_exception_nobody_was_told_of_is_no_refusal() -> None:
    """L221-5 10°: without the information before the sale a person looks, no more."""
    engraved = order(line(personalised=True), withdrawal_informed=False)
    decision = judged(engraved, R.CHANGED_MIND)
    assert (decision.outcome, only(decision).decline_reason) == (REVIEW, None)
    assert "X03" in decision.rules


def test_what_was_promised_to_fit_is_a_fault() -> None:
    """Not compatible, or too small: taste, unless the page promised it."""
    asked = judged(order(), R.NOT_COMPATIBLE)
    assert (asked.outcome, only(asked).asks) == (ASK, ("promised",))
    for reason in (R.NOT_COMPATIBLE, R.TOO_SMALL):
        promised = judged(order(), reason, about={"promised": True})
        assert (only(promised).ground, promised.payer) == (Ground.CONFORMITY, MERCHANT)
        taste = judged(order(), reason, about={"promised": False})
        assert (only(taste).ground, taste.payer) == (Ground.WITHDRAWAL, CUSTOMER)
    assert judged(order(), R.NOT_COMPATIBLE, withdrawal_at=NOW).outcome is ALLOW


DRESS = Product("P", "Robe", "Nordlys Apparel", description="Robe en lin, mi-longue.")


@pytest.mark.parametrize(
    ("theirs", "liable"),
    [
        (None, Liable.UNKNOWN),
        ("Robe en lin mi longue", Liable.SUPPLIER),
        ("Robe en coton", Liable.MERCHANT),
    ],
)
def test_whose_words_were_wrong(theirs: str | None, liable: Liable) -> None:
    """The supplier's if the page repeats them, ours if it does not."""
    product = replace(DRESS, supplier_description=theirs)
    decision = judged(order(), R.NOT_AS_DESCRIBED, products={"P": product})
    assert only(decision).liable is liable
    assert (only(decision).claim is not None) is (liable is Liable.SUPPLIER)
    assert decision.outcome is ALLOW
    assert Flag.LISTING_WRONG in only(decision).flags


def sizes(**prices: int | None) -> dict[str, Product]:
    """A product with a variant for each sku; price None: sold out."""
    variants = tuple(
        Variant(sku, {}, price or 5990, price is not None)
        for sku, price in prices.items()
    )
    return {"P": replace(DRESS, variants=variants)}


def test_another_size_instead_of_the_money() -> None:
    """Offered at the same or a lower price; the difference comes back."""
    products = sizes(SKU=5990, SMALLER=4990, DEARER=6990, GONE=None)
    offered = judged(order(), R.TOO_LARGE, wish=None, products=products)
    assert only(offered).remedies == (REFUND, EXCHANGE)
    assert only(offered).exchange_skus == ("SMALLER",)
    unchosen = judged(order(), R.TOO_LARGE, wish=EXCHANGE, products=products)
    assert (unchosen.outcome, only(unchosen).asks) == (ASK, ("replacement_sku",))
    chosen = judged(
        order(),
        R.TOO_LARGE,
        wish=EXCHANGE,
        products=products,
        about={"replacement_sku": "SMALLER"},
    )
    assert (chosen.outcome, only(chosen).replacement_sku) == (ALLOW, "SMALLER")
    assert chosen.refund_minor == only(chosen).refund_minor == 1000
    assert chosen.payer is CUSTOMER


def test_a_dearer_variant_is_no_exchange() -> None:
    """Then the money is what is left, and it is said why."""
    products = sizes(SKU=5990, SAME=5990, DEARER=6990)
    dear = {"replacement_sku": "DEARER"}
    asked = judged(order(), R.TOO_LARGE, wish=EXCHANGE, products=products, about=dear)
    assert (asked.outcome, only(asked).asks) == (ASK, ("resolution",))
    assert only(asked).remedies == (REFUND,)
    taken = judged(order(), R.TOO_LARGE, products=products, about=dear)
    assert (taken.outcome, "too_dear" in taken.notices) == (ALLOW, True)


def test_no_exchange_where_the_shop_gives_none() -> None:
    """It is the shop's own offer: shop.yml decides."""
    products = sizes(SKU=5990, SAME=5990)
    shop = with_terms(exchange=False)
    decision = judged(order(), R.TOO_LARGE, wish=None, products=products, shop=shop)
    assert only(decision).remedies == (REFUND,)


def test_what_is_sold_out_is_not_promised_again() -> None:
    """No replacement of what nobody has: the money instead (C05)."""
    decision = judged(
        delivered(200), R.FAILED_LATER, wish=None, products=sizes(SKU=None)
    )
    assert only(decision).remedies == (REFUND,)
    assert "C05" in decision.rules


def test_cheap_goods_stay_where_the_merchant_would_pay() -> None:
    """Worth less than their way back: refunded or replaced, and kept (S03)."""
    cheap = order(line(paid_minor=1490))
    for wish in (REFUND, REPLACEMENT):
        kept = judged(cheap, R.WRONG_ITEM, wish=wish)
        assert only(kept).disposition is Disposition.KEEP
        assert (kept.payer, kept.outcome) == (ReturnPayer.NONE, ALLOW)
        assert "keep_it" in kept.notices
    taste = judged(cheap, R.CHANGED_MIND)
    assert only(taste).disposition is Disposition.RETURN
    dear = judged(order(line(paid_minor=1500)), R.WRONG_ITEM)
    assert only(dear).disposition is Disposition.RETURN


def test_a_parcel_is_weighed_as_a_whole() -> None:
    """Two cheap articles of one supplier are one parcel, of two suppliers two."""
    for supplier, disposition in (
        ("Nordlys Apparel", Disposition.RETURN),
        ("Maison Lumen", Disposition.KEEP),
    ):
        bought = order(
            line("L1", paid_minor=1000), line("L2", paid_minor=1000, supplier=supplier)
        )
        said = tuple(
            DraftLine(name, 1, (R.WRONG_ITEM,), resolution=REFUND)
            for name in ("L1", "L2")
        )
        decision = decide(draft(*said), bought, SHOP, History(), NOW)
        assert {one.disposition for one in decision.lines} == {disposition}


def test_goodwill_is_offered_as_often_as_the_owner_says() -> None:
    """Only after the window, never more than was paid, never once too often (S04)."""
    late = delivered(40)
    assert only(judged(late, R.CHANGED_MIND)).goodwill_minor == 500
    assert only(judged(order(), R.CHANGED_MIND)).goodwill_minor == 0
    for used in (History(goodwill_order=1), History(goodwill_customer=2)):
        spent = judged(late, R.CHANGED_MIND, history=used)
        assert only(spent).goodwill_minor == 0
    tiny = delivered(40, lines=(line(paid_minor=120),))
    assert only(judged(tiny, R.CHANGED_MIND)).goodwill_minor == 120


def test_a_customs_charge_refunds_no_goods() -> None:
    """D10: a person pays the charge back; the goods stay free for a return."""
    decision = judged(order(), R.CUSTOMS_CHARGE)
    assert decision.outcome is REVIEW
    assert (only(decision).units, only(decision).resolution) == ((), None)
    assert only(decision).flags == (Flag.COMPENSATION,)


def test_an_extra_item_is_nobody_s_debt() -> None:
    """D11: kept or fetched for nothing; neither money nor a parcel is asked for."""
    decision = judged(order(), R.EXTRA_ITEM)
    assert only(decision).flags == (Flag.FREE_PICKUP,)
    assert only(decision).disposition is Disposition.KEEP
    assert (decision.refund_minor, decision.payer) == (0, ReturnPayer.NONE)


def test_a_part_returns_its_share_of_the_delivery() -> None:
    """W18, where the shop says so; the rest with the last unit, never more than all."""
    sharing = replace(SHOP.withdrawal, delivery_share=True)
    shop = replace(SHOP, withdrawal=sharing)
    bought = order(line(quantity=3, paid_minor=3000))
    first = judged(bought, R.CHANGED_MIND, shop=shop)
    assert (only(first).delivery_minor, first.refund_minor) == (163, 1163)
    assert judged(bought, R.CHANGED_MIND).refund_minor == 1000
    before = History({"L1": frozenset({1, 2})}, 2326, False, delivery_minor=326)
    last = judged(bought, R.CHANGED_MIND, shop=shop, history=before)
    assert last.delivery_refund_minor == 490 - 326
    assert last.refund_minor + 2326 == bought.captured_minor


def test_europe_outside_france_is_flagged() -> None:
    """Spain's guarantee is longer: the French floor is given, and staff are told."""
    decision = judged(order(country="ES"), R.WRONG_ITEM)
    assert Flag.FOREIGN_LAW in only(decision).flags
    assert Flag.FOREIGN_LAW not in only(judged(order(), R.WRONG_ITEM)).flags


def test_an_american_parcel_that_never_came_is_refunded() -> None:
    """US2: shipped in time, or the money back."""
    lost = order(
        country="US",
        placed_at=NOW - days(50),
        promised_at=NOW - days(20),
        delivered_at=None,
    )
    decision = judged(lost, R.NOT_DELIVERED)
    assert (decision.outcome, "US2" in decision.rules) == (ALLOW, True)


def test_a_business_is_served_where_the_shop_says_so() -> None:
    """Own terms may treat it as a consumer; the ground is the shop's (S05)."""
    alone = order()
    bought = replace(alone, customer=replace(alone.customer, is_business=True))
    served = judged(bought, R.WRONG_ITEM, shop=with_terms(business_buyers=True))
    assert (served.outcome, only(served).ground) == (ALLOW, Ground.SHOP_POLICY)
    assert "C16" in judged(bought, R.WRONG_ITEM).rules


def test_a_purchase_by_somebody_else_is_for_a_person() -> None:
    """Whatever else is said, and nothing is proposed against the customer."""
    decision = judged(order(), R.CHANGED_MIND, R.UNAUTHORISED_PURCHASE)
    assert (decision.outcome, only(decision).decline_reason) == (REVIEW, None)
    assert only(decision).reason is R.UNAUTHORISED_PURCHASE


@pytest.mark.parametrize("reason", [R.REFUSED, R.UNCLAIMED])
def test_a_parcel_left_behind_is_no_withdrawal_by_itself(reason: ReturnReason) -> None:
    """W19: asked once; who does not say so meets a person."""
    left = order(delivered_at=None, dispatched_at=NOW - days(6))
    assert only(judged(left, reason)).asks == ("withdrawal_at",)
    silent = judged(left, reason, skipped=("withdrawal_at",))
    assert silent.outcome is REVIEW
    said = judged(left, reason, withdrawal_at=NOW)
    assert (said.outcome, said.payer) == (ALLOW, ReturnPayer.NONE)
