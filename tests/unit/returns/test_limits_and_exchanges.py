"""What the machine alone may not pay, and what an exchange gives back and sends."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from returns.gateways.supplier import (
    Pending,
    ReplacementLine,
    ReplacementOrder,
    ReplacementRequest,
)
from returns.importing.products import import_products
from returns.model import By, Resolution, ReturnReason
from returns.services import cases, drafts, refunds, replacements, tasks
from returns.tables import refund_components
from returns.work import WorkKind
from tests.houses import FakeSupplier, TestHouse, ask_on, heard, opened, tell_all
from tests.orders import new_order
from tests.unit.returns.test_authorisations import work_state
from tests.unit.returns.test_money import fall_due, open_one, refund_of, wish

ALL_THAT_ONE_ORDER_MAY_GET = 40_000
BOUGHT, CHEAPER = "NOR-01-38-BLEU", "NOR-01-36-BLEU"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


class Remembering(FakeSupplier):
    """Keeps each request as it came."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[ReplacementRequest] = []

    def request_replacement(
        self, request: ReplacementRequest, key: str
    ) -> ReplacementOrder | Pending:
        self.requests.append(request)
        return super().request_replacement(request, key)


def costing(house: TestHouse, minor: int) -> dict[str, Any]:
    """An order of one dress and its delivery, for this sum in all."""
    return new_order(house, lines=[{"paid_minor": minor - 490}])


def in_two_sizes(house: TestHouse, cheaper_minor: int) -> None:
    """The dress of tests/orders.py as it was bought, and smaller for less."""
    sizes = [(BOUGHT, "38", 5990), (CHEAPER, "36", cheaper_minor)]
    product = {
        "product_id": "NOR-01",
        "title": "Robe en lin Solène",
        "supplier": "Nordlys Apparel",
        "variants": [
            {
                "sku": sku,
                "options": {"Taille": size},
                "price_minor": minor,
                "available": True,
            }
            for sku, size, minor in sizes
        ],
    }
    given = [json.dumps(product)]
    assert not import_products(house.engine, given, house.clock.now()).problems


def exchanged(house: TestHouse, order: dict[str, Any]) -> str:
    """A dress that is too large, for the smaller one; the return's number."""
    told = {"reasons": (ReturnReason.TOO_LARGE,), "resolution": Resolution.EXCHANGE}
    assert tell_all(house, order, **told).expects == "variant"
    drafts.hear(house, heard("m2", "inform", replacement_sku=CHEAPER))
    assert ask_on(house).expects == "confirmation"
    (return_id,) = cases.confirm(house, "c1", "yes").return_ids
    return return_id


def reserved(house: TestHouse, order: dict[str, Any]) -> dict[str, int]:
    here = refund_components.c.order_number == order["order_number"]
    with house.reader.connect() as connection:
        rows = connection.execute(sa.select(refund_components).where(here)).all()
    return {row.component: row.amount_minor for row in rows}


def test_what_is_over_the_limit_is_paid_by_a_person(house: TestHouse) -> None:
    """A cent too much for one order: a task that names the limit, no call (X10)."""
    order = costing(house, ALL_THAT_ONE_ORDER_MAY_GET + 1)
    return_id = open_one(house, order)
    refund_id = fall_due(house, return_id)
    for _ in range(2):
        refunds.pay(house, refund_id)
    assert refund_of(house, return_id).state == "manual"
    assert not house.gateways.bank.payments
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "pay_refund"]
    assert task.subject_id == refund_id
    assert "per_order" in task.facts["limits"]
    assert task.facts["amount_minor"] == ALL_THAT_ONE_ORDER_MAY_GET + 1
    assert work_state(house, WorkKind.PAY_REFUND, refund_id) == "done"
    refunds.settle(house, refund_id, "VIR-1", By.STAFF, "lea")
    assert refund_of(house, return_id).state == "paid"


def test_the_limit_itself_is_paid(house: TestHouse) -> None:
    """Up to the sum nobody is asked."""
    return_id = open_one(house, costing(house, ALL_THAT_ONE_ORDER_MAY_GET))
    refunds.pay(house, fall_due(house, return_id))
    assert house.gateways.bank.paid_minor() == ALL_THAT_ONE_ORDER_MAY_GET


def test_what_was_paid_before_counts(house: TestHouse) -> None:
    """Two dresses of one order, returned one by one: the second is too much."""
    half = {"paid_minor": 25_000}
    order = new_order(house, lines=[half, half])
    paid = []
    for talk, line in zip(("c1", "c2"), order["lines"], strict=True):
        wish(house, order, talk, line_ids=(line["line_id"],))
        (return_id,) = cases.confirm(house, talk, "yes").return_ids
        refunds.pay(house, fall_due(house, return_id))
        paid.append(refund_of(house, return_id).state)
    assert paid == ["paid", "manual"]
    assert house.gateways.bank.paid_minor() == 25_000


def test_an_exchange_sends_what_was_chosen_and_pays_the_rest(house: TestHouse) -> None:
    """The smaller dress is ordered, and only the difference comes back."""
    supplier = house.gateways.any_supplier = Remembering()
    in_two_sizes(house, cheaper_minor=4990)
    order = new_order(house)
    return_id = exchanged(house, order)
    refunds.pay(house, fall_due(house, return_id))
    assert reserved(house, order) == {f"difference/{return_id}": 1000}
    assert house.gateways.bank.paid_minor() == 1000
    (replacement_id,) = set(house.queue.subjects(WorkKind.ORDER_REPLACEMENT))
    replacements.order(house, replacement_id)
    (request,) = supplier.requests
    assert request.lines == (ReplacementLine(CHEAPER, 1),)
    assert refund_of(house, return_id).state == "paid"


def test_an_exchange_at_the_same_price_pays_nothing(house: TestHouse) -> None:
    """There is no difference, and so no refund to wait for."""
    in_two_sizes(house, cheaper_minor=5990)
    order = new_order(house)
    return_id = exchanged(house, order)
    assert refunds.start(house, return_id) is None
    assert reserved(house, order) == {}
