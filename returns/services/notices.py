"""What the business has to say later: a row, committed with the change it tells of."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from returns.formats import params_to_json, to_json
from returns.model import Question
from returns.repository import get_order
from returns.services import case_facts
from returns.sql import insert_once
from returns.tables import notices
from returns.unit import Unit
from returns.work import WorkKind, finish_work

CODE_MAIL = "utter_mail_code"


@dataclass(frozen=True)
class Letter:
    """A mail that belongs to no return. response: its subject's and body's stem."""

    response: str
    params: dict[str, Any]
    recipient: str
    language: str


def by_mail(
    unit: Unit,
    case: Row[Any],
    response: str,
    params: dict[str, Any],
    about: str | None = None,
) -> None:
    """One mail to the address of the order, once per return and response, or for each
    thing that it is about.

    It lists the case's facts as they are now, then those of params["facts"], which
    are in the form of `case_facts`.
    """
    order = get_order(unit.connection, case.order_number)
    facts = case_facts.of_case(unit.connection, case, order)
    told = {**params, "facts": [*facts, *params.get("facts", [])]}
    recipient = order.customer.email
    _add(unit, case, "mail", response, told, recipient=recipient, about=about)


def code_by_mail(
    unit: Unit, code: Row[Any], order_number: str, params: dict[str, Any]
) -> None:
    """The code for proving this order, to its own address only, once per request."""
    recipient = get_order(unit.connection, order_number).customer.email
    letter = Letter(CODE_MAIL, params, recipient, code.language)
    to_address(unit, f"code:{code.code_id}", code.conversation_id, letter)


def to_address(
    unit: Unit, notice_id: str, conversation_id: str, letter: Letter
) -> None:
    """One mail to the letter's own recipient, once per notice_id."""
    inserted = insert_once(
        unit.connection,
        notices,
        notice_id=notice_id,
        conversation_id=conversation_id,
        medium="mail",
        response=letter.response,
        params=params_to_json(letter.params),
        language=letter.language,
        recipient=letter.recipient,
        created_at=unit.now,
    )
    if inserted:
        unit.will(WorkKind.DELIVER_NOTICE, notice_id)


def kept_params(notice: Row[Any]) -> dict[str, Any]:
    """What stays in the notice once it is delivered: everything but a code."""
    params: dict[str, Any] = notice.params
    return {} if notice.response == CODE_MAIL else params


def in_chat(
    unit: Unit,
    case: Row[Any],
    response: str,
    params: dict[str, Any],
    at_once: bool = True,
    question: Question | None = None,
    about: str | None = None,
) -> None:
    """One message in the conversation, once per return and response, or for each thing
    that it is about.

    at_once False: a turn that waits for this news may tell it first (`claim`).
    question: what the message ends with; its buttons, and what is expected then. Its
    words are the response's own.
    """
    asked = _asked(question) if question else {}
    told = {"at_once": at_once, "about": about, **asked}
    _add(unit, case, "chat", response, params, **told)


def claim(unit: Unit, return_id: str, response: str, message_id: str) -> bool:
    """Tell it in the answer to this message instead; False when it was told."""
    notice_id = _id(return_id, "chat", response)
    claimed = unit.connection.execute(
        notices.update()
        .where(
            notices.c.notice_id == notice_id,
            sa.or_(notices.c.delivered_at.is_(None), notices.c.told_with == message_id),
        )
        .values(delivered_at=unit.now, told_with=message_id)
    )
    if claimed.rowcount == 1:
        finish_work(unit.connection, WorkKind.DELIVER_NOTICE, notice_id)
    return bool(claimed.rowcount == 1)


def _add(
    unit: Unit,
    case: Row[Any],
    medium: str,
    response: str,
    params: dict[str, Any],
    recipient: str | None = None,
    at_once: bool = True,
    about: str | None = None,
    **asked: Any,
) -> None:
    notice_id = _id(case.return_id, medium, response)
    if about is not None:
        notice_id += f":{about}"
    inserted = insert_once(
        unit.connection,
        notices,
        notice_id=notice_id,
        return_id=case.return_id,
        conversation_id=case.told_in or case.conversation_id,
        medium=medium,
        response=response,
        params=params_to_json(params),
        language=case.language,
        recipient=recipient,
        created_at=unit.now,
        **asked,
    )
    if inserted:
        unit.will(WorkKind.DELIVER_NOTICE, notice_id, at_once)


def _asked(question: Question) -> dict[str, Any]:
    choices = [
        {"title": to_json(choice.title), "means": choice.means}
        for choice in question.choices
    ]
    return {"expects": question.expects, "choices": choices}


def _id(return_id: str, medium: str, response: str) -> str:
    return f"{return_id}:{medium}:{response.removeprefix('utter_')}"
