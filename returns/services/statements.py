"""A withdrawal stated on the withdrawal page: recorded at once, settled apart (F3-F5).

Recording looks nothing up, so that no answer and no delay tells whether the order
exists; the worker alone does, and what it may not open stays with a person (N1).
"""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import Connection

from returns import ids, repository
from returns.errors import (
    IdentityRefused,
    NothingToConfirm,
    OrderNotGranted,
    RecapChanged,
    UnitAlreadyInReturn,
)
from returns.failpoints import failpoint
from returns.formats import ExactMoment
from returns.model import Draft, Heard, OrderLine, Resolution, ReturnStatus, Say
from returns.services import (
    cases,
    drafts,
    identity,
    naming,
    notices,
    refunds,
    tasks,
    withdrawals,
)
from returns.services.notices import Letter
from returns.services.placing import ALL_UNITS
from returns.tables import heard_messages
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

CHANNEL = "withdrawal"
ACT = "withdraw"
MAIL = "utter_mail_withdrawal_received"
LONGEST_NUMBER = 64
PARTS = re.compile(r"[\n,;+&]|\bet\b|\band\b", re.IGNORECASE)
IN_THE_WAY = (NothingToConfirm, OrderNotGranted, RecapChanged, UnitAlreadyInReturn)


@dataclass(frozen=True)
class Statement:
    """What the customer entered. articles: in their words, "" for the whole order."""

    name: str
    order_number: str
    email: str
    articles: str
    language: str


@dataclass(frozen=True)
class Recorded:
    """reference: what the customer is told; stated_at: from when it counts."""

    reference: str
    stated_at: datetime


STATEMENT, STATED = TypeAdapter(Statement), TypeAdapter(Recorded)


def record(unit: Unit, conversation_id: str, key: str, statement: Statement) -> None:
    """Keep it for good, acknowledge it by mail, give it to a person and the worker."""
    recorded = Recorded(ids.new_withdrawal_id(), unit.now)
    draft = Draft(
        draft_id=ids.new_id(),
        conversation_id=conversation_id,
        language=statement.language,
        channel=CHANNEL,
        created_at=unit.now,
        order_number=statement.order_number[:LONGEST_NUMBER],
        email=statement.email,
        resolution=Resolution.REFUND,
        withdrawal_at=unit.now,
    )
    repository.save_draft(unit.connection, draft, unit.now)
    kept = {**asdict(statement), **STATED.dump_python(recorded, mode="json")}
    told = {**kept, "conversation_id": conversation_id}
    tasks.open_task(unit, withdrawals.UNPROVED, draft.draft_id, None, told)
    unit.connection.execute(
        heard_messages.insert().values(
            conversation_id=conversation_id,
            message_id=key,
            act=ACT,
            answer=kept,
            at=unit.now,
        )
    )
    params = {
        "reference": recorded.reference,
        "at": ExactMoment(unit.now),
        "facts": facts(statement, recorded),
    }
    notices.to_address(
        unit,
        f"withdrawal:{recorded.reference}",
        conversation_id,
        Letter(MAIL, params, statement.email, statement.language),
    )
    unit.will(WorkKind.SETTLE_WITHDRAWAL, conversation_id)


def find(
    connection: Connection, conversation_id: str
) -> tuple[Statement, Recorded] | None:
    """What was recorded in this conversation; None when nothing was."""
    query = sa.select(heard_messages.c.answer).where(
        heard_messages.c.conversation_id == conversation_id,
        heard_messages.c.act == ACT,
    )
    kept = connection.execute(query).scalar()
    if kept is None:
        return None
    return STATEMENT.validate_python(kept), STATED.validate_python(kept)


