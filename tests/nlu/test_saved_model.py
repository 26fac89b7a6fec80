"""A saved model answers as before, and holds nothing that could run code."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.preprocessing import FunctionTransformer
from skops.io.exceptions import UntrustedTypesFoundException

from bot.components.language import LanguageTagger

from .conftest import Parse, parser

SENTENCES = [
    "la robe est trop petite, je voudrais la renvoyer",
    "The kettle broke after a week",
    "fr1042 camille.durand@example.com",
    "où en est mon colis",
    "ok",
]
CONTEXT = ExecutionContext(GraphSchema({}))


def test_loaded_again_it_answers_the_same(parse: Parse, model_file: Path) -> None:
    """Two loads of one file agree to the last digit."""
    again = parser(model_file)
    for text in SENTENCES:
        first, second = parse(text), again(text)
        assert [first["intent"], first["intent_ranking"], first["entities"]] == [
            second["intent"], second["intent_ranking"], second["entities"],
        ]  # fmt: skip


def examples() -> TrainingData:
    """Four sentences with their language."""
    sentences = {
        "je veux un retour": "fr", "bonjour à vous": "fr",
        "I want to return it": "en", "hello to you": "en",
    }  # fmt: skip
    return TrainingData(
        [
            Message.build(text, "greet", intent_metadata={"language": language})
            for text, language in sentences.items()
        ]
    )


def test_what_is_loaded_is_what_was_learnt(tmp_path: Path) -> None:
    """A component fresh from training and the same one loaded tag alike."""
    storage, resource = LocalModelStorage(tmp_path), Resource("language")
    trained = LanguageTagger.create({}, storage, resource, CONTEXT)
    trained.train(examples())
    loaded = LanguageTagger.load({}, storage, resource, CONTEXT)
    texts = ["je veux un retour à vous", "hello I want it"]
    tags = [
        [
            m.get("entities")
            for m in component.process([Message.build(t) for t in texts])
        ]
        for component in (trained, loaded)
    ]
    assert tags[0] == tags[1]
    assert all(tags[0])


def test_no_pickle_in_the_model(model_file: Path) -> None:
    """It is text, and skops archives whose arrays load without pickle."""
    with tarfile.open(model_file) as packed:
        files = {
            m.name: packed.extractfile(m).read()
            for m in packed.getmembers()
            if m.isfile()
        }
    learnt = [files.pop(name) for name in list(files) if name.endswith("learnt.skops")]
    assert len(learnt) == 4
    assert {Path(name).suffix for name in files} <= {".json", ".yml"}
    for content in learnt:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                assert member.endswith((".npy", ".npz", "schema.json"))
                if not member.endswith(".json"):
                    np.load(io.BytesIO(archive.read(member)), allow_pickle=False)


def test_a_foreign_type_is_refused(tmp_path: Path) -> None:
    """A saved file that names a function of its own is not loaded."""
    storage, resource = LocalModelStorage(tmp_path), Resource("language")
    with storage.write_to(resource) as folder:
        skops.io.dump(FunctionTransformer(tarfile.open), folder / "learnt.skops")
    with pytest.raises(UntrustedTypesFoundException):
        LanguageTagger.load({}, storage, resource, CONTEXT)
