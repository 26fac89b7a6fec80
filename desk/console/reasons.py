"""The reason of a return's line as a person has it, beside the bot's."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk.console import audit
from desk.console.accounts import Member
from desk.console.tables import line_reasons
from returns.errors import NotFound
from returns.model import ReturnReason
from returns.services import history
from returns.services.cases import lines_of
from returns.tables import return_lines, returns
from returns.unit import Unit, writing
from returns.wiring import House


def of_case(connection: Connection, return_id: str) -> dict[str, Row[Any]]:
    """What people corrected, by line_id."""
    query = sa.select(line_reasons).where(line_reasons.c.return_id == return_id)
    return {row.line_id: row for row in connection.execute(query)}


def correct(
    house: House, return_id: str, line_id: str, reason: ReturnReason, by: Member
) -> None:
    """For statistics and suppliers' ranks; decision and money stay. Raises NotFound."""
    with writing(house) as unit:
        case = history.get_return(unit.connection, return_id)
        lines = {line.line_id: line for line in lines_of(unit.connection, return_id)}
        if line_id not in lines:
            raise NotFound(f"no line {line_id} in {return_id}")
        _keep(unit, case.return_id, line_id, reason, by)
        told = {"line_id": line_id, "was": lines[line_id].return_reason}
        audit.note(house, unit, by.email, "case.reason", return_id, **told)


def follow(unit: Unit, reading: Row[Any], right: list[str], by: Member) -> None:
    """A message was misread: lines that had their reason from it have the right one.

    Only where it is plain which: one right reason in place of a wrong one.
    """
    wrong = set(reading.reasons) - set(right)
    if len(right) != 1 or not wrong:
        return
    query = (
        sa.select(return_lines.c.return_id, return_lines.c.line_id)
        .join(returns, returns.c.return_id == return_lines.c.return_id)
        .where(
            returns.c.conversation_id == reading.conversation_id,
            return_lines.c.return_reason.in_(wrong),
        )
    )
    for line in unit.connection.execute(query).all():
        _keep(unit, line.return_id, line.line_id, ReturnReason(right[0]), by)


def _keep(
    unit: Unit, return_id: str, line_id: str, reason: ReturnReason, by: Member
) -> None:
    here = sa.and_(
        line_reasons.c.return_id == return_id, line_reasons.c.line_id == line_id
    )
    unit.connection.execute(line_reasons.delete().where(here))
    unit.connection.execute(
        line_reasons.insert().values(
            return_id=return_id,
            line_id=line_id,
            right_reason=reason.value,
            at=unit.now,
            by=by.name,
        )
    )
