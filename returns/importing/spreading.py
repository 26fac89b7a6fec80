"""An amount over several parts, to the last cent. Pure."""

from collections.abc import Sequence


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount in shares by weight, by largest remainder; they sum exactly.

    Equal remainders: the earlier part first. Equal shares where all weights are 0.
    No share exceeds its weight unless the amount exceeds the sum of weights.
    """
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    shares = [amount * weight // whole for weight in weights]
    left = amount - sum(shares)
    by_remainder = sorted(
        range(len(weights)), key=lambda n: (-(amount * weights[n] % whole), n)
    )
    for n in by_remainder[:left]:
        shares[n] += 1
    return shares
