"""Rasa's memory of conversations, in Rasa's own environment."""

import asyncio
from pathlib import Path

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.trackers import UrlTrackerStore


def test_a_conversation_is_forgotten(tmp_path: Path) -> None:
    """Deleting takes one conversation's events away and no other's."""
    store = UrlTrackerStore(Domain.empty(), host=f"sqlite:///{tmp_path / 'rasa.db'}")
    for name in ("mine", "yours"):
        tracker = DialogueStateTracker(name, [])
        tracker.update(UserUttered("bonjour"))
        asyncio.run(store.save(tracker))
    asyncio.run(store.delete("mine"))
    assert list(asyncio.run(store.keys())) == ["yours"]
    asyncio.run(store.delete("mine"))  # nothing left to forget is no error
