"""The draft's next question: what to say, what to offer, what is expected. Pure."""

from dataclasses import replace

from returns.formats import Day, Money
from returns.model import (
    Choice,
    Decision,
    Draft,
    DraftLine,
    Ground,
    LineDecision,
    Order,
    Outcome,
    Question,
    Resolution,
    ReturnReason,
    Say,
)
from returns.policy import FAULTS, RESCIND_AT_ONCE, History

COMMON_REASONS = (
    ReturnReason.TOO_SMALL,
    ReturnReason.TOO_LARGE,
    ReturnReason.DAMAGED_IN_TRANSIT,
    ReturnReason.DEFECTIVE_ON_ARRIVAL,
    ReturnReason.WRONG_ITEM,
    ReturnReason.MISSING_PARTS,
    ReturnReason.NOT_AS_DESCRIBED,
    ReturnReason.POOR_QUALITY,
    ReturnReason.COLOR_OR_STYLE,
    ReturnReason.CHANGED_MIND,
)
UNDELIVERED_REASONS = (
    ReturnReason.NOT_DELIVERED,
    ReturnReason.CHANGED_MIND,
    ReturnReason.OTHER,
)
CHANGES = ("lines", "reason", "resolution")


def apology(reasons: tuple[ReturnReason, ...]) -> Say | None:
    """Sorry and reassurance, only where the complaint is justified; else None."""
    ranked = sorted(reasons, key=lambda reason: reason not in RESCIND_AT_ONCE)
    for reason in ranked:
        if reason in FAULTS or reason in (
            ReturnReason.NOT_DELIVERED,
            ReturnReason.ARRIVED_LATE,
        ):
            return Say(f"utter_apology_{reason.value}")
    return None


def missing_identity(draft: Draft) -> Question | None:
    """The question for order number or e-mail; None when both were said."""
    if draft.order_number is None:
        return Question((Say("utter_ask_order_number"),), "order_number")
    if draft.email is None:
        says = (Say("utter_ask_email", {"order_number": draft.order_number}),)
        return Question(says, "email")
    return None


def next_question(
    draft: Draft, order: Order, history: History, decision: Decision | None
) -> Question:
    """decision None: the lines or quantities are not settled yet."""
    if draft.changing:
        return _what_to_change()
    if not draft.lines:
        return _which_lines(order, history)
    for line in draft.lines:
        if line.quantity is None:
            return _how_many(order, history, line)
    for line in draft.lines:
        if _lacks_reason(draft, line):
            return _why(order, line)
    if decision is None:
        raise ValueError("a settled draft has a decision")
    for decided in decision.lines:
        if decided.outcome is Outcome.ASK:
            return _which_remedy(order, decided, decision)
    return _recap(draft, order, decision)


def settle_wish(draft: Draft, decision: Decision) -> Draft:
    """Take the remedy as wished where the law leaves only one."""
    only = {
        line.line_id: line.remedies[0]
        for line in decision.lines
        if line.outcome is Outcome.ASK and len(line.remedies) == 1
    }
    lines = tuple(
        replace(line, resolution=only[line.line_id]) if line.line_id in only else line
        for line in draft.lines
    )
    return replace(draft, lines=lines)


def grounds(decision: Decision) -> tuple[str, ...]:
    """The explanations this decision calls for."""
    return tuple(n for n in decision.notices if n != "review")


def _lacks_reason(draft: Draft, line: DraftLine) -> bool:
    unneeded = draft.no_reason_given or draft.withdrawal_at is not None
    return not line.reasons and not unneeded


def _what_to_change() -> Question:
    choices = tuple(
        Choice(Say(f"utter_button_change_{part}"), {"change": part}) for part in CHANGES
    )
    abandon = Choice(Say("utter_button_abandon"), {"intent": "cancel_return"})
    return Question((Say("utter_ask_what_to_change"),), "detail", (*choices, abandon))


def _which_lines(order: Order, history: History) -> Question:
    free = [line for line in order.lines if history.free_units(line)]
    choices = tuple(
        Choice(
            Say("utter_button_line", {"title": line.title}),
            {"line_ids": [line.line_id]},
            image=line.image,
            detail=Say("utter_button_line_detail", {"quantity": line.quantity}),
        )
        for line in free or order.lines
    )
    return Question((Say("utter_ask_lines"),), "lines", choices, "many")


