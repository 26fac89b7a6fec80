"""Who writes on a platform, and which conversation is theirs (E4, M6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk import transcript
from desk.channels.tables import arrivals, channel_aliases, channel_people
from desk.tables import conversations
from returns import phones
from returns.services import identity
from returns.sql import insert_once
from returns.unit import Unit
from returns.wiring import House


def conversation_of(
    house: House, unit: Unit, channel: str, told: dict[str, Any]
) -> str:
    """The person's conversation, opened with its first message if need be.

    told: names, the surest first; address; phone as the platform vouches for it.
    """
    names: list[str] = told["names"]
    found = _known(unit.connection, channel, names)
    if found is None:
        found = _start(house, unit, channel, names[0], told["phone"])
    _name(unit, channel, names, found)
    _reached_at(unit, channel, found, told["address"])
    _vouch(unit, found, told["phone"])
    return found


def person(connection: Connection, conversation_id: str) -> Row[Any]:
    query = sa.select(channel_people).where(
        channel_people.c.conversation_id == conversation_id
    )
    return connection.execute(query).one()


def note_inbound(unit: Unit, conversation_id: str, at: datetime) -> None:
    """The platform's window for free words counts from the latest of these."""
    here = channel_people.c.conversation_id == conversation_id
    latest = channel_people.c.last_inbound_at
    unit.connection.execute(
        channel_people.update()
        .where(here, sa.or_(latest.is_(None), latest < at))
        .values(last_inbound_at=at)
    )


def erase_arrivals(connection: Connection, conversation_id: str) -> None:
    """While the person's names are still known."""
    mine = sa.select(channel_aliases.c.channel, channel_aliases.c.alias).where(
        channel_aliases.c.conversation_id == conversation_id
    )
    for channel, name in connection.execute(mine).all():
        connection.execute(
            arrivals.delete().where(
                arrivals.c.channel == channel, arrivals.c.sender == name
            )
        )


def number_changed(unit: Unit, conversation_id: str) -> None:
    """The same person, it is said; but whoever holds the new number must prove it."""
    identity.forget_phone(unit, conversation_id)


def _known(connection: Connection, channel: str, names: Sequence[str]) -> str | None:
    """By the surest name; by a phone only if no other person's surer name is known.

    Numbers are given to new owners, user ids are not.
    """
    found = [_by_name(connection, channel, name) for name in names]
    if found[0] is not None or len(names) == 1:
        return found[0]
    other = next((one for one in found[1:] if one is not None), None)
    if other is None or _has_surer_name(connection, channel, other):
        return None
    return other


def _by_name(connection: Connection, channel: str, name: str) -> str | None:
    query = sa.select(channel_aliases.c.conversation_id).where(
        channel_aliases.c.channel == channel, channel_aliases.c.alias == name
    )
    conversation_id: str | None = connection.execute(query).scalar()
    return conversation_id


def _has_surer_name(connection: Connection, channel: str, conversation_id: str) -> bool:
    query = sa.select(channel_aliases.c.alias).where(
        channel_aliases.c.channel == channel,
        channel_aliases.c.conversation_id == conversation_id,
    )
    names = connection.execute(query).scalars()
    return any(not name.isdecimal() for name in names)


def _start(house: House, unit: Unit, channel: str, name: str, phone: str | None) -> str:
    number = f"+{phone}" if phone else None
    language = phones.language_of(number, house.shop.languages)
    _free_name(unit, channel, name)
    conversation_id = transcript.start(unit, channel, name, language)
    conversation = transcript.get_conversation(unit.connection, conversation_id)
    shop = {"shop": house.shop.name}
    insert_once(
        unit.connection,
        channel_people,
        conversation_id=conversation_id,
        channel=channel,
        address=name,
    )
    transcript.add_own_word(house, unit, conversation, "utter_ai_notice", shop)
    return conversation_id


def _free_name(unit: Unit, channel: str, name: str) -> None:
    """A conversation whose person has left this number goes by its own id."""
    unit.connection.execute(
        conversations.update()
        .where(
            conversations.c.channel == channel,
            conversations.c.channel_user_id == name,
        )
        .values(channel_user_id=conversations.c.conversation_id)
    )


def _name(unit: Unit, channel: str, names: Sequence[str], conversation_id: str) -> None:
    for name in names:
        row = {"channel": channel, "alias": name}
        fresh = insert_once(
            unit.connection, channel_aliases, **row, conversation_id=conversation_id
        )
        if not fresh:
            unit.connection.execute(
                channel_aliases.update()
                .where(
                    channel_aliases.c.channel == channel,
                    channel_aliases.c.alias == name,
                )
                .values(conversation_id=conversation_id)
            )


def _reached_at(unit: Unit, channel: str, conversation_id: str, address: str) -> None:
    here = channel_people.c.conversation_id == conversation_id
    unit.connection.execute(channel_people.update().where(here).values(address=address))


def _vouch(unit: Unit, conversation_id: str, phone: str | None) -> None:
    """A signed webhook that names the phone proves it is theirs (L1)."""
    number = phones.e164(f"+{phone}") if phone else None
    if number is not None:
        identity.prove_phone(unit, conversation_id, number)
