"""Rasa plans with what rules say, and a button is understood as its payload says."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.importers.importer import TrainingDataImporter

from bot import action_calls, trackers, turns

ROOT = Path(__file__).parents[2]
# A notice to all who come from Rasa 2.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill")


@pytest.fixture(scope="module")
def domain():
    """The domain as Rasa trains and plans with it."""
    importer = TrainingDataImporter.load_from_config(
        str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data")]
    )
    return importer.get_domain()


def test_only_spoken_responses_are_moves_of_the_dialogue(domain) -> None:
    """The responses Rasa knows are exactly those that rules and stories name."""
    files = [
        p for kind in ("rules", "stories") for p in (ROOT / "data" / kind).glob("*")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert set(domain.responses) == set(re.findall(r"action: (utter_\w+)", text))
    assert len(domain.responses) > 5


def test_nothing_else_of_the_domain_is_lost(domain) -> None:
    """Intents, slots, forms and actions are those of domain.yml."""
    from rasa.shared.core.domain import Domain

    whole = Domain.load(str(ROOT / "domain.yml"))
    assert domain.intents == whole.intents
    assert domain.entities == whole.entities
    assert [s.name for s in domain.slots] == [s.name for s in whole.slots]
    assert domain.form_names == whole.form_names
    assert domain.user_actions == [
        a for a in whole.user_actions if a in domain.user_actions
    ]
    assert {a for a in whole.user_actions if not a.startswith("utter_")} <= set(
        domain.user_actions
    )


def test_a_button_is_its_payload() -> None:
    """Intent for certain, each of several lines an entity of its own."""
    payload = {"intent": "inform", "entities": {"order_line": ["L1", "L2"], "skip": 1}}
    parsed = turns._pressed("Robe, Lampe", payload)
    assert parsed["intent"] == {"name": "inform", "confidence": 1.0}
    assert [(e["entity"], e["value"]) for e in parsed["entities"]] == [
        ("order_line", "L1"), ("order_line", "L2"), ("skip", 1),
    ]  # fmt: skip
    assert turns._pressed("oui", {"intent": "affirm"})["entities"] == []


def said(message_id: str, intent: str = "greet") -> UserUttered:
    return UserUttered(
        "bonjour", {"name": intent, "confidence": 0.9}, [], message_id=message_id
    )


def test_an_answer_is_rebuilt_from_its_own_turn() -> None:
    """What follows the next message, and what came before, belongs to others."""
    handoff = {"reason": "danger", "summary": {}}
    spoken = BotUttered(
        "Un conseiller vient.",
        {"buttons": [{"title": "ok"}]},
        {"utter_action": "utter_handoff", "expects": "detail", "handoff": handoff},
    )
    events = [said("m1"), BotUttered("un"), said("m2"), spoken, said("m3")]
    tracker = DialogueStateTracker.from_events("c1", [*events, BotUttered("trois")])
    place = turns._place_of(tracker, "m2")
    assert turns._place_of(tracker, "m9") is None
    answer = turns._answer(list(tracker.events)[place:])
    (reply,) = answer["replies"]
    assert (reply["text"], reply["response"]) == (spoken.text, "utter_handoff")
    assert (reply["expects"], reply["choose"]) == ("detail", "one")
    assert reply["buttons"] == [{"title": "ok"}]
    assert answer["handoff"] == handoff
    assert answer["parse"]["intent"] == "greet"


def test_a_long_session_is_followed_by_a_short_one(domain) -> None:
    """Set slots and the last words go on; sixty events do not."""
    tracker = DialogueStateTracker("c1", domain.slots)
    begin = [ActionExecuted("action_session_start"), SessionStarted()]
    for event in [*begin, SlotSet("expects", "email"), *map(said, "abcdefgh")]:
        tracker.update(event, domain)
    before = len(tracker.events)
    trackers.shorten(tracker, domain)
    assert len(tracker.events) == before
    for number in range(60):
        tracker.update(BotUttered(f"n° {number}"), domain)
    trackers.shorten(tracker, domain)
    assert len(tracker.applied_events()) <= 20
    assert tracker.get_slot("expects") == "email"
    words = [e.text for e in tracker.applied_events() if isinstance(e, BotUttered)]
    assert words == [f"n° {number}" for number in range(52, 60)]


def test_what_rasa_would_only_log_fails_the_turn() -> None:
    """An action that failed in this turn fails it; the next turn begins clean."""

    async def turn(fails: bool) -> None:
        action_calls.begin_turn()
        if fails:
            action_calls.note_failure("status 500")
        action_calls.end_turn()

    with pytest.raises(action_calls.ActionsUnavailable, match="status 500"):
        asyncio.run(turn(True))
    asyncio.run(turn(False))


def test_a_forgotten_conversation_leaves_no_event(domain, tmp_path) -> None:
    """Erasing takes every row of this conversation, and of no other (P2)."""
    store = trackers.UrlTrackerStore(domain, f"sqlite:///{tmp_path / 'rasa.db'}")

    async def lives() -> list[int]:
        for name in ("gone", "kept"):
            tracker = DialogueStateTracker.from_events(name, [], domain.slots)
            tracker.update(UserUttered("CANARY"), domain)
            await store.save(tracker)
        await store.delete("gone")
        found = [await store.retrieve(name) for name in ("gone", "kept")]
        return [len(tracker.events) if tracker else 0 for tracker in found]

    assert asyncio.run(lives()) == [0, 1]


def test_no_turn_is_kept_in_a_memory_that_nobody_reads() -> None:
    """Stock Rasa stores there what its database refuses, and tells nobody (B17)."""
    from types import SimpleNamespace

    from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
    from rasa.shared.core.domain import Domain

    store = InMemoryTrackerStore(Domain.empty())
    processor = SimpleNamespace(
        tracker_store=FailSafeTrackerStore(store),
        action_endpoint=None,
        graph_runner=None,
    )
    turns.prepare(SimpleNamespace(processor=processor))
    assert processor.tracker_store is store
