"""The return itself: hear, ask, confirm, start what was confirmed."""

import time
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from sqlalchemy import Row

from actions.base import Events, ReturnsAction, Voice, house
from returns.errors import (
    NothingToConfirm,
    OrderNotGranted,
    RecapChanged,
    UnitAlreadyInReturn,
)
from returns.model import Heard, Resolution, ReturnStatus, Say
from returns.services import cases, drafts, notices, refunds, replacements
from returns.unit import writing

SUPPLIER_WAIT_SECONDS = 3.0
POLL_SECONDS = 0.05


class ValidateReturnForm(ReturnsAction):
    """Pass everything understood to the draft; nothing understood returns nothing."""

    def name(self) -> str:
        return "validate_return_form"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        if tracker.get_slot("heard") == heard.message_id:
            return [SlotSet("heard", heard.message_id)]
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
    """Ask the draft's next question."""

    def name(self) -> str:
        return "action_ask_return_form_return_step"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        question = drafts.ask(
            house(), heard.conversation_id, heard.language, heard.channel
        )
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
                    lines = cases.lines_of(connection, case.return_id)
                voice.say(refunds.promise(row, lines))
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


class ActionCancelReturn(ReturnsAction):
    """Forget the draft; a confirmed return is taken back by a person."""

    def name(self) -> str:
        return "action_cancel_return"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        dropped = drafts.drop(house(), heard.conversation_id)
        opened = cases.returns_of_conversation(house(), heard.conversation_id)
        if dropped or not opened:
            voice.say(Say("utter_return_dropped"))
        else:
            voice.say(Say("utter_cancel_by_person"))
        cleared = ("requested_slot", "draft_id", "expects", "recap", "return_step")
        return [ActiveLoop(None), *(SlotSet(slot, None) for slot in cleared)]


def _await_supplier(draft_id: str) -> None:
    until = time.monotonic() + SUPPLIER_WAIT_SECONDS
    while time.monotonic() < until:
        rows = cases.returns_of_draft(house(), draft_id)
        if not any(_may_be_quick(case) for case in rows):
            return
        time.sleep(POLL_SECONDS)


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
        told = {"state": Say(f"utter_state_{case.status}"), "money": []}
        return Say("utter_return_status", {**params, **told})
    if case.status == ReturnStatus.REQUESTED:
        return Say("utter_return_waits_for_supplier", params)
    return Say("utter_return_opened", params)


def _just_opened(tracker: Tracker) -> list[Row[Any]]:
    draft_id = str(tracker.get_slot("draft_id"))
    return cases.returns_of_draft(house(), draft_id)


def _wishes(opened: cases.Opened) -> str:
    """refund, replacement, both or none, for the rules to follow."""
    wished: set[str] = set()
    with house().reader.connect() as connection:
        for case in cases.returns_of_draft(house(), opened.draft_id):
            if case.status != ReturnStatus.NEEDS_REVIEW:
                lines = cases.lines_of(connection, case.return_id)
                wished |= {line.resolution for line in lines if line.resolution}
    money, goods = Resolution.REFUND in wished, Resolution.REPLACEMENT in wished
    if money and goods:
        return "both"
    return "refund" if money else "replacement" if goods else "none"
