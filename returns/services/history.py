"""Every change of a return, appended in the transaction that makes it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.errors import NotFound, WrongState
from returns.model import By, ReturnStatus
from returns.sql import lock_row
from returns.tables import orders, return_history, returns
from returns.unit import Unit

# Built once, for every turn runs it: that takes longer than to run it.
CASE = sa.select(returns).where(returns.c.return_id == sa.bindparam("case"))


def get_return(connection: Connection, return_id: str) -> Row[Any]:
    """Raises NotFound."""
    row = connection.execute(CASE, {"case": return_id}).first()
    if row is None:
        raise NotFound(f"no return {return_id}")
    return row


def lock_return(unit: Unit, return_id: str) -> Row[Any]:
    """The return as it is now, once its order is ours until the commit (X4).

    Whoever changes several rows of a return takes this first, so that no two wait for
    each other. Raises NotFound.
    """
    case = get_return(unit.connection, return_id)
    lock_row(unit.connection, orders, orders.c.order_number == case.order_number)
    return get_return(unit.connection, return_id)


def record(
    unit: Unit, return_id: str, event: str, by: By, who: str | None = None, **data: Any
) -> None:
    """event: a dotted fact such as supplier.authorised. who: a staff member's name."""
    unit.connection.execute(
        return_history.insert().values(
            return_id=return_id, at=unit.now, event=event, by=by, who=who, data=data
        )
    )


def has(connection: Connection, return_id: str, event: str) -> bool:
    """Whether this ever happened to the return."""
    query = sa.select(return_history.c.entry_id).where(
        return_history.c.return_id == return_id, return_history.c.event == event
    )
    return connection.execute(query).first() is not None


def move(
    unit: Unit,
    return_id: str,
    expected: tuple[ReturnStatus, ...],
    status: ReturnStatus,
    **values: Any,
) -> None:
    """Change the status if it is one of the expected; raises WrongState else (X4)."""
    changed = unit.connection.execute(
        returns.update()
        .where(
            returns.c.return_id == return_id,
            returns.c.status.in_([state.value for state in expected]),
        )
        .values(status=status.value, updated_at=unit.now, **values)
    )
    if changed.rowcount != 1:
        raise WrongState(f"return {return_id} is not {' or '.join(expected)}")
