"""A code by mail to the order's own address: asked for, sent, checked (I2 to I4).

Whether the order exists shows nowhere: each request is one row and one piece of work,
and the worker alone looks for the order. No code is stored: it is made of the row's id
and a secret, so that a repeated attempt sends the same one.
"""

import hashlib
import hmac
from datetime import timedelta

import sqlalchemy as sa

from returns import ids, keys, repository
from returns.model import Draft
from returns.services import notices
from returns.tables import identity_codes
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

LIFE = timedelta(minutes=10)
TRIES = 5
SENT_AN_HOUR = 3
DIGITS = 6


def order_one(unit: Unit, draft: Draft) -> str:
    """Ask for a code for the draft's order number; the id of the request.

    At most three an hour are sent for one order. Who named the right e-mail, or
    postcode and surname, before has a limit apart, which strangers cannot use up.
    """
    typed = (draft.order_number or "")[:64]
    paired = draft.paired is not None and keys.same_order(draft.paired, typed)
    order_key = keys.order_counter(typed)
    code_id = ids.new_id()
    unit.connection.execute(
        identity_codes.insert().values(
            code_id=code_id,
            conversation_id=draft.conversation_id,
            typed=typed,
            order_key=order_key,
            language=draft.language,
            paired=paired,
            within_limit=_sent_lately(unit, order_key, paired) < SENT_AN_HOUR,
            asked_at=unit.now,
            tries=0,
        )
    )
    unit.will(WorkKind.SEND_CODE, code_id)
    return code_id


def send(house: House, code_id: str) -> None:
    """The code's mail, if one order has the number and the limit allows it."""
    with writing(house) as unit:
        here = identity_codes.c.code_id == code_id
        row = unit.connection.execute(sa.select(identity_codes).where(here)).first()
        alive = row is not None and unit.now - row.asked_at <= LIFE
        found = repository.orders_called(unit.connection, row.typed) if row else []
        if row and alive and row.within_limit and len(found) == 1:
            number = found[0].order_number
            unit.connection.execute(
                identity_codes.update().where(here).values(order_number=number)
            )
            minutes = int(LIFE.total_seconds() // 60)
            params = {"code": _code(house, code_id), "minutes": minutes}
            notices.code_by_mail(unit, row, number, params)
        finish_work(unit.connection, WorkKind.SEND_CODE, code_id)


def proved(house: House, unit: Unit, draft: Draft) -> str | None:
    """The order that the typed code opens, else None; each call is one try."""
    here = sa.and_(
        identity_codes.c.code_id == draft.code_id,
        identity_codes.c.conversation_id == draft.conversation_id,
    )
    counted = unit.connection.execute(
        identity_codes.update()
        .where(
            here,
            identity_codes.c.tries < TRIES,
            identity_codes.c.used_at.is_(None),
            identity_codes.c.asked_at >= unit.now - LIFE,
        )
        .values(tries=identity_codes.c.tries + 1)
    )
    code = _code(house, draft.code_id or "")
    right = hmac.compare_digest(code.encode(), (draft.code or "").encode())
    row = unit.connection.execute(sa.select(identity_codes).where(here)).first()
    if not right or counted.rowcount != 1 or row is None or row.order_number is None:
        return None
    unit.connection.execute(
        identity_codes.update().where(here).values(used_at=unit.now)
    )
    return str(row.order_number)


def _sent_lately(unit: Unit, order_key: str, paired: bool) -> int:
    query = sa.select(sa.func.count()).where(
        identity_codes.c.order_key == order_key,
        identity_codes.c.paired == paired,
        identity_codes.c.within_limit.is_(True),
        identity_codes.c.asked_at > unit.now - timedelta(hours=1),
    )
    return int(unit.connection.execute(query).scalar_one())


def _code(house: House, code_id: str) -> str:
    key = house.settings.secret("codes").encode()
    digest = hmac.new(key, code_id.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}}"
