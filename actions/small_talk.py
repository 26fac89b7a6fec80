"""Not understood: what was probably meant, what we can do, then a person."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.base import Events, ReturnsAction, Voice
from bot.doubt import meant_by
from returns.model import Choice, Heard, Question, Say

PERSON_AFTER = 2
USUAL = ("request_return", "ask_refund_status")
LIKELY = 0.12  # below it a guess is no better than the usual offers
MOST_MEANINGS = 2
PERSON = Choice(Say("utter_button_person"), {"intent": "talk_to_human"})


class ActionNotUnderstood(ReturnsAction):
    """First what it may have meant, from the second time on a person before that.

    Inside the form its question comes again by itself, with a person beside it. Who
    writes in a third language is told, in both of ours, which two we speak.
    """

    def name(self) -> str:
        return "action_not_understood"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        if _in_another_language(tracker.latest_message):
            voice.say(Say("utter_other_language"))
            return []
        if tracker.active_loop.get("name"):
            return missed_in_form(heard, voice, tracker)
        missed = _missed(tracker)
        voice.ask(_outside_form(heard, missed, tracker.latest_message))
        return [SlotSet("missed", float(missed))]


def _in_another_language(message: dict[str, Any]) -> bool:
    entities = message.get("entities") or []
    return any(entity.get("entity") == "other_language" for entity in entities)


def missed_in_form(heard: Heard, voice: Voice, tracker: Tracker) -> Events:
    """Say that it was no answer; the form's question comes again by itself."""
    missed = _missed(tracker)
    voice.say(Say(_in_form(heard, missed)))
    return [SlotSet("missed", float(missed))]


def _missed(tracker: Tracker) -> int:
    return int(tracker.get_slot("missed") or 0) + 1


def _in_form(heard: Heard, missed: int) -> str:
    if heard.intent == "out_of_scope":
        return "utter_not_our_business"
    often = missed >= PERSON_AFTER
    return "utter_not_understood_often" if often else "utter_not_understood_in_form"


def _outside_form(heard: Heard, missed: int, message: dict[str, Any]) -> Question:
    likely = _likely(message)
    choices = tuple(_meaning(intent, heard) for intent in likely or USUAL)
    often = missed >= PERSON_AFTER
    offered = (PERSON, *choices) if often else (*choices, PERSON)
    if heard.intent == "out_of_scope":
        name = "utter_not_our_business"
    elif often:
        name = "utter_not_understood_often"
    else:
        name = "utter_did_you_mean" if likely else "utter_not_understood"
    return Question((Say(name),), None, offered)


def _likely(message: dict[str, Any]) -> list[str]:
    """What it may have meant and a button can say, the likeliest first."""
    ranking = message.get("intent_ranking") or []
    near = [r["name"] for r in ranking if r["confidence"] >= LIKELY]
    meant = dict.fromkeys(map(meant_by, near))
    return [name for name in meant if name is not None][:MOST_MEANINGS]


def _meaning(intent: str, heard: Heard) -> Choice:
    """The button; the reasons that were heard are not to be told again."""
    means: dict[str, Any] = {"intent": intent}
    if heard.reasons and intent.startswith("request_"):
        means["reasons"] = [reason.value for reason in heard.reasons]
    return Choice(Say(f"utter_button_meaning_{intent}"), means)
