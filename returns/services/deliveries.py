"""Where an order's own parcels are: facts of the order, and honest where unknown."""

from datetime import datetime

from returns import deadlines, repository
from returns.formats import Day
from returns.model import Choice, Order, OrderLine, OrderStatus, Question, Say
from returns.services import known
from returns.wiring import House

OVER = (OrderStatus.CANCELLED, OrderStatus.REFUNDED)
LATE = "late"  # whether they want a remedy for it; bot/asides.py reads the answer


def tell(house: House, conversation_id: str) -> Question | None:
    """The order that this conversation proved last; None when it proved none.

    What is late by the law's day (D01, L216-1) comes with what they may do.
    """
    now = house.clock.now()
    with house.reader.connect() as connection:
        proved = known.orders_of(connection, conversation_id, now)
        if not proved:
            return None
        order = repository.get_order(connection, proved[0])
    says = [_line(order, line) for line in order.lines]
    if order.status in OVER:
        says = [Say(f"utter_order_is_{order.status.value}")]
    missing = order.status not in OVER and any(
        order.received_at(line) is None for line in order.lines
    )
    due = _due(house, order)
    if missing and order.promised_at is not None and due >= now:
        says.append(Say("utter_order_promised", {"day": Day(order.promised_at)}))
    params = {"order_number": order.order_number, "lines": says}
    status = Say("utter_order_status", params)
    if not missing or due >= now:
        return Question((status,), None)
    late = Say("utter_order_late", {"day": Day(due)})
    return Question((status, late), LATE, _remedies())


def _due(house: House, order: Order) -> datetime:
    """The promised day, else so many days after the purchase (D01)."""
    zone = house.shop.time_zone
    if order.promised_at is not None:
        return deadlines.plus_days_end(order.promised_at, 0, zone)
    days = house.shop.delivery_days_default
    return deadlines.plus_days_end(order.placed_at, days, zone)


def _line(order: Order, line: OrderLine) -> Say:
    received = order.received_at(line)
    if received is not None:
        params = {"title": line.title, "day": Day(received)}
        return Say("utter_order_line_delivered", params)
    if order.dispatched_at is None:
        return Say("utter_order_line_waiting", {"title": line.title})
    number = line.tracking_number
    tracked = [Say("utter_order_tracking", {"number": number})] if number else []
    params = {"title": line.title, "day": Day(order.dispatched_at), "number": tracked}
    return Say("utter_order_line_sent", params)


def _remedies() -> tuple[Choice, ...]:
    refund = Choice(
        Say("utter_button_not_delivered"),
        {"intent": "give_reason", "reasons": ["not_delivered"]},
    )
    person = Choice(Say("utter_button_person"), {"intent": "talk_to_human"})
    return refund, person
