"""Conversations as the bot leaves them, for lists, searches and corrections."""

import uuid
from typing import Any

from desk import inbox, sessions, turns
from tests.desks import FakeRasa, answer, reply
from tests.houses import TestHouse

HANDOFF = {
    "reason": "asked_for_person",
    "summary": {"order_number": "FR-1", "order_proved": True, "reasons": ["too_small"]},
}


def begin(house: TestHouse, language: str = "fr") -> str:
    return sessions.open_session(house, language)[1]


def say(
    house: TestHouse,
    rasa: FakeRasa,
    talk: str,
    text: str,
    intent: str = "inform",
    confidence: float = 0.9,
    reasons: tuple[str, ...] = (),
    handoff: dict[str, Any] | None = None,
    upload_ids: tuple[str, ...] = (),
) -> str:
    """One message and the bot's answer; its inbound_id."""
    given = answer(reply("Bien noté."), handoff=handoff)
    given["parse"] = {
        "intent": intent,
        "confidence": confidence,
        "runner_up": {"name": "deny", "confidence": 0.05},
        "reasons": list(reasons),
        "entities": [{"entity": "return_reason", "value": one} for one in reasons],
    }
    given["events"] = [
        {"event": "action", "name": "return_form", "policy": "RulePolicy"}
    ]
    rasa.answers = lambda _body: given
    incoming = inbox.Incoming(str(uuid.uuid4()), text, (), upload_ids)
    inbound_id = inbox.receive(house, talk, incoming).inbound_id
    turns.answer_within_patience(house, rasa, inbound_id)
    house.clock.move(seconds=10)
    return inbound_id
