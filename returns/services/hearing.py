"""What a customer's message changes in the draft. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from returns import keys
from returns.model import (
    Draft,
    DraftLine,
    Heard,
    Order,
    Resolution,
    ReturnReason,
)
from returns.policy import History

WISHES = {
    "request_refund": Resolution.REFUND,
    "request_replacement": Resolution.REPLACEMENT,
}
OPENERS = frozenset(
    {
        "request_return",
        "request_refund",
        "request_replacement",
        "withdraw_from_contract",
        "give_reason",
        "inform",
        "affirm",
        "deny",
    }
)
CORRECTION = re.compile(
    r"\b(non|nan|finalement|en fait|plutot|pardon|erreur|trompee?|corrig\w*"
    r"|actually|instead|no|sorry|rather|mistake|wait)\b"
)
MENTIONS_KEPT = 120
SHORTEST_WORD = 4


def apply(draft: Draft, heard: Heard, now: datetime) -> Draft:
    """The draft after this message; the same draft when it told nothing."""
    draft = _identify(draft, heard)
    draft = replace(draft, mentions=_remember(draft, heard))
    draft = _state_withdrawal(draft, heard, now)
    draft = _choose_lines(draft, heard)
    draft = _count(draft, heard)
    draft = _give_reasons(draft, heard)
    draft = _wish(draft, heard)
    return _reconsider(draft, heard)


def told_something(before: Draft, after: Draft) -> bool:
    """Whether more than the remembered words changed."""
    return replace(after, mentions=before.mentions) != before


def settle(draft: Draft, order: Order, history: History) -> Draft:
    """Fill in what needs no question: the only line, the only unit."""
    lines = draft.lines or tuple(
        DraftLine(line_id, reasons=draft.reasons, resolution=draft.resolution)
        for line_id in _meant_lines(draft, order, history)
    )
    return replace(
        draft,
        lines=tuple(_settle_quantity(line, order, history) for line in lines),
    )


def _settle_quantity(line: DraftLine, order: Order, history: History) -> DraftLine:
    free = len(history.free_units(order.line(line.line_id)))
    if line.quantity is None and free <= 1:
        return replace(line, quantity=1)
    if line.quantity is not None and line.quantity > max(free, 1):
        return replace(line, quantity=None)
    return line


def _meant_lines(draft: Draft, order: Order, history: History) -> list[str]:
    free = [line for line in order.lines if history.free_units(line)] or order.lines
    if len(free) == 1:
        return [free[0].line_id]
    said = set(draft.mentions)
    named = [line.line_id for line in free if said & set(words(line.title))]
    return named if 0 < len(named) < len(free) else []


def words(text: str) -> list[str]:
    """Words of four letters and more, without accents, plural s dropped."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    found = re.findall(rf"[a-z]{{{SHORTEST_WORD},}}", plain)
    return [word.rstrip("s") for word in found]


def corrects(text: str) -> bool:
    """Whether the words announce a correction ("non, finalement...")."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return CORRECTION.search(plain.encode("ascii", "ignore").decode()) is not None


def _remember(draft: Draft, heard: Heard) -> tuple[str, ...]:
    return (*draft.mentions, *words(heard.text))[-MENTIONS_KEPT:]


def _identify(draft: Draft, heard: Heard) -> Draft:
    number, email = heard.order_number, heard.email
    if draft.granted:
        current = keys.order_key(draft.order_number or "")
        if number is None or keys.order_key(number) == current:
            return draft
        return replace(
            draft, granted=False, order_number=number, email=email, lines=(), recap=None
        )
    return replace(
        draft,
        order_number=number or draft.order_number,
        email=email or draft.email,
    )


def _state_withdrawal(draft: Draft, heard: Heard, now: datetime) -> Draft:
    if heard.intent != "withdraw_from_contract":
        return draft
    return replace(
        _set_wish(draft, Resolution.REFUND), withdrawal_at=draft.withdrawal_at or now
    )


def _choose_lines(draft: Draft, heard: Heard) -> Draft:
    if heard.line_ids:
        known = {line.line_id: line for line in draft.lines}
        fresh = (
            known.get(
                line_id,
                DraftLine(line_id, reasons=draft.reasons, resolution=draft.resolution),
            )
            for line_id in heard.line_ids
        )
        return replace(draft, lines=tuple(fresh), changing=False)
    return draft


def _count(draft: Draft, heard: Heard) -> Draft:
    if heard.quantity is None or not draft.lines:
        return draft
    open_ones = [line for line in draft.lines if line.quantity is None]
    if draft.asked != "quantity" and not corrects(heard.text):
        return draft
    target = open_ones[0] if open_ones else draft.lines[0]
    return _with_lines(
        draft,
        (
            replace(line, quantity=heard.quantity) if line is target else line
            for line in draft.lines
        ),
    )


def _give_reasons(draft: Draft, heard: Heard) -> Draft:
    if heard.no_reason:
        return replace(draft, no_reason_given=True, changing=False)
    if not heard.reasons:
        return draft
    fresh = corrects(heard.text) or draft.changing
    draft = replace(draft, reasons=_merged(draft.reasons, heard.reasons, fresh))
    lacking = [line for line in draft.lines if not line.reasons] or list(draft.lines)
    targets = lacking[:1] if draft.asked == "reason" else lacking
    return _with_lines(
        draft,
        (
            replace(line, reasons=_merged(line.reasons, heard.reasons, fresh))
            if line in targets
            else line
            for line in draft.lines
        ),
    )


def _merged(
    known: tuple[ReturnReason, ...], told: tuple[ReturnReason, ...], fresh: bool
) -> tuple[ReturnReason, ...]:
    if fresh:
        return told
    return known + tuple(reason for reason in told if reason not in known)


def _wish(draft: Draft, heard: Heard) -> Draft:
    wish = heard.resolution or WISHES.get(heard.intent)
    return _set_wish(draft, wish) if wish else draft


def _set_wish(draft: Draft, wish: Resolution) -> Draft:
    draft = replace(draft, resolution=wish)
    return _with_lines(draft, (replace(ln, resolution=wish) for ln in draft.lines))


def _with_lines(draft: Draft, lines: Iterable[DraftLine]) -> Draft:
    return replace(draft, lines=tuple(lines), changing=False)


def _reconsider(draft: Draft, heard: Heard) -> Draft:
    """A bare no to the recap, or the part of it that shall change."""
    if heard.change is not None:
        return replace(_forget(draft, heard.change), changing=False, recap=None)
    if draft.asked == "confirmation" and heard.intent == "deny":
        return replace(draft, changing=True, recap=None)
    return draft


def _forget(draft: Draft, part: str) -> Draft:
    if part == "lines":
        return replace(draft, lines=(), mentions=(), asked="lines")
    if part == "reason":
        lines = tuple(replace(line, reasons=()) for line in draft.lines)
        return replace(draft, lines=lines, reasons=(), no_reason_given=False)
    if part == "resolution":
        lines = tuple(replace(line, resolution=None) for line in draft.lines)
        return replace(draft, lines=lines, resolution=None, withdrawal_at=None)
    return draft
