"""The business's durable work, by kind, and what happens when it is given up."""

import time
from collections.abc import Callable
from functools import wraps
from zoneinfo import ZoneInfo

from returns.errors import PartnerRefused, PaymentReturned
from returns.model import RefundState
from returns.services import (
    authorisations,
    bank_news,
    codes,
    evidence,
    history,
    reconciling,
    refunds,
    reminders,
    replacements,
    statements,
    tasks,
)
from returns.tables import refunds as refund_rows
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import (
    WorkItem,
    WorkKind,
    item_of,
    mark_given_up,
    note_error,
    work_known,
)

Handler = Callable[[str], None]
LOOK_SECONDS = 2.0
NEW_DAY_SECONDS = 60.0


def handlers(house: House) -> dict[WorkKind, Handler]:
    """Each reads before it writes, so that a second run does no harm."""
    return {
        WorkKind.AUTHORISE_RETURN: lambda i: authorisations.authorise(house, i),
        WorkKind.SETTLE_RETURN: lambda i: authorisations.settle_without_goods(house, i),
        WorkKind.SEND_EVIDENCE: lambda i: evidence.send(house, i),
        WorkKind.CONFIRM_RECEIPT: lambda i: authorisations.confirm_receipt(house, i),
        WorkKind.ORDER_REPLACEMENT: lambda i: replacements.order(house, i),
        WorkKind.PAY_REFUND: lambda i: _pay(house, i),
        WorkKind.READ_PAYMENT: lambda i: bank_news.read(house, i),
        WorkKind.SEND_CODE: lambda i: codes.send(house, i),
        WorkKind.SETTLE_WITHDRAWAL: lambda i: statements.settle(house, i),
        WorkKind.RECONCILE: lambda i: reconciling.nightly(house, i),
    }


def _pay(house: House, refund_id: str) -> None:
    """A bank that says no for good is not asked again: a person is, at once (X11)."""
    try:
        refunds.pay(house, refund_id)
    except PartnerRefused as refusal:
        with writing(house) as unit:
            note_error(unit.connection, WorkKind.PAY_REFUND, refund_id, refusal.reason)
        give_up(house, item_of(house.reader, WorkKind.PAY_REFUND, refund_id))
    except PaymentReturned as news:
        bank_news.returned(house, refund_id, news.reference)


def calendar(house: House) -> Callable[[], None]:
    """For the worker's loop: now and then a look at what has become due."""

    def look_at_calendar() -> None:
        reminders.look(house)

    return now_and_then(look_at_calendar)


def each_day(house: House, kind: WorkKind) -> Callable[[], None]:
    """For the worker's loop: once on each of the shop's days this is written down."""

    def new_day() -> None:
        zone = ZoneInfo(house.shop.time_zone)
        day = house.clock.now().astimezone(zone).date().isoformat()
        with house.reader.connect() as connection:
            known = work_known(connection, kind, day)
        if not known:
            with writing(house) as unit:
                unit.will(kind, day)

    return now_and_then(new_day, NEW_DAY_SECONDS)


def now_and_then(
    look: Callable[[], object], seconds: float = LOOK_SECONDS
) -> Callable[[], None]:
    """The same look, at most once in so many seconds."""
    last = -seconds

    @wraps(look)
    def tick() -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            look()

    return tick


def give_up(house: House, item: WorkItem) -> None:
    """Twelve tries or a day are over (X6): a person takes it on."""
    with writing(house) as unit:
        if not mark_given_up(unit.connection, item):
            return
        match item.kind:
            case WorkKind.AUTHORISE_RETURN:
                case = history.get_return(unit.connection, item.subject_id)
                authorisations.give_up(unit, case)
            case WorkKind.ORDER_REPLACEMENT:
                replacements.give_up(unit, item.subject_id)
            case WorkKind.PAY_REFUND:
                _refund_failed(unit, item.subject_id)
                _plain_task(unit, item)
            case _:
                _plain_task(unit, item)


def _refund_failed(unit: Unit, refund_id: str) -> None:
    """Shown to staff as failed; a retry takes it in flight again."""
    unit.connection.execute(
        refund_rows.update()
        .where(
            refund_rows.c.refund_id == refund_id,
            refund_rows.c.state == RefundState.IN_FLIGHT,
        )
        .values(state=RefundState.FAILED)
    )


def _plain_task(unit: Unit, item: WorkItem) -> None:
    facts = {"kind": item.kind.value, "subject_id": item.subject_id}
    tasks.open_task(unit, "given_up", f"{item.work_id}:{item.attempt}", None, facts)
