"""« Finalement, remboursez-moi plutôt »: another remedy after the yes.

While nothing was paid or ordered the new wish takes the old one's place in one
transaction; afterwards a person decides.
"""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns import repository
from returns.errors import WrongState
from returns.model import (
    By,
    Choice,
    Decision,
    Heard,
    Outcome,
    Question,
    RefundState,
    ReplacementState,
    Resolution,
    ReturnStatus,
    Say,
)
from returns.policy import History, decide
from returns.services import (
    authorisations,
    cases,
    hearing,
    history,
    known,
    notices,
    parcels,
    refunds,
    replacements,
    statuses,
)
from returns.services.placing import Manner
from returns.tables import confirmations, held_units, return_lines
from returns.unit import Unit, writing
from returns.wiring import House

CHANGEABLE = (
    ReturnStatus.REQUESTED,
    ReturnStatus.AUTHORISED,
    ReturnStatus.IN_TRANSIT,
)
SWAPPED = (Resolution.REFUND, Resolution.REPLACEMENT)
INTENTS = {wish: intent for intent, wish in hearing.WISHES.items()}


def concerns(house: House, heard: Heard) -> bool:
    """Whether this wish corrects one that was confirmed, and opens nothing new."""
    wish = _wish(heard)
    if wish is None or heard.order_number is not None or heard.reasons:
        return False
    if heard.return_id is None and not Manner.of(heard.text).correcting:
        return False
    with house.reader.connect() as connection:
        return bool(_candidates(connection, house, heard, wish))


def ask(house: House, heard: Heard) -> Question:
    """Which return, then one explicit yes; a pressed yes or no is answered.

    Raises NotFound; WrongState when the message wishes for nothing.
    """
    wish = _wish(heard)
    if wish is None:
        raise WrongState("no wish was heard")
    if heard.return_id is not None and heard.answer is not None:
        talk = heard.conversation_id
        return answer(house, talk, heard.return_id, wish, heard.answer)
    with house.reader.connect() as connection:
        found = _candidates(connection, house, heard, wish)
        late = len(found) == 1 and not _is_free(connection, found[0])
    if len(found) != 1:
        return _which(found, wish)
    return _too_late(found[0]) if late else _confirmation(found[0], wish)


def intent_of(heard: Heard) -> str:
    """The intent that stands for what was wished, however it was said."""
    wish = _wish(heard)
    return INTENTS[wish] if wish else ""


def answer(
    house: House, conversation_id: str, return_id: str, wish: Resolution, yes: bool
) -> Question:
    """Change it in one transaction, or say why not. Raises NotFound."""
    with house.reader.connect() as connection:
        mine = known.returns_of(connection, conversation_id, house.clock.now())
        case = known.one_of(mine, return_id)
    if not yes:
        return Question((Say("utter_wish_kept", {"return_id": return_id}),), None)
    try:
        with writing(house) as unit:
            return _change(house, unit, case, wish)
    except WrongState:
        return _too_late(case)


def _wish(heard: Heard) -> Resolution | None:
    wish = heard.resolution or hearing.WISHES.get(heard.intent)
    return wish if wish in SWAPPED else None


def _candidates(
    connection: Connection, house: House, heard: Heard, wish: Resolution
) -> list[Row[Any]]:
    """Returns of this customer that go on and have the other wish."""
    mine = known.returns_of(connection, heard.conversation_id, house.clock.now())
    if heard.return_id is not None:
        return [known.one_of(mine, heard.return_id)]
    open_ones = [case for case in mine if case.status in CHANGEABLE]
    return [case for case in open_ones if _other_wish(connection, case, wish)]


def _other_wish(connection: Connection, case: Row[Any], wish: Resolution) -> bool:
    lines = cases.lines_of(connection, case.return_id)
    other = [kind for kind in SWAPPED if kind is not wish]
    return {line.resolution for line in lines} == set(other)


def _is_free(connection: Connection, case: Row[Any]) -> bool:
    """Nothing of it is sent or ordered yet, as far as a look can tell."""
    money = refunds.of_return(connection, case.return_id)
    goods = replacements.of_return(connection, case.return_id)
    unpaid = money is None or money.state == RefundState.DUE
    unordered = goods is None or goods.state == ReplacementState.DUE
    return case.status in CHANGEABLE and unpaid and unordered


