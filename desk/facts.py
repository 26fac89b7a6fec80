"""What a customer takes to the post office: to copy and print, beside the text."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.tables import returns

Fact = dict[str, str]
KNOWN = sa.select(
    returns.c.rma_number, returns.c.return_address, returns.c.label_url
).where(
    returns.c.conversation_id == sa.bindparam("talk"),
    returns.c.rma_number.is_not(None),
)


def of_messages(
    connection: Connection, conversation_id: str, rows: Iterable[Row[Any]]
) -> dict[int, list[Fact]]:
    """By seq: the number, address and label that this message itself tells."""
    known = connection.execute(KNOWN, {"talk": conversation_id}).all()
    told = {}
    for row in rows:
        if row.author == "bot":
            told[row.seq] = [
                fact for case in known for fact in _told(row.text, case) if fact
            ]
    return told


def _told(text: str, case: Any) -> list[Fact]:
    """Nothing without the number: an older sentence may be about another return."""
    address = _paragraph(text, (case.return_address or {}).get("line1"))
    if case.rma_number not in text or address is None:
        return []
    facts = [_fact("rma_number", case.rma_number), _fact("return_address", address)]
    if case.label_url and case.label_url in text:
        facts.append(_fact("label", case.label_url))
    return facts


def _paragraph(text: str, line: str | None) -> str | None:
    """The address as it was said: the paragraph that holds its first line."""
    if not line:
        return None
    return next((part for part in text.split("\n\n") if line in part), None)


def _fact(kind: str, value: str) -> Fact:
    return {"kind": kind, "value": value}
