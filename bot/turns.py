"""One turn of a conversation, idempotent from the tracker alone."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Text

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot import (
    action_calls,
    asides,
    clauses,
    context,
    doubt,
    expected,
    graph,
    signs,
    trackers,
)
from bot.locks import ConversationLocks, StillHeld

BUDGET_SECONDS = 7.0
# What only these do is count a misunderstanding.
MISSING = frozenset({"action_not_understood", "action_nothing_asked"})


@dataclass(frozen=True)
class Turn:
    """One customer message. payload: a pressed button's meaning, else None.

    expects: the open question that the desk has on record, None: nothing is asked.
    said_meanwhile: texts that staff or news said since the last turn.
    upload_ids: pictures; the text may then be empty.
    """

    conversation_id: Text
    message_id: Text
    channel: Text
    language: Text
    text: Text
    payload: Optional[Dict[Text, Any]] = None
    expects: Optional[Text] = None
    said_meanwhile: List[Text] = field(default_factory=list)
    upload_ids: List[Text] = field(default_factory=list)

    @property
    def known_meaning(self) -> Optional[Dict[Text, Any]]:
        """What needs no NLU: a button, or pictures without a word."""
        if self.payload is None and self.upload_ids and not self.text:
            return {"intent": "inform"}
        return self.payload


class NotReady(Exception):
    """The model is not loaded yet."""


def prepare(agent: Agent) -> None:
    """Make a loaded agent ours: visible failures, own budget, no silent memory."""
    processor = _processor(agent)
    if isinstance(processor.tracker_store, FailSafeTrackerStore):
        processor.tracker_store = processor.tracker_store._tracker_store
    endpoint = processor.action_endpoint
    if endpoint is not None and not isinstance(endpoint, action_calls.BudgetedEndpoint):
        processor.action_endpoint = action_calls.BudgetedEndpoint.around(endpoint)
    action_calls.use_short_calls()
    processor.on_circuit_break = _too_many_actions
    processor.graph_runner = graph.StraightRunner.of(processor.graph_runner)


async def leave(agent: Agent) -> None:
    """Let go of what is kept open between turns."""
    endpoint = agent.processor and agent.processor.action_endpoint
    if isinstance(endpoint, action_calls.BudgetedEndpoint):
        await endpoint.close()


async def take_turn(agent: Agent, turn: Turn) -> Dict[Text, Any]:
    """Run the turn, or rebuild the answer that it was given before.

    Raises ActionsUnavailable, asyncio.TimeoutError, LockError, or the tracker store's
    own errors; in each case nothing of the turn is stored.
    """
    processor = _processor(agent)
    async with _locks(agent).lock(turn.conversation_id) as still_held:
        run = _locked(processor, turn, still_held)
        return await asyncio.wait_for(run, BUDGET_SECONDS)


async def forget(agent: Agent, conversation_id: Text) -> None:
    """Delete a conversation's tracker, after a turn that still runs."""
    store = _processor(agent).tracker_store
    if not isinstance(store, trackers.UrlTrackerStore):
        raise TypeError(f"{type(store).__name__} cannot erase")
    async with _locks(agent).lock(conversation_id):
        await store.delete(conversation_id)


def has_locks(agent: Agent) -> bool:
    """Whether turns can begin: another machine may keep the locks."""
    return _locks(agent).answers()


async def _locked(
    processor: MessageProcessor, turn: Turn, still_held: StillHeld
) -> Dict[Text, Any]:
    channel = CollectingOutputChannel()
    tracker = await processor.fetch_tracker_and_update_session(
        turn.conversation_id, channel
    )
    place = _place_of(tracker, turn.message_id)
    if place is None:
        await _run(processor, channel, tracker, turn)
        still_held()
        await processor.save_tracker(tracker)
        place = _place_of(tracker, turn.message_id)
    events = list(tracker.events)
    return _answer(events[place or 0 :])


async def _run(
    processor: MessageProcessor,
    channel: CollectingOutputChannel,
    tracker: DialogueStateTracker,
    turn: Turn,
) -> None:
    action_calls.begin_turn()
    trackers.shorten(tracker, processor.domain)
    for text in turn.said_meanwhile:
        tracker.update(BotUttered(text), processor.domain)
    if tracker.get_slot("language") is None:
        tracker.update(SlotSet("language", turn.language), processor.domain)
    message = _message(turn, channel)
    if turn.known_meaning is None:
        message.parse_data = await _understood(processor, message, tracker, turn)
    await processor._handle_message_with_tracker(message, tracker)
    await processor.run_action_extract_slots(channel, tracker)
    await processor._run_prediction_loop(channel, tracker)
    if tracker.get_slot("missed") and not _missed(tracker, turn.message_id):
        tracker.update(SlotSet("missed", None), processor.domain)
    action_calls.end_turn()


