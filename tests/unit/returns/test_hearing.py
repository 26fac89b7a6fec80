"""What a message changes in the draft, and what is never asked."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from returns.model import (
    Clause,
    Draft,
    DraftLine,
    Heard,
    Product,
    Resolution,
    ReturnReason,
    Variant,
)
from returns.policy import History
from returns.services import details, hearing, placing
from returns.services.hearing import Goods
from tests.unit.returns.test_policy import line, order

R = ReturnReason
REFUND, REPLACEMENT = Resolution.REFUND, Resolution.REPLACEMENT
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOODS = Goods(order(line("L1"), line("L2", title="Lampe", quantity=3)))
EMPTY = Draft("d1", "c1", "fr", "web", NOW)


def say(draft: Draft, intent: str = "inform", **facts: Any) -> Draft:
    heard = Heard("c1", "m", "web", "fr", intent, **facts)
    return hearing.apply(draft, heard, NOW, GOODS if draft.granted else None)


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


@pytest.mark.parametrize("missing", [R.NOT_DELIVERED, R.DELIVERED_NOT_RECEIVED])
def test_what_is_cracked_is_here_by_now(missing: ReturnReason) -> None:
    """ "Where is my lamp?", then "it arrived but it is cracked"."""
    draft = about(DraftLine("L1", 1, (missing,)), DraftLine("L2", 1, (missing,)))
    one = Clause("la lampe est arrivée mais fêlée", (R.DAMAGED_IN_TRANSIT,))
    after = say(draft, "give_reason", text=one.text, clauses=(one,))
    assert [ln.reasons for ln in after.lines] == [(missing,), (R.DAMAGED_IN_TRANSIT,)]


@pytest.mark.parametrize("more", [R.CHANGED_MIND, R.ARRIVED_LATE])
def test_what_is_not_here_may_be_unwanted(more: ReturnReason) -> None:
    """No wish and no impatience says that it came; nor does one breath with both."""
    draft = about(DraftLine("L1", 1, (R.NOT_DELIVERED,)))
    after = say(draft, "give_reason", reasons=(more,))
    assert after.lines[0].reasons == (R.NOT_DELIVERED, more)
    both = say(about(DraftLine("L1")), reasons=(R.NOT_DELIVERED, R.POOR_QUALITY))
    assert both.lines[0].reasons == (R.NOT_DELIVERED, R.POOR_QUALITY)


def test_a_new_wish_takes_the_old_ones_place() -> None:
    """The last wish counts, for every line."""
    draft = about(DraftLine("L1", 1, (R.WRONG_ITEM,), None, REFUND), resolution=REFUND)
    after = say(draft, "request_replacement")
    assert (after.resolution, after.lines[0].resolution) == (REPLACEMENT, REPLACEMENT)


def test_another_order_needs_another_proof() -> None:
    """Another number takes grant and lines away, never the address said before."""
    draft = about(DraftLine("L1", 1), email="a@b.fr")
    assert say(draft, order_number="ts 1") == draft
    other = say(draft, order_number="TS-2")
    assert (other.granted, other.lines, other.email) == (False, (), "a@b.fr")


def test_wrong_order_is_no_reason_and_unsays_none() -> None:
    """ "Sorry, I meant TS-2": what was said of the only article holds for it."""
    torn = DraftLine("L1", 1, (R.DAMAGED_IN_TRANSIT,), None, REFUND)
    other = say(about(torn), order_number="TS-2", reasons=(R.ORDERED_BY_MISTAKE,))
    assert (other.reasons, other.resolution) == ((R.DAMAGED_IN_TRANSIT,), REFUND)
    same = say(about(torn), order_number="TS-1", reasons=(R.ORDERED_BY_MISTAKE,))
    assert R.ORDERED_BY_MISTAKE in same.lines[0].reasons


def test_the_first_statement_of_withdrawal_is_kept() -> None:
    """Said again later, a withdrawal still counts from its first moment (N1)."""
    stated = say(EMPTY, "withdraw_from_contract")
    heard = Heard("c1", "m2", "web", "fr", "withdraw_from_contract")
    later = hearing.apply(stated, heard, datetime(2026, 12, 1, tzinfo=UTC), None)
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
    (settled,) = hearing.settle(draft, Goods(order())).lines
    assert settled == DraftLine("L1", 1, (R.TOO_SMALL,), None, REFUND)


def test_a_named_product_needs_no_question() -> None:
    """The product named early, even in the plural, is the line that is meant."""
    bought = order(line("L1", title="Robe en lin"), line("L2", title="Lampe Néo"))
    draft = say(EMPTY, "request_return", text="mes lampes sont cassées")
    assert [ln.line_id for ln in hearing.settle(draft, Goods(bought)).lines] == ["L2"]
    assert hearing.settle(EMPTY, Goods(bought)).lines == ()


def test_what_is_gone_is_not_offered() -> None:
    """With one line already back the other is the one; too many units is asked anew."""
    bought = order(line("L1"), line("L2", quantity=3))
    gone = History({"L1": frozenset({1})})
    (left,) = hearing.settle(EMPTY, Goods(bought, gone)).lines
    assert (left.line_id, left.quantity) == ("L2", None)
    greedy = hearing.settle(about(DraftLine("L2", 4)), Goods(bought, gone))
    assert greedy.lines[0].quantity is None
    none = hearing.settle(about(DraftLine("L2", 0)), Goods(bought, gone))
    assert none.lines[0].quantity is None


def test_a_count_is_changed_by_an_answer_or_a_correction() -> None:
    """A number in passing changes no count that was given."""
    draft = about(DraftLine("L2", 3))
    assert say(draft, quantity=2).lines == draft.lines
    assert say(replace(draft, asked="quantity"), quantity=2).lines[0].quantity == 2
    assert say(draft, text="non, deux", quantity=2).lines[0].quantity == 2
    assert say(about(DraftLine("L2")), quantity=2).lines[0].quantity == 2


def test_reasons_asked_for_one_line_stay_with_it() -> None:
    """Asked why for the first of two lines, the answer is not the second's."""
    draft = about(DraftLine("L1", 1), DraftLine("L2", 1), asked="reason")
    after = say(draft, "give_reason", reasons=(R.TOO_LARGE,))
    assert [ln.reasons for ln in after.lines] == [(R.TOO_LARGE,), ()]


