"""About two hundred believable orders, the same ones for the same moment."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain, cycle
from random import Random
from typing import Any

from returns.demo.building import Item, Purchase, order_json
from returns.demo.catalogue import Article, articles
from returns.demo.people import some_person
from returns.demo.stages import STAGES, Stage
from returns.demo.well_known import well_known

SEED = 1042
FRENCH_ORDERS = 150
ENGLISH_ORDERS = 41
FREE_SHIPPING_MINOR = 8000
INFORMED = (True, True, True, True, None, True, True, False, True, True)
QUANTITIES = (1, 1, 1, 1, 1, 2, 1, 1, 3, 1)


def demo_orders(now: datetime) -> Iterator[dict[str, Any]]:
    """Every demo order in the import format, its days counted back from now."""
    for purchase in chain(well_known(), _purchases()):
        yield order_json(purchase, now)


def _purchases() -> Iterator[Purchase]:
    random = Random(SEED)  # noqa: S311 - a shop for show, no secret
    numbers = [("fr", f"FR-{1100 + n}") for n in range(FRENCH_ORDERS)]
    numbers += [("en", f"UK-{2100 + n}") for n in range(ENGLISH_ORDERS)]
    every_stage = cycle(_shuffled_stages(random))
    for index, ((language, number), stage) in enumerate(
        zip(numbers, every_stage, strict=False)
    ):
        yield _purchase(random, index, language, number, stage)


def _shuffled_stages(random: Random) -> list[Stage]:
    stages = [stage for stage in STAGES for _ in range(stage.weight)]
    random.shuffle(stages)
    return stages


def _purchase(
    random: Random, index: int, language: str, number: str, stage: Stage
) -> Purchase:
    timeline = stage.timeline(random)
    purchase = Purchase(
        number,
        some_person(random, language),
        _items(random, index),
        timeline,
        payment="manual" if index % 8 == 7 else "sandbox",
        informed=INFORMED[index % len(INFORMED)],
    )
    return stage.change(_with_shipping(index, _split(index, purchase)))


def _items(random: Random, index: int) -> list[Item]:
    """One to three different products; every seventh basket from two suppliers."""
    first = random.choice(articles())
    chosen = [first]
    if index % 7 == 3:
        chosen.append(_another(random, chosen, same_supplier=False))
    elif index % 5 == 1:
        chosen.append(_another(random, chosen, same_supplier=True))
    if index % 15 == 1:
        chosen.append(_another(random, chosen, same_supplier=True))
    discount = 0.1 if index % 11 == 5 else 0.0
    return [_item(random, index, article, discount) for article in chosen]


def _another(random: Random, chosen: list[Article], same_supplier: bool) -> Article:
    return random.choice(
        [
            article
            for article in articles()
            if article not in chosen
            and (article.supplier == chosen[0].supplier) is same_supplier
        ]
    )


def _item(random: Random, index: int, article: Article, discount: float) -> Item:
    quantity = QUANTITIES[index % len(QUANTITIES)]
    return Item(article, random.choice(article.variants()), quantity, discount)


def _split(index: int, purchase: Purchase) -> Purchase:
    """Two suppliers deliver on different days, sometimes one not at all yet."""
    delivered = purchase.timeline.delivered
    if delivered is None or len({i.article.supplier for i in purchase.items}) < 2:
        return purchase
    first, *others = purchase.items
    later = None if index % 4 == 0 else max(1, delivered - 2)
    items = [
        replace(first, delivered=delivered),
        *(replace(item, delivered=later) for item in others),
    ]
    return replace(purchase, items=items, separately=True)


def _with_shipping(index: int, purchase: Purchase) -> Purchase:
    goods = purchase.captured_minor - purchase.shipping[0]
    if goods >= FREE_SHIPPING_MINOR:
        return replace(purchase, shipping=(0, 0))
    if index % 9 == 2:
        return replace(purchase, shipping=(990, 490))
    return purchase
