"""A return's facts as a mail lists them: label and value, in the order of reading.

A fact is a list of two: the label, a Say, and the value: a param of a response, or a
list of them, one for each line.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.formats import Country, Day, Link, Money
from returns.model import (
    Address,
    Disposition,
    Order,
    OrderLine,
    RefundState,
    ReturnPayer,
    ReturnStatus,
    Say,
)
from returns.repository import address_from
from returns.tables import adjustments, refund_components, refunds, return_lines

TO_COME = (ReturnStatus.REQUESTED, ReturnStatus.AUTHORISED, ReturnStatus.IN_TRANSIT)
CITY_FIRST = {"GB", "IE", "US", "CA", "AU", "NZ"}

type Fact = list[Any]


def of_case(connection: Connection, case: Row[Any], order: Order) -> list[Fact]:
    """What is so in this transaction, and nothing that is only hoped for."""
    bought = Say(
        "utter_fact_order_placed",
        {"order_number": order.order_number, "day": Day(order.placed_at)},
    )
    lines = lines_of(connection, case.return_id)
    return [
        [Say("utter_label_return"), case.return_id],
        [Say("utter_label_order"), bought],
        *(_parcel(case, lines) if case.status in TO_COME else []),
        *_money(connection, case, lines),
        *[[Say("utter_label_item"), _item(line, order)] for line in lines],
    ]


def lines_of(connection: Connection, return_id: str) -> list[Row[Any]]:
    query = sa.select(return_lines).where(return_lines.c.return_id == return_id)
    return list(connection.execute(query.order_by(return_lines.c.line_id)).all())


def needs_goods_back(lines: list[Row[Any]]) -> bool:
    return any(line.disposition == Disposition.RETURN for line in lines)


def item_name(line: OrderLine, quantity: int) -> Say:
    """How many of what, with the variant that was bought."""
    params = {"quantity": quantity, "title": line.title}
    if not line.options:
        return Say("utter_fact_item", params)
    variant = ", ".join(line.options.values())
    return Say("utter_fact_item_variant", {**params, "variant": variant})


def address_lines(address: Address) -> list[Any]:
    """As it is written on a parcel; the last line is the country, a typed value."""
    place = f"{address.postcode} {address.city}"
    if address.country in CITY_FIRST:
        place = f"{address.city} {address.postcode}"
    told = [address.name, address.line1, address.line2, place]
    return [*(line for line in told if line), Country(address.country)]


def label_link(case: Row[Any]) -> Link | None:
    """The prepaid label, None when there is none that may be opened."""
    url = case.label_url or ""
    safe = url.startswith("https://") and url.isprintable() and " " not in url
    return Link(url) if safe else None


def _item(line: Row[Any], order: Order) -> list[Say]:
    told = [item_name(order.line(line.line_id), line.quantity)]
    if line.refund_minor:
        amount = Money(line.refund_minor, order.currency)
        told.append(Say("utter_fact_item_paid", {"amount": amount}))
    if line.resolution:
        told.append(Say(f"utter_fact_wish_{line.resolution}"))
    if line.return_reason:
        reason = Say(f"utter_reason_{line.return_reason}")
        told.append(Say("utter_fact_item_reason", {"reason": reason}))
    if line.detail:
        told.append(Say("utter_fact_item_detail", {"detail": line.detail}))
    return told


def _parcel(case: Row[Any], lines: list[Row[Any]]) -> list[Fact]:
    if not needs_goods_back(lines):
        return [[Say("utter_label_payer"), Say("utter_fact_nothing_to_send")]]
    payer = ReturnPayer(case.return_payer)
    link = label_link(case)
    told: list[Fact] = []
    if case.return_address is not None:
        address = address_lines(address_from(case.return_address))
        told.append([Say("utter_label_address"), address])
        told.append([Say("utter_label_rma"), case.rma_number])
    if case.ship_by is not None:
        told.append([Say("utter_label_ship_by"), Day(case.ship_by)])
    if link is not None:
        told.append([Say("utter_label_label"), link])
        payer = ReturnPayer.NONE
    told.append([Say("utter_label_payer"), Say(f"utter_fact_payer_{payer.value}")])
    return told


def _money(connection: Connection, case: Row[Any], lines: list[Row[Any]]) -> list[Fact]:
    query = sa.select(refunds).where(refunds.c.return_id == case.return_id)
    found = connection.execute(query.order_by(refunds.c.created_at)).all()
    return [
        [Say("utter_label_refund"), _refund(connection, case, lines, row)]
        for row in found
    ]


def _refund(
    connection: Connection,
    case: Row[Any],
    lines: list[Row[Any]],
    row: Row[Any],
) -> list[Say]:
    params: dict[str, Any] = {"amount": Money(row.amount_minor, row.currency)}
    if row.state == RefundState.PAID:
        told = Say("utter_fact_refund_paid", {**params, "day": Day(row.paid_at)})
    elif case.status in TO_COME and needs_goods_back(lines):
        told = Say("utter_fact_refund_after_goods", params)
    elif case.refund_by is not None:
        told = Say("utter_fact_refund_by", {**params, "day": Day(case.refund_by)})
    else:
        told = Say("utter_fact_refund_under_way", params)
    return [told, *_delivery_share(connection, row), *_deducted(connection, row)]


def _delivery_share(connection: Connection, row: Row[Any]) -> list[Say]:
    query = sa.select(refund_components.c.amount_minor).where(
        refund_components.c.refund_id == row.refund_id,
        refund_components.c.component == "delivery",
    )
    minor = connection.execute(query).scalar()
    if not minor:
        return []
    amount = Money(minor, row.currency)
    return [Say("utter_fact_refund_delivery", {"amount": amount})]


def _deducted(connection: Connection, row: Row[Any]) -> list[Say]:
    query = sa.select(sa.func.sum(adjustments.c.amount_minor)).where(
        adjustments.c.return_id == row.return_id,
        adjustments.c.kind == "deduction",
        adjustments.c.state == "set",
    )
    minor = connection.execute(query).scalar()
    if not minor:
        return []
    amount = Money(int(minor), row.currency)
    return [Say("utter_fact_refund_deducted", {"amount": amount})]