def clause(text: str, *reasons: R, wish: Resolution | None = None) -> Clause:
    return Clause(text, reasons, wish)


def told(draft: Draft, *clauses: Clause, intent: str = "give_reason") -> Draft:
    text = " ".join(part.text for part in clauses)
    return say(draft, intent, text=text, clauses=clauses)


TWO = (
    clause("la robe est déchirée", R.DAMAGED_IN_TRANSIT),
    clause("la lampe est trop petite", R.TOO_SMALL),
)


def reasons_of(draft: Draft) -> dict[str, tuple[ReturnReason, ...]]:
    return {line.line_id: line.reasons for line in draft.lines}


def test_each_reason_finds_its_product() -> None:
    """Two products, two reasons in one message: each keeps its own."""
    expected = {"L1": (R.DAMAGED_IN_TRANSIT,), "L2": (R.TOO_SMALL,)}
    assert reasons_of(told(about(), *TWO)) == expected


def test_a_pronoun_goes_on_about_the_same_product() -> None:
    """ "My dress is torn, it smells, and the lamp is too small": each its own."""
    dress, lamp = TWO
    smell = clause("elle sent mauvais", R.POOR_QUALITY)
    assert reasons_of(told(about(), dress, smell, lamp)) == {
        "L1": (R.DAMAGED_IN_TRANSIT, R.POOR_QUALITY),
        "L2": (R.TOO_SMALL,),
    }


def test_what_was_said_before_the_order_is_placed_later() -> None:
    """The same two reasons, told before the order was proved."""
    early = told(EMPTY, *TWO)
    assert set(early.reasons) == {R.DAMAGED_IN_TRANSIT, R.TOO_SMALL}
    proved = replace(early, granted=True, order_number="TS-1")
    settled = hearing.settle(proved, GOODS)
    expected = {"L1": (R.DAMAGED_IN_TRANSIT,), "L2": (R.TOO_SMALL,)}
    assert reasons_of(settled) == expected


