"""How a return stands, in words: what happened, what comes next, by when, who acts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from returns import keys, repository
from returns.formats import Day
from returns.model import ReturnStatus, Say
from returns.services import cases, known, promises, tasks
from returns.wiring import House

SHOWN = 3
OVER = (ReturnStatus.CANCELLED, ReturnStatus.DECLINED)


def tell(
    house: House, conversation_id: str, order_number: str | None = None
) -> list[Say]:
    """The newest returns that this conversation may know of; none: an empty list.

    order_number: as the customer wrote it, None: of any order.
    """
    now = house.clock.now()
    with house.reader.connect() as connection:
        found = known.returns_of(connection, conversation_id, now)
        if order_number is not None:
            key = keys.order_key(order_number)
            found = [c for c in found if keys.order_key(c.order_number) == key]
        return [of_case(house, connection, case, now) for case in found[:SHOWN]]


def tell_instead(
    house: House, conversation_id: str, order_number: str | None = None
) -> list[Say]:
    """For who asks where the order is: its returns, once nothing of it is to come.

    "How long will it take?" after a return was opened is about that.
    """
    now = house.clock.now()
    with house.reader.connect() as connection:
        proved = known.orders_of(connection, conversation_id, now)
        if not proved or keys.order_key(order_number or proved[0]) != keys.order_key(
            proved[0]
        ):
            return []
        order = repository.get_order(connection, proved[0])
        if any(order.received_at(line) is None for line in order.lines):
            return []
        cases_here = [
            case
            for case in known.returns_of(connection, conversation_id, now)
            if case.order_number == proved[0] and case.status not in OVER
        ]
        return [of_case(house, connection, c, now) for c in cases_here[:SHOWN]]


def of_case(house: House, connection: Connection, case: Row[Any], now: datetime) -> Say:
    """One return's state and everything that is still to come."""
    following = [
        *_next_step(house, connection, case),
        *promises_of(connection, case, now),
    ]
    params = {
        "return_id": case.return_id,
        "order_number": case.order_number,
        "state": Say(f"utter_state_{case.status}"),
        "next": following,
    }
    return Say("utter_return_status", params)


def promises_of(connection: Connection, case: Row[Any], now: datetime) -> list[Say]:
    """Money, replacement and postage of a return that is not over."""
    if case.status in OVER:
        return []
    said = (
        promises.of_money(connection, case, now),
        promises.of_goods(connection, case),
        promises.of_postage(connection, case),
    )
    return [say for say in said if say is not None]


def talks_of_return(house: House, conversation_id: str) -> bool:
    """Whether the open draft wishes for anything yet, so that it must go on."""
    with house.reader.connect() as connection:
        draft = repository.open_draft(connection, conversation_id)
    return draft is not None and bool(
        draft.reasons or draft.resolution or draft.withdrawal_at or draft.recap
    )


def _next_step(house: House, connection: Connection, case: Row[Any]) -> list[Say]:
    match ReturnStatus(case.status):
        case ReturnStatus.REQUESTED:
            return [_address_to_come(connection, case)]
        case ReturnStatus.NEEDS_REVIEW:
            hours = house.shop.staff.answers_within_hours
            return [Say("utter_next_review", {"hours": hours})]
        case ReturnStatus.AUTHORISED:
            return _to_be_posted(connection, case)
        case ReturnStatus.IN_TRANSIT:
            return _on_its_way(connection, case)
        case ReturnStatus.DECLINED:
            return [Say("utter_next_declined")]
    return []


def _address_to_come(connection: Connection, case: Row[Any]) -> Say:
    lines = cases.lines_of(connection, case.return_id)
    if not cases.needs_goods_back(lines):
        return Say("utter_next_nothing_to_send")
    asked = tasks.of_return(connection, case.return_id, "supplier_address")
    by_person = asked is not None and asked.done_at is None
    return Say("utter_next_address_by_person" if by_person else "utter_next_address")


def _to_be_posted(connection: Connection, case: Row[Any]) -> list[Say]:
    lines = cases.lines_of(connection, case.return_id)
    if not cases.needs_goods_back(lines):
        return [Say("utter_next_nothing_to_send")]
    checked = tasks.of_return(connection, case.return_id, "check_proof")
    if checked is not None and checked.done_at is None:
        return []
    by = [Say("utter_ship_by", {"day": Day(case.ship_by)})] if case.ship_by else []
    return [Say("utter_next_post"), *by]


def _on_its_way(connection: Connection, case: Row[Any]) -> list[Say]:
    parcel = known.parcel_of(connection, case.return_id)
    if parcel is None:
        return []
    return [Say("utter_next_on_its_way", {"number": parcel.tracking_number})]
