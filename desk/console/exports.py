"""Lists as files: CSV that a French Excel opens, and JSON; read page by page.

A cell that a spreadsheet would take for a formula begins with an apostrophe.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from desk.console import casework, listing, statistics
from desk.console.case_filters import BOUGHT, CaseFilters
from desk.console.customers import Customer
from desk.console.filters import Filters
from desk.console.statistics import Question
from returns.formats import minor_digits
from returns.tables import adjustments, order_lines, ratings, return_lines
from returns.wiring import House

NAMES = ("first_name", "last_name")
PIECE = 500  # rows read at once: what bounds the memory
BOM = "\ufeff"
FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # and as full-width

type Row = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    """What may be read. text: words with what to mask; who: first and last name."""

    house: House
    text: Callable[[str, tuple[str, ...]], str]
    who: Callable[[str, str], str]


def conversations(reader: Reader, filters: Filters) -> Iterator[Row]:
    """One row each, newest first."""
    before = ""
    while True:
        page = listing.page(reader.house, filters, before, PIECE)
        for entry in page.entries:
            yield _conversation(reader, entry)
        if page.older is None:
            return
        before = page.older


def cases(reader: Reader, filters: CaseFilters) -> Iterator[Row]:
    """One row each, newest first."""
    before = ""
    while True:
        page = casework.page(reader.house, filters, before, PIECE)
        more = _of_cases(reader.house, [e.case.return_id for e in page.entries])
        for entry in page.entries:
            yield _case(reader, entry, more)
        if page.older is None:
            return
        before = page.older


def figures(house: House, asked: Question) -> Iterator[Row]:
    """Reason, product, supplier and period; one row for each that has a case."""
    with statistics.counting(house, asked) as found:
        counted = found.by_all()
    for key, count in counted.items():
        told = dict(zip(statistics.DIMENSIONS, key, strict=True))
        yield {
            **told,
            "cases": count.cases,
            "units": count.units,
            "sold": count.sold,
            "rate_percent": None if count.rate is None else round(count.rate, 2),
        }


def as_csv(rows: Iterable[Row], sep: str) -> Iterator[str]:
    """Every row has the same names. sep `;` writes decimals with a comma."""
    lead = BOM
    for row in rows:
        if lead:
            yield lead + _line(list(row), sep)
            lead = ""
        yield _line([_cell(value, sep) for value in row.values()], sep)
    if lead:
        yield lead


def as_json(rows: Iterable[Row]) -> Iterator[str]:
    """One array; moments in ISO 8601, amounts as decimal text."""
    lead = "[\n"
    for row in rows:
        yield lead + json.dumps(row, ensure_ascii=False, default=_plain)
        lead = ",\n"
    yield "[]\n" if lead == "[\n" else "\n]\n"


def _line(cells: list[str], sep: str) -> str:
    out = StringIO()
    csv.writer(out, delimiter=sep, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _cell(value: Any, sep: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Decimal | float):
        return str(value).replace(".", ",") if sep == ";" else str(value)
    if isinstance(value, list):
        value = ", ".join(str(one) for one in value)
    return safe(str(value)) if isinstance(value, str) else str(value)


def safe(text: str) -> str:
    """The text, never a formula."""
    dangerous = text[:1] in FORMULA or text.lstrip()[:1] in FORMULA
    return f"'{text}" if text and dangerous else text


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _conversation(reader: Reader, entry: listing.Entry) -> Row:
    c, customer = entry.conversation, entry.customer
    known = customer.words if customer else ()
    return {
        "conversation_id": c.conversation_id,
        "began_at": _local(reader.house, c.created_at),
        "last_at": _local(reader.house, c.last_at),
        "channel": c.channel,
        "language": c.language,
        "state": c.mode,
        "customer": _name(reader, customer),
        "order_number": customer.order_number if customer else None,
        "order_proved": bool(customer and customer.proved),
        "said": reader.text(entry.said or "", known),
        "messages": c.last_seq,
        "outcome": entry.outcome,
        "reasons": list(entry.reasons),
        "lowest_confidence": c.lowest_confidence,
        "labels": list(entry.labels),
        "reviewed": entry.reviewed,
        "reviewed_by": c.reviewed_by if entry.reviewed else None,
        "answered_in_ms": c.answered_in_ms,
        "handed_over_at": _local(reader.house, c.handed_over_at),
        "person_answered_at": _local(reader.house, c.person_answered_at),
    }


def _name(reader: Reader, customer: Customer | None) -> str:
    if customer is None or not customer.proved:
        return ""
    return reader.who(customer.first_name, customer.last_name)


def _case(reader: Reader, entry: casework.Entry, more: dict[str, Row]) -> Row:
    c, refund, claim = entry.case, entry.refund, entry.case.claim or {}
    told = more.get(c.return_id, {})
    return {
        "return_id": c.return_id,
        "opened_at": _local(reader.house, c.created_at),
        "order_number": c.order_number,
        "conversation_id": c.conversation_id,
        "customer": reader.who(*(entry.customer.get(part) or "" for part in NAMES)),
        "supplier": c.supplier,
        "rma_number": c.rma_number,
        "status": c.status,
        "products": told.get("products", []),
        "units": told.get("units", 0),
        "reasons": list(entry.reasons),
        "bot_reasons": told.get("bot_reasons", []),
        "liable": told.get("liable", []),
        "resolutions": told.get("resolutions", []),
        "refund": _amount(refund.amount_minor, refund.currency) if refund else None,
        "currency": refund.currency if refund else None,
        "refund_state": refund.state if refund else None,
        "refund_paid_at": _local(reader.house, refund.paid_at) if refund else None,
        "deducted": _sum(told.get("deduction"), told.get("currency")),
        "compensated": _sum(told.get("compensation"), told.get("currency")),
        "claim_state": claim.get("state"),
        "claim": _amount(claim["amount_minor"], claim["currency"]) if claim else None,
        "rating": told.get("rating"),
        "tasks_open": entry.tasks,
    }


def _of_cases(house: House, ids: list[str]) -> dict[str, Row]:
    query = (
        sa.select(return_lines, order_lines.c.title)
        .join(order_lines, BOUGHT)
        .where(return_lines.c.return_id.in_(ids))
        .order_by(return_lines.c.return_id, return_lines.c.line_id)
    )
    adjusted = (
        sa.select(
            adjustments.c.return_id,
            adjustments.c.kind,
            adjustments.c.currency,
            sa.func.sum(adjustments.c.amount_minor).label("minor"),
        )
        .where(
            adjustments.c.return_id.in_(ids),
            adjustments.c.state.in_(("set", "paid")),
        )
        .group_by(adjustments.c.return_id, adjustments.c.kind, adjustments.c.currency)
    )
    rated = sa.select(ratings).where(ratings.c.return_id.in_(ids))
    found: dict[str, Row] = {}
    with house.reader.connect() as connection:
        for line in connection.execute(query):
            told = found.setdefault(line.return_id, {"units": 0})
            told["units"] += line.quantity
            for name, value in (
                ("products", line.title),
                ("bot_reasons", line.return_reason),
                ("liable", line.liable),
                ("resolutions", line.resolution),
            ):
                if value and value not in told.setdefault(name, []):
                    told[name].append(value)
        for row in connection.execute(adjusted):
            told = found.setdefault(row.return_id, {})
            told.update({row.kind: row.minor, "currency": row.currency})
        for row in connection.execute(rated):
            found.setdefault(row.return_id, {})["rating"] = row.rating
    return found


def _amount(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-minor_digits(currency))


def _sum(minor: int | None, currency: str | None) -> Decimal | None:
    return _amount(minor, currency) if minor and currency else None


def _local(house: House, at: datetime | None) -> datetime | None:
    return at.astimezone(ZoneInfo(house.shop.time_zone)) if at else None
