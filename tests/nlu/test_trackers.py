"""Rasa's memory of conversations, in Rasa's own environment."""

import asyncio
import threading
from pathlib import Path

import pytest
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


def stored_texts(store: UrlTrackerStore, name: str) -> list[str]:
    """What the database has of a conversation, in order."""
    tracker = asyncio.run(store.retrieve(name))
    return [event.text for event in tracker.events] if tracker else []


def test_each_turn_adds_its_own_events_once(tmp_path: Path) -> None:
    """Read, lengthened and saved three times: every event once and in its place."""
    store = UrlTrackerStore(Domain.empty(), host=f"sqlite:///{tmp_path / 'rasa.db'}")

    async def turn(text: str) -> None:
        tracker = await store.get_or_create_tracker("mine", append_action_listen=False)
        tracker.update(UserUttered(text))
        await store.save(tracker)

    for text in ("one", "two", "three"):
        asyncio.run(turn(text))
    assert stored_texts(store, "mine") == ["one", "two", "three"]


def test_a_turn_out_of_time_leaves_its_lock_after_its_events(tmp_path: Path) -> None:
    """Who comes next must find whatever the disk was still writing."""
    store = UrlTrackerStore(Domain.empty(), host=f"sqlite:///{tmp_path / 'rasa.db'}")
    begun, go_on, add = threading.Event(), threading.Event(), store._add

    def slowly(rows: list[dict[str, object]]) -> None:
        begun.set()
        assert go_on.wait(20)
        add(rows)

    store._add = slowly

    async def cancelled() -> None:
        tracker = await store.get_or_create_tracker("mine", append_action_listen=False)
        tracker.update(UserUttered("late"))
        turn = asyncio.create_task(store.save(tracker))
        await asyncio.to_thread(begun.wait, 20)
        turn.cancel()
        await asyncio.sleep(0)
        assert not turn.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await turn

    asyncio.run(cancelled())
    assert stored_texts(store, "mine") == ["late"]