def test_one_reason_for_two_named_products() -> None:
    """ "la robe et la lampe sont cassées": the clause without a reason waits."""
    both = told(
        about(),
        clause("la robe"),
        clause("la lampe sont cassées", R.DAMAGED_IN_TRANSIT),
    )
    assert set(reasons_of(both).values()) == {(R.DAMAGED_IN_TRANSIT,)}
    assert len(both.lines) == 2


def test_two_wishes_in_one_message() -> None:
    """A refund for one, a replacement for the other."""
    mixed = told(
        about(),
        clause("remboursez la robe", wish=REFUND),
        clause("remplacez la lampe", wish=REPLACEMENT),
        intent="request_refund",
    )
    assert [line.resolution for line in mixed.lines] == [REFUND, REPLACEMENT]


@pytest.mark.parametrize("denial", ["not too small", "et pas trop petite"])
def test_a_reason_is_taken_back(denial: str) -> None:
    """ "I meant too big, not too small" leaves one reason, as a correction does."""
    draft = about(DraftLine("L1", 1, (R.TOO_SMALL,)))
    big = clause("I meant too big", R.TOO_LARGE)
    after = told(draft, big, clause(denial, R.TOO_SMALL))
    assert reasons_of(after) == {"L1": (R.TOO_LARGE,)}


def test_a_not_may_well_be_a_reason() -> None:
    """ "Not working" takes nothing back, nor does a "not" that leaves no reason."""
    draft = about(DraftLine("L1", 1, (R.WRONG_ITEM, R.TOO_SMALL)))
    torn = clause("it is torn", R.DAMAGED_IN_TRANSIT)
    more = told(draft, torn, clause("not the right one", R.WRONG_ITEM))
    assert len(more.lines[0].reasons) == 3
    alone = told(draft, clause("not too small", R.TOO_SMALL))
    assert alone.lines == draft.lines


@pytest.mark.parametrize("known", [True, False])
def test_what_shall_come_instead_is_told_with_the_wish(known: bool) -> None:
    """ "Could I swap it for a 42?" is asked no size, before the order or after."""
    sizes = ("SKU", "41"), ("SKU-42", "42"), ("SKU-43", "43")
    variants = tuple(Variant(sku, {"Size": size}, 5990, True) for sku, size in sizes)
    goods = Goods(
        order(), products={"P": Product("P", "Robe", "Nordlys", variants=variants)}
    )
    wish = clause("could I swap it for a 42", wish=Resolution.EXCHANGE)
    draft = about(DraftLine("L1", 1)) if known else EMPTY
    heard = Heard(
        "c1", "m", "web", "en", "give_reason", text=wish.text, clauses=(wish,)
    )
    draft = hearing.apply(draft, heard, NOW, goods if known else None)
    proved = replace(draft, granted=True, order_number="TS-1")
    (settled,) = hearing.settle(proved, goods).lines
    assert settled.replacement_sku == "SKU-42"


def test_another_product_instead_or_besides() -> None:
    """ "Non, la lampe" takes the dress's place; "la lampe aussi" joins it."""
    draft = about(DraftLine("L1", 1, (R.TOO_SMALL,)), asked="resolution")
    instead = say(draft, "inform", text="non pas la robe, la lampe")
    assert [line.line_id for line in instead.lines] == ["L2"]
    besides = say(draft, "inform", text="la lampe aussi")
    assert [line.line_id for line in besides.lines] == ["L1", "L2"]


@pytest.mark.parametrize("text", ["la deuxième", "the second one", "la lampe", "2e"])
def test_an_item_is_chosen_in_words(text: str) -> None:
    """Asked which item, its name or its place will do."""
    chosen = say(about(asked="lines"), "inform", text=text)
    assert [line.line_id for line in chosen.lines] == ["L2"]


