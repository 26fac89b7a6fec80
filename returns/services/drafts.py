"""Talking about a return: hear a message, ask the next question, prove the order."""

from dataclasses import asdict, replace
from datetime import timedelta

import sqlalchemy as sa

from returns import ids, repository
from returns.errors import IdentityRefused, OrderNotGranted
from returns.model import (
    Answer,
    Decision,
    Draft,
    Heard,
    Order,
    Question,
    Say,
    Step,
)
from returns.policy import History, decide
from returns.services import hearing, memory, questions
from returns.sql import insert_once
from returns.tables import grants, identity_failures
from returns.unit import Unit, writing
from returns.wiring import House

GRANT_IDLE = timedelta(minutes=30)
GRANT_LONGEST = timedelta(hours=24)
OFFER_PERSON_AFTER = 3


def hear(house: House, heard: Heard) -> Answer:
    """Take in what one message said; the same message again gives the same answer."""
    with writing(house) as unit:
        known = memory.recall(unit.connection, heard, "hear")
        if known is not None:
            return _answer_from(known)
        answer = _hear(house, unit, heard)
        memory.keep(unit, heard, "hear", asdict(answer))
        return answer


def ask(house: House, conversation_id: str, language: str, channel: str) -> Question:
    """The open draft's next question; remembers what was asked."""
    with writing(house) as unit:
        draft = _open_or_new(unit, conversation_id, language, channel)
        asked = questions.missing_identity(draft) if not draft.granted else None
        if asked is None:
            draft, asked = _ask_about_order(house, unit, draft)
        draft = replace(
            draft, asked=asked.expects, recap=asked.recap, language=language
        )
        repository.save_draft(unit.connection, draft, unit.now)
        return asked


def look_up_order(house: House, conversation_id: str) -> str:
    """Grant this conversation the order that its draft proves; its order number.

    Raises IdentityRefused when number and e-mail do not belong together; both must
    then be said again, and nothing tells which one was wrong (I2).
    """
    with writing(house) as unit:
        draft = repository.open_draft(unit.connection, conversation_id)
        if draft is None or draft.order_number is None or draft.email is None:
            raise IdentityRefused
        number = repository.find_proved_order(
            unit.connection, draft.order_number, draft.email
        )
        if number is None:
            _note_failure(unit, draft)
            draft = replace(draft, order_number=None, email=None)
        else:
            _grant(unit, conversation_id, number)
            draft = replace(draft, order_number=number, granted=True)
        repository.save_draft(unit.connection, draft, unit.now)
    if number is None:
        raise IdentityRefused
    return number


def failures(house: House, conversation_id: str) -> int:
    """How often this conversation failed to prove an order."""
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).where(
            identity_failures.c.conversation_id == conversation_id
        )
        return int(connection.execute(query).scalar_one())


def drop(house: House, conversation_id: str) -> bool:
    """Forget what was being talked about; False when nothing was."""
    with writing(house) as unit:
        draft = repository.open_draft(unit.connection, conversation_id)
        if draft is None:
            return False
        repository.set_draft_state(unit.connection, draft.draft_id, "dropped")
        return True


def granted_order(unit: Unit, conversation_id: str, order_number: str) -> Order:
    """The order, if this conversation proved it lately (I1).

    Raises OrderNotGranted.
    """
    row = unit.connection.execute(
        sa.select(grants).where(
            grants.c.conversation_id == conversation_id,
            grants.c.order_number == order_number,
        )
    ).first()
    if (
        row is None
        or unit.now - row.last_used_at > GRANT_IDLE
        or unit.now - row.granted_at > GRANT_LONGEST
    ):
        raise OrderNotGranted
    unit.connection.execute(
        grants.update()
        .where(
            grants.c.conversation_id == conversation_id,
            grants.c.order_number == order_number,
        )
        .values(last_used_at=unit.now)
    )
    return repository.get_order(unit.connection, order_number)


def decision_for(house: House, unit: Unit, draft: Draft, order: Order) -> Decision:
    """What policy says of the draft now."""
    history = repository.history_of(unit.connection, order.order_number)
    return decide(draft, order, house.shop, history, unit.now)


def _hear(house: House, unit: Unit, heard: Heard) -> Answer:
    before = _open_or_new(unit, heard.conversation_id, heard.language, heard.channel)
    if _confirms(before, heard):
        return Answer(True, step=Step.CONFIRMED, draft_id=before.draft_id)
    after = hearing.apply(before, heard, unit.now)
    understood = hearing.told_something(before, after) or _is_new(unit, before)
    after = _after_settling(unit, after)
    repository.save_draft(unit.connection, after, unit.now)
    if heard.intent not in hearing.OPENERS:
        understood = False
    proves = not after.granted and after.order_number and after.email
    return Answer(
        understood=understood,
        says=_reactions(before, after) if understood else (),
        step=Step.LOOK_UP if understood and proves else None,
        draft_id=after.draft_id,
    )


