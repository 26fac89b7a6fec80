"""The language model: trained when what it is made of changed, kept in var/models."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from bot.model_file import is_sealed
from returns.errors import ConfigurationError
from returns.settings import ROOT, Settings

SOURCES = (
    "config.yml",
    "domain.yml",
    "data",
    "bot/components",
    "bot/importer.py",
    "requirements/rasa.lock",
)
RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"


def ensure_model(settings: Settings) -> Path:
    """The model for the present sources, trained now if there is none.

    BONRETOUR_MODEL names one that was built elsewhere. Raises ConfigurationError.
    """
    given = os.environ.get("BONRETOUR_MODEL")
    if given:
        return Path(given)
    model = settings.var / "models" / f"{fingerprint()}.tar.gz"
    if not is_sealed(model):
        print("Training the language model (once, about a minute) …", flush=True)
        train(model)
    return model


def fingerprint() -> str:
    """Of everything the model is made of."""
    digest = hashlib.sha256()
    for path in sorted(_source_files()):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(_learnt_from(path))
    return digest.hexdigest()[:16]


def _learnt_from(path: Path) -> bytes:
    """The file without its responses: a changed sentence is no reason to train."""
    text = path.read_bytes()
    return text.split(b"\nresponses:\n")[0] if path.name == "domain.yml" else text


def _source_files() -> list[Path]:
    found: list[Path] = []
    for source in SOURCES:
        path = ROOT / source
        inside = path.rglob("*") if path.is_dir() else [path]
        found += [p for p in inside if p.is_file() and p.suffix != ".pyc"]
    return found


def train(model: Path) -> None:
    """Into this file. Raises ConfigurationError."""
    model.parent.mkdir(parents=True, exist_ok=True)
    command = [str(RASA_PYTHON), "-m", "bot.train", str(model)]
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or not is_sealed(model):
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        raise ConfigurationError("training failed; the lines above say why")


if __name__ == "__main__":
    from returns.settings import load_settings

    print(ensure_model(load_settings()))
