"""Our books beside the partners', every night (X9); each report is kept.

Whatever nobody can explain is a person's task, once. Nothing is paid or changed here,
but that goods of which a supplier's webhook never came are asked about.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns import ids
from returns.errors import PartnerError, PartnerUnknown
from returns.services import bank_book, history, supplier_book, tasks
from returns.services.differences import Because, Compared, Difference
from returns.tables import reconciliations
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

KIND = "explain_difference"
DAYS = 40
BEFORE = timedelta(days=2)  # asked for then, paid or authorised a day later
YEAR = timedelta(days=365, hours=6)
LONGEST_SUBJECT = 140
MOST_KEPT = 1000  # differences in a report; all are counted


@dataclass(frozen=True)
class Report:
    """books: per book its name, entries, agreed, unread. complete: all were read."""

    report_id: str
    at: datetime
    since: datetime
    complete: bool
    unexplained: int
    explained: int
    books: tuple[dict[str, Any], ...]
    differences: tuple[dict[str, Any], ...]


def nightly(house: House, day: str) -> None:
    """Raises PartnerUnknown while a book cannot be read: it is tried again."""
    report = run(house)
    if not report.complete:
        raise PartnerUnknown("a_book_is_not_readable")
    with writing(house) as unit:
        finish_work(unit.connection, WorkKind.RECONCILE, day)


def run(house: House, days: int = DAYS) -> Report:
    """Compare the last so many days with every book; keep the report, make tasks."""
    since = house.clock.now() - timedelta(days=days)
    compared = list(_compare_all(house, since))
    with writing(house) as unit:
        for book in compared:
            book.differences = [
                _looked_at(unit.connection, one) for one in book.differences
            ]
            for return_id in book.to_confirm:
                unit.will(WorkKind.CONFIRM_RECEIPT, return_id)
        report = _report(unit, since, compared)
        for book in compared:
            for one in book.differences:
                if one.because is None:
                    _tell(unit, one)
        _keep(house, unit, report)
    return report


def last(house: House, *, complete: bool = False) -> Report | None:
    """The newest report, or the newest that read every book."""
    with house.reader.connect() as connection:
        return last_in(connection, complete=complete)


def last_in(connection: Connection, *, complete: bool = False) -> Report | None:
    wanted = reconciliations.c.complete if complete else sa.true()
    query = sa.select(reconciliations).where(wanted)
    newest = query.order_by(reconciliations.c.at.desc()).limit(1)
    row = connection.execute(newest).first()
    return _of_row(row) if row else None


def _compare_all(house: House, since: datetime) -> Iterator[Compared]:
    read_from = since - BEFORE
    books: list[tuple[str, Callable[[], Compared]]] = []
    if house.shop.payment_method != "manual":
        compare = bank_book.compare
        books.append((bank_book.BANK, lambda: compare(house, since, read_from)))
    for supplier in house.shop.suppliers.values():
        if supplier.api:
            books.append((supplier.name, _of_supplier(house, supplier.name, since)))
    for name, read in books:
        try:
            yield read()
        except PartnerError as error:
            yield Compared(name, unread=error.reason)


def _of_supplier(house: House, name: str, since: datetime) -> Callable[[], Compared]:
    return lambda: supplier_book.compare(house, name, since, since - BEFORE)


def _subject(one: Difference) -> str:
    """Of its task: the same difference is the same task."""
    subject = f"{one.book}/{one.what}/{one.subject}"
    if len(subject) <= LONGEST_SUBJECT:
        return subject
    return hashlib.sha256(subject.encode()).hexdigest()


def _looked_at(connection: Connection, one: Difference) -> Difference:
    """What a person has explained once needs no other."""
    if one.because is not None:
        return one
    task = tasks.about(connection, KIND, _subject(one))
    if task is None or task.done_at is None:
        return one
    return replace(one, because=Because.LOOKED_AT)


def _tell(unit: Unit, one: Difference) -> None:
    case = None
    if one.return_id is not None:
        case = history.get_return(unit.connection, one.return_id)
    facts = {
        "difference": one.what.value,
        "book": one.book,
        "subject": one.subject,
        "amount_minor": one.ours if one.ours is not None else one.theirs,
        "currency": one.currency,
        "book_minor": one.theirs,
    }
    tasks.open_task(unit, KIND, _subject(one), case, facts)


def _report(unit: Unit, since: datetime, compared: list[Compared]) -> Report:
    found = [one for book in compared for one in book.differences]
    unexplained = [one for one in found if one.because is None]
    shown = [*unexplained, *(one for one in found if one.because is not None)]
    return Report(
        report_id=ids.new_id(),
        at=unit.now,
        since=since,
        complete=all(book.unread is None for book in compared),
        unexplained=len(unexplained),
        explained=len(found) - len(unexplained),
        books=tuple(
            {
                "book": book.book,
                "entries": book.entries,
                "agreed": book.agreed,
                "unread": book.unread,
            }
            for book in compared
        ),
        differences=tuple(asdict(one) for one in shown[:MOST_KEPT]),
    )


def _keep(house: House, unit: Unit, report: Report) -> None:
    told = {**asdict(report), "books": list(report.books)}
    told["differences"] = list(report.differences)
    unit.connection.execute(reconciliations.insert().values(**told))
    before = unit.now - house.shop.retention.audit_years * YEAR
    unit.connection.execute(
        reconciliations.delete().where(reconciliations.c.at < before)
    )


def _of_row(row: Row[Any]) -> Report:
    values = dict(row._mapping)
    values["books"] = tuple(values["books"])
    values["differences"] = tuple(values["differences"])
    return Report(**values)
