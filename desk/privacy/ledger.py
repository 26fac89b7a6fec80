"""What is left of an erased person's returns: amounts, under a subject made up (P2).

The order gets a random name and an empty customer, so that the books still add up,
nothing can be paid twice, and nobody can tell who it was.
"""

import secrets
import string
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns.services.tombstones import ERASED
from returns.tables import (
    adjustments,
    drafts,
    held_units,
    order_lines,
    orders,
    ratings,
    refund_components,
    refunds,
    replacements,
    return_history,
    return_lines,
    returns,
    task_requests,
    tasks,
)
from returns.unit import Unit

NOBODY = {"first_name": "", "last_name": "", "email": "", "phone": None}
NOWHERE = {"name": "", "line1": "", "line2": None, "postcode": "", "city": ""}
CLAIM_OPEN = "open"


def subject_id() -> str:
    """Letters alone, so that no typed order number ever means it."""
    letters = (secrets.choice(string.ascii_lowercase) for _ in range(24))
    return ERASED + "".join(letters)


def blank_case(unit: Unit, return_id: str) -> None:
    """Leave codes, days and amounts of a return; words, numbers and places go."""
    mine = returns.c.return_id == return_id
    case = unit.connection.execute(sa.select(returns).where(mine)).one()
    claimed = case.claim is not None and case.claim.get("state") == CLAIM_OPEN
    changes: list[tuple[sa.Table, dict[str, Any]]] = [
        (return_lines, {"detail": None}),
        (return_history, {"data": {}}),
        (ratings, {"comment": None}),
        (adjustments, {"reason": "", "line_id": None, "unit_no": None}),
        (replacements, {"supplier_reference": None}),
        (refunds, {"payment_reference": "", "payment_key": secrets.token_hex(32)}),
        (
            returns,
            {
                "rma_number": case.rma_number if claimed else None,
                "return_address": sa.null(),
                "label_url": None,
            },
        ),
    ]
    for table, values in changes:
        here = table.c.return_id == return_id
        unit.connection.execute(table.update().where(here).values(**values))
    _blank_draft(unit, case)


def leave_under_subject(unit: Unit, order_number: str) -> str | None:
    """The order's new name; None: no money was ever moved, so nothing is left of it."""
    here = orders.c.order_number == order_number
    row = unit.connection.execute(sa.select(orders).where(here)).one()
    lines = unit.connection.execute(
        sa.select(order_lines).where(order_lines.c.order_number == order_number)
    ).all()
    subject = None
    if _is_in_books(unit, order_number):
        subject = subject_id()
        names = {line.line_id: f"{line.position + 1}" for line in lines}
        unit.connection.execute(orders.insert().values(_shell(row, subject, names)))
        for line in lines:
            unit.connection.execute(
                order_lines.insert().values(_shell_line(line, subject, names))
            )
        _move(unit, order_number, subject, names)
    unit.connection.execute(
        order_lines.delete().where(order_lines.c.order_number == order_number)
    )
    unit.connection.execute(orders.delete().where(here))
    return subject


def forget(unit: Unit, subject: str) -> None:
    """The amounts too: their years are over."""
    cases = sa.select(returns.c.return_id).where(returns.c.order_number == subject)
    ids = list(unit.connection.execute(cases).scalars())
    drafted = sa.select(returns.c.draft_id).where(returns.c.order_number == subject)
    draft_ids = list(unit.connection.execute(drafted).scalars())
    todo = tasks.c.return_id.in_(ids)
    of_task = sa.select(tasks.c.task_id).where(todo)
    gone: tuple[tuple[sa.Table, sa.ColumnElement[bool]], ...] = (
        (task_requests, task_requests.c.task_id.in_(of_task)),
        (tasks, todo),
        (refund_components, refund_components.c.order_number == subject),
        *(
            (table, table.c.return_id.in_(ids))
            for table in (
                held_units,
                adjustments,
                refunds,
                replacements,
                ratings,
                return_history,
                return_lines,
                returns,
            )
        ),
        (drafts, drafts.c.draft_id.in_(draft_ids)),
        (order_lines, order_lines.c.order_number == subject),
        (orders, orders.c.order_number == subject),
    )
    for table, mine in gone:
        unit.connection.execute(table.delete().where(mine))


def _is_in_books(unit: Unit, order_number: str) -> bool:
    return any(
        unit.connection.execute(
            sa.select(sa.literal(1)).where(table.c.order_number == order_number)
        ).first()
        for table in (returns, refund_components)
    )


def _blank_draft(unit: Unit, case: Row[Any]) -> None:
    mine = drafts.c.draft_id == case.draft_id
    nothing: dict[str, Any] = {"order_number": None, "email": None, "facts": {}}
    unit.connection.execute(drafts.update().where(mine).values(**nothing))


def _shell(row: Row[Any], subject: str, names: dict[str, str]) -> dict[str, Any]:
    country = (row.customer.get("address") or {}).get("country") or ""
    address = {**NOWHERE, "country": country}
    refunded = [
        {**entry, "line_id": names.get(entry.get("line_id") or "")}
        for entry in row.refunded
    ]
    return {
        **row._mapping,
        "order_number": subject,
        "order_key": subject,
        "email_key": subject,
        "customer": {
            **NOBODY,
            "is_business": bool(row.customer.get("is_business")),
            "address": address,
        },
        "payment_reference": "",
        "refunded": refunded,
    }


def _shell_line(line: Row[Any], subject: str, names: dict[str, str]) -> dict[str, Any]:
    """What a product is called is no secret; an engraving in its options may be."""
    return {
        **line._mapping,
        "order_number": subject,
        "line_id": names[line.line_id],
        "options": {},
        "supplier_order_reference": None,
        "tracking_number": None,
        "image": None,
    }


def _move(unit: Unit, order_number: str, subject: str, names: dict[str, str]) -> None:
    for table in (return_lines, held_units):
        for old, new in names.items():
            unit.connection.execute(
                table.update()
                .where(table.c.order_number == order_number, table.c.line_id == old)
                .values(order_number=subject, line_id=new)
            )
    for table in (returns, refunds, tasks):
        unit.connection.execute(
            table.update()
            .where(table.c.order_number == order_number)
            .values(order_number=subject)
        )
    here = refund_components.c.order_number == order_number
    for row in unit.connection.execute(sa.select(refund_components).where(here)).all():
        unit.connection.execute(
            refund_components.update()
            .where(here, refund_components.c.component == row.component)
            .values(order_number=subject, component=_renamed(row.component, names))
        )


def _renamed(component: str, names: dict[str, str]) -> str:
    """A unit's component holds its line's name, which may hold the order's number."""
    for old, new in names.items():
        if component.startswith(f"unit/{old}/"):
            return f"unit/{new}/{component.removeprefix(f'unit/{old}/')}"
    return component