def _change(house: House, unit: Unit, case: Row[Any], wish: Resolution) -> Question:
    return_id = case.return_id
    case = history.lock_return(unit, return_id)
    if case.status not in CHANGEABLE:
        raise WrongState(f"return {return_id} is {case.status}")
    if _other_wish(unit.connection, case, wish):
        _stop_old(unit, return_id)
        decision = _decision(house, unit, case, wish)
        _keep(unit, case, decision, wish)
        authorisations.set_remedies_going(unit, return_id)
        if known.parcel_of(unit.connection, return_id) is not None:
            parcels.schedule_refund(house, unit, case, by_machine=True)
    promised = statuses.promises_of(unit.connection, case, unit.now)
    params = {"return_id": return_id, "next": promised}
    return Question((Say(f"utter_wish_changed_{wish.value}", params),), None)


def _stop_old(unit: Unit, return_id: str) -> None:
    money = refunds.of_return(unit.connection, return_id)
    if money is not None and not refunds.release(unit, money.refund_id):
        raise WrongState(f"the refund of {return_id} is {money.state}")
    goods = replacements.of_return(unit.connection, return_id)
    if goods is not None and not replacements.withdraw(unit, goods.replacement_id):
        raise WrongState(f"the replacement of {return_id} is {goods.state}")


def _decision(house: House, unit: Unit, case: Row[Any], wish: Resolution) -> Decision:
    """What policy says of the new wish, as things stood at the yes.

    Raises WrongState when it does not grant every line outright.
    """
    ours = {line.line_id for line in cases.lines_of(unit.connection, case.return_id)}
    draft = repository.get_draft(unit.connection, case.draft_id)
    lines = tuple(
        replace(line, resolution=wish) for line in draft.lines if line.line_id in ours
    )
    order = repository.get_order(unit.connection, case.order_number)
    before = _without_ours(unit.connection, case)
    draft = replace(draft, lines=lines, resolution=wish)
    decision = decide(draft, order, house.shop, before, case.created_at)
    if decision.outcome is not Outcome.ALLOW:
        raise WrongState(f"{wish} is not granted outright for {case.return_id}")
    return decision


def _without_ours(connection: Connection, case: Row[Any]) -> History:
    """The order's history as if this return held no unit."""
    query = sa.select(held_units).where(held_units.c.return_id == case.return_id)
    ours = {(row.line_id, row.unit_no) for row in connection.execute(query)}
    full = repository.history_of(connection, case.order_number)
    gone = {
        line_id: frozenset(unit for unit in units if (line_id, unit) not in ours)
        for line_id, units in full.gone.items()
    }
    return replace(full, gone=gone)


def _keep(unit: Unit, case: Row[Any], decision: Decision, wish: Resolution) -> None:
    here = return_lines.c.return_id == case.return_id
    unit.connection.execute(return_lines.update().where(here).values(resolution=wish))
    confirmed = confirmations.c.draft_id == case.draft_id
    stored = unit.connection.execute(
        sa.select(confirmations.c.decision).where(confirmed)
    ).scalar_one()
    stored = {**stored, "delivery_refund_minor": decision.delivery_refund_minor}
    unit.connection.execute(
        confirmations.update().where(confirmed).values(decision=stored)
    )
    history.record(
        unit, case.return_id, "customer.changed_wish", By.CUSTOMER, wish=wish.value
    )
    params = {"return_id": case.return_id, "order_number": case.order_number}
    notices.by_mail(unit, case, f"utter_mail_changed_to_{wish.value}", params)


def _which(found: list[Row[Any]], wish: Resolution) -> Question:
    choices = tuple(
        Choice(
            Say("utter_button_return_id", {"return_id": case.return_id}),
            {"intent": INTENTS[wish], "return_id": case.return_id},
            detail=Say("utter_button_order", {"order_number": case.order_number}),
        )
        for case in found
    )
    return Question((Say("utter_ask_which_change"),), None, choices)


def _confirmation(case: Row[Any], wish: Resolution) -> Question:
    means = {"intent": INTENTS[wish], "return_id": case.return_id}
    yes = Choice(Say("utter_button_change_yes"), {**means, "answer": "yes"})
    no = Choice(Say("utter_button_change_no"), {**means, "answer": "no"})
    params = {"return_id": case.return_id, "order_number": case.order_number}
    say = Say(f"utter_ask_change_to_{wish.value}", params)
    return Question((say,), "confirmation", (yes, no), about=case.return_id)


def _too_late(case: Row[Any]) -> Question:
    person = Choice(Say("utter_button_person"), {"intent": "talk_to_human"})
    params = {"return_id": case.return_id}
    return Question((Say("utter_wish_by_person", params),), None, (person,))
