"""How a return stands, where to send it, where the order's own parcels are."""

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet

from actions.base import Events, ReturnsAction, Voice, house
from actions.small_talk import PERSON
from returns.errors import IdentityRefused
from returns.model import Choice, Heard, Question, Say
from returns.services import cases, deliveries, drafts, identity, known, statuses

RETURN, ORDER = "tell_return", "tell_order"
RETURN_IT = Choice(
    Say("utter_button_meaning_request_return"), {"intent": "request_return"}
)
ADDRESS = "tell_address"  # like RETURN, and the address with it


class ActionTellReturnStatus(ReturnsAction):
    """The state of the customer's returns and what comes next; else find the order."""

    def name(self) -> str:
        return "action_tell_return_status"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        told = statuses.tell(house(), heard.conversation_id, heard.order_number)
        if not told and proved(heard, voice, tracker):
            told = statuses.tell(house(), heard.conversation_id, heard.order_number)
        if told and tracker.get_slot("aside") == ADDRESS:
            voice.say(*(addresses(heard) or told))
            return [*over(), SlotSet("aside", None)]
        voice.say(*told)
        if told:
            return over()
        return find_order(heard, voice, tracker, RETURN, "utter_no_return_here")


class ActionTellOrderStatus(ReturnsAction):
    """Dispatched, promised, delivered: what the order itself says."""

    def name(self) -> str:
        return "action_tell_order_status"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        conversation_id = heard.conversation_id
        question = deliveries.tell(house(), conversation_id)
        if question is None and proved(heard, voice, tracker):
            question = deliveries.tell(house(), conversation_id)
        told = statuses.tell_instead(house(), conversation_id, heard.order_number)
        if told:
            voice.say(*told)
            return over()
        if question is None:
            return find_order(heard, voice, tracker, ORDER, "utter_order_needs_proof")
        voice.ask(question)
        return over()


class ActionTellReturnAddress(ReturnsAction):
    """The address again, of returns that have one."""

    def name(self) -> str:
        return "action_tell_return_address"

    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        told = addresses(heard)
        if not told and proved(heard, voice, tracker):
            told = addresses(heard)
        told = told or statuses.tell(house(), heard.conversation_id)[:1]
        voice.say(*told)
        if told:
            return []
        missing = "utter_return_address_needs_return"
        return find_order(heard, voice, tracker, ADDRESS, missing)


def addresses(heard: Heard) -> list[Say]:
    """Where to send each return that has an address."""
    with house().reader.connect() as connection:
        now = house().clock.now()
        found = known.returns_of(connection, heard.conversation_id, now)
    addressed = [case for case in found if case.return_address is not None]
    return [cases.authorised_say(case) for case in addressed[: statuses.SHOWN]]


def proved(heard: Heard, voice: Voice, tracker: Tracker) -> bool:
    """Whether the question itself names an order and the e-mail that belongs to it."""
    told = heard.order_number is not None and heard.email is not None
    if not told or tracker.active_loop.get("name"):
        return False
    drafts.hear(house(), heard)
    try:
        identity.look_up_order(house(), heard.conversation_id)
    except IdentityRefused:
        voice.say(*identity.refusal(house(), heard.conversation_id))
        return False
    return True


def find_order(
    heard: Heard, voice: Voice, tracker: Tracker, wanted: str, missing: str
) -> Events:
    """Nothing is known here: the form asks for the order, then tells what is wanted.

    A conversation that proved an order, or is in the form already, is told at once
    that there is nothing.
    """
    if tracker.active_loop.get("name"):
        voice.say(Say(missing))
        return over()
    with house().reader.connect() as connection:
        now = house().clock.now()
        found = known.orders_of(connection, heard.conversation_id, now)
    if found:
        say = Say("utter_no_return_of_order", {"order_number": found[0]})
        voice.ask(Question((say,), None, (RETURN_IT, PERSON)))
        return over()
    voice.say(Say("utter_status_needs_order"))
    return [*over(), SlotSet("aside", wanted), FollowupAction("return_form")]


def over() -> Events:
    return [SlotSet("return_step", None)]