@pytest.mark.parametrize("text", ["les deux", "tout", "everything", "both of them"])
def test_all_of_it(text: str) -> None:
    """Everything in the order, without naming it."""
    chosen = say(about(asked="lines"), "inform", text=text)
    assert [line.line_id for line in chosen.lines] == ["L1", "L2"]


def test_all_units_are_as_many_as_are_left() -> None:
    """ "Toutes" is settled by what is not back yet."""
    asked = about(DraftLine("L2"), asked="quantity")
    counted = say(asked, "inform", quantity=placing.ALL_UNITS)
    gone = History({"L2": frozenset({1})})
    (line_,) = hearing.settle(counted, Goods(GOODS.order, gone)).lines
    assert line_.quantity == 2


def test_a_corrected_reason_is_unsaid_before_the_order_too() -> None:
    """Told wrongly and put right before the order is known, only the last remains."""
    draft = told(EMPTY, clause("trop petite", R.TOO_SMALL))
    draft = told(draft, clause("non trop grande en fait", R.TOO_LARGE))
    proved = replace(draft, granted=True, order_number="TS-1")
    (line_,) = hearing.settle(proved, Goods(order())).lines
    assert line_.reasons == (R.TOO_LARGE,)


def test_yes_but_is_no_yes() -> None:
    """A held-back yes to the recap asks what to change."""
    draft = about(DraftLine("L1", 1), asked="confirmation", recap="h")
    assert hearing.hesitates("oui mais attendez")
    assert say(draft, "affirm", text="oui mais...").changing


def test_a_code_that_has_not_come_is_no_lost_parcel() -> None:
    """ "I didn't get anything" speaks of the mail while the code is asked for."""
    lost = clause("I didn't get anything", R.NOT_DELIVERED)
    facts = {"reasons": lost.reasons, "clauses": (lost,)}
    asked = say(replace(EMPTY, asked="code"), "give_reason", **facts)
    assert (asked.reasons, asked.unplaced[-1].reasons) == ((), ())
    assert say(EMPTY, "give_reason", **facts).reasons == (R.NOT_DELIVERED,)


def test_no_reason_is_no_change_of_mind() -> None:
    """Who would rather not say gets no reason put in their mouth."""
    draft = about(DraftLine("L1", 1), asked="reason")
    facts = {"reasons": (R.CHANGED_MIND,), "no_reason": True}
    after = say(draft, "give_reason", text="I'd rather not say", **facts)
    assert (after.no_reason_given, after.lines[0].reasons) == (True, ())


def test_a_picture_goes_to_the_line_with_the_fault() -> None:
    """Several lines: the picture is of the one with something to see."""
    draft = about(
        DraftLine("L1", 1, (R.TOO_SMALL,)),
        DraftLine("L2", 1, (R.DAMAGED_IN_TRANSIT,)),
        asked="photo",
    )
    shown = say(draft, upload_ids=("u1",))
    assert [line.upload_ids for line in shown.lines] == [(), ("u1",)]
    early = say(EMPTY, upload_ids=("u1",))
    assert hearing.settle(
        replace(early, granted=True, order_number="TS-1"), Goods(order())
    ).lines[0].upload_ids == ("u1",)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("il manque le chargeur", True),
        ("missing the remote", True),
        ("il manque une pièce", False),
        ("a part is missing", False),
    ],
)
def test_a_detail_already_told_is_not_asked(text: str, kept: bool) -> None:
    """Only a reason that says too little asks for a word more."""
    draft = told(about(DraftLine("L1", 1)), clause(text, R.MISSING_PARTS))
    assert details.lacks_detail(draft, draft.lines[0]) is not kept


def test_a_detail_is_asked_once_and_holds_no_address() -> None:
    """The answer is kept without what would tell who it is."""
    draft = about(
        DraftLine("L1", 1, (R.MISSING_PARTS,)), asked="detail", asked_about="L1"
    )
    told_ = say(draft, "inform", text="le câble, écrivez à a@b.fr, commande FR-1042")
    assert told_.lines[0].detail == "le câble, écrivez à … commande …"
    silent = say(draft, "inform", skip=True, pressed=True)
    assert silent.lines[0].detail is None
    assert not details.lacks_detail(silent, silent.lines[0])
