"""What was paid for each line of a Shopify order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.importing.shopify.money import (
    AmountsDisagree,
    LinePrice,
    Totals,
    what_was_paid,
)
from returns.importing.spreading import spread

amounts = st.integers(0, 500_000)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1))
def test_shares_make_the_amount_and_no_share_is_a_unit_off(
    amount: int, weights: list[int]
) -> None:
    """Largest remainder: the sum is exact and each share is its part, rounded."""
    shares = spread(amount, weights)
    assert sum(shares) == amount
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        exact = amount * weight / whole if whole else amount / len(weights)
        assert abs(share - exact) < 1 + 1e-6 * exact


@given(st.data(), st.lists(st.integers(0, 10**6), min_size=1))
def test_a_share_never_exceeds_what_it_is_taken_from(
    data: st.DataObject, weights: list[int]
) -> None:
    """A discount within the goods' worth leaves no line below nothing."""
    amount = data.draw(st.integers(0, sum(weights)))
    if sum(weights):
        pairs = zip(spread(amount, weights), weights, strict=True)
        assert all(share <= weight for share, weight in pairs)


@st.composite
def exports(draw: st.DrawFn) -> tuple[list[LinePrice], Totals]:
    """An order as Shopify adds it up, in one of the ways in which it may."""
    prices = draw(st.lists(st.tuples(amounts, st.integers(1, 9)), min_size=1))
    lines = []
    for price, quantity in prices:
        own = draw(st.integers(0, price * quantity))
        discount = draw(st.sampled_from([0, own]))
        lines.append(LinePrice(price * quantity, discount, draw(st.booleans())))
    own = sum(line.discount for line in lines)
    net = sum(line.net for line in lines)
    cart = draw(st.integers(0, net))
    shipping, off = draw(amounts), 0
    told_with_own = draw(st.booleans())
    if told_with_own and draw(st.booleans()):
        off = draw(st.integers(0, shipping))
    included = draw(st.booleans())
    taxes, duties = draw(amounts), draw(st.sampled_from([0, 1234]))
    goods = net - cart
    total = goods + shipping - off + duties + (0 if included else taxes)
    told = cart + off + (own if told_with_own else 0)
    return lines, Totals(total, goods, told, shipping, taxes, duties)


@given(exports())
def test_lines_and_shipping_make_what_was_paid(
    export: tuple[list[LinePrice], Totals],
) -> None:
    """Whatever discounts, taxes and duties there were, no cent is lost or made up."""
    lines, totals = export
    paid = what_was_paid(lines, totals)
    assert sum(paid.lines) + paid.shipping == totals.total
    assert all(amount >= 0 for amount in paid.lines)
    assert paid.shipping >= 0
    assert not paid.edited


def test_a_cart_discount_is_spread_by_what_lines_cost() -> None:
    """10.00 off 20.00, 10.00 and 3.33, to the last cent."""
    lines = [LinePrice(2000), LinePrice(1000), LinePrice(333)]
    paid = what_was_paid(lines, Totals(total=2333, subtotal=2333, discount=1000))
    assert paid.lines == [1400, 700, 233]


def test_a_line_discount_stays_with_its_line() -> None:
    """Half off one line takes nothing from the other, told inside or beside."""
    lines = [LinePrice(2000, discount=1000), LinePrice(1000)]
    for told in (0, 1000, None):
        totals = Totals(total=2000, subtotal=2000, discount=told)
        assert what_was_paid(lines, totals).lines == [1000, 1000]


def test_taxes_on_top_go_to_the_taxed_lines() -> None:
    """An untaxed line costs what it says; nothing of the tax is put on shipping."""
    lines = [LinePrice(1000), LinePrice(1000, taxable=False), LinePrice(3000)]
    paid = what_was_paid(lines, Totals(5900, 5000, 0, shipping=500, taxes=400))
    assert (paid.lines, paid.shipping) == ([1100, 1000, 3300], 500)


@pytest.mark.parametrize("subtotal", [5000, 5300])
def test_a_tip_is_no_goods(subtotal: int) -> None:
    """Inside the subtotal or beside it, a tip of 3.00 raises no line."""
    totals = Totals(5800, subtotal, 0, shipping=500, tip=300)
    paid = what_was_paid([LinePrice(5000)], totals)
    assert (paid.lines, paid.shipping) == ([5000], 500)


def test_a_discounted_delivery_costs_what_was_paid_for_it() -> None:
    """Free delivery by a code: shipping is told in full, and nothing was paid."""
    paid = what_was_paid([LinePrice(5000)], Totals(5000, 5000, 490, shipping=490))
    assert (paid.lines, paid.shipping) == ([5000], 0)


def test_lines_of_an_edited_order_keep_their_prices() -> None:
    """Nobody knows which line was taken out, so no line becomes cheaper."""
    lines = [LinePrice(2000), LinePrice(1000)]
    paid = what_was_paid(lines, Totals(total=2000, subtotal=2000, discount=0))
    assert (paid.lines, paid.edited) == ([2000, 1000], True)


@pytest.mark.parametrize(
    ("totals", "told"),
    [
        (Totals(total=9000, subtotal=5000), "do not add up to Total"),
        (Totals(total=4000, subtotal=5000), "do not add up to Total"),
        (Totals(total=6000, subtotal=6000), "worth less than Subtotal"),
    ],
)
def test_amounts_that_nothing_explains_are_refused(totals: Totals, told: str) -> None:
    """No order comes in with money that is only guessed."""
    with pytest.raises(AmountsDisagree, match=told):
        what_was_paid([LinePrice(5000)], totals)
