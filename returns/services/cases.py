"""From a confirmed draft to open returns, one transaction per yes."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import Row

from returns import ids, repository
from returns.errors import NothingToConfirm, RecapChanged, UnitAlreadyInReturn
from returns.failpoints import failpoint
from returns.formats import Day
from returns.model import (
    By,
    Decision,
    Disposition,
    Draft,
    DraftLine,
    LineDecision,
    Order,
    Outcome,
    ReturnStatus,
    Say,
)
from returns.policy import parcel_payer, parcels
from returns.services import (
    acknowledgements,
    case_facts,
    drafts,
    evidence,
    history,
    identity,
    tasks,
    withdrawals,
)
from returns.services.case_facts import lines_of as lines_of
from returns.services.case_facts import needs_goods_back as needs_goods_back
from returns.sql import insert_once, lock_row
from returns.tables import (
    confirmations,
    held_units,
    orders,
    return_lines,
    returns,
)
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind

DECISION = TypeAdapter(Decision)
OF_DRAFT = (
    sa.select(returns)
    .where(returns.c.draft_id == sa.bindparam("draft"))
    .order_by(returns.c.return_id)
)


@dataclass(frozen=True)
class Opened:
    """What one yes opened: the return ids, in the order of the recap."""

    draft_id: str
    return_ids: tuple[str, ...]


def confirm(house: House, conversation_id: str, message_id: str) -> Opened:
    """Open the returns that the last recap promised; the same message does it once.

    Raises NothingToConfirm, RecapChanged (facts changed since the recap was shown),
    OrderNotGranted, UnitAlreadyInReturn.
    """
    with writing(house) as unit:
        # The draft first: if the same yes is committed in between, that is seen.
        draft = repository.open_draft(unit.connection, conversation_id)
        done = _confirmed_with(unit, conversation_id, message_id)
        if done is not None:
            return done
        if draft is None or draft.recap is None or draft.order_number is None:
            raise NothingToConfirm
        if drafts.recap_agreed_to(unit, draft, message_id) != draft.recap:
            raise RecapChanged
        opened = _open_all(house, unit, draft, draft.order_number, message_id)
        failpoint("confirm.before_commit")
    failpoint("confirm.after_commit")
    return opened


def returns_of_draft(house: House, draft_id: str) -> list[Row[Any]]:
    with house.reader.connect() as connection:
        return list(connection.execute(OF_DRAFT, {"draft": draft_id}).all())


def returns_of_conversation(house: House, conversation_id: str) -> list[Row[Any]]:
    """Newest first."""
    with house.reader.connect() as connection:
        query = sa.select(returns).where(returns.c.conversation_id == conversation_id)
        return list(connection.execute(query.order_by(sa.desc("created_at"))).all())


def authorised_say(case: Row[Any]) -> Say:
    """The supplier's number and address, for the parcel; the words of the answer."""
    address = repository.address_from(case.return_address)
    link = case_facts.label_link(case)
    payer = "label" if link else case.return_payer
    by = [Say("utter_ship_by", {"day": Day(case.ship_by)})] if case.ship_by else []
    return Say(
        "utter_return_authorised",
        {
            "return_id": case.return_id,
            "rma_number": case.rma_number,
            "address": case_facts.address_lines(address),
            "payer": Say(f"utter_ship_payer_{payer}"),
            "ship_by": by,
            "label": [Say("utter_ship_label", {"url": link})] if link else [],
        },
    )


def _confirmed_with(unit: Unit, conversation_id: str, message_id: str) -> Opened | None:
    row = unit.connection.execute(
        sa.select(confirmations.c.draft_id)
        .join_from(
            confirmations, returns, confirmations.c.draft_id == returns.c.draft_id
        )
        .where(
            confirmations.c.message_id == message_id,
            returns.c.conversation_id == conversation_id,
        )
    ).first()
    return _opened(unit, row.draft_id) if row else None


def _opened(unit: Unit, draft_id: str) -> Opened:
    query = sa.select(returns.c.return_id).where(returns.c.draft_id == draft_id)
    found = unit.connection.execute(query.order_by(returns.c.return_id)).scalars()
    return Opened(draft_id, tuple(found))


def _open_all(
    house: House, unit: Unit, draft: Draft, order_number: str, message_id: str
) -> Opened:
    lock_row(unit.connection, orders, orders.c.order_number == order_number)
    done = _confirmed_with(unit, draft.conversation_id, message_id)
    if done is not None:  # by the same yes, while this one waited for the lock
        return done
    if repository.open_draft(unit.connection, draft.conversation_id) is None:
        raise NothingToConfirm
    order = identity.granted_order(unit, draft.conversation_id, order_number)
    decision = drafts.decision_for(house, unit, draft, order)
    if decision.hash != draft.recap:
        raise RecapChanged
    confirmed = insert_once(
        unit.connection,
        confirmations,
        draft_id=draft.draft_id,
        message_id=message_id,
        decision_hash=decision.hash,
        decision=DECISION.dump_python(decision, mode="json"),
        at=unit.now,
    )
    if confirmed:
        repository.set_draft_state(unit.connection, draft.draft_id, "confirmed")
        withdrawals.confirmed(unit, draft.draft_id)
        found = parcels(order, decision.lines)
        # Sorted, since returns are told by id: in the order of the recap.
        new_ids = sorted(ids.new_return_id() for _ in found)
        for return_id, lines in zip(new_ids, found, strict=True):
            _open_return(house, unit, draft, order, decision, return_id, lines)
    return _opened(unit, draft.draft_id)