def facts(statement: Statement, recorded: Recorded | None = None) -> list[list[Any]]:
    """Label and value, in the order of reading; recorded: with reference and time."""
    of_record: list[list[Any]] = []
    if recorded is not None:
        of_record = [
            [Say("utter_label_withdrawal"), recorded.reference],
            [Say("utter_label_stated_at"), ExactMoment(recorded.stated_at)],
            [Say("utter_label_statement"), Say("utter_withdraw_statement")],
        ]
    articles: Any = ", ".join(statement.articles.split("\n"))
    return [
        *of_record,
        [Say("utter_label_name"), statement.name],
        [Say("utter_label_order"), statement.order_number],
        [Say("utter_label_articles"), articles or Say("utter_fact_whole_order")],
        [Say("utter_label_email"), statement.email],
    ]


def settle(house: House, conversation_id: str) -> None:
    """Open the return of what was stated, where nothing is left to ask.

    Otherwise the person's task stays, and says why. A second run changes nothing.
    """
    with house.reader.connect() as connection:
        draft = repository.open_draft(connection, conversation_id)
        found = find(connection, conversation_id)
    hindrance = None
    if draft is not None and found is not None:
        hindrance = _open_returns(house, draft, found[0].articles)
    for case in cases.returns_of_conversation(house, conversation_id):
        if case.status != ReturnStatus.NEEDS_REVIEW:
            refunds.start(house, case.return_id)
    with writing(house) as unit:
        if draft is not None and hindrance is not None:
            withdrawals.add(unit, draft.draft_id, {"hindrance": hindrance})
        finish_work(unit.connection, WorkKind.SETTLE_WITHDRAWAL, conversation_id)


def _open_returns(house: House, draft: Draft, articles: str) -> str | None:
    """None: they are open. Otherwise what only a person can get over."""
    talk = draft.conversation_id
    try:
        number = identity.look_up_order(house, talk)
    except IdentityRefused:
        return "not_proved"
    free = _free_lines(house, number)
    if not free:
        return "already_in_return"
    line_ids = _meant(articles, free)
    if not line_ids:
        return "articles"
    _say(house, draft, "lines", line_ids=tuple(line_ids))
    asked = _ask_until_recap(house, draft, most=2 * len(free))
    if asked != "confirmation":
        return asked
    failpoint("withdrawal.before_confirm")
    try:
        cases.confirm(house, talk, f"{draft.draft_id}:yes")
    except IN_THE_WAY:
        return "changed_meanwhile"
    failpoint("withdrawal.after_confirm")
    return None


def _ask_until_recap(house: House, draft: Draft, most: int) -> str | None:
    """What is asked in the end; a line is withdrawn with all of its pieces.

    most: so often is a question answered, counting those of a run that was cut off.
    """
    for turn in range(most):
        asked = drafts.ask(house, draft.conversation_id, draft.language, CHANNEL)
        if asked.expects != "quantity":
            return asked.expects
        _say(house, draft, f"all{turn}", quantity=ALL_UNITS)
    return "quantity"


def _say(house: House, draft: Draft, part: str, **facts: Any) -> None:
    """As if the customer had pressed a button in the chat."""
    message_id = f"{draft.draft_id}:{part}"
    talk, language = draft.conversation_id, draft.language
    told = Heard(talk, message_id, CHANNEL, language, "inform", pressed=True, **facts)
    drafts.hear(house, told)


def _free_lines(house: House, number: str) -> tuple[OrderLine, ...]:
    with house.reader.connect() as connection:
        order = repository.get_order(connection, number)
        history = repository.history_of(connection, number)
    return tuple(line for line in order.lines if history.free_units(line))


def _meant(articles: str, free: tuple[OrderLine, ...]) -> list[str]:
    """The lines that the words name without a doubt; [] when a person must read them.

    Each part of the words must name something, and a line with several pieces may be
    meant in part only.
    """
    if not articles:
        return [line.line_id for line in free]
    named: list[str] = []
    for part in filter(str.strip, PARTS.split(articles)):
        here = naming.lines_named(part, free)
        if not here:
            return []
        named += [line_id for line_id in here if line_id not in named]
    single = {line.line_id for line in free if line.quantity == 1}
    return named if set(named) <= single else []