def _how_many(order: Order, history: History, line: DraftLine) -> Question:
    order_line = order.line(line.line_id)
    free = len(history.free_units(order_line))
    choices = tuple(
        Choice(Say("utter_button_number", {"number": n}), {"quantity": n})
        for n in range(1, min(free, 10) + 1)
    )
    params = {"title": order_line.title, "quantity": free}
    return Question((Say("utter_ask_quantity", params),), "quantity", choices)


def _why(order: Order, line: DraftLine) -> Question:
    order_line = order.line(line.line_id)
    undelivered = order.received_at(order_line) is None
    reasons = UNDELIVERED_REASONS if undelivered else COMMON_REASONS
    choices = [
        Choice(Say(f"utter_button_reason_{reason.value}"), {"reasons": [reason.value]})
        for reason in reasons
    ]
    if not undelivered:
        choices.append(Choice(Say("utter_button_reason_other"), {"reasons": ["other"]}))
        choices.append(Choice(Say("utter_button_no_reason"), {"no_reason": True}))
    says = (Say("utter_ask_reason", {"title": order_line.title}),)
    return Question(says, "reason", tuple(choices))


def _which_remedy(order: Order, line: LineDecision, decision: Decision) -> Question:
    params = {
        "title": order.line(line.line_id).title,
        "amount": Money(line.refund_minor, decision.currency),
    }
    choices = tuple(
        Choice(Say(f"utter_button_{remedy.value}"), {"resolution": remedy.value})
        for remedy in line.remedies
    )
    return Question((Say("utter_ask_resolution", params),), "resolution", choices)


def explanations(draft: Draft, order: Order, decision: Decision) -> tuple[Say, ...]:
    """What is allowed and why, for each ground not explained before."""
    fresh = [g for g in grounds(decision) if g not in draft.explained]
    ends = decision.deadlines.withdrawal_ends
    params = {"ends": Day(ends)} if ends else {}
    return tuple(Say(f"utter_explain_{ground}", params) for ground in fresh)


def _recap(draft: Draft, order: Order, decision: Decision) -> Question:
    lines = [_recap_line(order, decision, line) for line in decision.lines]
    reviewed = all(line.outcome is Outcome.REVIEW for line in decision.lines)
    name = "utter_recap_review" if reviewed else "utter_recap"
    says = Say(name, {"lines": lines, "conditions": _conditions(decision)})
    withdrawal = any(
        line.ground is Ground.WITHDRAWAL and line.outcome is Outcome.ALLOW
        for line in decision.lines
    )
    button = "utter_button_confirm_withdrawal" if withdrawal else "utter_button_confirm"
    if reviewed:
        button = "utter_button_confirm_review"
    yes = Choice(Say(button), {"intent": "affirm"})
    no = Choice(Say("utter_button_change"), {"intent": "deny"})
    return Question((says,), "confirmation", (yes, no), recap=decision.hash)


def _recap_line(order: Order, decision: Decision, line: LineDecision) -> Say:
    wish = line.resolution.value if line.resolution else "review"
    if line.outcome is Outcome.REVIEW:
        wish = "review"
    reason = line.reason.value if line.reason else "not_given"
    return Say(
        f"utter_recap_line_{wish}",
        {
            "title": order.line(line.line_id).title,
            "quantity": len(line.units) or 1,
            "reason": Say(f"utter_reason_{reason}"),
            "amount": Money(line.refund_minor, decision.currency),
        },
    )


def _conditions(decision: Decision) -> list[Say]:
    """Who pays the return, the delivery given back, the total and the day."""
    says = []
    granted = [line for line in decision.lines if line.outcome is Outcome.ALLOW]
    if any(line.disposition.value == "return" for line in granted):
        says.append(Say(f"utter_recap_payer_{decision.payer.value}"))
    refunds = any(line.resolution is Resolution.REFUND for line in granted)
    by = decision.deadlines.refund_by
    if refunds and by is not None:
        total = Money(decision.refund_minor, decision.currency)
        delivery = Money(decision.delivery_refund_minor, decision.currency)
        with_delivery = decision.delivery_refund_minor > 0
        name = (
            "utter_recap_total_with_delivery" if with_delivery else "utter_recap_total"
        )
        says.append(Say(name, {"total": total, "delivery": delivery, "by": Day(by)}))
    return says
