"""One model, trained once on the real data, for all tests of understanding."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

import pytest
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

ROOT = Path(__file__).parents[2]
Parse = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model that make has just trained (BONRETOUR_MODEL), else one trained here."""
    trained = os.environ.get("BONRETOUR_MODEL")
    if trained:
        return Path(trained)
    path = train_nlu(
        str(ROOT / "config.yml"),
        str(ROOT / "data" / "nlu"),
        str(tmp_path_factory.mktemp("models")),
    )
    assert path
    return Path(path)


def parser(model_file: Path) -> Parse:
    """What a freshly loaded model answers to one message."""
    agent = Agent.load(str(model_file))
    loop = asyncio.new_event_loop()
    return lambda text: loop.run_until_complete(agent.parse_message(text))


@pytest.fixture(scope="session")
def agent(model_file: Path) -> Agent:
    """The loaded model, for many messages at once."""
    return Agent.load(str(model_file))


@pytest.fixture(scope="session")
def parse(model_file: Path) -> Parse:
    """The model's answer to one message."""
    return parser(model_file)
