"""What a message changes in the draft, and what is never asked."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from returns.model import Draft, DraftLine, Heard, Resolution, ReturnReason
from returns.policy import History
from returns.services import hearing
from tests.unit.returns.test_policy import line, order

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EMPTY = Draft("d1", "c1", "fr", "web", NOW)


def say(draft: Draft, intent: str = "inform", **facts: Any) -> Draft:
    return hearing.apply(draft, Heard("c1", "m", "web", "fr", intent, **facts), NOW)


def about(*lines: DraftLine, **facts: Any) -> Draft:
    return replace(EMPTY, granted=True, order_number="TS-1", lines=lines, **facts)


def test_everything_in_one_message_is_kept() -> None:
    """Order, e-mail, reason and wish said together are all heard."""
    draft = say(
        EMPTY,
        "request_refund",
        order_number="TS-1",
        email="a@b.fr",
        reasons=(R.TOO_SMALL,),
    )
    assert (draft.order_number, draft.email) == ("TS-1", "a@b.fr")
    assert (draft.reasons, draft.resolution) == ((R.TOO_SMALL,), REFUND)


def test_small_talk_tells_nothing() -> None:
    """Remembered words alone do not count as having said something."""
    assert not hearing.told_something(EMPTY, say(EMPTY, text="bonjour la robe"))
    assert hearing.told_something(EMPTY, say(EMPTY, email="a@b.fr"))


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("non, finalement elle est déchirée", (R.DAMAGED_IN_TRANSIT,)),
        ("sorry, it is torn", (R.DAMAGED_IN_TRANSIT,)),
        ("et elle est déchirée", (R.TOO_SMALL, R.DAMAGED_IN_TRANSIT)),
    ],
)
def test_a_correction_replaces_an_addition_adds(
    text: str, reasons: tuple[ReturnReason, ...]
) -> None:
    """Words of correction take the old reason's place; others add to it."""
    draft = about(DraftLine("L1", 1, (R.TOO_SMALL,)), reasons=(R.TOO_SMALL,))
    after = say(draft, "give_reason", text=text, reasons=(R.DAMAGED_IN_TRANSIT,))
    assert after.lines[0].reasons == after.reasons == reasons


def test_a_new_wish_takes_the_old_ones_place() -> None:
    """The last wish counts, for every line."""
    draft = about(DraftLine("L1", 1, (R.WRONG_ITEM,), None, REFUND), resolution=REFUND)
    after = say(draft, "request_replacement")
    assert (after.resolution, after.lines[0].resolution) == (REPLACEMENT, REPLACEMENT)


def test_another_order_needs_another_proof() -> None:
    """A different number takes grant and lines away; the same one, retyped, nothing."""
    draft = about(DraftLine("L1", 1), email="a@b.fr")
    assert say(draft, order_number="ts 1") == draft
    other = say(draft, order_number="TS-2")
    assert (other.granted, other.lines, other.email) == (False, (), None)


def test_the_first_statement_of_withdrawal_is_kept() -> None:
    """Said again later, a withdrawal still counts from its first moment (N1)."""
    stated = say(EMPTY, "withdraw_from_contract")
    heard = Heard("c1", "m2", "web", "fr", "withdraw_from_contract")
    later = hearing.apply(stated, heard, datetime(2026, 12, 1, tzinfo=UTC))
    assert later.withdrawal_at == NOW
    assert later.resolution is REFUND


def test_a_bare_no_asks_what_to_change() -> None:
    """A no to the recap takes the recap away and keeps all that was said."""
    draft = about(DraftLine("L1", 1, (R.TOO_SMALL,)), asked="confirmation", recap="h")
    after = say(draft, "deny")
    assert (after.changing, after.recap, after.lines) == (True, None, draft.lines)


@pytest.mark.parametrize("part", ["lines", "reason", "resolution"])
def test_only_the_part_to_change_is_forgotten(part: str) -> None:
    """Changing one part keeps the others."""
    full = DraftLine("L1", 2, (R.TOO_SMALL,), None, REFUND)
    after = say(about(full, changing=True, recap="h"), change=part)
    expected = {
        "lines": (),
        "reason": (replace(full, reasons=()),),
        "resolution": (replace(full, resolution=None),),
    }
    assert after.lines == expected[part]
    assert (after.changing, after.recap) == (False, None)


def test_the_only_line_and_unit_need_no_question() -> None:
    """One line of one unit: settled without asking, with what was already said."""
    draft = replace(EMPTY, reasons=(R.TOO_SMALL,), resolution=REFUND)
    (settled,) = hearing.settle(draft, order(), History()).lines
    assert settled == DraftLine("L1", 1, (R.TOO_SMALL,), None, REFUND)


def test_a_named_product_needs_no_question() -> None:
    """The product named early, even in the plural, is the line that is meant."""
    bought = order(line("L1", title="Robe en lin"), line("L2", title="Lampe Néo"))
    draft = say(EMPTY, "request_return", text="mes lampes sont cassées")
    assert [ln.line_id for ln in hearing.settle(draft, bought, History()).lines] == [
        "L2"
    ]
    assert hearing.settle(EMPTY, bought, History()).lines == ()


def test_what_is_gone_is_not_offered() -> None:
    """With one line already back the other is the one; too many units is asked anew."""
    bought = order(line("L1"), line("L2", quantity=3))
    gone = History({"L1": frozenset({1})})
    (left,) = hearing.settle(EMPTY, bought, gone).lines
    assert (left.line_id, left.quantity) == ("L2", None)
    greedy = hearing.settle(about(DraftLine("L2", 4)), bought, gone)
    assert greedy.lines[0].quantity is None


def test_a_number_counts_only_where_it_was_asked() -> None:
    """A number in passing changes no quantity."""
    draft = about(DraftLine("L1"))
    assert say(draft, quantity=2).lines == draft.lines
    assert say(replace(draft, asked="quantity"), quantity=2).lines[0].quantity == 2


def test_reasons_asked_for_one_line_stay_with_it() -> None:
    """Asked why for the first of two lines, the answer is not the second's."""
    draft = about(DraftLine("L1", 1), DraftLine("L2", 1), asked="reason")
    after = say(draft, "give_reason", reasons=(R.TOO_LARGE,))
    assert [ln.reasons for ln in after.lines] == [(R.TOO_LARGE,), ()]
