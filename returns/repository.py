"""Rows to returns/model.py's types and back."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns import keys
from returns.model import (
    Address,
    Customer,
    Draft,
    DraftLine,
    Order,
    OrderLine,
    OrderStatus,
    PriorRefund,
    Resolution,
    ReturnReason,
)
from returns.policy import History
from returns.tables import (
    drafts,
    held_units,
    order_lines,
    orders,
    refund_components,
)

LINE_FIELDS = [name for name in OrderLine.__dataclass_fields__ if name in order_lines.c]


def find_order(connection: Connection, order_number: str) -> Order | None:
    row = connection.execute(
        sa.select(orders).where(orders.c.order_number == order_number)
    ).first()
    return _order(connection, row) if row else None


def get_order(connection: Connection, order_number: str) -> Order:
    """For callers that hold a grant or a case, so that the order must exist."""
    order = find_order(connection, order_number)
    if order is None:
        raise LookupError(f"order {order_number} has vanished")
    return order


def find_proved_order(
    connection: Connection, order_number: str, email: str
) -> str | None:
    """The order's number when number and e-mail belong together, else None."""
    row = connection.execute(
        sa.select(orders.c.order_number).where(
            orders.c.order_key == keys.order_key(order_number),
            orders.c.email_key == keys.email_key(email),
        )
    ).first()
    return row.order_number if row else None


def _order(connection: Connection, row: Row[Any]) -> Order:
    line_rows = connection.execute(
        sa.select(order_lines)
        .where(order_lines.c.order_number == row.order_number)
        .order_by(order_lines.c.position)
    ).all()
    facts = row._mapping
    plain = [
        "order_number",
        "placed_at",
        "promised_at",
        "dispatched_at",
        "delivered_at",
        "language",
        "currency",
        "withdrawal_informed",
        "payment_method",
        "payment_reference",
        "captured_minor",
        "shipping_paid_minor",
        "shipping_standard_minor",
    ]
    return Order(
        status=OrderStatus(row.status),
        customer=_customer(row.customer),
        lines=tuple(_line(line) for line in line_rows),
        refunded=tuple(
            PriorRefund(
                prior["amount_minor"], prior.get("line_id"), prior.get("quantity")
            )
            for prior in row.refunded
        ),
        **{name: facts[name] for name in plain},
    )


def _line(row: Row[Any]) -> OrderLine:
    return OrderLine(**{name: row._mapping[name] for name in LINE_FIELDS})


def _customer(stored: dict[str, Any]) -> Customer:
    known = {k: v for k, v in stored.items() if k in Customer.__dataclass_fields__}
    return Customer(**{**known, "address": address_from(stored["address"])})


def address_from(stored: dict[str, Any]) -> Address:
    known = {k: v for k, v in stored.items() if k in Address.__dataclass_fields__}
    return Address(**known)


def history_of(connection: Connection, order_number: str) -> History:
    """What is gone or held, and what was already given back."""
    gone: dict[str, set[int]] = defaultdict(set)
    held = connection.execute(
        sa.select(held_units).where(held_units.c.order_number == order_number)
    )
    for row in held:
        gone[row.line_id].add(row.unit_no)
    paid, delivery = 0, False
    for component, amount in ledger_of(connection, order_number):
        paid += amount
        delivery = delivery or component == "delivery"
        kind, _, rest = component.partition("/")
        line_id, _, unit = rest.rpartition("/")
        if kind == "unit" and unit.isdigit():
            gone[line_id].add(int(unit))
    frozen = {line: frozenset(units) for line, units in gone.items()}
    return History(frozen, paid, delivery)


def ledger_of(connection: Connection, order_number: str) -> list[tuple[str, int]]:
    """(component, amount in minor units) of everything given back or reserved."""
    rows = connection.execute(
        sa.select(refund_components.c.component, refund_components.c.amount_minor)
        .where(refund_components.c.order_number == order_number)
        .order_by(refund_components.c.component)
    )
    return [(row.component, row.amount_minor) for row in rows]


def open_draft(connection: Connection, conversation_id: str) -> Draft | None:
    row = connection.execute(
        sa.select(drafts).where(
            drafts.c.conversation_id == conversation_id, drafts.c.state == "open"
        )
    ).first()
    return _draft(row) if row else None


def get_draft(connection: Connection, draft_id: str) -> Draft:
    query = sa.select(drafts).where(drafts.c.draft_id == draft_id)
    return _draft(connection.execute(query).one())


def save_draft(connection: Connection, draft: Draft, now: datetime) -> None:
    """Insert or update the open draft of a conversation."""
    values = _draft_values(draft, now)
    changed = connection.execute(
        drafts.update().where(drafts.c.draft_id == draft.draft_id).values(**values)
    )
    if changed.rowcount == 0:
        connection.execute(
            drafts.insert().values(
                draft_id=draft.draft_id,
                conversation_id=draft.conversation_id,
                channel=draft.channel,
                state="open",
                created_at=draft.created_at,
                **values,
            )
        )


def set_draft_state(connection: Connection, draft_id: str, state: str) -> None:
    """state: confirmed or dropped; only an open draft moves."""
    connection.execute(
        drafts.update()
        .where(drafts.c.draft_id == draft_id, drafts.c.state == "open")
        .values(state=state)
    )


def _draft_values(draft: Draft, now: datetime) -> dict[str, Any]:
    withdrawal_at = draft.withdrawal_at
    return {
        "language": draft.language,
        "order_number": draft.order_number,
        "email": draft.email,
        "revision": draft.revision + 1,
        "updated_at": now,
        "facts": {
            "granted": draft.granted,
            "lines": [asdict(line) for line in draft.lines],
            "reasons": list(draft.reasons),
            "no_reason_given": draft.no_reason_given,
            "resolution": draft.resolution,
            "withdrawal_at": withdrawal_at and withdrawal_at.isoformat(),
            "mentions": list(draft.mentions),
            "asked": draft.asked,
            "recap": draft.recap,
            "explained": list(draft.explained),
            "changing": draft.changing,
        },
    }


def _draft(row: Row[Any]) -> Draft:
    facts = row.facts
    stated = facts["withdrawal_at"]
    return Draft(
        draft_id=row.draft_id,
        conversation_id=row.conversation_id,
        language=row.language,
        channel=row.channel,
        created_at=row.created_at,
        order_number=row.order_number,
        email=row.email,
        granted=facts["granted"],
        lines=tuple(_draft_line(line) for line in facts["lines"]),
        reasons=tuple(ReturnReason(r) for r in facts["reasons"]),
        no_reason_given=facts["no_reason_given"],
        resolution=facts["resolution"] and Resolution(facts["resolution"]),
        withdrawal_at=stated and datetime.fromisoformat(stated),
        mentions=tuple(facts["mentions"]),
        asked=facts["asked"],
        recap=facts["recap"],
        explained=tuple(facts["explained"]),
        changing=facts["changing"],
        revision=row.revision,
    )


def _draft_line(stored: dict[str, Any]) -> DraftLine:
    return DraftLine(
        line_id=stored["line_id"],
        quantity=stored["quantity"],
        reasons=tuple(ReturnReason(r) for r in stored["reasons"]),
        detail=stored["detail"],
        resolution=stored["resolution"] and Resolution(stored["resolution"]),
    )
