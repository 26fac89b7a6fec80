"""How long data is kept (P1): once a day, what is older than shop.yml says goes.

Each part may run at any time and in several workers; it takes little at once, in
transactions of its own, and begins with what is oldest.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from desk.console import audit
from desk.privacy import aged, erasing, ledger, scope, storage
from desk.privacy.scope import Scope
from desk.tables import conversations
from returns.services.tombstones import ERASED, ORDER, Graveyard
from returns.tables import (
    drafts,
    grants,
    order_lines,
    orders,
    refund_components,
    returns,
    tasks,
)
from returns.unit import writing
from returns.wiring import House
from returns.work import WorkKind, finish_work
from returns.workflows import each_day

AT_ONCE = 200
WHO = "system"
YEAR = timedelta(days=365, hours=6)


def calendar(house: House) -> Callable[[], None]:
    """For the worker's loop."""
    return each_day(house, WorkKind.KEEP_PERIODS)


def keep(house: House, day: str) -> None:
    """All of it, for this day; what was done is counted in the log."""
    parts = (
        ("conversations", unlinked_talks),
        ("photos", aged.photos),
        ("bodies", aged.bodies),
        ("cases", old_cases),
        ("orders", old_orders),
        ("ledger", old_ledger),
        ("log", old_log),
    )
    counted = {name: part(house) for name, part in parts}
    storage.settle(house)
    with writing(house) as unit:
        if any(counted.values()):
            audit.note(house, unit, WHO, "data.expired", day, **counted)
        finish_work(unit.connection, WorkKind.KEEP_PERIODS, day)


def unlinked_talks(house: House) -> int:
    """Conversations that led to no return, and in which nobody waits."""
    before = house.clock.now() - timedelta(days=house.shop.retention.conversations_days)
    waits = tasks.c.facts["conversation_id"].as_string()
    found = sa.select(conversations.c.conversation_id).where(
        sa.func.coalesce(conversations.c.last_at, conversations.c.created_at) < before,
        conversations.c.mode == "bot",
        ~sa.exists().where(
            returns.c.conversation_id == conversations.c.conversation_id
        ),
        ~sa.exists().where(
            waits == conversations.c.conversation_id, tasks.c.done_at.is_(None)
        ),
    )
    return _erase_all(house, found, scope.of_conversation)


def old_cases(house: House) -> int:
    """Orders all of whose returns ended long ago, with their conversations."""
    before = house.clock.now() - timedelta(days=house.shop.retention.cases_days)
    found = (
        sa.select(returns.c.order_number)
        .where(~returns.c.order_number.startswith(ERASED))
        .group_by(returns.c.order_number)
        .having(sa.func.max(returns.c.updated_at) < before)
    )
    return _erase_all(house, found, scope.of_order, _all_older_than(before))


def old_orders(house: House) -> int:
    """Orders that no return and no talk is about."""
    before = house.clock.now() - timedelta(days=house.shop.retention.orders_days)
    used = (returns, drafts, grants, tasks)
    found = sa.select(orders.c.order_number).where(
        orders.c.placed_at < before,
        *(
            ~sa.exists().where(table.c.order_number == orders.c.order_number)
            for table in used
        ),
    )
    gone = 0
    while numbers := _some(house, found):
        with writing(house) as unit:
            for table in (refund_components, order_lines, orders):
                old = table.c.order_number.in_(numbers)
                unit.connection.execute(table.delete().where(old))
            Graveyard(house.settings).bury(unit, ORDER, numbers)
        gone += len(numbers)
    return gone


def old_ledger(house: House) -> int:
    """Amounts without a name, once the books need them no more."""
    before = house.clock.now() - house.shop.retention.ledger_years * YEAR
    found = (
        sa.select(returns.c.order_number)
        .where(returns.c.order_number.startswith(ERASED))
        .group_by(returns.c.order_number)
        .having(sa.func.max(returns.c.updated_at) < before)
    )
    gone = 0
    while numbers := _some(house, found):
        with writing(house) as unit:
            for number in numbers:
                ledger.forget(unit, number)
        gone += len(numbers)
    return gone


def old_log(house: House) -> int:
    with writing(house) as unit:
        before = unit.now - house.shop.retention.audit_years * YEAR
        return audit.forget_before(house, unit, before)


type Allowed = Callable[[Connection, Scope], bool]


def _all_older_than(before: datetime) -> Allowed:
    """A talk may have led to a younger return of another order."""

    def allowed(connection: Connection, found: Scope) -> bool:
        young = sa.select(sa.literal(1)).where(
            returns.c.return_id.in_(found.returns), returns.c.updated_at >= before
        )
        return connection.execute(young.limit(1)).first() is None

    return allowed


def _erase_all(
    house: House,
    found: sa.Select[Any],
    scope_of: Callable[[Connection, str], Scope],
    allowed: Allowed = lambda _connection, _scope: True,
) -> int:
    """One by one; what something is still owed on stays."""
    gone = 0
    with house.reader.connect() as connection:
        names = list(connection.execute(found).scalars())
    for name in names:
        with writing(house) as unit:
            theirs = scope_of(unit.connection, name)
            if erasing.hindrances(unit.connection, theirs):
                continue
            if not allowed(unit.connection, theirs):
                continue
            erasing.erase_in(house, unit, theirs)
            gone += 1
    return gone


def _some(house: House, found: sa.Select[Any]) -> list[str]:
    with house.reader.connect() as connection:
        return list(connection.execute(found.limit(AT_ONCE)).scalars())
