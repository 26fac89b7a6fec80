"""What is asked next, what is offered with it, and what is never asked."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.model import (
    Draft,
    DraftLine,
    Outcome,
    Question,
    Resolution,
    ReturnReason,
)
from returns.policy import FAULTS, History, decide
from returns.services import details, hearing, questions
from returns.services.hearing import Goods
from tests.unit.returns.test_policy import (
    NOW,
    SHOP,
    days,
    delivered,
    draft,
    line,
    order,
    situations,
)

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT
NOTHING = History()


def after(said: Draft, bought: Any = None, history: History = NOTHING) -> Question:
    """The question that follows a draft, decided where it is settled."""
    goods = Goods(bought or order(), history)
    said = hearing.settle(said, goods)
    told = ("photo", *(f"detail/{line.line_id}" for line in said.lines))
    said = replace(said, skipped=(*told, *said.skipped))
    decision = decide(said, goods.order, SHOP, history, NOW)
    asked = questions.before_deciding(said, goods)
    return asked or questions.after_deciding(said, goods, decision)


def about(*reasons: ReturnReason, wish: Resolution | None = REFUND) -> Draft:
    return draft(DraftLine("L1", 1, reasons, None, wish))


def spoken(question: Question) -> list[str]:
    return [say.response for say in question.says]


def meant(question: Question) -> list[dict[str, Any]]:
    return [choice.means for choice in question.choices]


def conditions(question: Question) -> list[str]:
    return [say.response for say in question.says[-1].params["conditions"]]


@pytest.mark.parametrize("reason", list(R))
def test_sorry_only_where_it_is_justified(reason: ReturnReason) -> None:
    """A fault, a loss or lateness is apologised for; taste never is."""
    justified = reason in FAULTS or reason in (R.NOT_DELIVERED, R.ARRIVED_LATE)
    said = questions.apology((R.TOO_SMALL, reason))
    assert (said.response if said else None) == (
        f"utter_apology_{reason.value}" if justified else None
    )


def test_the_worst_is_apologised_for_first() -> None:
    """Broken weighs more than late, in whatever order they were told."""
    for told in ((R.ARRIVED_LATE, R.DAMAGED_IN_TRANSIT), (R.WRONG_ITEM,)):
        for reasons in (told, told[::-1]):
            said = questions.apology(reasons)
            assert said is not None
            assert said.response == f"utter_apology_{told[-1].value}"


def test_only_what_is_left_can_be_chosen() -> None:
    """A line that is gone is not offered; several of the others may be chosen."""
    bought = order(line("L1"), line("L2", title="Lampe"), line("L3", title="Sac"))
    question = after(draft(), bought, History({"L1": frozenset({1})}))
    assert (question.expects, question.choose) == ("lines", "many")
    assert meant(question) == [{"line_ids": ["L2"]}, {"line_ids": ["L3"]}]


def test_quantities_on_offer_are_those_left() -> None:
    """Of five units with one gone four can be chosen; never more than ten buttons."""
    bought = order(line(quantity=5))
    question = after(draft(DraftLine("L1")), bought, History({"L1": frozenset({2})}))
    assert question.expects == "quantity"
    assert meant(question) == [{"quantity": n} for n in (1, 2, 3, 4)]
    many = after(draft(DraftLine("L1")), order(line(quantity=40)))
    assert len(many.choices) == 10


def test_why_can_be_left_unsaid() -> None:
    """Goods that came: common reasons, another, or none at all (N1)."""
    question = after(about())
    assert question.expects == "reason"
    reasons = [m["reasons"] for m in meant(question) if "reasons" in m]
    assert reasons == [[r.value] for r in (*questions.COMMON_REASONS, R.OTHER)]
    assert meant(question)[-1] == {"no_reason": True}


def test_goods_that_never_came_have_their_own_reasons() -> None:
    """Nobody is asked whether a parcel they never saw was too small."""
    question = after(about(), order(delivered_at=None))
    assert meant(question) == [
        {"reasons": [r.value]} for r in questions.UNDELIVERED_REASONS
    ]


def test_only_lawful_remedies_are_offered() -> None:
    """The wish is asked with what the decision allows, no more."""
    question = after(about(R.WRONG_ITEM, wish=None))
    assert question.expects == "resolution"
    assert meant(question) == [{"resolution": "replacement"}, {"resolution": "refund"}]


def test_the_only_remedy_is_not_asked_for() -> None:
    """Where the law leaves one remedy it is taken; where it leaves two, asked."""
    for reason, wish in ((R.CHANGED_MIND, REFUND), (R.WRONG_ITEM, None)):
        said = about(reason, wish=None)
        decision = decide(said, order(), SHOP, NOTHING, NOW)
        (settled,) = questions.settle_wish(said, decision).lines
        assert settled.resolution is wish


def test_the_recap_carries_what_a_yes_agrees_to() -> None:
    """Its hash is the decision's; one button agrees, the other changes."""
    said = about(R.WRONG_ITEM)
    question = after(said)
    assert question.recap == decide(said, order(), SHOP, NOTHING, NOW).hash
    assert meant(question) == [{"intent": "affirm"}, {"intent": "deny"}]


