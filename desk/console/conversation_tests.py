"""One conversation as a test in the format of tests/conversations/README.md.

Personal data is replaced by that of the made-up order which the runner brings. The
test ends where a person gave the conversation back: the format has no word for it.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Any

import sqlalchemy as sa
from ruamel.yaml import YAML
from sqlalchemy import Row

from desk.console import personal, reasons, talk
from desk.console.corrections import STAND_INS
from desk.console.customers import Customer
from desk.console.talk import Talk
from returns.services.cases import lines_of
from returns.tables import drafts, order_lines, orders
from returns.wiring import House

# The runner's own customer (tests/orders.py).
THEIR_NAMES = ("Alex", "Martin")
THEIR_ANSWERS = {"postcode": "75011", "surname": "Martin"}
LINE_KEYS = ("sku", "product_id", "title", "supplier", "options", "quantity")
MORE_LINE_KEYS = (
    "category",
    "personalised",
    "sealed_hygiene",
    "perishable",
    "second_hand",
)
GAPS = ("{order_number}", "{other_order_number}")
BOT_IS_BACK = ("utter_back_with_bot", "utter_person_left")


def as_yaml(house: House, conversation_id: str) -> str:
    """The test file. Raises NotFound."""
    out = StringIO()
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=2, offset=0)
    yaml.dump(as_test(house, talk.read(house, conversation_id)), out)
    return out.getvalue()


def as_test(house: House, found: Talk) -> dict[str, Any]:
    """What the file says."""
    numbers = _orders_of(house, found)
    outcomes = [_returns(house, found, number) for number in numbers[:2]]
    told: dict[str, Any] = {
        "name": f"{_topic(outcomes)} ({found.conversation.conversation_id[:8]})",
        "kind": _kind(found, outcomes),
        "language": _language(found),
    }
    for key, number in zip(("order", "other order"), numbers, strict=False):
        told[key] = _order(house, number, found.conversation.created_at)
    told["steps"] = list(_steps(found, _Words(house, numbers, found.customer)))
    told["then"] = dict(
        zip(("returns", "other returns"), outcomes or [[]], strict=False)
    )
    return told


class _Words:
    """Puts the runner's data in place of a customer's."""

    def __init__(
        self, house: House, numbers: list[str], customer: Customer | None
    ) -> None:
        self._swaps: list[tuple[re.Pattern[str], str]] = []
        with house.reader.connect() as connection:
            query = sa.select(orders.c.customer).where(
                orders.c.order_number.in_(numbers)
            )
            people = list(connection.execute(query).scalars())
        for person in people:
            self._swap(str(person.get("email") or ""), "{email}")
        for number, gap in zip(numbers, GAPS, strict=False):
            self._swaps.append((_written(number), gap))
        for person in people:
            names = (person.get("first_name"), person.get("last_name"))
            for name, theirs in zip(names, THEIR_NAMES, strict=True):
                self._swap(str(name or ""), theirs)
        self._known = customer.words if customer else ()

    def _swap(self, text: str, instead: str) -> None:
        if text:
            found = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.I)
            self._swaps.append((found, instead))

    def plain(self, text: str) -> str:
        """On one line, without personal data."""
        kept: list[str] = []

        def keep(instead: str) -> str:
            kept.append(instead)
            return f"\x01{len(kept) - 1}\x02"

        for found, instead in self._swaps:
            text = found.sub(lambda _match, told=instead: keep(told), text)  # type: ignore[misc]
        text = personal.masked(text, self._known)
        for mark, stand_in in STAND_INS.items():
            text = text.replace(mark, stand_in)
        text = text.replace("{", "(").replace("}", ")")
        text = re.sub("\x01(\\d+)\x02", lambda match: kept[int(match[1])], text)
        return " ".join(text.split())


def _written(number: str) -> re.Pattern[str]:
    """As people type an order number: `fr 1042`, `FR1042`, `1042`."""
    letters, digits = re.match(r"(\D*)(.*)", number, re.S).groups()  # type: ignore[union-attr]
    start = re.escape(letters.rstrip("-# "))
    body = re.escape(digits)
    return re.compile(rf"(?<!\w)(?:{start}[\s\-#]*)?{body}(?!\w)", re.I)


def _steps(found: Talk, words: _Words) -> Iterator[dict[str, Any]]:
    """What the customer and the team did, with what was asked next."""
    expected, offered = None, []
    step: dict[str, Any] | None = None
    for message in found.messages:
        if message.response in BOT_IS_BACK:
            break
        if message.author != "customer":
            expected, offered = message.expects, message.buttons
            if message.author == "staff":
                yield from [step] if step else []
                step = {"staff says": words.plain(message.text)}
            elif step is not None and message.expects:
                step["expects"] = message.expects
            continue
        yield from [step] if step else []
        step = _said(found, message, expected, offered, words)
        expected, offered = None, []
    yield from [step] if step else []


def _said(
    found: Talk,
    message: Row[Any],
    expected: str | None,
    offered: list[dict[str, Any]],
    words: _Words,
) -> dict[str, Any] | None:
    understood = found.understood.get(message.inbound_id)
    pressed = understood is not None and bool(understood.inbound.payload)
    if pressed:
        titles = [b["title"] for b in offered if b["title"] in message.text]
        plain = [words.plain(title) for title in titles]
        step: dict[str, Any] = {"presses": plain if len(plain) > 1 else "".join(plain)}
    elif expected == "code":
        step = {"code from mail": True}
    elif expected in THEIR_ANSWERS:
        step = {"says": THEIR_ANSWERS[expected]}
    elif message.text:
        step = {"says": words.plain(message.text)}
    else:
        return None
    steps = understood.steps if understood else ()
    if any(one.name == "action_hand_over" for one in steps):
        step["mode"] = "waiting"
    return step


def _orders_of(house: House, found: Talk) -> list[str]:
    """That the shop knows, in the order in which they came up."""
    talk_id = found.conversation.conversation_id
    drafted = sa.select(drafts.c.order_number).where(
        drafts.c.conversation_id == talk_id, drafts.c.order_number.is_not(None)
    )
    with house.reader.connect() as connection:
        numbers = list(
            connection.execute(drafted.order_by(drafts.c.created_at)).scalars()
        )
        numbers += [case.order_number for case in found.cases]
        known = sa.select(orders.c.order_number).where(
            orders.c.order_number.in_(numbers)
        )
        existing = set(connection.execute(known).scalars())
    return [n for n in dict.fromkeys(numbers) if n in existing]


def _order(house: House, number: str, began: datetime) -> dict[str, Any]:
    """Arguments of tests/orders.py new_order: nothing of the person."""
    with house.reader.connect() as connection:
        row = connection.execute(
            sa.select(orders).where(orders.c.order_number == number)
        ).one()
        query = sa.select(order_lines).where(order_lines.c.order_number == number)
        lines = connection.execute(query.order_by(order_lines.c.position)).all()
    delivered = row.delivered_at and max((began - row.delivered_at).days, 0)
    return {
        "delivered_days_ago": delivered,
        "placed_days_ago": max((began - row.placed_at).days, (delivered or 0) + 1, 1),
        "language": row.language,
        "currency": row.currency,
        "shipping": {
            "paid_minor": row.shipping_paid_minor,
            "standard_minor": row.shipping_standard_minor,
        },
        "lines": [_line(line) for line in lines],
    }


def _line(line: Row[Any]) -> dict[str, Any]:
    told = {key: line._mapping[key] for key in LINE_KEYS}
    more = {key: line._mapping[key] for key in MORE_LINE_KEYS if line._mapping[key]}
    return {**told, "paid_minor": line.paid_minor, **more}


def _returns(house: House, found: Talk, number: str) -> list[dict[str, Any]]:
    """With a person's reasons where there are any; in the order of the lines."""
    told = []
    with house.reader.connect() as connection:
        for case in found.cases:
            if case.order_number != number:
                continue
            right = reasons.of_case(connection, case.return_id)
            rows = lines_of(connection, case.return_id)
            lines = []
            for line in rows:
                corrected = right.get(line.line_id)
                reason = corrected.right_reason if corrected else line.return_reason
                wish = {"resolution": line.resolution} if line.resolution else {}
                lines.append({"return_reason": reason, **wish})
            told.append((str(rows[0].line_id), {"lines": lines}))
    return [case for _, case in sorted(told, key=lambda one: one[0])]


def _kind(found: Talk, outcomes: list[list[dict[str, Any]]]) -> str:
    lines = [line for cases in outcomes for case in cases for line in case["lines"]]
    if found.conversation.handed_over_at is not None:
        return "handoff"
    if len([cases for cases in outcomes if cases]) > 1:
        return "several_orders"
    if len(lines) > 1:
        return "several_lines"
    return "happy" if lines else "digression"


def _topic(outcomes: list[list[dict[str, Any]]]) -> str:
    told = [
        str(line["return_reason"] or "no reason").replace("_", " ")
        for cases in outcomes
        for case in cases
        for line in case["lines"]
    ]
    return ", ".join(dict.fromkeys(told)) or "no return"


def _language(found: Talk) -> str:
    said = sorted(found.understood.values(), key=lambda one: one.inbound.seq)
    return str(said[0].inbound.language if said else found.conversation.language)
