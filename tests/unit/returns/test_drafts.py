"""A whole talk on a database: nothing asked twice, nothing told to a stranger."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from returns import repository
from returns.errors import IdentityRefused, OrderNotGranted
from returns.model import Question, Resolution, ReturnReason, Step
from returns.services import cases, drafts, identity
from returns.tables import drafts as drafts_table
from returns.tables import grants
from tests.houses import TestHouse, ask, ask_on, heard, opened, tell_all
from tests.orders import new_order

R = ReturnReason
REFUND = Resolution.REFUND


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


def names(question: Question) -> list[str]:
    return [say.response for say in question.says]


def proof(order: dict[str, Any]) -> dict[str, str]:
    return {
        "order_number": order["order_number"],
        "email": order["customer"]["email"],
    }


def test_everything_said_at_once_leaves_only_the_yes(house: TestHouse) -> None:
    """Order, e-mail, reason and wish in one message: the next question is the recap."""
    question = tell_all(
        house, new_order(house), reasons=(R.TOO_SMALL,), resolution=REFUND
    )
    assert question.expects == "confirmation"
    assert question.recap is not None


def test_each_thing_is_asked_once(house: TestHouse) -> None:
    """A customer who answers each question is asked each one exactly once."""
    order = new_order(house, lines=[{"quantity": 2}, {"title": "Lampe Néo"}])
    answers: dict[str, dict[str, Any]] = {
        "order_number": {"order_number": order["order_number"]},
        "email": {"email": order["customer"]["email"]},
        "lines": {"line_ids": (order["lines"][0]["line_id"],)},
        "quantity": {"quantity": 1},
        "reason": {"reasons": (R.WRONG_ITEM,)},
        "detail": {"text": "a blue one came"},
        "photo": {"upload_ids": ("u1",)},
        "resolution": {"resolution": REFUND},
    }
    asked = []
    drafts.hear(house, heard("m0"))
    while (expects := ask(house).expects) != "confirmation":
        assert expects is not None and expects not in asked
        asked.append(expects)
        answer = drafts.hear(house, heard(expects, "inform", **answers[expects]))
        if answer.step is Step.LOOK_UP:
            identity.look_up_order(house, "c1")
    assert asked == list(answers)


def test_a_ground_is_explained_once(house: TestHouse) -> None:
    """Shown again, the recap does not repeat the explanation."""
    question = tell_all(
        house, new_order(house), reasons=(R.TOO_SMALL,), resolution=REFUND
    )
    assert any("explain" in name for name in names(question))
    assert not any("explain" in name for name in names(ask(house)))


def test_a_withdrawal_asks_no_reason(house: TestHouse) -> None:
    """Who withdraws is asked neither why nor what instead (N1)."""
    question = tell_all(house, new_order(house), intent="withdraw_from_contract")
    assert question.expects == "confirmation"
    assert question.choices[0].title.response == "utter_button_confirm_withdrawal"


def test_no_reason_is_an_answer(house: TestHouse) -> None:
    """Who would rather not say is not asked again (N1)."""
    question = tell_all(house, new_order(house))
    assert question.expects == "reason"
    drafts.hear(house, heard("m2", "inform", no_reason=True))
    assert ask(house).expects == "confirmation"


def test_a_wrong_email_tells_nothing(house: TestHouse) -> None:
    """A foreign order and an order that does not exist look the same (I2)."""
    order = new_order(house)
    seen = []
    for n, number in enumerate((order["order_number"], "TS-NOTHING")):
        talk = f"c{n}"
        told = {"order_number": number, "email": "stranger@example.com"}
        answer = drafts.hear(house, heard("m1", conversation_id=talk, **told))
        with pytest.raises(IdentityRefused) as refusal:
            identity.look_up_order(house, talk)
        next_one = ask(house, talk)
        seen.append((answer.says, answer.step, str(refusal.value), next_one))
    assert seen[0] == seen[1]
    assert seen[0][3].expects == "order_number"
    assert [identity.failures(house, talk) for talk in ("c0", "c1", "c2")] == [1, 1, 0]
    with house.reader.connect() as connection:
        assert connection.execute(sa.select(grants)).first() is None


def test_spelling_does_not_matter_for_the_proof(house: TestHouse) -> None:
    """Number and e-mail are proved however they are typed."""
    order = new_order(house)
    number, email = proof(order).values()
    told = {"order_number": f"n° {number.lower()}", "email": f" {email.upper()} "}
    told["order_number"] = number.lower().replace("-", " ")
    drafts.hear(house, heard("m1", **told))
    assert identity.look_up_order(house, "c1") == number


def test_a_grant_ends_after_half_an_hour(house: TestHouse) -> None:
    """After 30 idle minutes the e-mail is asked again and a yes opens nothing."""
    tell_all(house, new_order(house), reasons=(R.TOO_SMALL,), resolution=REFUND)
    house.clock.move(minutes=30, seconds=1)
    with pytest.raises(OrderNotGranted):
        cases.confirm(house, "c1", "yes")
    assert ask(house).expects == "email"


def test_talking_keeps_a_grant_but_not_for_ever(house: TestHouse) -> None:
    """Use renews it; after 24 hours the proof is asked again all the same."""
    tell_all(house, new_order(house), reasons=(R.TOO_SMALL,), resolution=REFUND)
    for _ in range(57):
        house.clock.move(minutes=25)
        assert ask(house).expects == "confirmation"
    house.clock.move(minutes=16)
    assert ask(house).expects == "email"


def test_the_same_message_gets_the_same_answer(house: TestHouse) -> None:
    """A turn that runs again after a kill hears the same and changes nothing."""
    message = heard("m1", "give_reason", reasons=(R.WRONG_ITEM,))
    first = drafts.hear(house, message)
    with house.reader.connect() as connection:
        before = connection.execute(sa.select(drafts_table)).all()
    house.clock.move(minutes=1)
    assert drafts.hear(house, message) == first
    assert first.understood and names_of(first) == ["utter_apology_wrong_item"]
    with house.reader.connect() as connection:
        assert connection.execute(sa.select(drafts_table)).all() == before


def names_of(answer: Any) -> list[str]:
    return [say.response for say in answer.says]


def test_sorry_is_said_only_for_a_fault_and_once(house: TestHouse) -> None:
    """Taste calls for no apology, and one apology for one complaint is enough."""
    taste = drafts.hear(house, heard("m1", reasons=(R.TOO_SMALL,)))
    fault = drafts.hear(house, heard("m2", "give_reason", reasons=(R.WRONG_ITEM,)))
    again = drafts.hear(house, heard("m3", "give_reason", reasons=(R.WRONG_ITEM,)))
    assert (names_of(taste), names_of(fault), names_of(again)) == (
        [],
        ["utter_apology_wrong_item"],
        [],
    )


def test_a_correction_changes_the_recap(house: TestHouse) -> None:
    """After a correction the recap, and what a yes would agree to, is another."""
    first = tell_all(house, new_order(house), reasons=(R.TOO_SMALL,), resolution=REFUND)
    torn: dict[str, Any] = {
        "text": "non, elle est déchirée",
        "reasons": (R.DAMAGED_IN_TRANSIT,),
    }
    drafts.hear(house, heard("m2", "give_reason", **torn))
    second = ask_on(house)
    assert second.expects == "confirmation"
    assert second.recap != first.recap


def test_a_yes_with_a_new_wish_is_no_yes(house: TestHouse) -> None:
    """ "Yes, but a replacement" changes the draft instead of confirming it."""
    tell_all(house, new_order(house), reasons=(R.WRONG_ITEM,), resolution=REFUND)
    answer = drafts.hear(
        house, heard("m2", "affirm", resolution=Resolution.REPLACEMENT)
    )
    assert answer.step is None
    ask(house)
    plain = drafts.hear(house, heard("m3", "affirm"))
    assert plain.step is Step.CONFIRMED


def test_a_dropped_draft_is_forgotten(house: TestHouse) -> None:
    """Starting over forgets the order too; dropping twice says so."""
    tell_all(house, new_order(house), reasons=(R.TOO_SMALL,), resolution=REFUND)
    assert drafts.drop(house, "c1", start_over=True)
    assert not drafts.drop(house, "c1", start_over=True)
    assert ask(house).expects == "order_number"


def test_who_takes_a_wish_back_need_not_prove_the_order_again(house: TestHouse) -> None:
    """ "No wait, keep it", "actually, yes": the reason is asked, not the order."""
    tell_all(house, new_order(house), reasons=(R.TOO_SMALL,), resolution=REFUND)
    assert drafts.drop(house, "c1")
    assert ask(house).expects == "reason"


@pytest.mark.parametrize("reason", [R.WRONG_ITEM, R.DAMAGED_IN_TRANSIT, R.TOO_SMALL])
@pytest.mark.parametrize("has_it", [True, False])
def test_goods_that_never_came_are_not_complained_of_unasked(
    house: TestHouse, reason: R, has_it: bool
) -> None:
    """The carrier says "not delivered", the customer "torn": the customer is asked."""
    order = new_order(house, delivered_days_ago=None, placed_days_ago=60)
    told = heard("m1", reasons=(reason,), resolution=REFUND, **proof(order))
    drafts.hear(house, told)
    identity.look_up_order(house, "c1")
    assert names(ask(house)) == ["utter_ask_received"]
    drafts.hear(house, heard("m9", "affirm" if has_it else "deny"))
    asked = names(ask(house))
    assert "utter_ask_received" not in asked
    with house.reader.connect() as connection:
        draft = repository.open_draft(connection, "c1")
    assert draft is not None
    assert draft.lines[0].reasons == ((reason,) if has_it else (R.NOT_DELIVERED,))


@pytest.mark.parametrize(
    ("intent", "said", "then"),
    [
        ("affirm", "oui", "utter_recap"),
        ("request_refund", "je veux mon argent maintenant", "utter_recap"),
        ("affirm", "j'en ai marre d'attendre, oui", "utter_recap"),
        ("affirm", "ok j'attends", "utter_recap_review"),
        ("deny", "non", "utter_recap_review"),
    ],
)
def test_not_here_yet_is_called_off_only_by_who_says_so(
    house: TestHouse, intent: str, said: str, then: str
) -> None:
    """Asked once: a yes is a withdrawal with its refund, "I'll wait" is none."""
    order = new_order(house, delivered_days_ago=None, placed_days_ago=3)
    told = heard("m1", "give_reason", reasons=(R.NOT_DELIVERED,), **proof(order))
    drafts.hear(house, told)
    identity.look_up_order(house, "c1")
    assert names(ask(house)) == ["utter_ask_withdrawal_at"]
    drafts.hear(house, heard("m2", intent, text=said))
    question = ask(house)
    assert names(question)[-1] == then
    assert question.expects == "confirmation"


def test_a_wrong_item_is_not_repaired(house: TestHouse) -> None:
    """ "Got size 6, fix it NOW": what they may have is asked, no person needed."""
    order = new_order(house)
    question = tell_all(
        house, order, reasons=(R.WRONG_ITEM,), resolution=Resolution.REPAIR
    )
    assert question.expects == "resolution"
    broken = new_order(house)
    repair = tell_all(
        house,
        broken,
        "c2",
        reasons=(R.DEFECTIVE_ON_ARRIVAL,),
        resolution=Resolution.REPAIR,
    )
    assert names(repair)[-1] == "utter_recap_review"


def test_both_get_what_is_wished_for_both(house: TestHouse) -> None:
    """ "Money back for both" answers for every line, not for the one asked about."""
    order = new_order(house, lines=[{}, {"title": "Lampe Néo"}])
    told = heard("m1", "give_reason", reasons=(R.DAMAGED_IN_TRANSIT,), **proof(order))
    drafts.hear(house, told)
    identity.look_up_order(house, "c1")
    ask(house)
    ids = tuple(line["line_id"] for line in order["lines"])
    drafts.hear(house, heard("m2", "inform", line_ids=ids))
    assert ask_on(house).expects == "resolution"
    drafts.hear(house, heard("m3", "request_refund", text="money back for both"))
    assert ask_on(house).expects == "confirmation"


def test_a_missing_number_is_helped_with_and_then_a_person(house: TestHouse) -> None:
    """Where it stands, then who can find it; never the same question thrice."""
    drafts.hear(house, heard("m1", "request_return"))
    assert names(ask(house)) == ["utter_ask_order_number"]
    for n, told in enumerate(
        ("utter_where_is_number", *["utter_number_by_person"] * 2)
    ):
        assert drafts.hear(house, heard(f"n{n}", no_number=True)).understood
        question = ask(house)
        assert names(question) == [told]
        assert [choice.means for choice in question.choices] == [
            {"intent": "talk_to_human"}
        ]
    drafts.hear(house, heard("m2", order_number="TS-1"))
    assert names(ask(house)) == ["utter_ask_email"]