@pytest.mark.parametrize(
    ("reason", "recap", "button"),
    [
        (R.CHANGED_MIND, "utter_recap", "utter_button_confirm_withdrawal"),
        (R.WRONG_ITEM, "utter_recap", "utter_button_confirm"),
        (R.OTHER, "utter_recap_review", "utter_button_confirm_review"),
    ],
)
def test_the_yes_is_named_for_what_it_does(
    reason: ReturnReason, recap: str, button: str
) -> None:
    """A withdrawal is confirmed in the law's words, a review promises nothing."""
    question = after(about(reason))
    assert spoken(question)[-1] == recap
    assert question.choices[0].title.response == button


def test_the_recap_tells_money_and_payer() -> None:
    """Who pays the parcel, and the total with the delivery only if it comes back."""
    assert conditions(after(about(R.CHANGED_MIND))) == [
        "utter_recap_payer_customer",
        "utter_recap_total_with_delivery",
    ]
    two = order(line("L1"), line("L2"))
    assert conditions(after(about(R.WRONG_ITEM), two)) == [
        "utter_recap_payer_merchant",
        "utter_recap_total",
    ]
    assert conditions(after(about(R.WRONG_ITEM, wish=REPLACEMENT))) == [
        "utter_recap_payer_merchant",
        "utter_recap_ship_to",
    ]


def test_each_parcel_has_its_own_payer() -> None:
    """Told apart for two suppliers; to one, everything travels at the shop's cost."""
    said = draft(
        DraftLine("L1", 1, (R.TOO_SMALL,), None, REFUND),
        DraftLine("L2", 1, (R.WRONG_ITEM,), None, REFUND),
    )
    apart = order(line("L1"), line("L2", supplier="Maison Lumen"))
    assert conditions(after(said, apart))[:2] == [
        "utter_recap_payer_of_customer",
        "utter_recap_payer_of_merchant",
    ]
    together = order(line("L1"), line("L2"))
    assert conditions(after(said, together))[:1] == ["utter_recap_payer_merchant"]
    explained = decide(said, together, SHOP, NOTHING, NOW).notices
    assert explained == ("conformity_merchant", "withdrawal_merchant")


def test_what_is_kept_and_what_is_sent_are_told_apart() -> None:
    """A cheap thing stays, the other one comes back: which is which."""
    said = draft(
        DraftLine("L1", 1, (R.TOO_SMALL,), None, REFUND),
        DraftLine("L2", 1, (R.WRONG_ITEM,), None, REFUND),
    )
    bought = order(line("L1"), line("L2", paid_minor=1000, supplier="Maison Lumen"))
    assert conditions(after(said, bought))[:2] == [
        "utter_recap_payer_of_customer",
        "utter_recap_payer_of_none",
    ]


def test_what_stays_away_is_not_sent_back() -> None:
    """Goods that never came: nobody pays a parcel, the money is told."""
    lost = order(
        placed_at=NOW - days(40), promised_at=NOW - days(20), delivered_at=None
    )
    assert conditions(after(about(R.NOT_DELIVERED), lost)) == [
        "utter_recap_total_with_delivery"
    ]