async def _understood(
    processor: MessageProcessor,
    message: UserMessage,
    tracker: DialogueStateTracker,
    turn: Turn,
) -> Dict[Text, Any]:
    """NLU's reading, and what the open question adds to it."""
    parsed = await processor.parse_message(message, tracker)
    entities: List[Dict[Text, Any]] = parsed["entities"]
    known = {entity["entity"] for entity in entities}
    intent = signs.read(message.text or "", parsed["intent"])
    asked = asides.asked(turn.expects, tracker.get_slot("aside"))
    if asked is not None:
        intent, given = asides.read(asked, message.text or "", intent, entities)
    else:
        expects = _open_question(tracker, turn)
        intent, entities = context.read(expects, message.text or "", intent, entities)
        given = expected.read(expects, message.text or "")
        if expected.answers(given, intent["name"]):
            intent = {"name": "inform", "confidence": 1.0}
        elif expects is None and intent == parsed["intent"]:
            intent = doubt.read(intent, parsed["intent_ranking"], entities)
    fresh = {name: value for name, value in given.items() if name not in known}
    found = [*entities, *expected.as_parsed(fresh)]
    whole = {**parsed, "intent": intent, "entities": found}

    def parse(texts: List[Text]) -> List[Dict[Text, Any]]:
        parts = [UserMessage(text=t, sender_id=message.sender_id) for t in texts]
        return graph.parse_all(processor, parts, tracker)

    return {**whole, "clauses": clauses.read(whole, message.text or "", parse)}


def _open_question(tracker: DialogueStateTracker, turn: Turn) -> Optional[Text]:
    """What the form asks; a form that has ended leaves its last question behind."""
    in_form = tracker.active_loop_name is not None
    return tracker.get_slot("expects") if in_form else turn.expects


def _missed(tracker: DialogueStateTracker, message_id: Text) -> bool:
    """Whether this turn was one more misunderstanding after earlier ones."""
    events = list(tracker.events)[_place_of(tracker, message_id) or 0 :]
    done = {e.action_name for e in events if isinstance(e, ActionExecuted)}
    return not MISSING.isdisjoint(done)


def _too_many_actions(*_details: Any) -> None:
    action_calls.note_failure("too many actions in one turn")


def _message(turn: Turn, channel: CollectingOutputChannel) -> UserMessage:
    message = UserMessage(
        text=turn.text,
        output_channel=channel,
        sender_id=turn.conversation_id,
        input_channel="bonretour",
        message_id=turn.message_id,
        metadata={
            "channel": turn.channel,
            "language": turn.language,
            "upload_ids": turn.upload_ids,
            "asked": turn.expects,
        },
    )
    if turn.known_meaning is not None:
        message.parse_data = _pressed(turn.text, turn.known_meaning)
    return message


def _pressed(text: Text, payload: Dict[Text, Any]) -> Dict[Text, Any]:
    """What NLU would say of a pressed button; typed words never come this way."""
    entities = [
        {"entity": name, "value": value, "extractor": "Button"}
        for name, values in payload.get("entities", {}).items()
        for value in (values if isinstance(values, list) else [values])
    ]
    intent = {"name": payload["intent"], "confidence": 1.0}
    return {"text": text, "intent": intent, "entities": entities}


def _place_of(tracker: DialogueStateTracker, message_id: Text) -> Optional[int]:
    for place, event in enumerate(tracker.events):
        if isinstance(event, UserUttered) and event.message_id == message_id:
            return place
    return None


def _answer(events: List[Event]) -> Dict[Text, Any]:
    """Everything the desk stores, from the user's event on to the next one."""
    turn = [events[0]]
    for event in events[1:]:
        if isinstance(event, UserUttered):
            break
        turn.append(event)
    said = [event for event in turn if isinstance(event, BotUttered)]
    handoffs = [e.metadata["handoff"] for e in said if e.metadata.get("handoff")]
    return {
        "replies": [_reply(event) for event in said],
        "handoff": handoffs[-1] if handoffs else None,
        "parse": _parse(turn[0]),
        "events": [event.as_dict() for event in turn],
    }


def _reply(event: BotUttered) -> Dict[Text, Any]:
    told = event.metadata
    return {
        "response": told.get("utter_action"),
        "text": event.text or "",
        "images": [event.data["image"]] if event.data.get("image") else [],
        "buttons": event.data.get("buttons") or [],
        "choose": told.get("choose") or "one",
        "expects": told.get("expects"),
    }


def _parse(event: Event) -> Dict[Text, Any]:
    if not isinstance(event, UserUttered):
        return {}
    ranking = event.parse_data.get("intent_ranking") or []
    entities = [dict(entity) for entity in event.entities]
    return {
        "intent": event.intent_name,
        "confidence": event.intent.get("confidence"),
        "runner_up": ranking[1] if len(ranking) > 1 else None,
        "reasons": [e["value"] for e in entities if e["entity"] == "return_reason"],
        "entities": entities,
    }


def _locks(agent: Agent) -> ConversationLocks:
    if not isinstance(agent.lock_store, ConversationLocks):
        raise TypeError(f"{type(agent.lock_store).__name__} is no lock store of ours")
    return agent.lock_store


def _processor(agent: Agent) -> MessageProcessor:
    if agent.processor is None:
        raise NotReady
    return agent.processor
