"""What Rasa plans with: of all the responses only those that rules and stories say.

The others are words that actions choose; as moves of the dialogue they would only
make every prediction larger and `rasa data validate` warn of each.
"""

import copy
import hashlib
from functools import lru_cache
from typing import Any, Dict, Optional, Set, Text

from rasa.shared.core.domain import KEY_RESPONSES, Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


class Sentence(Message):
    """A training sentence that is quick to copy and to tell from others.

    Rasa copies every one a dozen times in all depth and writes each out as text to
    fingerprint it: a quarter of a training. What a sentence holds is replaced, never
    changed in place.
    """

    _cached_fingerprint: Optional[Text]

    def __deepcopy__(self, memo: Dict[int, Any]) -> "Sentence":
        twin = copy.copy(self)
        twin.data, twin.features = dict(self.data), list(self.features)
        twin.output_properties = set(self.output_properties)
        return twin

    def fingerprint(self) -> Text:
        """Of what it holds."""
        if self._cached_fingerprint is None:
            numbers = [one.fingerprint() for one in self.features]
            held = repr((sorted(self.data.items()), numbers)).encode()
            digest = hashlib.md5(held, usedforsecurity=False)
            self._cached_fingerprint = digest.hexdigest()
        return self._cached_fingerprint


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
        files = [load_data(path, language) for path in self._nlu_files]
        for one in files:
            one.training_examples = [Sentence(m.data) for m in one.training_examples]
        return TrainingData().merge(*files)

    def _said_by_rules(self, whole: Domain) -> Set[Text]:
        graph = utils.story_graph_from_paths(self._story_files, whole)
        return {
            event.action_name
            for step in graph.story_steps
            for event in step.events
            if isinstance(event, ActionExecuted) and event.action_name
        }
