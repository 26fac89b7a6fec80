"""What all our actions share: the house, the speaking, the honest failure."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.understanding import heard_from, payload_of
from returns.errors import ReturnsError
from returns.formats import format_params
from returns.model import Heard, Question, Say
from returns.wiring import House, open_house

Events = list[dict[str, Any]]
_log = structlog.get_logger()


@cache
def house() -> House:
    """This process's house, opened when first used."""
    return open_house()


class Voice:
    """Says responses by name, in the language of the conversation."""

    def __init__(self, dispatcher: CollectingDispatcher, language: str) -> None:
        self._dispatcher = dispatcher
        self._language = language

    def say(self, *says: Say, handoff: dict[str, Any] | None = None) -> None:
        for say in says:
            self._utter(say, handoff=handoff)

    def ask(self, question: Question) -> None:
        """The last of its says carries the buttons and what is expected."""
        *before, last = question.says
        self.say(*before)
        choices = [
            {
                "title": self._filled(choice.title),
                "detail": self._filled(choice.detail) if choice.detail else None,
                "image": choice.image,
                "payload": payload_of(choice),
            }
            for choice in question.choices
        ]
        self._utter(
            last, choices=choices, choose=question.choose, expects=question.expects
        )

    def _utter(self, say: Say, **more: Any) -> None:
        params = self._filled(say)["params"]
        self._dispatcher.utter_message(response=say.response, params=params, **more)

    def _filled(self, say: Say) -> dict[str, Any]:
        zone, now = house().shop.time_zone, house().clock.now()
        params = format_params(say.params, self._language, zone, now)
        return {"say": say.response, "params": params}


class ReturnsAction(Action, ABC):
    """An action whose `act` runs in a thread and may call one service."""

    @abstractmethod
    def name(self) -> str:
        """As in domain.yml."""

    @abstractmethod
    def act(self, heard: Heard, voice: Voice, tracker: Tracker) -> Events:
        """One service call; returns Rasa events."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        heard = heard_from(tracker)
        voice = Voice(dispatcher, heard.language)
        log = _log.bind(
            action=self.name(),
            conversation_id=heard.conversation_id,
            message_id=heard.message_id,
        )
        try:
            events = await asyncio.to_thread(self.act, heard, voice, tracker)
            log.info("action.done")
            return events
        except ReturnsError as error:
            log.warning("action.failed", error=type(error).__name__)
            voice.say(Say("utter_went_wrong"))
            return []


def asked_aside(kind: str, question: Question) -> Events:
    """Remember what a question outside the form is about; bot/asides.py reads it."""
    about = f"{kind}:{question.about}" if question.about else None
    return [SlotSet("aside", about)]


def done_in_turn(tracker: Tracker) -> set[str]:
    """The actions executed since the customer's latest message."""
    done: set[str] = set()
    for event in reversed(tracker.events):
        if event["event"] == "user":
            break
        if event["event"] == "action":
            done.add(str(event["name"]))
    return done


def one_of[T](items: Sequence[T]) -> T | None:
    """The only item; None when there is none or there are several."""
    return items[0] if len(items) == 1 else None
