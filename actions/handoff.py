"""A person takes over."""

from rasa_sdk import Tracker

from actions.base import Events, ReturnsAction, Voice, house
from returns.model import Heard, Say
from returns.services import summaries, withdrawals

HAND_OVER = "action_hand_over"
REASONS = {
    "talk_to_human": "asked_for_person",
    "report_danger": "danger",
    "cancel_return": "cancel_confirmed_return",
    "cancel_order": "cancel_order",
}


class ActionHandOver(ReturnsAction):
    """Set the conversation waiting for a person, with a summary for them."""

    def name(self) -> str:
        return HAND_OVER

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        voice.say(*withdrawals.recorded(house(), heard.conversation_id))
        reason = REASONS.get(heard.intent, "not_understood")
        summary = summaries.of_conversation(house(), heard.conversation_id)
        danger = reason == "danger"
        params = {"hours": house().shop.staff.answers_within_hours}
        name = "utter_handoff_danger" if danger else "utter_handoff"
        voice.say(Say(name, params), handoff={"reason": reason, "summary": summary})
        return []
