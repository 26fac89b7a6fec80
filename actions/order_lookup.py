"""Which order, and is it theirs."""

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet

from actions.base import Events, ReturnsAction, Voice, house
from returns.errors import IdentityRefused
from returns.model import Heard, Say
from returns.services import drafts


class ActionLookUpOrder(ReturnsAction):
    """Grant the order when number and e-mail belong together."""

    def name(self) -> str:
        return "action_look_up_order"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        try:
            drafts.look_up_order(house(), heard.conversation_id)
            voice.say(Say("utter_order_found"))
        except IdentityRefused:
            failed = drafts.failures(house(), heard.conversation_id)
            often = failed >= drafts.OFFER_PERSON_AFTER
            voice.say(
                Say("utter_order_refused_often" if often else "utter_order_refused")
            )
        return [SlotSet("return_step", None), FollowupAction("return_form")]
