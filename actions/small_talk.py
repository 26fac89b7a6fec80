"""Not understood: offer what we can do, then a person."""

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.base import Events, ReturnsAction, Voice
from returns.model import Choice, Heard, Question, Say

PERSON_AFTER = 2


class ActionNothingAsked(ReturnsAction):
    """A yes or no to nothing; inside the form its question comes again by itself."""

    def name(self) -> str:
        return "action_nothing_asked"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        if not tracker.active_loop.get("name"):
            voice.say(Say("utter_nothing_open"))
        return []


class ActionNotUnderstood(ReturnsAction):
    """The first time the choices, the second time a person as first of them."""

    def name(self) -> str:
        return "action_not_understood"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        missed = int(tracker.get_slot("missed") or 0) + 1
        person = Choice(Say("utter_button_person"), {"intent": "talk_to_human"})
        offers = (
            Choice(Say("utter_button_return"), {"intent": "request_return"}),
            Choice(Say("utter_button_status"), {"intent": "ask_refund_status"}),
        )
        often = missed >= PERSON_AFTER
        name = "utter_not_understood_often" if often else "utter_not_understood"
        choices = (person, *offers) if often else (*offers, person)
        if tracker.active_loop.get("name") and not often:
            voice.say(Say("utter_not_understood_in_form"))
        else:
            voice.ask(Question((Say(name),), None, choices))
        return [SlotSet("missed", float(missed))]
