"""Details, asked only where they matter: which part, what came, a picture. Pure."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from returns.model import (
    Clause,
    Draft,
    DraftLine,
    Heard,
    LineDecision,
    Resolution,
    ReturnReason,
)
from returns.services import naming

R = ReturnReason
# Reasons that say too little without a word on what exactly is wrong.
TOLD_IN_WORDS = (R.MISSING_PARTS, R.WRONG_ITEM, R.NOT_AS_DESCRIBED)
# A picture helps the claim on the supplier; it is never a condition (law: C19).
SHOWN = (R.DAMAGED_IN_TRANSIT, R.DEFECTIVE_ON_ARRIVAL, R.FAILED_LATER, R.WRONG_ITEM)
WAITS = re.compile(r"\b(attend\w*|patiente\w*|wait\w*|garde\w*|keep)\b")
WAITS_NO_MORE = re.compile(
    r"\b(plus|pas|marre de?|assez|trop) attend|\b(not|t|no|tired of|done) wait"
)
MONEY_BACK = ("request_refund", "withdraw_from_contract")
NEEDS_VARIANT = (Resolution.EXCHANGE,)
LONGEST_DETAIL = 300
# "Ordered size 8, got size 6" tells what came.
SIZES = re.compile(r"(?<![\w-])(?:\d{1,3}|X{0,3}[SL]|M)(?![\w-])")
PERSONAL = re.compile(r"\S*@\S*|\b[A-Za-z]{0,3}[-#]?\d{4,}\S*")
# What tells that something is wrong, but not what.
EMPTY_WORDS = frozenset(
    naming.words(
        """
    il elle manque manquait manquant manquante manquent incomplet incomplete piece
    pieces partie element accessoire article articles produit colis commande recu
    reçu recue envoye envoyé envoyez mauvais mauvaise erreur pas bon bonne autre
    chose rien voir ressemble correspond conforme description photo photos annonce
    site que qui est sont etait vous avez nous mon mes votre cette ces tout trompe
    bonjour merci svp voila alors donc quoi comme suis deçue decu completement
    missing part parts item items wrong sent received got order parcel product not
    what ordered something else different from described as picture pictures website
    you have has was were this that mine they hello please there some thing looks
    like nothing completely
        """
    )
)


def detail_in(clause: Clause) -> str | None:
    """The clause in the customer's words, if it says what exactly is wrong."""
    if not any(reason in TOLD_IN_WORDS for reason in clause.reasons):
        return None
    telling = [word for word in naming.words(clause.text) if word not in EMPTY_WORDS]
    numbered = R.MISSING_PARTS not in clause.reasons and SIZES.search(clause.text)
    return _kept(clause.text) if telling or numbered else None


def lacks_detail(draft: Draft, line: DraftLine) -> bool:
    """Whether to ask for words: never twice, never once a withdrawal is stated (N1)."""
    asked = f"detail/{line.line_id}" in draft.skipped
    wanted = any(reason in TOLD_IN_WORDS for reason in line.reasons)
    return wanted and line.detail is None and not asked and draft.withdrawal_at is None


def lacks_picture(draft: Draft) -> str | None:
    """The line a picture is asked for, once per draft; None when none is wanted."""
    shown = any(line.upload_ids for line in draft.lines)
    if shown or "photo" in draft.skipped or draft.withdrawal_at is not None:
        return None
    for line in draft.lines:
        if any(reason in SHOWN for reason in line.reasons):
            return line.line_id
    return None


def shown_line(draft: Draft) -> str:
    """The line that a picture is of: the first with a fault to see, else the first."""
    for line in draft.lines:
        if any(reason in SHOWN for reason in line.reasons):
            return line.line_id
    return draft.lines[0].line_id


def answered(draft: Draft, heard: Heard, now: datetime) -> Draft:
    """The draft after an answer to a question of detail, photo or another remedy."""
    if draft.asked == "photo":
        return replace(draft, skipped=(*draft.skipped, "photo"))
    line = _asked_about(draft)
    if line is None:
        return draft
    if draft.asked == "resolution":
        keeps = heard.skip or (heard.intent == "affirm" and line.resolution is not None)
        return _skip(draft, f"resolution/{line.line_id}") if keeps else draft
    fact = _fact_asked(draft)
    if fact is not None:
        return _with_fact(draft, line, fact, heard, now)
    draft = _skip(draft, f"detail/{line.line_id}")
    silent = heard.skip or heard.pressed or heard.intent == "deny"
    said = None if silent else _kept(heard.text)
    changed = replace(line, detail=said or line.detail)
    return replace(draft, lines=_swapped(draft, changed))


def insists(draft: Draft, line: LineDecision) -> bool:
    """Whether the customer keeps a wish that is not given outright."""
    return f"resolution/{line.line_id}" in draft.skipped


def _fact_asked(draft: Draft) -> str | None:
    _, _, fact = (draft.asked_about or "").partition("#")
    return fact or None


def _asked_about(draft: Draft) -> DraftLine | None:
    line_id, _, _ = (draft.asked_about or "").partition("#")
    return next((line for line in draft.lines if line.line_id == line_id), None)


def _with_fact(
    draft: Draft, line: DraftLine, fact: str, heard: Heard, now: datetime
) -> Draft:
    """A yes or no to what policy must know; no answer decides for the customer."""
    told = {"affirm": True, "deny": False}.get(heard.intent, heard.answer)
    if fact == "withdrawal_at":
        told = _withdraws(heard, told)
    if fact == "withdrawal_at" and told:
        lines = _swapped(draft, replace(line, resolution=Resolution.REFUND))
        return replace(draft, withdrawal_at=draft.withdrawal_at or now, lines=lines)
    if told is None or fact == "withdrawal_at":
        given = heard.skip or told is False
        return _skip(draft, f"{fact}/{line.line_id}") if given else draft
    facts: dict[str, Any] = {fact: told}
    if fact == "received" and not told:
        facts["reasons"] = (R.NOT_DELIVERED,)
    return replace(draft, lines=_swapped(draft, replace(line, **facts)))


def _withdraws(heard: Heard, told: bool | None) -> bool | None:
    """ "I want my money now" is a yes to "shall I call it off?", "I can wait" a no."""
    if heard.intent in MONEY_BACK:
        return True
    said = naming.plain(heard.text)
    waits = WAITS.search(said) and not WAITS_NO_MORE.search(said)
    return False if waits and not heard.pressed else told


def _swapped(draft: Draft, changed: DraftLine) -> tuple[DraftLine, ...]:
    return tuple(
        changed if line.line_id == changed.line_id else line for line in draft.lines
    )


def _skip(draft: Draft, what: str) -> Draft:
    return replace(draft, skipped=tuple(dict.fromkeys((*draft.skipped, what))))


def _kept(text: str) -> str:
    """Without addresses and numbers of orders: it goes to the supplier."""
    return PERSONAL.sub("…", text).strip()[:LONGEST_DETAIL]
