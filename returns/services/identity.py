"""Whose order it is: looked up by proof, granted, refused, throttled (I1-I4)."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row

from returns import ids, keys, phones, repository
from returns.errors import CodeRefused, IdentityRefused, OrderNotGranted
from returns.model import Draft, Order, Proof, Question, Say
from returns.services import carrying, codes, places, proofs, withdrawals
from returns.sql import insert_once
from returns.tables import grants, identity_failures, proven_phones, returns
from returns.unit import Unit, writing
from returns.wiring import House

GRANT_IDLE = timedelta(minutes=30)
GRANT_LONGEST = timedelta(hours=24)
CODE_ONLY_AFTER = 5
CODE_ONLY_FOR = timedelta(minutes=15)
PLACE_CODE_ONLY_FOR = timedelta(hours=1)
ORDER_CODE_ONLY_AFTER = 10
ORDER_CODE_ONLY_FOR = timedelta(hours=24)
LEVEL_PAIR, LEVEL_CODE = 1, 2
UNREAD_CHANNEL = "withdrawal"  # a page, where nobody hears news
# By the number of failures alone, so that no wording tells what was wrong (I2).
REFUSALS = (
    Say("utter_order_refused"),
    Say("utter_order_refused_again"),
    Say("utter_order_refused_often"),
)
OFFER_OTHERS_AFTER = len(REFUSALS)


def look_up_order(house: House, conversation_id: str) -> str:
    """Grant this conversation the order that its draft proves; its order number.

    Raises IdentityRefused, whether the order is unknown, the proof wrong or the order
    open to a code only; CodeRefused for a code that is wrong, spent or too old.
    """
    with writing(house) as unit:
        draft = repository.open_draft(unit.connection, conversation_id)
        if draft is not None and draft.granted and draft.order_number is not None:
            return draft.order_number
        if draft is None or not can_look_up(house, unit, draft):
            raise IdentityRefused
        number = _prove(house, unit, draft)
    if number is None:
        raise IdentityRefused if draft.code is None else CodeRefused
    return number


def can_look_up(house: House, unit: Unit, draft: Draft) -> bool:
    """Whether there is a proof to look at, or none is needed beside the number (L1).

    A vouched-for phone that is not the order's changes nothing: the next question is
    the same as for an order that does not exist.
    """
    if proofs.is_complete(draft):
        return True
    if draft.granted or draft.order_number is None:
        return False
    found = repository.orders_called(unit.connection, draft.order_number)
    return bool(_by_phone(unit, draft, found)) and not _throttled(house, unit, draft)


def prove_phone(unit: Unit, conversation_id: str, phone: str) -> None:
    """A platform's signature vouches for the number that this person writes from.

    phone: E.164.
    """
    row = {"phone": phone, "proved_at": unit.now}
    if not insert_once(
        unit.connection, proven_phones, conversation_id=conversation_id, **row
    ):
        here = proven_phones.c.conversation_id == conversation_id
        unit.connection.execute(proven_phones.update().where(here).values(**row))


def forget_phone(unit: Unit, conversation_id: str) -> None:
    """The number changed hands: everything must be proved again."""
    here = proven_phones.c.conversation_id == conversation_id
    unit.connection.execute(proven_phones.delete().where(here))
    take_back(unit, conversation_id)


def ask(house: House, unit: Unit, draft: Draft) -> tuple[Draft, Question]:
    """The question whose answer proves the order; asks for a code where it is due."""
    locked = _is_code_only(house, unit, draft.conversation_id)
    if locked:
        draft = replace(draft, proof=Proof.CODE)
    coded = draft.proof is Proof.CODE and draft.order_number is not None
    if coded and draft.code_id is None:
        draft = replace(draft, code_id=codes.order_one(unit, draft))
    failed = _failures(unit.connection, _of_conversation(draft.conversation_id))
    often = failed >= OFFER_OTHERS_AFTER
    return draft, proofs.question(draft, often=often, locked=locked)


def refusal(house: House, conversation_id: str) -> tuple[Say, ...]:
    """The one neutral refusal, worded by how often this conversation failed.

    After some, a withdrawal that was stated is acknowledged, proved or not (N1).
    """
    failed = min(max(failures(house, conversation_id), 1), len(REFUSALS))
    often = failed == OFFER_OTHERS_AFTER
    noted = withdrawals.recorded(house, conversation_id) if often else ()
    return (REFUSALS[failed - 1], *noted)


def failures(house: House, conversation_id: str) -> int:
    """How often this conversation failed to prove an order."""
    with house.reader.connect() as connection:
        return _failures(connection, _of_conversation(conversation_id))


def granted_order(unit: Unit, conversation_id: str, order_number: str) -> Order:
    """The order, if this conversation proved it lately (I1).

    Raises OrderNotGranted.
    """
    here = {"talk": conversation_id, "number": order_number}
    row = unit.connection.execute(repository.GRANT, here).first()
    if (
        row is None
        or unit.now - row.last_used_at > GRANT_IDLE
        or unit.now - row.granted_at > GRANT_LONGEST
    ):
        raise OrderNotGranted
    unit.connection.execute(repository.USE_GRANT, {**here, "last_used_at": unit.now})
    return repository.get_order(unit.connection, order_number)


def last_granted(unit: Unit, conversation_id: str) -> Order | None:
    """The order that this conversation proved last and lately; None when none."""
    proved = unit.connection.execute(
        sa.select(grants.c.order_number)
        .where(grants.c.conversation_id == conversation_id)
        .order_by(grants.c.last_used_at.desc())
        .limit(1)
    ).scalar()
    if proved is None:
        return None
    with suppress(OrderNotGranted):
        return granted_order(unit, conversation_id, proved)
    return None


def open_orders(
    connection: Connection, conversation_id: str, now: datetime
) -> list[str]:
    """The numbers that this conversation proved lately; looking prolongs nothing."""
    query = sa.select(grants.c.order_number).where(
        grants.c.conversation_id == conversation_id,
        grants.c.last_used_at >= now - GRANT_IDLE,
        grants.c.granted_at >= now - GRANT_LONGEST,
    )
    return list(connection.execute(query).scalars())


def take_back(unit: Unit, conversation_id: str) -> None:
    """No order is open to this conversation any more (I1)."""
    unit.connection.execute(
        grants.delete().where(grants.c.conversation_id == conversation_id)
    )


def _prove(house: House, unit: Unit, draft: Draft) -> str | None:
    """The order number granted now; None, noted as a failure, when it is refused."""
    paired = None
    if draft.code is not None:
        number, level = codes.proved(house, unit, draft), LEVEL_CODE
    else:
        paired, level = _paired(unit, draft), LEVEL_PAIR
        number = None if _throttled(house, unit, draft) else paired
    if number is None:
        _note_failure(unit, draft)
        draft = proofs.refused(draft, paired)
    else:
        take_back(unit, draft.conversation_id)
        _grant(unit, draft.conversation_id, number, level)
        draft = replace(proofs.cleared(draft), order_number=number, granted=True)
        if draft.channel != UNREAD_CHANNEL:
            _news_go_to(unit, draft.conversation_id, number)
            draft = carrying.carried(unit, draft)
    repository.save_draft(unit.connection, draft, unit.now)
    return number


def _paired(unit: Unit, draft: Draft) -> str | None:
    """The one order that has this number and this proof.

    Without such a number as much is compared, with nobody; and the phone is compared
    though e-mail or address fit: a throttled order's owner must not be told by time.
    """
    found = repository.orders_called(unit.connection, draft.order_number or "")
    known = [_known(row) for row in found] or [proofs.NOBODY]
    fitting = [proofs.fits(one, draft) for one in known]
    by_phone = _by_phone(unit, draft, found)
    if sum(fitting) != 1 or not found:
        return by_phone
    return str(found[fitting.index(True)].order_number)


def _by_phone(unit: Unit, draft: Draft, found: list[Row[Any]]) -> str | None:
    """The one of these orders whose customer has the vouched-for phone."""
    phone = unit.connection.execute(
        sa.select(proven_phones.c.phone).where(
            proven_phones.c.conversation_id == draft.conversation_id
        )
    ).scalar()
    if phone is None:  # of this talk, whatever the order
        return None
    customers = [row.customer for row in found] or [proofs.STRANGER]
    own = [phones.is_same(phone, proofs.phone_of(said)) for said in customers]
    return str(found[own.index(True)].order_number) if found and sum(own) == 1 else None


def _known(row: Row[Any]) -> proofs.Known:
    said = row.customer
    return proofs.Known(
        row.email_key,
        said["first_name"],
        said["last_name"],
        said["address"]["postcode"],
    )


def _throttled(house: House, unit: Unit, draft: Draft) -> bool:
    """Whether a code alone opens it: never a hard lock, which strangers could set."""
    order = identity_failures.c.order_key == keys.order_counter(
        draft.order_number or ""
    )
    since = unit.now - ORDER_CODE_ONLY_FOR
    at_order = _failures(unit.connection, order, since) >= ORDER_CODE_ONLY_AFTER
    return _is_code_only(house, unit, draft.conversation_id) or at_order


def _is_code_only(house: House, unit: Unit, conversation_id: str) -> bool:
    here = _of_conversation(conversation_id)
    lately = _failures(unit.connection, here, unit.now - CODE_ONLY_FOR)
    return _place_is_code_only(house, unit, conversation_id) or (
        lately >= CODE_ONLY_AFTER
    )


def _place_is_code_only(house: House, unit: Unit, conversation_id: str) -> bool:
    """Whether one network failed too often, in however many conversations."""
    limits = house.shop.limits
    place = places.of_conversation(unit.connection, conversation_id)
    if place is None or not limits.enabled:
        return False
    from_there = identity_failures.c.place == place
    failed = _failures(unit.connection, from_there, unit.now - PLACE_CODE_ONLY_FOR)
    return failed >= limits.failed_proofs_per_hour_per_address


def _of_conversation(conversation_id: str) -> ColumnElement[bool]:
    return identity_failures.c.conversation_id == conversation_id


def _failures(
    connection: sa.Connection,
    which: ColumnElement[bool],
    since: datetime | None = None,
) -> int:
    query = sa.select(sa.func.count()).select_from(identity_failures).where(which)
    if since is not None:
        query = query.where(identity_failures.c.at > since)
    return int(connection.execute(query).scalar_one())


def _grant(unit: Unit, conversation_id: str, order_number: str, level: int) -> None:
    insert_once(
        unit.connection,
        grants,
        conversation_id=conversation_id,
        order_number=order_number,
        level=level,
        granted_at=unit.now,
        last_used_at=unit.now,
    )


def _news_go_to(unit: Unit, conversation_id: str, order_number: str) -> None:
    """The case moves to where its customer proved it last; the old grant does not."""
    unit.connection.execute(
        returns.update()
        .where(returns.c.order_number == order_number)
        .values(told_in=conversation_id)
    )


def _note_failure(unit: Unit, draft: Draft) -> None:
    unit.connection.execute(
        identity_failures.insert().values(
            failure_id=ids.new_id(),
            conversation_id=draft.conversation_id,
            order_key=keys.order_counter(draft.order_number or "")[:64],
            place=places.of_conversation(unit.connection, draft.conversation_id),
            at=unit.now,
        )
    )
