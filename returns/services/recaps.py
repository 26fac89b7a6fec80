"""The recap that one yes confirms: goods, remedy, money, who pays, where to. Pure."""

import re

from returns.formats import Day, Money
from returns.model import (
    SENT_AGAIN,
    Address,
    Choice,
    Decision,
    Disposition,
    Draft,
    Ground,
    LineDecision,
    Order,
    Outcome,
    Question,
    ReturnPayer,
    Say,
)
from returns.policy import parcel_payer, parcels
from returns.services.placing import Goods


def recap(draft: Draft, goods: Goods, decision: Decision) -> Question:
    """Everything the yes agrees to; its hash comes back with the yes."""
    lines = [_line(draft, goods, decision, line) for line in decision.lines]
    reviewed = all(line.outcome is Outcome.REVIEW for line in decision.lines)
    name = "utter_recap_review" if reviewed else "utter_recap"
    conditions = _conditions(goods.order, decision)
    says = Say(name, {"lines": lines, "conditions": conditions})
    yes = Choice(Say(_button(decision, reviewed)), {"intent": "affirm"})
    no = Choice(Say("utter_button_change"), {"intent": "deny"})
    return Question((says,), "confirmation", (yes, no), recap=decision.hash)


def options_text(options: dict[str, str]) -> str:
    """ "taille M, rouge" as the shop writes it: the values, in order."""
    return ", ".join(value for value in options.values() if value)


def masked(address: Address) -> str:
    """Enough to see that it is right, too little to find the door (I5)."""
    initials = " ".join(f"{part[0]}." for part in address.name.split())
    number = re.match(r"\d+\w?", address.line1)
    street = f"{number.group()} …" if number else "…"
    known = (initials, street, f"{address.postcode} {address.city}".strip())
    return ", ".join(part for part in known if part)


def _button(decision: Decision, reviewed: bool) -> str:
    withdrawal = any(
        line.ground is Ground.WITHDRAWAL and line.outcome is Outcome.ALLOW
        for line in decision.lines
    )
    if reviewed:
        return "utter_button_confirm_review"
    return "utter_button_confirm_withdrawal" if withdrawal else "utter_button_confirm"


def _line(draft: Draft, goods: Goods, decision: Decision, line: LineDecision) -> Say:
    wish = line.resolution.value if line.resolution else "review"
    if line.outcome is Outcome.REVIEW:
        wish = "review"
    reason = line.reason.value if line.reason else "not_given"
    order_line = goods.order.line(line.line_id)
    return Say(
        f"utter_recap_line_{wish}",
        {
            "title": order_line.title,
            "quantity": len(line.units) or 1,
            "reason": Say(f"utter_reason_{reason}"),
            "amount": Money(line.refund_minor, decision.currency),
            "variant": _variant(draft, goods, line),
        },
    )


def _variant(draft: Draft, goods: Goods, line: LineDecision) -> str | Say:
    """What will come: the chosen variant's options, else those of what was bought."""
    said = next(one for one in draft.lines if one.line_id == line.line_id)
    product = goods.product(line.line_id)
    chosen = next(
        (
            v
            for v in (product.variants if product else ())
            if v.sku == said.replacement_sku
        ),
        None,
    )
    options = chosen.options if chosen else goods.order.line(line.line_id).options
    return options_text(options) or Say("utter_same_variant")


def _conditions(order: Order, decision: Decision) -> list[Say]:
    """Who pays the return, where things go, the money given back and its day."""
    granted = [line for line in decision.lines if line.outcome is Outcome.ALLOW]
    says = _postage(order, granted)
    if any(line.resolution in SENT_AGAIN for line in granted):
        address = masked(order.customer.address)
        says.append(Say("utter_recap_ship_to", {"address": address}))
    return [*says, *_money(decision, granted)]


def _postage(order: Order, granted: list[LineDecision]) -> list[Say]:
    """Who pays each parcel: in one line where it is the same for all."""
    payers: dict[str, ReturnPayer | None] = {}
    for parcel in parcels(order, granted):
        for line in parcel:
            if line.disposition is Disposition.RETURN:
                payers[line.line_id] = parcel_payer(parcel)
            elif order.received_at(order.line(line.line_id)):
                payers[line.line_id] = None
    if set(payers.values()) == {None}:
        return [Say("utter_recap_keep")]
    if len(set(payers.values())) == 1:
        return [Say(f"utter_recap_payer_{payer}") for payer in set(payers.values())]
    return [
        Say(
            f"utter_recap_payer_of_{payer or ReturnPayer.NONE}",
            {"title": order.line(line_id).title},
        )
        for line_id, payer in payers.items()
    ]


def _money(decision: Decision, granted: list[LineDecision]) -> list[Say]:
    by = decision.deadlines.refund_by
    if decision.refund_minor == 0 or not granted or by is None:
        return []
    total = Money(decision.refund_minor, decision.currency)
    delivery = Money(decision.delivery_refund_minor, decision.currency)
    with_delivery = decision.delivery_refund_minor > 0
    name = "utter_recap_total_with_delivery" if with_delivery else "utter_recap_total"
    return [Say(name, {"total": total, "delivery": delivery, "by": Day(by)})]
