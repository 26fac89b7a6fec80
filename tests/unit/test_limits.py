"""E13 and X10: every limit of shop.yml has a test of its own; the missing are here."""

import ast
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from desk import chat, hooks
from desk.channels import webhooks
from desk.console import guard
from returns.services import cases, refunds, tasks
from returns.settings import ROOT
from returns.shop import Limits
from returns.shop_terms import RefundLimits
from tests.desks import FakeRasa, WebClient, enter, say
from tests.houses import TestHouse
from tests.orders import new_order
from tests.unit.returns.test_money import fall_due, open_one, refund_of, wish

HERE = "unit/test_limits.py::"
WEB, MONEY = "unit/desk/test_web.py::", "unit/returns/"
TESTS = {
    "enabled": WEB + "test_without_limits_nobody_is_slowed_down",
    "text_characters": WEB + "test_what_does_not_fit_is_refused",
    "messages_per_minute": WEB + "test_too_many_messages_are_slowed_down",
    "messages_per_day": HERE + "test_a_day_has_its_messages",
    "requests_per_minute_per_address": "unit/desk/test_pace.py::"
    "test_an_address_that_asks_too_often_waits",
    "body_kilobytes": HERE + "test_every_body_has_its_length",
    "json_depth": WEB + "test_nesting_is_counted_outside_of_texts",
    "upload_megabytes": "unit/desk/test_uploads.py::"
    "test_a_file_too_large_is_not_read_to_its_end",
    "uploads_per_conversation": "unit/desk/test_uploads.py::test_a_day_has_a_limit",
    "withdrawals_per_hour_per_address": "unit/desk/test_withdraw.py::"
    "test_too_many_from_one_place",
    "failed_proofs_per_hour_per_address": MONEY + "test_identity.py::"
    "test_one_network_that_fails_often_is_asked_for_codes",
    "trusted_proxies": "unit/desk/test_pace.py::"
    "test_only_named_proxies_tell_an_address",
    "pictures of a message": HERE + "test_a_message_has_four_pictures",
    "per_order": MONEY + "test_limits_and_exchanges.py::"
    "test_what_is_over_the_limit_is_paid_by_a_person",
    "per_customer_in_30_days": HERE + "test_a_customer_has_a_limit_of_thirty_days",
    "per_hour": HERE + "test_an_hour_has_a_limit",
    "two_people_above": MONEY
    + "test_second_person.py::test_a_large_refund_is_asked_by_one_and_paid_by_another",
    "the original payment": HERE + "test_money_goes_back_where_it_came_from",
}


def test_every_limit_has_a_test() -> None:
    """A new limit in shop.yml needs a line here, and the line a test."""
    limits = {field.name for kind in (Limits, RefundLimits) for field in fields(kind)}
    assert limits <= set(TESTS)
    for place in TESTS.values():
        file, _, name = place.partition("::")
        assert name in _functions(ROOT / "tests" / file), place


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}


def test_a_day_has_its_messages(house: TestHouse, client: WebClient) -> None:
    """One more than shop.yml allows in 24 hours: 429, and when to come back."""
    few = replace(house.shop.limits, messages_per_day=3)
    house.shop = replace(house.shop, limits=few)
    enter(client)
    for number in range(3):
        say(client, str(number))
        house.clock.move(minutes=2)
    body = {"message_id": str(uuid4()), "text": "encore"}
    refused = client.post("/chat/messages", json=body)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "86400")
    assert refused.json()["detail"]
    house.clock.move(hours=23)
    assert client.post("/chat/messages", json=body).status_code == 429
    house.clock.move(hours=1)
    assert client.post("/chat/messages", json=body).status_code == 200


def test_a_message_has_four_pictures(client: WebClient) -> None:
    """The fifth is refused with the message, as the document says."""
    enter(client)
    longest = chat.NewMessage.model_json_schema()["properties"]["upload_ids"]
    assert longest["anyOf"][0]["maxItems"] == 4
    body = {"message_id": str(uuid4()), "text": "x", "upload_ids": ["a"] * 5}
    assert client.post("/chat/messages", json=body).status_code == 422


@pytest.mark.parametrize(
    "path", ["/chat/sessions", "/chat/messages", "/withdraw", "/withdraw/statements"]
)
def test_every_body_has_its_length(
    house: TestHouse, client: WebClient, path: str
) -> None:
    """64 KB as shop.yml has it; hooks and the console's forms by the same number."""
    enter(client)
    longest = house.shop.limits.body_kilobytes * 1024
    assert client.post(path, content=b" " * (longest + 1)).status_code == 413
    assert client.post(path, content=b"a=b" + b" " * 60_000).status_code != 413
    assert hooks.LONGEST_BODY == guard.BODY_BYTES == 64 * 1024
    assert webhooks.LONGEST_BODY == 3_670_016


def limited(house: TestHouse, **limits: str) -> None:
    money = {name: {"EUR": Decimal(value)} for name, value in limits.items()}
    house.shop = replace(house.shop, refund_limits=RefundLimits(**money))


def paid(house: TestHouse, order: dict[str, Any], talk: str) -> str:
    """The state of its refund once the worker has tried: paid or manual."""
    return_id = open_one(house, order, talk)
    refunds.pay(house, fall_due(house, return_id))
    return str(refund_of(house, return_id).state)


def test_a_customer_has_a_limit_of_thirty_days(house: TestHouse) -> None:
    """Over all orders of one e-mail; others are not held up, and days free it."""
    limited(house, per_customer_in_30_days="100.00")
    first = new_order(house)
    same = {"customer": first["customer"]}
    assert paid(house, first, "c1") == "paid"
    assert paid(house, new_order(house, **same), "c2") == "manual"
    assert paid(house, new_order(house), "c3") == "paid"
    house.clock.move(days=31)
    assert paid(house, new_order(house, **same), "c4") == "paid"
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "pay_refund"]
    assert task.facts["limits"] == ["per_customer_in_30_days"]


def test_an_hour_has_a_limit(house: TestHouse) -> None:
    """Of all customers together: paying stops, asking does not; an hour frees it."""
    limited(house, per_hour="130.00")
    states = [paid(house, new_order(house), f"c{n}") for n in range(3)]
    assert states == ["paid", "paid", "manual"]
    assert house.gateways.bank.paid_minor() == 2 * (5990 + 490)
    wish(house, new_order(house), "c4")
    assert cases.confirm(house, "c4", "yes").return_ids
    house.clock.move(hours=1, seconds=1)
    assert paid(house, new_order(house), "c5") == "paid"


def test_money_goes_back_where_it_came_from(house: TestHouse, rasa: FakeRasa) -> None:
    """The bank is told the order's own payment, and nothing that anybody said."""
    order = new_order(house)
    assert paid(house, order, "c1") == "paid"
    (sent,) = house.gateways.bank.payments.values()
    assert sent.payment_reference == order["payment"]["reference"]
