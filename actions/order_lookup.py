"""Which order, and is it theirs."""

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet

from actions.base import Events, ReturnsAction, Voice, house
from actions.return_status import ADDRESS, ORDER, RETURN
from returns.errors import CodeRefused, IdentityRefused
from returns.model import Heard, Say
from returns.services import identity, statuses


class ActionLookUpOrder(ReturnsAction):
    """Grant the order when number and proof belong together."""

    def name(self) -> str:
        return "action_look_up_order"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        try:
            identity.look_up_order(house(), heard.conversation_id)
            voice.say(Say("utter_order_found"))
            wanted = _only_wanted(heard, tracker)
            if wanted == ADDRESS:
                return [SlotSet("return_step", RETURN)]
            if wanted is not None:
                return [SlotSet("return_step", wanted), SlotSet("aside", None)]
        except CodeRefused:
            voice.say(Say("utter_code_refused"))
        except IdentityRefused:
            voice.say(*identity.refusal(house(), heard.conversation_id))
        return [SlotSet("return_step", None), FollowupAction("return_form")]


def _only_wanted(heard: Heard, tracker: Tracker) -> str | None:
    """What the order was looked up for, if not for a return: a step of domain.yml."""
    wanted = tracker.get_slot("aside")
    if wanted not in (RETURN, ORDER, ADDRESS) or statuses.talks_of_return(
        house(), heard.conversation_id
    ):
        return None
    return str(wanted)
