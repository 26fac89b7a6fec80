"""What was paid for each line of a Shopify order. Pure; all amounts in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass

from returns.errors import ReturnsError
from returns.importing.spreading import spread


class AmountsDisagree(ReturnsError):
    """The order's lines, shipping and taxes do not make its total."""


@dataclass(frozen=True)
class LinePrice:
    """gross: price times quantity. discount: of this line alone."""

    gross: int
    discount: int = 0
    taxable: bool = True

    @property
    def net(self) -> int:
        return max(0, self.gross - self.discount)


@dataclass(frozen=True)
class Totals:
    """The order's own amounts; None where the export is silent.

    discount: all discounts, sometimes with that on shipping, sometimes without that
    of single lines. subtotal: the goods after discounts.
    """

    total: int
    subtotal: int | None = None
    discount: int | None = None
    shipping: int = 0
    taxes: int = 0
    duties: int = 0
    tip: int = 0


@dataclass(frozen=True)
class Paid:
    """lines: what was paid for each, tax and duties included.

    edited: the lines are worth more than the order, which was changed after it was
    placed; each line then keeps its own price.
    """

    lines: list[int]
    shipping: int
    edited: bool = False


def what_was_paid(lines: Sequence[LinePrice], totals: Totals) -> Paid:
    """Lines and shipping as the customer paid them; with the tip they make the total.

    A discount on the cart is spread over the lines by what each costs after its own
    discount. Taxes on top of the prices are spread over the taxable lines alone, as
    nobody knows how much of them was for shipping: so no customer gets too little.
    Raises AmountsDisagree when nothing explains the total.
    """
    goods = _subtotal(lines, totals)
    taken = sum(line.gross for line in lines) - goods
    if taken < 0:
        raise AmountsDisagree("its lines are worth less than Subtotal: is one missing?")
    shipping, on_top = _shipping_and_taxes(totals, goods, taken)
    fewest, most = _discounts(lines, totals)
    edited = totals.discount is not None and taken > most
    amounts = _discounted(lines, fewest if edited else taken)
    taxed = [
        amount if line.taxable else 0
        for line, amount in zip(lines, amounts, strict=True)
    ]
    extras = zip(
        amounts, _spread(on_top, taxed), _spread(totals.duties, amounts), strict=True
    )
    return Paid([sum(parts) for parts in extras], shipping, edited)


def _subtotal(lines: Sequence[LinePrice], totals: Totals) -> int:
    """The goods after discounts, without a tip that the subtotal may hold."""
    if totals.subtotal is None:
        return sum(line.net for line in lines)
    gross = sum(line.gross for line in lines)
    if totals.tip and gross - totals.subtotal not in _discounts(lines, totals):
        return totals.subtotal - totals.tip
    return totals.subtotal


def _discounts(lines: Sequence[LinePrice], totals: Totals) -> tuple[int, int]:
    """What the discounts come to, if those of lines are told inside or beside."""
    own = sum(line.discount for line in lines)
    told = totals.discount or 0
    return max(told, own), told + own


def _discounted(lines: Sequence[LinePrice], taken: int) -> list[int]:
    """What is left of each line's price after all discounts, `taken` together."""
    own = sum(line.gross - line.net for line in lines)
    if own <= taken:
        before = [line.net for line in lines]
        taken -= own
    else:
        before = [line.gross for line in lines]
    shares = _spread(taken, before)
    return [amount - share for amount, share in zip(before, shares, strict=True)]


def _shipping_and_taxes(totals: Totals, goods: int, taken: int) -> tuple[int, int]:
    """What shipping cost, and the taxes that came on top of all prices."""
    rest = totals.total - goods - totals.shipping - totals.duties - totals.tip
    off_shipping = min((totals.discount or 0) - taken, totals.shipping)
    for taxes in (0, totals.taxes):
        if rest == taxes:
            return totals.shipping, taxes
        if off_shipping > 0 and rest == taxes - off_shipping:
            return totals.shipping - off_shipping, taxes
    raise AmountsDisagree("Subtotal, Shipping, Taxes and Duties do not add up to Total")


def _spread(amount: int, weights: Sequence[int]) -> list[int]:
    return spread(amount, weights) if weights else []
