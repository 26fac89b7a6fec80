"""Erasing one person everywhere (P2): rows, pictures with their keys, Rasa's memory.

What is still owed is not erased: an open return, a payment or a task of it stands in
the way, and says so. What the books need stays under a made-up subject (ledger.py).
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from desk.console import audit
from desk.privacy import ledger, storage
from desk.privacy.places import OF_CASE, rows_of, table
from desk.privacy.scope import Scope
from desk.rasa import RasaClient, RasaUnavailable
from returns.errors import ReturnsError
from returns.model import RefundState
from returns.services import uploads
from returns.services.tombstones import CONVERSATION, EMAIL, ORDER, Graveyard
from returns.tables import drafts, notices, orders, refunds, returns, tasks
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

OVER = ("closed", "declined", "cancelled")
SETTLED = (RefundState.NONE, RefundState.PAID)
# These may be open: nobody's right waits for them.
NO_HINDRANCE = ("unhappy_customer", "supplier_claim")
LEFT_BLANK = frozenset(OF_CASE) | {
    "held_units",
    "refund_components",
    "orders",
    "order_lines",
}


@dataclass(frozen=True)
class Hindrance:
    """kind: return, refund or task. subject: its id; state: a task's kind."""

    kind: str
    subject: str
    state: str

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} ({self.state})"


class StillOpen(ReturnsError):
    """Something is owed to this person, and erasing would hide it."""

    def __init__(self, what: list[Hindrance]) -> None:
        told = ", ".join(map(str, what))
        super().__init__(f"not erased, because it is still open: {told}")


@dataclass(frozen=True)
class Erased:
    """rows: how many of each table; blanked: returns that are left without a name.

    suppliers: who had data of these returns, and must be told (GDPR 19).
    clean: no trace is left in the database's files either.
    """

    rows: dict[str, int]
    blanked: int
    suppliers: tuple[str, ...]
    clean: bool = True


def hindrances(connection: Connection, scope: Scope) -> list[Hindrance]:
    """What is still owed; nothing may be erased before."""
    open_cases = sa.select(returns.c.return_id, returns.c.status).where(
        returns.c.return_id.in_(scope.returns), returns.c.status.not_in(OVER)
    )
    owed = sa.select(refunds.c.return_id, refunds.c.state).where(
        refunds.c.return_id.in_(scope.returns), refunds.c.state.not_in(SETTLED)
    )
    todo = sa.select(tasks.c.task_id, tasks.c.kind).where(
        tasks.c.task_id.in_(scope.tasks),
        tasks.c.done_at.is_(None),
        tasks.c.kind.not_in(NO_HINDRANCE),
    )
    run = connection.execute
    return [
        *(Hindrance("return", *row) for row in run(open_cases)),
        *(Hindrance("refund", *row) for row in run(owed)),
        *(Hindrance("task", row.task_id[:8], row.kind) for row in run(todo)),
    ]


def counted(connection: Connection, scope: Scope) -> dict[str, int]:
    """How many rows of each table are the person's."""
    found = {}
    for name, mine in rows_of(scope).items():
        query = sa.select(sa.func.count()).select_from(table(name)).where(mine)
        found[name] = int(connection.execute(query).scalar_one())
    return {name: count for name, count in found.items() if count}


def clean(house: House) -> bool:
    """Rewrite both databases' files; False: one is busy."""
    rasa_too = storage.forget_in_rasa(house, ())
    return storage.scrub(house) and rasa_too


def erase(house: House, rasa: RasaClient, scope: Scope, by: str, what: str) -> Erased:
    """what: how it was asked for, in the log: email, order, conversation, period.

    Raises StillOpen.
    """
    with writing(house) as unit:
        emails = _addresses(unit.connection, scope)
        done = erase_in(house, unit, scope)
        told = {"by": what, "rows": sum(done.rows.values()), "kept": done.blanked}
        audit.note(house, unit, by, "person.erased", _name_of(house, scope), **told)
    for conversation_id in scope.conversations:
        with suppress(RasaUnavailable):  # else the worker asks again
            rasa.forget(conversation_id)
    forgotten = storage.forget_in_rasa(house, scope.conversations)
    partners = storage.forget_in_sandbox(house, emails, scope.works_on)
    scrubbed = storage.scrub(house)
    return replace(done, clean=forgotten and partners and scrubbed)


