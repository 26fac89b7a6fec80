"""What is said of which line: clauses find their lines, lines their units. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from returns.model import (
    Clause,
    Draft,
    DraftLine,
    Order,
    OrderLine,
    Product,
    Resolution,
    ReturnReason,
)
from returns.policy import History
from returns.services import details, naming

CORRECTION = re.compile(
    r"\b(non|nan|finalement|en fait|plutot|pardon|erreur|trompee?|corrig\w*"
    r"|actually|instead|no|sorry|rather|mistake|wait)\b"
)
ADDITION = re.compile(
    r"\b(aussi|egalement|en plus|et|ainsi que|too|also|as well|and)\b"
)
# Reasons that nobody tells with a "not": "too big, not too small" takes one back.
NEVER_DENIALS = frozenset(
    {
        ReturnReason.TOO_SMALL,
        ReturnReason.TOO_LARGE,
        ReturnReason.DAMAGED_IN_TRANSIT,
        ReturnReason.CHANGED_MIND,
        ReturnReason.ARRIVED_LATE,
    }
)
TAKEN_BACK = re.compile(r"^(and |et )?(not|pas|non pas)\b")
PRONOUN = re.compile(r"(it|they|he|she|il|ils|elle|elles|ca|c) ")
CLAUSES_KEPT = 24
ALL_UNITS = 99  # as bot/expected.py says "all of them"


@dataclass(frozen=True)
class Goods:
    """What a granted conversation may talk about: the order and what is left of it."""

    order: Order
    history: History = field(default_factory=History)
    products: dict[str, Product] = field(default_factory=dict)

    @property
    def free(self) -> tuple[OrderLine, ...]:
        """Lines with units to give back; all of them when there is none."""
        lines = self.order.lines
        left = tuple(line for line in lines if self.history.free_units(line))
        return left or lines

    def product(self, line_id: str) -> Product | None:
        return self.products.get(self.order.line(line_id).product_id)


@dataclass(frozen=True)
class Manner:
    """How something was said: as a correction of what was, or besides it."""

    correcting: bool = False
    adding: bool = False

    @classmethod
    def of(cls, text: str) -> "Manner":
        said = naming.plain(text)
        return cls(bool(CORRECTION.search(said)), bool(ADDITION.search(said)))


def settle(draft: Draft, goods: Goods) -> Draft:
    """Place what waited for the order, and fill in what needs no question."""
    if draft.unplaced:
        waiting = draft.unplaced
        wish = Resolution.REFUND if draft.withdrawal_at else None
        empty = replace(draft, unplaced=(), reasons=(), resolution=wish, quantity=None)
        empty = _with_the_only_line(empty, goods)
        draft = place(empty, waiting, goods, Manner(adding=True))
    draft = _with_the_only_line(draft, goods)
    lines = (_settle_quantity(line, goods) for line in draft.lines)
    return replace(draft, lines=tuple(lines))


def _with_the_only_line(draft: Draft, goods: Goods) -> Draft:
    if draft.lines or len(goods.free) != 1:
        return draft
    return with_lines(draft, [fresh_line(draft, goods.free[0].line_id)])


def fresh_line(draft: Draft, line_id: str) -> DraftLine:
    """A line that just came up, with what was said of no line in particular."""
    return DraftLine(
        line_id,
        quantity=draft.quantity,
        reasons=draft.reasons,
        resolution=draft.resolution,
        upload_ids=draft.upload_ids,
    )


def keep_for_later(draft: Draft, clauses: Sequence[Clause], manner: Manner) -> Draft:
    """Clauses heard before the order is known; a correction unsays earlier reasons."""
    before = draft.unplaced
    if manner.correcting and any(clause.reasons for clause in clauses):
        before = tuple(replace(clause, reasons=()) for clause in before)
    kept = (*before, *clauses)[-CLAUSES_KEPT:]
    return _pool(replace(draft, unplaced=kept), clauses, manner)


def place(
    draft: Draft, clauses: Iterable[Clause], goods: Goods, manner: Manner
) -> Draft:
    """Tell each clause of the lines it names; one that names none, of all it can be."""
    named: list[str] = []
    spoken_of: list[str] = []
    lone: list[tuple[Clause, list[str]]] = []
    for clause in clauses:
        here = naming.lines_named(clause.text, goods.free)
        named += [line_id for line_id in here if line_id not in named]
        if not _tells(clause):
            continue
        if named:
            draft = _bring_in(draft, named, manner)
            draft = _tell(draft, clause, named, manner, goods)
            spoken_of, named = named, []
        else:
            lone.append((clause, spoken_of))
    if named:
        draft = _bring_in(draft, named, manner)
    apart = _each_its_wish(lone)
    for clause, of in lone:
        if (apart and clause.resolution) or (of and _goes_on(clause)):
            draft = _tell(draft, clause, of, manner, goods)
        else:
            pooled = _pool(draft, [clause], manner)
            draft = _tell(pooled, clause, None, manner, goods)
    return draft


def _goes_on(clause: Clause) -> bool:
    """ "My kettle is broken, it won't heat up": still of what was named just before."""
    return bool(clause.reasons and PRONOUN.match(naming.plain(clause.text)))


def without_taken_back(
    draft: Draft, clauses: tuple[Clause, ...], manner: Manner
) -> tuple[tuple[Clause, ...], Manner]:
    """A reason said before that a "not" now takes back, for the sake of another."""
    known = {*draft.reasons, *(r for line in draft.lines for r in line.reasons)}
    gone = [
        clause
        for clause in clauses
        if TAKEN_BACK.match(naming.plain(clause.text))
        and set(clause.reasons) & known & NEVER_DENIALS
    ]
    kept = [clause for clause in clauses if clause not in gone]
    if not gone or not any(clause.reasons for clause in kept):
        return clauses, manner
    unsaid = {reason for clause in gone for reason in clause.reasons}
    meant = tuple(
        replace(clause, reasons=tuple(r for r in clause.reasons if r not in unsaid))
        for clause in kept
    )
    return meant, replace(manner, correcting=True)


def _each_its_wish(lone: list[tuple[Clause, list[str]]]) -> bool:
    """ "The dress is torn, I want my money, and the lamp is broken, I want another"."""
    told = [(clause.resolution, tuple(of)) for clause, of in lone if clause.resolution]
    wishes, goods = {wish for wish, _ in told}, {of for _, of in told}
    return len(wishes) > 1 and len(goods) > 1 and () not in goods


def with_lines(
    draft: Draft, lines: Iterable[DraftLine], changing: bool = False
) -> Draft:
    return replace(draft, lines=tuple(lines), changing=changing)


def _tells(clause: Clause) -> bool:
    return bool(clause.reasons or clause.resolution or clause.quantity is not None)


def _pool(draft: Draft, clauses: Iterable[Clause], manner: Manner) -> Draft:
    """What was said of no line in particular."""
    for clause in clauses:
        draft = replace(
            draft,
            reasons=_merged(draft.reasons, clause.reasons, manner),
            resolution=clause.resolution or draft.resolution,
            quantity=clause.quantity or draft.quantity,
        )
    return draft


def _bring_in(draft: Draft, line_ids: list[str], manner: Manner) -> Draft:
    """Named lines join the draft, or take the others' place when that was wrong."""
    known = {line.line_id: line for line in draft.lines}
    if all(line_id in known for line_id in line_ids):
        return draft
    fresh = [known.get(i) or fresh_line(draft, i) for i in line_ids]
    if manner.correcting and not manner.adding:
        return with_lines(draft, fresh)
    return with_lines(draft, {**known, **{ln.line_id: ln for ln in fresh}}.values())


