"""In which conversation a piece of work began, so that a log shows its whole path."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Engine

from desk.channels.tables import outbound
from desk.tables import inbound_messages
from returns.tables import identity_codes, notices, refunds, replacements, returns
from returns.work import WorkKind

TALKS = frozenset({WorkKind.SETTLE_WITHDRAWAL, WorkKind.FORGET_CONVERSATION})
CASES = frozenset(
    {
        WorkKind.AUTHORISE_RETURN,
        WorkKind.SETTLE_RETURN,
        WorkKind.CONFIRM_RECEIPT,
        WorkKind.SEND_EVIDENCE,
    }
)
# Rows that belong to a return, and rows that belong to a conversation.
OF_CASE: dict[WorkKind, Column[str]] = {
    WorkKind.PAY_REFUND: refunds.c.refund_id,
    WorkKind.READ_PAYMENT: refunds.c.refund_id,
    WorkKind.ORDER_REPLACEMENT: replacements.c.replacement_id,
}
OF_TALK: dict[WorkKind, Column[str]] = {
    WorkKind.DELIVER_NOTICE: notices.c.notice_id,
    WorkKind.SEND_CODE: identity_codes.c.code_id,
    WorkKind.ANSWER_MESSAGE: inbound_messages.c.inbound_id,
    WorkKind.SEND_OUTBOUND: outbound.c.outbound_id,
}


def conversation_of(engine: Engine, kind: WorkKind, subject_id: str) -> str | None:
    """None for work of no conversation, and for what was erased."""
    if kind in TALKS:
        return subject_id
    query = _query(kind, subject_id)
    if query is None:
        return None
    with engine.connect() as connection:
        talk: str | None = connection.execute(query).scalar()
    return talk


def _query(kind: WorkKind, subject_id: str) -> sa.Select[Any] | None:
    talk = returns.c.conversation_id
    if kind in CASES:
        return sa.select(talk).where(returns.c.return_id == subject_id.split(":")[0])
    if kind in OF_CASE:
        key = OF_CASE[kind]
        return (
            sa.select(talk)
            .join(key.table, key.table.c.return_id == returns.c.return_id)
            .where(key == subject_id.split("/")[0])
        )
    if kind in OF_TALK:
        key = OF_TALK[kind]
        return sa.select(key.table.c.conversation_id).where(key == subject_id)
    return None
