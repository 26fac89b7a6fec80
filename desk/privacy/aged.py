"""Parts of rows and files that end before the rest does: photos, and copies."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from desk.channels.tables import arrivals, outbound
from desk.console.safety_tables import unmaskings
from desk.privacy.erasing import OVER
from desk.privacy.ledger import CLAIM_OPEN
from desk.tables import buttons, inbound_messages, messages, supplier_events
from returns.services import safekeeping, statements, uploads
from returns.tables import (
    adjustment_pictures,
    evidence,
    heard_messages,
    identity_codes,
    identity_failures,
    notices,
    returns,
)
from returns.tables import uploads as upload_rows
from returns.unit import Unit, writing
from returns.wiring import House

KEPT_OF_PARSE = ("intent", "confidence", "runner_up", "reasons")
UNSENT = ("waiting", "sending")
AN_HOUR = 3600.0


def photos(house: House) -> int:
    """Those of returns that ended long enough ago; a claim may still need them."""
    before = house.clock.now() - timedelta(days=house.shop.retention.photos_days)
    claim = returns.c.claim["state"].as_string()
    same = returns.c.conversation_id == upload_rows.c.conversation_id
    needed = sa.or_(
        returns.c.status.not_in(OVER),
        returns.c.updated_at >= before,
        claim == CLAIM_OPEN,
    )
    query = sa.select(upload_rows.c.upload_id, upload_rows.c.conversation_id).where(
        sa.exists().where(same), ~sa.exists().where(same, needed)
    )
    with house.reader.connect() as connection:
        found = connection.execute(query).all()
    for row in found:
        with writing(house) as unit:
            _drop_photo(house, unit, row.upload_id, row.conversation_id)
    return len(found) + _ownerless(house)


def bodies(house: House) -> int:
    """Copies that were only needed to answer, to send, or to refuse a repetition."""
    before = house.clock.now() - timedelta(days=house.shop.retention.bodies_days)
    with writing(house) as unit:
        changed = _inbound(unit, before) + _notices(unit, before)
        old = (
            (
                heard_messages,
                heard_messages.c.at,
                heard_messages.c.act != statements.ACT,
            ),
            (buttons, buttons.c.expires_at, sa.true()),
            (identity_codes, identity_codes.c.asked_at, sa.true()),
            (identity_failures, identity_failures.c.at, sa.true()),
            (supplier_events, supplier_events.c.received_at, sa.true()),
            (unmaskings, unmaskings.c.until, sa.true()),
            (arrivals, arrivals.c.received_at, arrivals.c.state == "taken"),
            (outbound, outbound.c.created_at, outbound.c.state.not_in(UNSENT)),
        )
        for table, at, also in old:
            done = unit.connection.execute(table.delete().where(at < before, also))
            changed += done.rowcount
    return changed


def _inbound(unit: Unit, before: datetime) -> int:
    """The transcript has the words; of what was understood, no word of the customer."""
    old = sa.and_(
        inbound_messages.c.received_at < before,
        inbound_messages.c.state == "answered",
        inbound_messages.c.text != "",
    )
    rows = unit.connection.execute(
        sa.select(inbound_messages.c.inbound_id, inbound_messages.c.parse).where(old)
    ).all()
    for row in rows:
        kept = _without_words(row.parse)
        unit.connection.execute(
            inbound_messages.update()
            .where(inbound_messages.c.inbound_id == row.inbound_id)
            .values(
                text="",
                payload=sa.null(),
                upload_ids=sa.null(),
                events=sa.null(),
                parse=sa.null() if kept is None else kept,
            )
        )
    return len(rows)


def _without_words(parse: dict[str, Any] | None) -> dict[str, Any] | None:
    if parse is None:
        return None
    return {name: parse[name] for name in KEPT_OF_PARSE if name in parse}


def _notices(unit: Unit, before: datetime) -> int:
    """That it was told stays, or it would be told again."""
    old = notices.c.delivered_at < before
    whole = sa.cast(notices.c.params, sa.Text) != "{}"
    done = unit.connection.execute(
        notices.update()
        .where(old, whole)
        .values(params={}, recipient=None, choices=sa.null())
    )
    return int(done.rowcount)


def _drop_photo(house: House, unit: Unit, upload_id: str, conversation_id: str) -> None:
    for table in (evidence, adjustment_pictures, upload_rows):
        _delete_photo(unit.connection, table, upload_id)
    uploads.drop_files(house, [upload_id])
    shown = messages.c.conversation_id == conversation_id
    for message in unit.connection.execute(
        sa.select(messages.c.seq, messages.c.images).where(shown)
    ).all():
        left = [one for one in message.images if not one.endswith(upload_id)]
        if left != message.images:
            unit.connection.execute(
                messages.update()
                .where(shown, messages.c.seq == message.seq)
                .values(images=left)
            )


def _delete_photo(connection: Connection, table: Table, upload_id: str) -> None:
    connection.execute(table.delete().where(table.c.upload_id == upload_id))


def _ownerless(house: House) -> int:
    """Files without a row: of a transaction that died, or of a rotation that raced."""
    with house.reader.connect() as connection:
        known = set(connection.execute(sa.select(upload_rows.c.upload_id)).scalars())
    before = house.clock.real().timestamp() - AN_HOUR
    return safekeeping.drop_others(house.settings, known, before)
