"""The model is the one that was trained: its SHA-256 lies beside it, and is pinned."""

import hashlib
from pathlib import Path
from typing import Mapping, Text

PIN = "BONRETOUR_MODEL_SHA256"
SUFFIX = ".sha256"


class ModelRefused(Exception):
    """The file is missing, has no digest, or is not what its digest says."""


def seal(model: Path) -> None:
    """Write its digest beside it, in the form of sha256sum."""
    line = f"{digest_of(model)}  {model.name}\n"
    model.with_name(model.name + SUFFIX).write_text(line, encoding="utf-8")


def is_sealed(model: Path) -> bool:
    return model.exists() and model.with_name(model.name + SUFFIX).exists()


def check(model: Path, environ: Mapping[Text, Text]) -> None:
    """Against the pin in the environment, else the digest beside it.

    Raises ModelRefused; the message says what to do.
    """
    beside = model.with_name(model.name + SUFFIX)
    try:
        found = digest_of(model)
        wanted = environ.get(PIN) or beside.read_text(encoding="utf-8").split()[0]
    except (OSError, IndexError):
        raise ModelRefused(
            f"{model} or {beside.name} cannot be read; ./bonretour train makes both"
        ) from None
    if found != wanted.strip().lower():
        whose = PIN if environ.get(PIN) else beside.name
        raise ModelRefused(
            f"{model} is not the model that {whose} names (its SHA-256 is {found}); "
            "take the right file, or train again"
        )


def digest_of(model: Path) -> Text:
    with model.open("rb") as file:
        digest = hashlib.sha256()
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()
