"""The draft's next question: what to say, what to offer, what is expected. Pure."""

from dataclasses import replace

from returns.formats import Day, Money
from returns.model import (
    Choice,
    Decision,
    Draft,
    DraftLine,
    LineDecision,
    Outcome,
    Question,
    Resolution,
    ReturnReason,
    Say,
)
from returns.policy import FAULTS, RESCIND_AT_ONCE
from returns.services import details, recaps
from returns.services.placing import Goods

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
# Told only by who has the goods.
IN_HAND = (
    *(r for r in COMMON_REASONS if r is not ReturnReason.CHANGED_MIND),
    ReturnReason.FAILED_LATER,
    ReturnReason.NOT_COMPATIBLE,
    ReturnReason.EXTRA_ITEM,
    ReturnReason.UNSAFE_OR_RECALL,
)
CHANGES = ("lines", "reason", "resolution")
BY_PERSON = (Resolution.REDUCTION, Resolution.REPAIR)
MOST_CHOICES = 10
# Said with the recap when nothing else is asked, so that a picture costs no turn.
PICTURE_WELCOME = "utter_photo_welcome"


def apology(reasons: tuple[ReturnReason, ...]) -> Say | None:
    """Sorry and reassurance, only where the complaint is justified; else None.

    Of several faults the one that the decision will name first (grounds._rank).
    """
    ranked = sorted(reasons, key=lambda r: (r not in RESCIND_AT_ONCE, r.value))
    for reason in ranked:
        if reason in FAULTS or reason in (
            ReturnReason.NOT_DELIVERED,
            ReturnReason.ARRIVED_LATE,
        ):
            return Say(f"utter_apology_{reason.value}")
    return None


def before_deciding(draft: Draft, goods: Goods) -> Question | None:
    """What must be known before policy can decide; None when it is."""
    if draft.changing:
        return _what_to_change(draft)
    if not draft.lines:
        return _which_lines(goods)
    for line in draft.lines:
        if line.quantity is None:
            return _how_many(goods, line)
    for line in draft.lines:
        if _lacks_reason(draft, line):
            return _why(goods, line)
    for line in draft.lines:
        if _doubts_arrival(draft, goods, line):
            return _fact(goods, line.line_id, "received")
    for line in draft.lines:
        if details.lacks_detail(draft, line):
            return _what_exactly(goods, line)
    return None


def after_deciding(draft: Draft, goods: Goods, decision: Decision) -> Question:
    """What is left to choose, then the recap."""
    pictured = details.lacks_picture(draft)
    chooses = any(line.outcome is Outcome.ASK for line in decision.lines)
    if pictured is not None and chooses:
        return _picture(goods, pictured)
    for decided in decision.lines:
        if decided.outcome is Outcome.ASK:
            return _missing(goods, decided, decision)
        if _not_outright(draft, decided):
            return _another_remedy(goods, decided, decision)
    shown = recaps.recap(draft, goods, decision)
    if pictured is None:
        return shown
    return replace(shown, says=(Say(PICTURE_WELCOME), *shown.says))


def settle_wish(draft: Draft, decision: Decision) -> Draft:
    """Take the remedy as wished where the law leaves only one."""
    only = {
        line.line_id: line.remedies[0]
        for line in decision.lines
        if line.asks == ("resolution",) and len(line.remedies) == 1
    }
    lines = tuple(
        replace(line, resolution=only[line.line_id]) if line.line_id in only else line
        for line in draft.lines
    )
    return replace(draft, lines=lines)


def grounds(decision: Decision) -> tuple[str, ...]:
    """The explanations this decision calls for."""
    return tuple(n for n in decision.notices if n != "review")


def explanations(draft: Draft, decision: Decision) -> tuple[Say, ...]:
    """What is allowed and why, for each ground not explained before."""
    fresh = [g for g in grounds(decision) if g not in draft.explained]
    ends = decision.deadlines.withdrawal_ends
    params = {"ends": Day(ends)} if ends else {}
    return tuple(Say(f"utter_explain_{ground}", params) for ground in fresh)


def _lacks_reason(draft: Draft, line: DraftLine) -> bool:
    unneeded = draft.no_reason_given or draft.withdrawal_at is not None
    return not line.reasons and not unneeded


def _doubts_arrival(draft: Draft, goods: Goods, line: DraftLine) -> bool:
    """Whether they complain of goods that the carrier has not delivered yet."""
    answered = line.received is not None or f"received/{line.line_id}" in draft.skipped
    if answered or draft.withdrawal_at is not None:
        return False
    order_line = goods.order.line(line.line_id)
    in_hand = any(reason in IN_HAND for reason in line.reasons)
    return in_hand and goods.order.received_at(order_line) is None


def _what_to_change(draft: Draft) -> Question:
    several = any((line.quantity or 1) > 1 for line in draft.lines)
    parts = (*CHANGES, "quantity") if several else CHANGES
    choices = tuple(
        Choice(Say(f"utter_button_change_{part}"), {"change": part}) for part in parts
    )
    abandon = Choice(Say("utter_button_abandon"), {"intent": "cancel_return"})
    return Question((Say("utter_ask_what_to_change"),), "detail", (*choices, abandon))


def _which_lines(goods: Goods) -> Question:
    choices = tuple(
        Choice(
            Say("utter_button_line", {"title": line.title}),
            {"line_ids": [line.line_id]},
            image=line.image,
            detail=_line_detail(line.options, line.quantity),
        )
        for line in goods.free
    )
    return Question((Say("utter_ask_lines"),), "lines", choices, "many")