def test_a_review_promises_no_money() -> None:
    """What a person must decide is recapped without amount, payer or day."""
    question = after(about(R.CHANGED_MIND), delivered(20))
    assert conditions(question) == []
    (recapped,) = question.says[-1].params["lines"]
    assert recapped.response == "utter_recap_line_review"


def test_a_ground_is_explained_until_it_was() -> None:
    """Each ground once; a review is explained by nobody."""
    said = about(R.WRONG_ITEM)
    decision = decide(said, order(), SHOP, NOTHING, NOW)
    first = questions.explanations(said, decision)
    assert [say.response for say in first] == ["utter_explain_conformity_merchant"]
    told = replace(said, explained=questions.grounds(decision))
    assert questions.explanations(told, decision) == ()
    reviewed = decide(about(R.OTHER), order(), SHOP, NOTHING, NOW)
    assert questions.explanations(said, reviewed) == ()


def test_a_no_offers_what_can_change() -> None:
    """Lines, reason, wish, or to leave it."""
    question = after(replace(about(R.WRONG_ITEM), changing=True))
    assert meant(question) == [
        {"change": "lines"},
        {"change": "reason"},
        {"change": "resolution"},
        {"intent": "cancel_return"},
    ]


FACTS = {"seal_broken", "promised", "withdrawal_at"}
# Asked line by line; a picture is welcome with the recap where nothing else is asked.
LATER = ("detail", "photo", "resolution", "variant")


def _complains_too_early(said: Draft, goods: Goods, line: DraftLine) -> bool:
    """Of goods that the carrier has not delivered, and nobody asked whether it has."""
    asked = line.received is not None or f"received/{line.line_id}" in said.skipped
    there = goods.order.received_at(goods.order.line(line.line_id)) is not None
    told = bool(set(line.reasons) & set(questions.IN_HAND))
    return told and not (asked or there or said.withdrawal_at)


@given(situations())
def test_what_is_known_is_never_asked(situation: Any) -> None:
    """Whatever was said so far, the next question asks for something else."""
    said, bought, history, now = situation
    goods = Goods(bought, history)
    said = hearing.settle(said, goods)
    said = questions.settle_wish(said, decide(said, bought, SHOP, history, now))
    decision = decide(said, bought, SHOP, history, now)
    question = questions.before_deciding(said, goods)
    question = question or questions.after_deciding(said, goods, decision)
    counted = [ln for ln in said.lines if ln.quantity is None]
    unsaid = [ln for ln in said.lines if not ln.reasons]
    unknown = [ln for ln in said.lines if details.lacks_detail(said, ln)]
    unknown += [ln for ln in decision.lines if set(ln.asks) & FACTS]
    unknown += [ln for ln in said.lines if _complains_too_early(said, goods, ln)]
    unlawful = [ln for ln in decision.lines if ln.resolution not in ln.remedies]
    open_wishes = [ln for ln in decision.lines if ln.outcome is Outcome.ASK]
    lacking = {
        "lines": not said.lines,
        "quantity": bool(counted),
        "reason": bool(unsaid) and not said.no_reason_given,
        "detail": bool(unknown),
        "photo": details.lacks_picture(said) is not None,
        "resolution": bool(open_wishes or unlawful),
        "variant": any("replacement_sku" in ln.asks for ln in decision.lines),
        "confirmation": True,
    }
    assert question.expects is not None
    assert lacking[question.expects]
    before = list(lacking)[: list(lacking).index(question.expects)]
    assert not any(lacking[name] for name in before if name not in LATER)
    if question.expects == "confirmation":
        welcome = questions.PICTURE_WELCOME in spoken(question)
        assert welcome == lacking["photo"]


@given(st.sampled_from(list(R)), st.sampled_from([None, *Resolution]))
def test_a_withdrawal_is_asked_nothing(
    reason: ReturnReason, wish: Resolution | None
) -> None:
    """A stated withdrawal meets no reason, photo or form before the yes (N1)."""
    said = replace(about(wish=wish or REFUND), withdrawal_at=NOW)
    assert after(said).expects == "confirmation"
    assert after(replace(said, reasons=(reason,))).expects == "confirmation"
