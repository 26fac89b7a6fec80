"""Talking about a return: hear a message, ask the next question."""

from dataclasses import asdict, replace

from returns import ids, keys, repository
from returns.errors import OrderNotGranted
from returns.model import (
    Answer,
    Decision,
    Draft,
    Heard,
    Order,
    Question,
    ReturnReason,
    Say,
    Step,
)
from returns.policy import decide
from returns.services import (
    hearing,
    identity,
    memory,
    proofs,
    questions,
    withdrawals,
)
from returns.services.hearing import Goods
from returns.unit import Unit, writing
from returns.wiring import House


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
        if draft.granted:
            draft, asked = _ask_about_order(house, unit, draft)
        else:
            draft, asked = identity.ask(house, unit, draft)
        draft = replace(
            draft,
            asked=asked.expects,
            asked_about=asked.about,
            recap=asked.recap,
            language=language,
        )
        repository.save_draft(unit.connection, draft, unit.now)
        return asked


def drop(house: House, conversation_id: str, start_over: bool = False) -> bool:
    """Forget what was being talked about; False when nothing was.

    start_over: the proof of the order too, as for somebody else on the same device.
    """
    with writing(house) as unit:
        if start_over:
            identity.take_back(unit, conversation_id)
        draft = repository.open_draft(unit.connection, conversation_id)
        if draft is None:
            return False
        repository.set_draft_state(unit.connection, draft.draft_id, "dropped")
        return True


def recap_agreed_to(unit: Unit, draft: Draft, message_id: str) -> str | None:
    """The recap that this yes was said to, also when its turn runs again.

    A turn that was cut off after it had made a new recap never showed that one.
    """
    conversation_id = draft.conversation_id
    heard = memory.answer_to(unit.connection, conversation_id, message_id, "hear")
    return heard.get("recap") if heard else draft.recap


def decision_for(house: House, unit: Unit, draft: Draft, order: Order) -> Decision:
    """What policy says of the draft now."""
    return _decide(house, unit, draft, _goods(unit, order))


def _decide(house: House, unit: Unit, draft: Draft, goods: Goods) -> Decision:
    shop, products = house.shop, goods.products
    return decide(draft, goods.order, shop, goods.history, unit.now, products)


def _goods(unit: Unit, order: Order) -> Goods:
    history = repository.history_of(unit.connection, order.order_number)
    return Goods(order, history, repository.products_of(unit.connection, order))


def _goods_of(unit: Unit, draft: Draft) -> Goods | None:
    """None: the order is not proved yet."""
    if not draft.granted or draft.order_number is None:
        return None
    return _goods(unit, repository.get_order(unit.connection, draft.order_number))


def _hear(house: House, unit: Unit, heard: Heard) -> Answer:
    before = _open_or_new(unit, heard.conversation_id, heard.language, heard.channel)
    if _confirms(before, heard):
        return Answer(
            True, step=Step.CONFIRMED, draft_id=before.draft_id, recap=before.recap
        )
    goods = _goods_of(unit, before)
    if goods is not None:  # what waited for the order comes before what is said now
        before = hearing.settle(before, goods)
    after = hearing.apply(before, heard, unit.now, goods)
    understood = hearing.told_something(before, after) or _is_new(unit, before)
    if before.granted and not after.granted:
        identity.take_back(unit, heard.conversation_id)
    withdrawals.note(unit, before, after, heard)
    if goods is not None and after.granted:
        after = hearing.settle(after, goods)
    looks_up = identity.can_look_up(house, unit, after)
    repository.save_draft(unit.connection, after, unit.now)
    if heard.intent not in hearing.OPENERS:
        understood = False
    return Answer(
        understood=understood,
        says=_reactions(before, after, heard) if understood else (),
        step=Step.LOOK_UP if understood and looks_up else None,
        draft_id=after.draft_id,
    )


def _reactions(before: Draft, after: Draft, heard: Heard) -> tuple[Say, ...]:
    told = tuple(r for r in _all_reasons(after) if r not in _all_reasons(before))
    sorry = questions.apology(told)
    return (*((sorry,) if sorry else ()), *_one_at_a_time(after, heard))


def _one_at_a_time(draft: Draft, heard: Heard) -> tuple[Say, ...]:
    """A draft is about one order: another one of the same message comes afterwards."""
    first = draft.order_number or ""
    others = [n for n in heard.other_orders if not keys.same_order(n, first)]
    if not others:
        return ()
    params = {"order_number": first, "other": others[0]}
    return (Say("utter_one_order_at_a_time", params),)


def _all_reasons(draft: Draft) -> tuple[ReturnReason, ...]:
    of_lines = (reason for line in draft.lines for reason in line.reasons)
    return tuple(dict.fromkeys((*draft.reasons, *of_lines)))


def _confirms(draft: Draft, heard: Heard) -> bool:
    return (
        heard.intent == "affirm"
        and draft.asked == "confirmation"
        and draft.recap is not None
        and not heard.reasons
        and heard.resolution is None
        and not hearing.hesitates(heard.text)
        and hearing.says_something(heard.text)
    )


def _is_new(unit: Unit, draft: Draft) -> bool:
    return repository.open_draft(unit.connection, draft.conversation_id) is None


def _open_or_new(
    unit: Unit, conversation_id: str, language: str, channel: str
) -> Draft:
    draft = repository.open_draft(unit.connection, conversation_id)
    if draft is None:
        fresh = Draft(ids.new_id(), conversation_id, language, channel, unit.now)
        return _about_known_order(unit, fresh)
    if draft.granted and draft.order_number:
        try:
            identity.granted_order(unit, conversation_id, draft.order_number)
        except OrderNotGranted:
            return replace(proofs.cleared(draft), granted=False, recap=None)
    return draft


def _about_known_order(unit: Unit, draft: Draft) -> Draft:
    """A second return in a conversation is about the order it proved last."""
    proved = identity.last_granted(unit, draft.conversation_id)
    if proved is None:
        return draft
    email = proved.customer.email
    number = proved.order_number
    return replace(draft, order_number=number, email=email, granted=True)


def _ask_about_order(house: House, unit: Unit, draft: Draft) -> tuple[Draft, Question]:
    number = draft.order_number or ""
    order = identity.granted_order(unit, draft.conversation_id, number)
    goods = _goods(unit, order)
    draft = hearing.settle(draft, goods)
    question = questions.before_deciding(draft, goods)
    if question is not None:
        return draft, question
    draft = questions.settle_wish(draft, _decide(house, unit, draft, goods))
    decision = _decide(house, unit, draft, goods)
    question = questions.after_deciding(draft, goods, decision)
    return _explained(draft, decision, question)


def _explained(
    draft: Draft, decision: Decision, question: Question
) -> tuple[Draft, Question]:
    if question.expects not in ("resolution", "confirmation"):
        return draft, question
    if any(say.response == questions.PICTURE_WELCOME for say in question.says):
        draft = replace(draft, skipped=(*draft.skipped, "photo"))
    says = questions.explanations(draft, decision)
    explained = tuple({*draft.explained, *questions.grounds(decision)})
    return (
        replace(draft, explained=explained),
        replace(question, says=(*says, *question.says)),
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
