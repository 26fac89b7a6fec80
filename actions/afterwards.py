"""After the return: its parcel, the last question, a bare yes or no to it."""

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.base import Events, ReturnsAction, Voice, asked_aside, house
from actions.cancelling import answer_cancel
from actions.small_talk import missed_in_form
from returns.model import Heard, Question, Say
from returns.services import evidence, hearing, parcels, ratings, wishes


class ActionTakeTrackingNumber(ReturnsAction):
    """Note the parcel's number; ask for it, or for the return, where need be."""

    def name(self) -> str:
        return "action_take_tracking_number"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        voice.ask(parcels.give_tracking_number(house(), heard))
        return []


class ActionAnswerAside(ReturnsAction):
    """A rating, its comment, a changed wish: what opened the form by mistake."""

    def name(self) -> str:
        return "action_answer_aside"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        done = [SlotSet("return_step", None), SlotSet("aside", None)]
        kind, return_id = aside_of(tracker)
        if heard.comment is not None and kind == "comment" and return_id:
            voice.say(ratings.comment(house(), heard, return_id))
            return done
        if heard.rating is not None:
            question = ratings.rate(house(), heard)
            voice.ask(question)
            return [*done, *asked_aside("comment", question)]
        if heard.upload_ids:
            voice.say(_thanks_for_picture(heard))
            return done
        question = wishes.ask(house(), heard)
        voice.ask(question)
        return [*done, *asked_aside(wishes.intent_of(heard), question)]


def _thanks_for_picture(heard: Heard) -> Say:
    talk, shown = heard.conversation_id, list(heard.upload_ids)
    return_id = evidence.add_later(house(), talk, shown)
    if return_id is None:
        return Say("utter_nothing_open")
    return Say("utter_photo_thanks", {"return_id": return_id})


class ActionNothingAsked(ReturnsAction):
    """A bare yes or no outside the form: to a question of ours, or to nothing.

    Inside the form it answers nothing either, or the form would have taken it.
    """

    def name(self) -> str:
        return "action_nothing_asked"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        if tracker.active_loop.get("name"):
            return missed_in_form(heard, voice, tracker)
        kind, return_id = aside_of(tracker)
        if kind == "cancel" and return_id and heard.asked == "confirmation":
            answer_cancel(heard, voice, return_id, heard.intent == "affirm")
            return [SlotSet("aside", None)]
        wish = hearing.WISHES.get(kind)
        if wish is not None and return_id and heard.asked == "confirmation":
            yes, talk = heard.intent == "affirm", heard.conversation_id
            voice.ask(wishes.answer(house(), talk, return_id, wish, yes))
            return [SlotSet("aside", None)]
        if kind == "comment" and return_id and heard.asked == "detail":
            if heard.intent == "deny":
                voice.say(Say("utter_comment_thanks"))
                return [SlotSet("aside", None)]
            voice.ask(Question((Say("utter_ask_comment"),), "detail"))
            return []
        voice.say(Say("utter_nothing_open"))
        return []


def aside_of(tracker: Tracker) -> tuple[str, str]:
    """What the last question outside the form was, and its return; else blanks."""
    kind, _, return_id = str(tracker.get_slot("aside") or "").partition(":")
    return kind, return_id