def _reactions(before: Draft, after: Draft) -> tuple[Say, ...]:
    told = tuple(r for r in after.reasons if r not in before.reasons)
    sorry = questions.apology(told)
    return (sorry,) if sorry else ()


def _confirms(draft: Draft, heard: Heard) -> bool:
    return (
        heard.intent == "affirm"
        and draft.asked == "confirmation"
        and draft.recap is not None
        and not heard.reasons
        and heard.resolution is None
    )


def _is_new(unit: Unit, draft: Draft) -> bool:
    return repository.open_draft(unit.connection, draft.conversation_id) is None


def _open_or_new(
    unit: Unit, conversation_id: str, language: str, channel: str
) -> Draft:
    draft = repository.open_draft(unit.connection, conversation_id)
    if draft is None:
        return Draft(ids.new_id(), conversation_id, language, channel, unit.now)
    if draft.granted and draft.order_number:
        try:
            granted_order(unit, conversation_id, draft.order_number)
        except OrderNotGranted:
            return replace(draft, granted=False, email=None, recap=None)
    return draft


def _after_settling(unit: Unit, draft: Draft) -> Draft:
    if not draft.granted or draft.order_number is None:
        return draft
    order = repository.get_order(unit.connection, draft.order_number)
    history = repository.history_of(unit.connection, draft.order_number)
    return hearing.settle(draft, order, history)


def _ask_about_order(house: House, unit: Unit, draft: Draft) -> tuple[Draft, Question]:
    number = draft.order_number
    if not draft.granted or number is None:
        asking = questions.missing_identity(replace(draft, order_number=None))
        return draft, asking or Question((), None)
    order = granted_order(unit, draft.conversation_id, number)
    history = repository.history_of(unit.connection, number)
    draft = hearing.settle(draft, order, history)
    if not _is_settled(draft):
        return draft, questions.next_question(draft, order, history, None)
    decision = decide(draft, order, house.shop, history, unit.now)
    draft = questions.settle_wish(draft, decision)
    decision = decide(draft, order, house.shop, history, unit.now)
    question = questions.next_question(draft, order, history, decision)
    return _explained(draft, order, history, decision, question)


def _explained(
    draft: Draft,
    order: Order,
    history: History,
    decision: Decision,
    question: Question,
) -> tuple[Draft, Question]:
    if question.expects not in ("resolution", "confirmation"):
        return draft, question
    says = questions.explanations(draft, order, decision)
    explained = tuple({*draft.explained, *questions.grounds(decision)})
    return (
        replace(draft, explained=explained),
        replace(question, says=(*says, *question.says)),
    )


def _is_settled(draft: Draft) -> bool:
    counted = all(line.quantity is not None for line in draft.lines)
    free = draft.no_reason_given or draft.withdrawal_at is not None
    reasoned = free or all(line.reasons for line in draft.lines)
    return bool(draft.lines) and counted and reasoned and not draft.changing


def _grant(unit: Unit, conversation_id: str, order_number: str) -> None:
    values = {"level": 1, "granted_at": unit.now, "last_used_at": unit.now}
    inserted = insert_once(
        unit.connection,
        grants,
        conversation_id=conversation_id,
        order_number=order_number,
        **values,
    )
    if not inserted:
        unit.connection.execute(
            grants.update()
            .where(
                grants.c.conversation_id == conversation_id,
                grants.c.order_number == order_number,
            )
            .values(**values)
        )


def _note_failure(unit: Unit, draft: Draft) -> None:
    from returns.keys import order_key

    unit.connection.execute(
        identity_failures.insert().values(
            failure_id=ids.new_id(),
            conversation_id=draft.conversation_id,
            order_key=order_key(draft.order_number or ""),
            at=unit.now,
        )
    )


def _answer_from(stored: dict[str, object]) -> Answer:
    says = stored["says"]
    if not isinstance(says, list):
        raise TypeError("a stored answer has a list of says")
    return Answer(
        understood=bool(stored["understood"]),
        says=tuple(Say(say["response"], say["params"]) for say in says),
        step=Step(str(stored["step"])) if stored["step"] else None,
        draft_id=str(stored["draft_id"]) if stored["draft_id"] else None,
    )
