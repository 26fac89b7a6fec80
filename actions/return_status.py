"""How a return stands."""

from typing import Any

from rasa_sdk import Tracker
from sqlalchemy import Row

from actions.base import Events, ReturnsAction, Voice, house
from returns.formats import Day, Money
from returns.model import Heard, Say
from returns.services import cases, refunds

SHOWN = 3


class ActionTellReturnStatus(ReturnsAction):
    """The state of this conversation's returns, and what happens next."""

    def name(self) -> str:
        return "action_tell_return_status"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        found = cases.returns_of_conversation(house(), heard.conversation_id)[:SHOWN]
        if not found:
            voice.say(Say("utter_no_return_here"))
        for case in found:
            voice.say(_status_say(case))
        return []


class ActionTellReturnAddress(ReturnsAction):
    """The address again, of returns that have one."""

    def name(self) -> str:
        return "action_tell_return_address"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        found = cases.returns_of_conversation(house(), heard.conversation_id)[:SHOWN]
        known = [case for case in found if case.return_address is not None]
        for case in known:
            voice.say(cases.authorised_say(case))
        if found and not known:
            voice.say(_status_say(found[0]))
        if not found:
            voice.say(Say("utter_return_address_needs_return"))
        return []


def _status_say(case: Row[Any]) -> Say:
    with house().reader.connect() as connection:
        money = refunds.of_return(connection, case.return_id)
        lines = cases.lines_of(connection, case.return_id)
    params: dict[str, Any] = {
        "return_id": case.return_id,
        "order_number": case.order_number,
        "state": Say(f"utter_state_{case.status}"),
        "money": [],
    }
    if money is not None and money.paid_at is not None:
        paid = {
            "amount": Money(money.amount_minor, money.currency),
            "day": Day(money.paid_at),
        }
        params["money"] = [Say("utter_state_paid", paid)]
    elif money is not None:
        params["money"] = [refunds.promise(money, lines)]
    return Say("utter_return_status", params)
