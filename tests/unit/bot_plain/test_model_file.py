"""E17: Rasa serves the model that was trained, or none."""

from pathlib import Path

import pytest

from bot import model_file
from bot.model_file import PIN, ModelRefused


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(b"what was learnt")
    model_file.seal(path)
    return path


def test_what_was_sealed_is_served(model: Path) -> None:
    model_file.check(model, {})
    model_file.check(model, {PIN: model_file.digest_of(model).upper() + "\n"})


def test_another_file_in_its_place_is_refused(model: Path) -> None:
    model.write_bytes(b"something else")
    with pytest.raises(ModelRefused, match="is not the model"):
        model_file.check(model, {})


def test_the_pin_outranks_what_lies_beside(model: Path) -> None:
    """Whoever can replace the model can replace its digest, but not the pin."""
    pinned = {PIN: model_file.digest_of(model)}
    model.write_bytes(b"something else")
    model_file.seal(model)
    model_file.check(model, {})
    with pytest.raises(ModelRefused, match=PIN):
        model_file.check(model, pinned)


@pytest.mark.parametrize("text", ["", "\n"])
def test_without_a_digest_nothing_is_served(model: Path, text: str) -> None:
    beside = model.with_name(model.name + model_file.SUFFIX)
    beside.write_text(text)
    with pytest.raises(ModelRefused, match="bonretour train"):
        model_file.check(model, {})
    beside.unlink()
    assert not model_file.is_sealed(model)
    with pytest.raises(ModelRefused, match="bonretour train"):
        model_file.check(model, {})
