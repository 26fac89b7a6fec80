"""Taking a return back: what is only talked about at once, what is open after a yes."""

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet

from actions.base import Events, ReturnsAction, Voice, asked_aside, house
from returns.model import Heard, Say
from returns.services import cancelling, drafts

CLEARED = ("requested_slot", "draft_id", "expects", "recap", "return_step", "aside")


class ActionCancelReturn(ReturnsAction):
    """Forget the draft; ask before a confirmed return is cancelled, then cancel it."""

    def name(self) -> str:
        return "action_cancel_return"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        cleared = [ActiveLoop(None), *(SlotSet(slot, None) for slot in CLEARED)]
        in_form = bool(tracker.active_loop.get("name"))
        over = heard.intent == "start_over"
        dropped = drafts.drop(house(), heard.conversation_id, over) and in_form
        if heard.return_id is not None and heard.answer is not None:
            answer_cancel(heard, voice, heard.return_id, heard.answer)
            return cleared
        question = None
        if heard.intent == "cancel_return" and not dropped:
            question = cancelling.ask(house(), heard.conversation_id, heard.return_id)
        if question is None:
            voice.say(Say("utter_return_dropped"))
            return cleared
        voice.ask(question)
        return [*cleared, *asked_aside("cancel", question)]


def answer_cancel(heard: Heard, voice: Voice, return_id: str, yes: bool) -> None:
    """The customer said yes or no to cancelling this return."""
    if yes:
        voice.ask(cancelling.cancel(house(), heard.conversation_id, return_id))
    else:
        voice.say(Say("utter_cancel_kept", {"return_id": return_id}))
