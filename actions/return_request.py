"""The return itself: hear, ask, confirm, start what was confirmed."""

import time
from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from sqlalchemy import Row

from actions.base import Events, ReturnsAction, Voice, done_in_turn, house
from actions.handoff import HAND_OVER
from actions.small_talk import PERSON, PERSON_AFTER
from returns.errors import (
    NothingToConfirm,
    OrderNotGranted,
    RecapChanged,
    UnitAlreadyInReturn,
)
from returns.model import SENT_AGAIN, Heard, Resolution, ReturnStatus, Say, Step
from returns.services import (
    cases,
    drafts,
    notices,
    promises,
    ratings,
    refunds,
    replacements,
    statuses,
    wishes,
)
from returns.unit import writing

SUPPLIER_WAIT_SECONDS = 3.0
SOONEST_SECONDS = 0.016  # no supplier's answer is written down before


class ValidateReturnForm(ReturnsAction):
    """Pass everything understood to the draft; nothing understood returns nothing."""

    def name(self) -> str:
        return "validate_return_form"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        if tracker.get_slot("heard") == heard.message_id:
            return [SlotSet("heard", heard.message_id)]
        aside = _aside(heard, voice, tracker)
        if aside:
            return aside
        answer = drafts.hear(house(), heard)
        if not answer.understood:
            return []
        voice.say(*answer.says)
        return [
            SlotSet("heard", heard.message_id),
            SlotSet("draft_id", answer.draft_id),
            SlotSet("return_step", answer.step and answer.step.value),
        ]


class ActionAskReturnFormReturnStep(ReturnsAction):
    """Ask the draft's next question; none while a person is on the way."""

    def name(self) -> str:
        return "action_ask_return_form_return_step"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        if HAND_OVER in done_in_turn(tracker):
            return []
        question = drafts.ask(
            house(), heard.conversation_id, heard.language, heard.channel
        )
        often = (tracker.get_slot("missed") or 0) >= PERSON_AFTER
        if often and PERSON not in question.choices:
            question = replace(question, choices=(*question.choices, PERSON))
        voice.ask(question)
        return [SlotSet("expects", question.expects), SlotSet("recap", question.recap)]


class ActionAskSupplierForReturnAddress(ReturnsAction):
    """Commit the confirmed wish; tell number and address if they come quickly."""

    def name(self) -> str:
        return "action_ask_supplier_for_return_address"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        done = [SlotSet("return_step", None), SlotSet("recap", None)]
        try:
            opened = cases.confirm(house(), heard.conversation_id, heard.message_id)
        except UnitAlreadyInReturn:
            drafts.drop(house(), heard.conversation_id)
            voice.say(Say("utter_already_in_return"))
            return done
        except (RecapChanged, OrderNotGranted):
            voice.say(Say("utter_recap_changed"))
            return [*done, FollowupAction("return_form")]
        except NothingToConfirm:
            voice.say(Say("utter_nothing_to_confirm"))
            return done
        _await_supplier(opened.draft_id)
        for case in cases.returns_of_draft(house(), opened.draft_id):
            voice.say(_opened_say(case, heard.message_id))
        wishes = _wishes(opened)
        return [*done, SlotSet("return_resolution", wishes)]


class ActionStartRefund(ReturnsAction):
    """Start the refund of what was just confirmed; say how much and when."""

    def name(self) -> str:
        return "action_start_refund"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        for case in _just_opened(tracker):
            row = refunds.start(house(), case.return_id)
            if row is not None:
                with house().reader.connect() as connection:
                    say = promises.of_money(connection, case, house().clock.now())
                if say is not None:
                    voice.say(say)
        return []


class ActionStartReplacement(ReturnsAction):
    """Start the replacement of what was just confirmed; say what happens next."""

    def name(self) -> str:
        return "action_start_replacement"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        for case in _just_opened(tracker):
            row = replacements.start(house(), case.return_id)
            if row is not None:
                voice.say(Say("utter_replacement_started"))
        return []


def _aside(heard: Heard, voice: Voice, tracker: Tracker) -> Events:
    """What is no part of the form ends one that only this message opened.

    A form under way thanks for a rating and goes on, and hears a wish itself; empty:
    the message is the form's.
    """
    done = SlotSet("heard", heard.message_id)
    rated = heard.rating is not None
    if tracker.get_slot("requested_slot") is not None:
        if rated:
            voice.say(ratings.rate(house(), heard).says[0])
        return [done] if rated else []
    said = rated or heard.comment is not None or _shows_later(heard)
    if said or wishes.concerns(house(), heard):
        return [done, SlotSet("return_step", Step.ASIDE.value)]
    return []


def _shows_later(heard: Heard) -> bool:
    """Whether pictures without a word come after the yes, for what is open."""
    alone = bool(heard.upload_ids) and not heard.text.strip()
    return alone and bool(cases.returns_of_conversation(house(), heard.conversation_id))


def _await_supplier(draft_id: str) -> None:
    """Looks the less often the longer it waits: a look costs half a millisecond."""
    began, waited = time.monotonic(), 0.0
    while waited < SUPPLIER_WAIT_SECONDS:
        rows = cases.returns_of_draft(house(), draft_id)
        if not any(_may_be_quick(case) for case in rows):
            return
        time.sleep(max(SOONEST_SECONDS - waited, waited / 8))
        waited = time.monotonic() - began


def _may_be_quick(case: Row[Any]) -> bool:
    supplier = house().shop.supplier(case.supplier)
    return case.status == ReturnStatus.REQUESTED and supplier.api is not None


def _opened_say(case: Row[Any], message_id: str) -> Say:
    """Only what is so: authorised with an address, waiting, or with a person."""
    params = {"return_id": case.return_id, "order_number": case.order_number}
    if case.status == ReturnStatus.NEEDS_REVIEW:
        return Say("utter_return_in_review", params)
    if case.return_address is not None:
        with writing(house()) as unit:
            news = "utter_news_return_authorised"
            ours = notices.claim(unit, case.return_id, news, message_id)
        if ours:
            return cases.authorised_say(case)
        with house().reader.connect() as connection:
            return statuses.of_case(house(), connection, case, house().clock.now())
    if case.status == ReturnStatus.REQUESTED:
        return Say("utter_return_waits_for_supplier", params)
    return Say("utter_return_opened", params)


def _just_opened(tracker: Tracker) -> list[Row[Any]]:
    draft_id = str(tracker.get_slot("draft_id"))
    return cases.returns_of_draft(house(), draft_id)


def _wishes(opened: cases.Opened) -> str:
    """refund, replacement, both or none, for the rules to follow."""
    wished: set[str] = set()
    opened_now = cases.returns_of_draft(house(), opened.draft_id)
    with house().reader.connect() as connection:
        for case in opened_now:
            if case.status != ReturnStatus.NEEDS_REVIEW:
                lines = cases.lines_of(connection, case.return_id)
                wished |= {line.resolution for line in lines if line.resolution}
    money = bool({Resolution.REFUND, Resolution.EXCHANGE} & wished)
    goods = bool({*SENT_AGAIN} & wished)
    if money and goods:
        return "both"
    return "refund" if money else "replacement" if goods else "none"
