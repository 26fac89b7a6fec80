"""Another variant instead of the money: at the same or a lower price. Pure."""

from dataclasses import replace

from returns.grounds.case import Matter, with_rules
from returns.model import (
    Flag,
    LineDecision,
    Outcome,
    Resolution,
    ReturnReason,
    Variant,
)

EXCHANGE, REPLACEMENT = Resolution.EXCHANGE, Resolution.REPLACEMENT
# Reasons for which another size, colour or kind is what the customer needs.
CURED_BY_ANOTHER = frozenset(
    {
        ReturnReason.TOO_SMALL,
        ReturnReason.TOO_LARGE,
        ReturnReason.COLOR_OR_STYLE,
        ReturnReason.NOT_COMPATIBLE,
        ReturnReason.ORDERED_BY_MISTAKE,
        ReturnReason.WRONG_ITEM,
    }
)


def with_exchange(
    matter: Matter, decided: LineDecision, reason: ReturnReason | None
) -> LineDecision:
    """Offers an exchange where it helps or is wished and a variant is to be had."""
    wished = matter.said.resolution is EXCHANGE
    helps = wished or reason in CURED_BY_ANOTHER
    if not (helps and matter.case.shop.own_terms.exchange):
        return decided
    skus = tuple(one.sku for one in _others(matter) if _fits(matter, one))
    if not skus:
        return decided
    remedies = (*decided.remedies, EXCHANGE)
    return with_rules(replace(decided, remedies=remedies, exchange_skus=skus), "S02")


def choose_variant(matter: Matter, decided: LineDecision) -> LineDecision:
    """Takes in which variant shall come; asks where it is not clear or not to be had.

    decided: allowed, with a wish among its remedies. Another variant in place of a
    replacement is an exchange.
    """
    sku = matter.said.replacement_sku
    another = sku is not None and sku != matter.line.sku
    too_dear = another and _is_dearer(matter, sku)
    if too_dear:
        decided = replace(decided, flags=(*decided.flags, Flag.TOO_DEAR))
    if decided.resolution is REPLACEMENT and not another:
        return decided
    if decided.resolution not in (EXCHANGE, REPLACEMENT):
        return decided
    if sku is not None and sku in decided.exchange_skus:
        return _exchanged(matter, decided, sku)
    if too_dear:
        rest = tuple(one for one in decided.remedies if one is not EXCHANGE)
        asks = ("resolution",)
        return replace(decided, outcome=Outcome.ASK, asks=asks, remedies=rest)
    return replace(decided, outcome=Outcome.ASK, asks=("replacement_sku",))


def _exchanged(matter: Matter, decided: LineDecision, sku: str) -> LineDecision:
    """The difference in price goes back to the customer."""
    variant = next(one for one in _others(matter) if one.sku == sku)
    each = max(0, _price(matter) - variant.price_minor)
    difference = min(each * len(decided.units), decided.refund_minor)
    return replace(
        decided,
        resolution=EXCHANGE,
        replacement_sku=sku,
        refund_minor=difference,
    )


def _others(matter: Matter) -> list[Variant]:
    variants = matter.product.variants if matter.product else ()
    return [one for one in variants if one.sku != matter.line.sku]


def _fits(matter: Matter, variant: Variant) -> bool:
    return variant.available is not False and variant.price_minor <= _price(matter)


def _is_dearer(matter: Matter, sku: str | None) -> bool:
    dearer = [one for one in _others(matter) if one.price_minor > _price(matter)]
    return any(one.sku == sku for one in dearer)


def _price(matter: Matter) -> int:
    """What the variant that was bought costs today, else what one unit was paid."""
    known = matter.bought
    return known.price_minor if known else max(matter.line.unit_amounts())
