"""The customers' pictures: drawn anew, then kept under our own ids, for one
conversation alone (P6). What a picture shows is never an instruction (I6).
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from returns import ids
from returns.errors import NotFound, TooManyPictures
from returns.pictures import Picture, redrawn
from returns.services import safekeeping
from returns.sql import insert_once
from returns.tables import uploads
from returns.unit import Unit, writing
from returns.vault import SealBroken
from returns.wiring import House

DAY = timedelta(days=1)
OUR_ID = re.compile("[0-9a-f-]{36}")
CONTENT_TYPE = "image/jpeg"

_log = structlog.get_logger()


def keep(
    house: House, conversation_id: str, content: bytes, by_staff: bool = False
) -> str:
    """The upload_id; the same picture again has the same.

    by_staff: a customer's day has no part in it. Raises PictureRefused,
    TooManyPictures.
    """
    picture = redrawn(content)
    digest = hashlib.sha256(picture.content).hexdigest()
    with writing(house) as unit:
        same = sa.select(uploads.c.upload_id).where(
            uploads.c.conversation_id == conversation_id, uploads.c.sha256 == digest
        )
        known: str | None = unit.connection.execute(same).scalar()
        if known is None and not by_staff:
            check_room(house, unit.connection, conversation_id, unit.now)
        if known is None:
            _add(house, unit, conversation_id, picture, digest)
            known = unit.connection.execute(same).scalar_one()
        return known


def check_room(
    house: House, connection: Connection, conversation_id: str, now: datetime
) -> None:
    """Raises TooManyPictures when the conversation has sent its day's (E13)."""
    limits = house.shop.limits
    query = sa.select(sa.func.count()).where(
        uploads.c.conversation_id == conversation_id,
        uploads.c.created_at > now - DAY,
    )
    sent = connection.execute(query).scalar_one()
    if limits.enabled and sent >= limits.uploads_per_conversation:
        raise TooManyPictures


def of_conversation(
    connection: Connection, conversation_id: str, upload_ids: Iterable[str]
) -> list[str]:
    """Those of the ids that are this conversation's own, in the order given."""
    wanted = [one for one in dict.fromkeys(upload_ids) if OUR_ID.fullmatch(one)]
    if not wanted:
        return []
    query = sa.select(uploads.c.upload_id).where(
        uploads.c.conversation_id == conversation_id, uploads.c.upload_id.in_(wanted)
    )
    own = set(connection.execute(query).scalars())
    return [upload_id for upload_id in wanted if upload_id in own]


def content_of(house: House, upload_id: str) -> bytes:
    """The JPEG, for whoever may see it. Raises NotFound."""
    try:
        return safekeeping.read(house.settings, upload_id)
    except FileNotFoundError as error:
        raise NotFound(f"no picture {upload_id}") from error
    except SealBroken as error:
        _log.error("upload.sealed", upload_id=upload_id)
        raise NotFound(f"picture {upload_id} does not open") from error


def erase(house: House, unit: Unit, conversation_id: str) -> None:
    """All pictures of a conversation that has no return; the files first."""
    mine = uploads.c.conversation_id == conversation_id
    query = sa.select(uploads.c.upload_id).where(mine)
    drop_files(house, unit.connection.execute(query).scalars())
    unit.connection.execute(uploads.delete().where(mine))


def drop_files(house: House, upload_ids: Iterable[str]) -> None:
    """The pictures themselves, with the key that lies in each file."""
    for upload_id in upload_ids:
        safekeeping.drop(house.settings, upload_id)


def _add(
    house: House, unit: Unit, conversation_id: str, picture: Picture, digest: str
) -> None:
    upload_id = ids.new_id()
    added = insert_once(
        unit.connection,
        uploads,
        upload_id=upload_id,
        conversation_id=conversation_id,
        created_at=unit.now,
        bytes=len(picture.content),
        width=picture.width,
        height=picture.height,
        sha256=digest,
    )
    if added:
        safekeeping.write(house.settings, upload_id, picture.content)