def erase_in(house: House, unit: Unit, scope: Scope) -> Erased:
    """In the caller's transaction; files of pictures go first. Raises StillOpen."""
    hindering = hindrances(unit.connection, scope)
    if hindering:
        raise StillOpen(hindering)
    suppliers = _suppliers(unit.connection, scope)
    rows = _delete(house, unit, scope)
    for return_id in sorted(scope.returns):
        ledger.blank_case(unit, return_id)
    for number in sorted(scope.orders):
        ledger.leave_under_subject(unit, number)
    graves = Graveyard(house.settings)
    graves.bury(unit, ORDER, scope.orders)
    graves.bury(unit, EMAIL, scope.emails)
    graves.bury(unit, CONVERSATION, scope.conversations)
    for conversation_id in sorted(scope.conversations):
        unit.will(WorkKind.FORGET_CONVERSATION, conversation_id, at_once=False)
    return Erased(rows, len(scope.returns), suppliers)


def forget_conversation(house: House, rasa: RasaClient, conversation_id: str) -> None:
    """Once more, a little later: a turn that was under way may have written again.

    Raises RasaUnavailable.
    """
    rasa.forget(conversation_id)
    late = Scope(conversations=frozenset({conversation_id}))
    with writing(house) as unit:
        query = sa.select(drafts.c.draft_id).where(
            drafts.c.conversation_id == conversation_id,
            drafts.c.draft_id.not_in(sa.select(returns.c.draft_id)),
        )
        again = frozenset(unit.connection.execute(query).scalars())
        _delete(house, unit, Scope(conversations=late.conversations, drafts=again))
        finish_work(unit.connection, WorkKind.FORGET_CONVERSATION, conversation_id)


def _delete(house: House, unit: Unit, scope: Scope) -> dict[str, int]:
    gone = {}
    for name, mine in rows_of(scope).items():
        if name in LEFT_BLANK:
            continue
        if name == "uploads":
            uploads.drop_files(house, scope.uploads)
        rows = table(name)
        where = sa.and_(mine, _not_kept(rows))
        done = unit.connection.execute(rows.delete().where(where))
        gone[name] = done.rowcount
    return {name: count for name, count in gone.items() if count}


def _not_kept(rows: Table) -> sa.ColumnElement[bool]:
    """A return's draft is blanked (ledger.py); an open claim is on the supplier."""
    if rows.name == "drafts":
        return drafts.c.draft_id.not_in(sa.select(returns.c.draft_id))
    if rows.name == "tasks":
        claim = tasks.c.kind == "supplier_claim"
        return ~sa.and_(claim, tasks.c.done_at.is_(None))
    if rows.name == "work":
        return rows.c.kind != WorkKind.FORGET_CONVERSATION.value
    return sa.true()


def _addresses(connection: Connection, scope: Scope) -> set[str]:
    """Where mails about this went."""
    own = sa.select(orders.c.email_key).where(orders.c.order_number.in_(scope.orders))
    told = sa.select(notices.c.recipient).where(
        rows_of(scope)["notices"], notices.c.recipient.is_not(None)
    )
    found = {email for query in (own, told) for email in connection.scalars(query)}
    return found | scope.emails


def _suppliers(connection: Connection, scope: Scope) -> tuple[str, ...]:
    query = sa.select(returns.c.supplier).where(returns.c.return_id.in_(scope.returns))
    return tuple(sorted(connection.execute(query.distinct()).scalars()))


def _name_of(house: House, scope: Scope) -> str:
    """The tombstone's own, which names nobody."""
    graves = Graveyard(house.settings)
    for kind, names in (
        (EMAIL, scope.emails),
        (ORDER, scope.orders),
        (CONVERSATION, scope.conversations),
    ):
        if names:
            return f"{kind}:{graves.hash_of(kind, min(names))[:16]}"
    return ""
