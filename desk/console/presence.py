"""Who else has a conversation open, so that two do not answer without knowing."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from desk import handoffs
from desk.console.accounts import Member, Role
from desk.console.tables import conversation_presence, staff
from desk.transcript import get_conversation
from returns.unit import writing
from returns.wiring import House

ALIVE = timedelta(seconds=30)
FORGOTTEN = timedelta(hours=1)
READING, ANSWERING = "reading", "answering"


@dataclass(frozen=True)
class Present:
    """doing: reading or answering."""

    name: str
    doing: str


def here(house: House, conversation_id: str, member: Member, doing: str) -> None:
    """A sign of life; whoever types keeps the claim too. Raises NotFound."""
    doing = ANSWERING if doing == ANSWERING else READING
    mine = sa.and_(
        conversation_presence.c.conversation_id == conversation_id,
        conversation_presence.c.staff_id == member.staff_id,
    )
    with writing(house) as unit:
        get_conversation(unit.connection, conversation_id)
        old = conversation_presence.c.at < unit.now - FORGOTTEN
        unit.connection.execute(conversation_presence.delete().where(sa.or_(mine, old)))
        unit.connection.execute(
            conversation_presence.insert().values(
                conversation_id=conversation_id,
                staff_id=member.staff_id,
                doing=doing,
                at=unit.now,
            )
        )
    if doing == ANSWERING and member.role.covers(Role.AGENT):
        handoffs.keep_alive(house, conversation_id, member.staff_id)


def others(house: House, conversation_id: str, member: Member) -> list[Present]:
    """By name, whoever gave a sign of life within ALIVE."""
    alive = conversation_presence.c.at > house.clock.now() - ALIVE
    query = (
        sa.select(staff.c.name, conversation_presence.c.doing)
        .join(staff, staff.c.staff_id == conversation_presence.c.staff_id)
        .where(
            conversation_presence.c.conversation_id == conversation_id,
            conversation_presence.c.staff_id != member.staff_id,
            alive,
        )
        .order_by(staff.c.name)
    )
    with house.reader.connect() as connection:
        return [Present(row.name, row.doing) for row in connection.execute(query)]
