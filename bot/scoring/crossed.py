"""What a model reads in the training sentences that it has not learnt from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.encoder import MessageEncoder
from bot.components.intents import HybridIntentClassifier
from bot.components.learnt import LearntComponent
from bot.scoring.training import Example

FOLDS = 5
RUN = 10


def intents(learnt: Sequence[Example]) -> list[tuple[str, float]]:
    """Intent and confidence for each sentence, by a model trained on other ones."""
    messages = [_message(e) for e in learnt]
    fold = folds(learnt)
    with TemporaryDirectory() as folder:
        encoder = _fresh(MessageEncoder, Path(folder))
        encoder.train(TrainingData(messages))
        encoder.process(messages)
        found: dict[int, tuple[str, float]] = {}
        for left_out in range(FOLDS):
            known = [m for m, f in zip(messages, fold, strict=True) if f != left_out]
            places = [place for place, f in enumerate(fold) if f == left_out]
            judge = _fresh(HybridIntentClassifier, Path(folder))
            judge.train(TrainingData(known))
            asked = [Message({**messages[p].data}) for p in places]
            for place, message in zip(places, asked, strict=True):
                message.features = messages[place].features
            for place, message in zip(places, judge.process(asked), strict=True):
                got = message.get(INTENT)
                found[place] = (got["name"], got["confidence"])
    return [found[place] for place in range(len(messages))]


def folds(learnt: Sequence[Example]) -> list[int]:
    """Runs of neighbours in a file and intent stay together, spread over the folds."""
    met: Counter[tuple[str, str]] = Counter()
    runs: dict[tuple[str, str, int], int] = {}
    found: list[int] = []
    for e in learnt:
        place = e.place.rsplit(":", 1)[0], e.intent
        run = (*place, met[place] // RUN)
        met[place] += 1
        found.append(runs.setdefault(run, len(runs) % FOLDS))
    return found


def _message(e: Example) -> Message:
    about = {"language": e.lang, "reasons": list(e.reasons)}
    return Message.build(e.text, e.intent, intent_metadata=about)


def _fresh(kind: type[LearntComponent], folder: Path) -> LearntComponent:
    storage, resource = LocalModelStorage(folder), Resource(kind.__name__)
    config = kind.get_default_config()
    return kind.create(config, storage, resource, ExecutionContext(GraphSchema({})))
