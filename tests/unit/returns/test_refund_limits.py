"""The sums above which the machine alone pays nothing (X10)."""

from decimal import Decimal

import pytest

from returns.refund_limits import Exceeded, Spent, exceeded
from returns.shop_terms import RefundLimits

LIMITS = RefundLimits(
    per_order={"EUR": Decimal(100)},
    per_customer_in_30_days={"EUR": Decimal(200)},
    per_hour={"EUR": Decimal(300)},
    two_people_above={"EUR": Decimal(90)},
)


@pytest.mark.parametrize(
    ("amount", "before", "passed"),
    [
        (9000, Spent(), ()),
        (9001, Spent(), (Exceeded.TWO_PEOPLE,)),
        (5000, Spent(on_order=5000), ()),
        (5001, Spent(on_order=5000), (Exceeded.PER_ORDER,)),
        (5000, Spent(on_customer_in_30_days=15_001), (Exceeded.PER_CUSTOMER,)),
        (5000, Spent(in_last_hour=29_000), (Exceeded.PER_HOUR,)),
    ],
)
def test_a_limit_is_passed_by_the_first_cent_above(
    amount: int, before: Spent, passed: tuple[Exceeded, ...]
) -> None:
    """Up to the sum is paid, a cent more is not; each limit is named."""
    assert exceeded(LIMITS, amount, "EUR", before) == passed


def test_a_currency_without_a_limit_is_paid() -> None:
    """Nobody set one for pounds."""
    assert exceeded(LIMITS, 10**9, "GBP", Spent()) == ()
