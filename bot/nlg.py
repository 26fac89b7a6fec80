"""Rasa's response generator: both languages, no variation twice in a row."""

from pathlib import Path
from typing import Any, Dict, List, Optional, Text

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_yaml_file
from rasa.utils.endpoints import EndpointConfig

from bot import wording
from bot.action_calls import note_failure

DOMAIN = Path(__file__).resolve().parent.parent / "domain.yml"


def read_responses(path: Path = DOMAIN) -> wording.Responses:
    """The responses of domain.yml: a changed sentence needs no new training."""
    domain: Dict[Text, Any] = read_yaml_file(str(path))
    responses: wording.Responses = domain["responses"]
    return responses


class BilingualGenerator(NaturalLanguageGenerator):
    """Fills responses of domain.yml in the conversation's language.

    An action may hand over `params`, `choices` (buttons whose titles are responses),
    `choose`, `expects` and `handoff`; all of them stay in the bot event.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        self.responses = read_responses()

    async def generate(
        self,
        utter_action: Text,
        tracker: DialogueStateTracker,
        output_channel: Text,
        **kwargs: Any,
    ) -> Optional[Dict[Text, Any]]:
        """The bot message; Rasa keeps what it does not know as metadata."""
        try:
            return self._spoken(utter_action, tracker, **kwargs)
        except Exception as error:
            note_failure(f"{utter_action}: {type(error).__name__}")
            raise

    def _spoken(
        self, utter_action: Text, tracker: DialogueStateTracker, **kwargs: Any
    ) -> Dict[Text, Any]:
        language = str(tracker.get_slot("language") or wording.FALLBACK_LANGUAGE)
        words = wording.render(
            self.responses,
            utter_action,
            language,
            kwargs.get("params") or {},
            _last_variation(tracker, utter_action),
        )
        buttons = self._buttons(kwargs.get("choices") or [], language)
        return {"text": words.text, "variation": words.variation, "buttons": buttons}

    def _buttons(
        self, choices: List[Dict[Text, Any]], language: Text
    ) -> List[Dict[Text, Any]]:
        return [
            {
                "title": self._words(choice["title"], language),
                "payload": choice["payload"],
                "image": choice.get("image"),
                "detail": self._words(choice.get("detail"), language),
            }
            for choice in choices
        ]

    def _words(self, say: Optional[Dict[Text, Any]], language: Text) -> Optional[Text]:
        if say is None:
            return None
        params = say.get("params") or {}
        return wording.render(self.responses, say["say"], language, params).text


def _last_variation(tracker: DialogueStateTracker, response: Text) -> Optional[int]:
    for event in reversed(tracker.events):
        if not isinstance(event, BotUttered):
            continue
        if event.metadata.get("utter_action") == response:
            place = event.metadata.get("variation")
            return None if place is None else int(place)
    return None