def _line_detail(options: dict[str, str], quantity: int) -> Say:
    chosen = recaps.options_text(options)
    if chosen:
        params = {"options": chosen, "quantity": quantity}
        return Say("utter_button_line_options", params)
    return Say("utter_button_line_detail", {"quantity": quantity})


def _how_many(goods: Goods, line: DraftLine) -> Question:
    order_line = goods.order.line(line.line_id)
    free = len(goods.history.free_units(order_line))
    choices = tuple(
        Choice(Say("utter_button_number", {"number": n}), {"quantity": n})
        for n in range(1, min(free, MOST_CHOICES) + 1)
    )
    params = {"title": order_line.title, "quantity": free}
    says = (Say("utter_ask_quantity", params),)
    return Question(says, "quantity", choices, about=line.line_id)


def _why(goods: Goods, line: DraftLine) -> Question:
    order_line = goods.order.line(line.line_id)
    undelivered = goods.order.received_at(order_line) is None
    reasons = UNDELIVERED_REASONS if undelivered else COMMON_REASONS
    choices = [
        Choice(Say(f"utter_button_reason_{reason.value}"), {"reasons": [reason.value]})
        for reason in reasons
    ]
    if not undelivered:
        choices.append(Choice(Say("utter_button_reason_other"), {"reasons": ["other"]}))
        choices.append(Choice(Say("utter_button_no_reason"), {"no_reason": True}))
    says = (Say("utter_ask_reason", {"title": order_line.title}),)
    return Question(says, "reason", tuple(choices), about=line.line_id)


def _what_exactly(goods: Goods, line: DraftLine) -> Question:
    reason = next(r for r in line.reasons if r in details.TOLD_IN_WORDS)
    params = {"title": goods.order.line(line.line_id).title}
    skip = Choice(Say("utter_button_skip_detail"), {"skip": True})
    says = (Say(f"utter_ask_detail_{reason.value}", params),)
    return Question(says, "detail", (skip,), about=line.line_id)


def _picture(goods: Goods, line_id: str) -> Question:
    params = {"title": goods.order.line(line_id).title}
    skip = Choice(Say("utter_button_skip_photo"), {"skip": True})
    return Question((Say("utter_ask_photo", params),), "photo", (skip,), about=line_id)


def _which_remedy(goods: Goods, line: LineDecision, decision: Decision) -> Question:
    several = len(line.remedies) > 2 or Resolution.EXCHANGE in line.remedies
    name = "utter_ask_resolution_open" if several else "utter_ask_resolution"
    return _remedies(goods, line, decision, name)


def _another_remedy(goods: Goods, line: LineDecision, decision: Decision) -> Question:
    """The wish is not given outright: what is, and the way to a person all the same."""
    wish = line.resolution.value if line.resolution else "refund"
    asked = _remedies(goods, line, decision, f"utter_not_outright_{wish}")
    keep = Choice(Say("utter_button_ask_all_the_same"), {"skip": True})
    return replace(asked, choices=(*asked.choices, keep))


def _remedies(
    goods: Goods, line: LineDecision, decision: Decision, response: str
) -> Question:
    params = {
        "title": goods.order.line(line.line_id).title,
        "amount": Money(line.refund_minor, decision.currency),
    }
    choices = tuple(
        Choice(Say(f"utter_button_{remedy.value}"), {"resolution": remedy.value})
        for remedy in line.remedies
    )
    says = (Say(response, params),)
    return Question(says, "resolution", choices, about=line.line_id)


def _not_outright(draft: Draft, line: LineDecision) -> bool:
    """Whether another remedy is on offer and this one needs a person."""
    return (
        draft.withdrawal_at is None
        and line.outcome is Outcome.REVIEW
        and bool(line.remedies)
        and line.resolution not in (None, *BY_PERSON, *line.remedies)
        and not details.insists(draft, line)
    )


def _missing(goods: Goods, line: LineDecision, decision: Decision) -> Question:
    """The fact without which policy does not decide."""
    fact = line.asks[0]
    if fact == "resolution":
        return _which_remedy(goods, line, decision)
    if fact == "replacement_sku":
        return _which_variant(goods, line)
    return _fact(goods, line.line_id, fact)


def _fact(goods: Goods, line_id: str, fact: str) -> Question:
    choices = tuple(
        Choice(Say(f"utter_button_fact_{told}"), {"answer": told.rpartition("_")[2]})
        for told in (f"{fact}_yes", f"{fact}_no")
    )
    params = {"title": goods.order.line(line_id).title}
    says = (Say(f"utter_ask_{fact}", params),)
    return Question(says, "detail", choices, about=f"{line_id}#{fact}")


def _which_variant(goods: Goods, line: LineDecision) -> Question:
    order_line = goods.order.line(line.line_id)
    product = goods.product(line.line_id)
    variants = product.variants if product else ()
    choices = tuple(
        Choice(
            Say("utter_button_variant", {"options": recaps.options_text(v.options)}),
            {"replacement_sku": v.sku},
        )
        for v in variants
        if v.sku in line.exchange_skus
    )
    says = (Say("utter_ask_variant", {"title": order_line.title}),)
    return Question(says, "variant", choices[:MOST_CHOICES], about=line.line_id)
