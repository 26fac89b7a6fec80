"""The worker's look at people who took a conversation over and then fell silent."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from desk import claiming, handoffs
from desk.console.tables import conversation_claims
from desk.tables import messages
from returns.unit import Unit, writing
from returns.wiring import House


def return_idle(house: House) -> int:
    """Claims without a sign of life end; how many did.

    Where the person has answered, or stepped in by themselves, the bot is back with a
    sentence and answers what was said since their last word. Who still waits for a
    first answer keeps the place in the queue.
    """
    quiet_since = house.clock.now() - claiming.claim_life(house)
    old = conversation_claims.c.at <= quiet_since
    with house.reader.connect() as connection:
        found = list(connection.execute(sa.select(conversation_claims).where(old)))
    return sum(_end_claim(house, claim) for claim in found)


def _end_claim(house: House, claim: Row[Any]) -> bool:
    """False when it moved meanwhile."""
    mine = conversation_claims.c.conversation_id == claim.conversation_id
    with writing(house) as unit:
        conversation = handoffs.locked(unit, claim.conversation_id)
        gone = unit.connection.execute(
            conversation_claims.delete().where(
                mine,
                conversation_claims.c.staff_id.is_not_distinct_from(claim.staff_id),
                conversation_claims.c.at == claim.at,
            )
        )
        if gone.rowcount != 1 or conversation.mode == "bot":
            return False
        answered = _last_word(unit, conversation)
        if answered is None and conversation.handoff["reason"] != handoffs.BY_HAND:
            handoffs.set_mode(unit.connection, claim.conversation_id, "waiting")
        else:
            since = answered or _seq_at(unit, conversation)
            handoffs.give_back(house, unit, conversation, "utter_person_left", since)
    return True


def _last_word(unit: Unit, conversation: Row[Any]) -> int | None:
    """The seq of what a person said last since the conversation waits."""
    query = sa.select(sa.func.max(messages.c.seq)).where(
        messages.c.conversation_id == conversation.conversation_id,
        messages.c.author == "staff",
        messages.c.at >= conversation.waiting_since,
    )
    seq: int | None = unit.connection.execute(query).scalar()
    return seq


def _seq_at(unit: Unit, conversation: Row[Any]) -> int:
    """The last seq before a person stepped in."""
    query = sa.select(sa.func.max(messages.c.seq)).where(
        messages.c.conversation_id == conversation.conversation_id,
        messages.c.at < conversation.waiting_since,
    )
    return unit.connection.execute(query).scalar() or 0