def _tell(
    draft: Draft,
    clause: Clause,
    line_ids: list[str] | None,
    manner: Manner,
    goods: Goods,
) -> Draft:
    """line_ids None: of the line that was asked about, else of all that lack it."""
    targets = _targets(draft, clause) if line_ids is None else line_ids
    said = bool(clause.reasons or clause.resolution)
    lines = (
        _exchanged(_told(line, clause, manner, line_ids is not None), clause, goods)
        if line.line_id in targets
        else line
        for line in draft.lines
    )
    return with_lines(draft, lines, changing=draft.changing and not said)


def _exchanged(line: DraftLine, clause: Clause, goods: Goods) -> DraftLine:
    """With what shall come instead, where the wish itself names it: "for a 42"."""
    if clause.resolution is not Resolution.EXCHANGE or line.replacement_sku:
        return line
    own = goods.order.line(line.line_id).sku
    found = naming.variant_named(clause.text, goods.product(line.line_id), own)
    return replace(line, replacement_sku=found.sku if found else None)


def _targets(draft: Draft, clause: Clause) -> list[str]:
    lines = list(draft.lines)
    if clause.reasons:
        lacking = [line for line in lines if not line.reasons]
        lines = lacking[:1] if draft.asked == "reason" and lacking else lacking or lines
    elif draft.asked == "resolution" and not naming.means_all(clause.text):
        lines = [line for line in lines if line.resolution is None][:1] or lines
    return [line.line_id for line in lines]


def _told(line: DraftLine, clause: Clause, manner: Manner, named: bool) -> DraftLine:
    wish = clause.resolution or line.resolution
    counts = named or line.quantity is None or manner.correcting
    return replace(
        line,
        reasons=_merged(line.reasons, clause.reasons, manner),
        resolution=wish,
        quantity=(counts and clause.quantity) or line.quantity,
        detail=details.detail_in(clause) or line.detail,
        replacement_sku=line.replacement_sku if wish == line.resolution else None,
    )


def _merged(
    known: tuple[ReturnReason, ...], told: tuple[ReturnReason, ...], manner: Manner
) -> tuple[ReturnReason, ...]:
    """Each once; a correction takes the known ones' place."""
    if manner.correcting and told:
        return told
    return known + tuple(reason for reason in told if reason not in known)


def _settle_quantity(line: DraftLine, goods: Goods) -> DraftLine:
    order_line = goods.order.line(line.line_id)
    free = len(goods.history.free_units(order_line))
    if line.quantity is None and free <= 1:
        return replace(line, quantity=1)
    if line.quantity == ALL_UNITS:
        return replace(line, quantity=max(free, 1))
    if line.quantity is not None and not 1 <= line.quantity <= max(free, 1):
        return replace(line, quantity=None if free > 1 else 1)
    return line
