"""The withdrawal page and the chat speak of one and the same return."""

import re
from typing import Any

import httpx
import pytest

from returns.services import tasks, views
from tests.faults.journeys import eventually
from tests.orders import new_order
from tests.stack import Customer, Stack

FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def withdraw(stack: Stack, order: dict[str, Any], **changes: str) -> str:
    """Through both steps, as a browser without scripts; the reference."""
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=30) as browser:
        entered = {
            "lang": "fr",
            "name": "Alex Martin",
            "order_number": order["order_number"],
            "email": order["customer"]["email"],
            "step": "check",
            **changes,
        }
        second = browser.post("/withdraw", data=entered)
        assert second.status_code == 200, second.text
        fields = {**dict(FIELD.findall(second.text)), "step": "confirm"}
        texts = {browser.post("/withdraw", data=fields).text for _ in range(3)}
        (text,) = texts  # clicked three times, told the same
        return re.findall(r"W-\w{8}", text)[0]


def returns_of(stack: Stack, order: dict[str, Any]) -> list[dict[str, Any]]:
    return views.all_returns(stack.house, order["order_number"])


def book_of(stack: Stack, order: dict[str, Any]) -> list[dict[str, Any]]:
    mine = order["payment"]["reference"]
    return [row for row in stack.sandbox.book() if row["payment_reference"] == mine]


def mails_to(stack: Stack, address: str) -> list[dict[str, Any]]:
    return [mail for mail in stack.sandbox.mails() if mail["to"] == address]


def prove(customer: Customer, order: dict[str, Any], wish: str) -> str:
    """Say it and prove the order; the answers in one."""
    proof = f"{order['order_number']}, {order['customer']['email']}"
    answers = [customer.say(wish)]
    if customer.expects == "order_number":
        answers.append(customer.say(proof))
    return "\n".join(answers)


def test_withdrawn_on_the_page_it_is_a_return_in_the_chat(stack: Stack) -> None:
    """One return, its number and address by mail, one payment, whatever is said."""
    order = new_order(stack.house)
    reference = withdraw(stack, order)
    (case,) = eventually(lambda: returns_of(stack, order), "a return")
    assert case["channel"] == "withdrawal"
    assert [line["ground"] for line in case["lines"]] == ["withdrawal"]
    eventually(lambda: returns_of(stack, order)[0]["rma_number"], "an RMA")

    customer = stack.customer()
    told = prove(customer, order, "où en est mon retour ?")
    assert case["return_id"] in told
    again = stack.customer()
    prove(again, order, "je me rétracte")
    if again.expects == "confirmation":
        again.say("oui")
    paying = [c for c in returns_of(stack, order) if c["refund"]["state"] != "none"]
    assert [one["return_id"] for one in paying] == [case["return_id"]]

    stack.sandbox.receive(str(returns_of(stack, order)[0]["rma_number"]))
    eventually(lambda: book_of(stack, order), "the payment")
    withdraw(stack, order)  # once more, when all is over
    eventually(lambda: hindrances(stack, order), "the second statement")
    assert [row["amount_minor"] for row in book_of(stack, order)] == [6480]
    subjects = " ".join(
        mail["subject"] for mail in mails_to(stack, order["customer"]["email"])
    )
    assert reference in subjects and case["return_id"] in subjects


def hindrances(stack: Stack, order: dict[str, Any]) -> list[str]:
    found = tasks.open_tasks(stack.house)
    mine = [t for t in found if t.facts.get("order_number") == order["order_number"]]
    return [t.facts["hindrance"] for t in mine if "hindrance" in t.facts]


def test_what_matches_no_order_is_acknowledged_and_a_persons(stack: Stack) -> None:
    """The same receipt by mail, to the address that was given, and no return."""
    order = new_order(stack.house)
    address = f"other-{order['order_number'].lower()}@example.net"
    reference = withdraw(stack, order, email=address)
    (mail,) = eventually(lambda: mails_to(stack, address), "a mail")
    assert reference in mail["subject"] and order["order_number"] in mail["text"]
    assert eventually(lambda: hindrances(stack, order), "a task") == ["not_proved"]
    assert returns_of(stack, order) == [] == book_of(stack, order)


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_worker_killed_while_settling(stack: Stack, place: str) -> None:
    """It goes on where it was: one return."""
    stack.kill("worker")
    stack.start("worker", failpoint=f"withdrawal.{place}_confirm:kill")
    order = new_order(stack.house)
    withdraw(stack, order)
    stack.wait_dead("worker")
    stack.start("worker")
    (case,) = eventually(
        lambda: [c for c in returns_of(stack, order) if c["rma_number"]], "a return"
    )
    assert case["refund"]["amount_minor"] == 6480