def _open_return(
    house: House,
    unit: Unit,
    draft: Draft,
    order: Order,
    decision: Decision,
    return_id: str,
    lines: tuple[LineDecision, ...],
) -> None:
    review = lines[0].outcome is Outcome.REVIEW
    unit.connection.execute(
        returns.insert().values(
            return_id=return_id,
            draft_id=draft.draft_id,
            conversation_id=draft.conversation_id,
            channel=draft.channel,
            language=draft.language,
            order_number=order.order_number,
            supplier=order.line(lines[0].line_id).supplier,
            status=ReturnStatus.NEEDS_REVIEW if review else ReturnStatus.REQUESTED,
            outcome=lines[0].outcome,
            decline_reason=lines[0].decline_reason,
            return_payer=parcel_payer(lines),
            rules=sorted({rule for line in lines for rule in line.rules}),
            refund_by=decision.deadlines.refund_by,
            created_at=unit.now,
            updated_at=unit.now,
        )
    )
    said = {line.line_id: line for line in draft.lines}
    for line in lines:
        _add_line(unit, return_id, order, said[line.line_id], line)
    history.record(unit, return_id, "customer.confirmed", By.CUSTOMER)
    case = history.get_return(unit.connection, return_id)
    _set_going(house, unit, case, order, lines, review)
    case = history.get_return(unit.connection, return_id)
    acknowledgements.acknowledge(unit, case, draft, order, lines)


def _add_line(
    unit: Unit, return_id: str, order: Order, said: DraftLine, line: LineDecision
) -> None:
    order_line = order.line(line.line_id)
    unit.connection.execute(
        return_lines.insert().values(
            return_id=return_id,
            line_id=line.line_id,
            order_number=order.order_number,
            sku=order_line.sku,
            quantity=len(line.units) or 1,
            return_reason=line.reason,
            other_reasons=list(line.other_reasons),
            detail=said.detail,
            ground=line.ground,
            justified=line.justified,
            liable=line.liable,
            recourse=line.recourse,
            resolution=line.resolution,
            disposition=line.disposition,
            replacement_sku=line.replacement_sku,
            refund_minor=line.refund_minor,
            rules=list(line.rules),
        )
    )
    evidence.attach(unit, return_id, said.upload_ids)
    for unit_no in line.units:
        held = insert_once(
            unit.connection,
            held_units,
            order_number=order.order_number,
            line_id=line.line_id,
            unit_no=unit_no,
            return_id=return_id,
        )
        if not held:
            raise UnitAlreadyInReturn(f"{order.order_number}/{line.line_id}/{unit_no}")


def _set_going(
    house: House,
    unit: Unit,
    case: Row[Any],
    order: Order,
    lines: tuple[LineDecision, ...],
    review: bool,
) -> None:
    if review:
        tasks.open_task(unit, "review_return", case.return_id, case)
        return
    line_ids = [line.line_id for line in lines]
    keep = all(line.disposition is Disposition.KEEP for line in lines)
    _authorise(house, unit, case, order, line_ids, keep)


def set_going_after_review(house: House, unit: Unit, case: Row[Any]) -> None:
    """A person allowed it: go on as if policy had."""
    order = repository.get_order(unit.connection, case.order_number)
    lines = lines_of(unit.connection, case.return_id)
    line_ids = [line.line_id for line in lines]
    _authorise(house, unit, case, order, line_ids, not needs_goods_back(lines))


def _authorise(
    house: House,
    unit: Unit,
    case: Row[Any],
    order: Order,
    line_ids: list[str],
    keep: bool,
) -> None:
    if keep:
        history.move(
            unit, case.return_id, (ReturnStatus.REQUESTED,), ReturnStatus.AUTHORISED
        )
        unit.will(WorkKind.SETTLE_RETURN, case.return_id)
    elif supplier_reference(house, order, line_ids) is None:
        tasks.open_task(unit, "supplier_address", case.return_id, case)
    else:
        unit.will(WorkKind.AUTHORISE_RETURN, case.return_id)


def supplier_reference(house: House, order: Order, line_ids: list[str]) -> str | None:
    """The supplier's own order number; None when a person must ask."""
    line = order.line(line_ids[0])
    api = house.shop.supplier(line.supplier).api_url(house.settings.sandbox_url)
    return line.supplier_order_reference if api else None
