"""What Rasa plans with: of all the responses only those that rules and stories say.

The others are words that actions choose; as moves of the dialogue they would only
make every prediction larger and `rasa data validate` warn of each.
"""

from functools import lru_cache
from typing import Optional, Set, Text

from rasa.shared.core.domain import KEY_RESPONSES, Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData


class DialogueImporter(RasaFileImporter):
    """Reads the usual files; the words themselves are read by bot/nlg.py."""

    def get_domain(self) -> Domain:
        """The domain without the responses that no rule or story names."""
        whole = super().get_domain()
        said = self._said_by_rules(whole)
        told = whole.as_dict()
        responses = told.get(KEY_RESPONSES) or {}
        told[KEY_RESPONSES] = {n: v for n, v in responses.items() if n in said}
        return Domain.from_dict(told)

    @lru_cache(maxsize=1)  # noqa: B019 - one importer lives for one training
    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        """The sentences, read once: Rasa asks three times, and there are thousands."""
        return super().get_nlu_data(language)

    def _said_by_rules(self, whole: Domain) -> Set[Text]:
        graph = utils.story_graph_from_paths(self._story_files, whole)
        return {
            event.action_name
            for step in graph.story_steps
            for event in step.events
            if isinstance(event, ActionExecuted) and event.action_name
        }
