"""Questions about the shop's terms, answered from shop.yml and the law only."""

from rasa_sdk import Tracker

from actions.base import Events, ReturnsAction, Voice, house
from returns.deadlines import WITHDRAWAL_DAYS
from returns.model import Heard, Say


class ActionTellReturnPolicy(ReturnsAction):
    """How long, who pays, what is covered."""

    def name(self) -> str:
        return "action_tell_return_policy"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        payer = house().shop.withdrawal.return_cost_paid_by
        params = {
            "days": WITHDRAWAL_DAYS,
            "payer": Say(f"utter_policy_payer_{payer}"),
        }
        voice.say(Say("utter_return_policy", params))
        return []
