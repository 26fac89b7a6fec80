"""One turn at a time, in order, answered once, and never in silence."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from desk import inbox, sessions, transcript, turns
from desk.rasa import RasaUnavailable
from desk.texts import responses
from returns.work import WorkKind
from tests.desks import (
    FakeRasa,
    answer,
    conversation,
    hear,
    reply,
    state_of,
    told,
)
from tests.houses import TestHouse
from tests.unit.returns.test_authorisations import work_state

CLAIM_SECONDS = 15
BUTTON = {"title": "oui", "payload": {"intent": "affirm", "entities": {}}}


class ProcessKilled(BaseException):
    """As kill -9: nothing of ours runs after it."""


def kill(_body: dict[str, Any]) -> dict[str, Any]:
    raise ProcessKilled


def spoken(response: str) -> list[str]:
    """The response's French variations."""
    return [str(v["text"]) for v in responses()[response] if "fr" in str(v)]


def test_a_turn_has_one_owner(any_house: TestHouse) -> None:
    """While one process runs the turn, another is refused and Rasa hears it once."""
    talk = sessions.open_session(any_house, "fr")[1]
    rasa, begun, go_on = FakeRasa(), threading.Event(), threading.Event()

    def slowly(_body: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        assert go_on.wait(20)
        return answer(reply("voilà"))

    rasa.answers = slowly
    inbound = hear(any_house, talk, "bonjour")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(turns.answer_one, any_house, rasa, inbound)
        assert begun.wait(20)
        with pytest.raises(RasaUnavailable):
            turns.answer_one(any_house, rasa, inbound)
        go_on.set()
        first.result(20)
    assert rasa.texts == ["bonjour"]
    assert told(any_house, talk) == ["voilà"]


def test_many_claim_and_one_gets_it(any_house: TestHouse) -> None:
    """Twenty processes want the turn at the same moment: it runs once."""
    talk = sessions.open_session(any_house, "fr")[1]
    rasa, gate = FakeRasa(), threading.Barrier(20)
    inbound = hear(any_house, talk, "bonjour")

    def claim(_n: int) -> None:
        gate.wait()
        turns.answer_within_patience(any_house, rasa, inbound)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(claim, range(20)))
    assert rasa.texts == ["bonjour"]
    assert told(any_house, talk) == ["vous dites : bonjour"]


def test_a_dead_owners_turn_is_taken_over(house: TestHouse, talk: str) -> None:
    """Not before its claim is over, and then once."""
    rasa, dying = FakeRasa(), FakeRasa()
    dying.answers = kill
    inbound = hear(house, talk, "bonjour")
    with pytest.raises(ProcessKilled):
        turns.answer_one(house, dying, inbound)
    assert state_of(house, inbound) == "in_turn"
    house.clock.move(seconds=CLAIM_SECONDS - 1)
    with pytest.raises(RasaUnavailable):
        turns.answer_one(house, rasa, inbound)
    house.clock.move(seconds=1)
    turns.answer_one(house, rasa, inbound)
    assert (rasa.texts, state_of(house, inbound)) == (["bonjour"], "answered")


def test_messages_are_answered_in_their_order(house: TestHouse, talk: str) -> None:
    """Whoever answers the last one answers those before it first."""
    rasa = FakeRasa()
    for text in ("un", "deux"):
        hear(house, talk, text)
    turns.answer_one(house, rasa, hear(house, talk, "trois"))
    assert rasa.texts == ["un", "deux", "trois"]
    assert told(house, talk) == [f"vous dites : {said}" for said in rasa.texts]


def test_the_second_answer_adds_nothing(house: TestHouse, talk: str) -> None:
    """An owner slower than its claim finds the turn answered and is silent."""
    other, rasa = FakeRasa(), FakeRasa()
    inbound = hear(house, talk, "bonjour")

    def overtaken(_body: dict[str, Any]) -> dict[str, Any]:
        house.clock.move(seconds=CLAIM_SECONDS)
        turns.answer_one(house, other, inbound)
        return answer(reply("trop tard"), handoff={"reason": "x", "summary": {}})

    rasa.answers = overtaken
    turns.answer_one(house, rasa, inbound)
    assert told(house, talk) == ["vous dites : bonjour"]
    assert conversation(house, talk).mode == "bot"


def test_an_answered_message_is_not_asked_again(house: TestHouse, talk: str) -> None:
    """The worker that comes late for it does nothing."""
    rasa = FakeRasa()
    inbound = hear(house, talk, "bonjour")
    turns.answer_one(house, rasa, inbound)
    turns.answer_one(house, rasa, inbound)
    assert rasa.texts == ["bonjour"]


def test_a_failed_turn_is_free_at_once(house: TestHouse, talk: str) -> None:
    """Rasa gone: nothing is said, and the next try need not wait for the claim."""
    rasa = FakeRasa()
    rasa.down = True
    inbound = hear(house, talk, "bonjour")
    with pytest.raises(RasaUnavailable):
        turns.answer_one(house, rasa, inbound)
    assert (state_of(house, inbound), told(house, talk)) == ("received", [])
    rasa.down = False
    turns.answer_one(house, rasa, inbound)
    assert told(house, talk) == ["vous dites : bonjour"]


def test_when_patience_ends_the_desk_says_so_once(
    house: TestHouse, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One honest sentence however often the client asks, then the answer."""
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.0)
    rasa = FakeRasa()
    rasa.down = True
    inbound = hear(house, talk, "bonjour")
    for _ in range(3):
        turns.answer_within_patience(house, rasa, inbound)
    (sentence,) = told(house, talk)
    assert sentence in spoken("utter_desk_slow")
    rasa.down = False
    turns.answer_one(house, rasa, inbound)
    assert told(house, talk) == [sentence, "vous dites : bonjour"]


def test_the_sentence_takes_turns_too(
    house: TestHouse, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three messages that take long hear three variations."""
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.0)
    rasa = FakeRasa()
    rasa.down = True
    for text in ("un", "deux", "trois"):
        turns.answer_within_patience(house, rasa, hear(house, talk, text))
    assert told(house, talk) == spoken("utter_desk_slow")


def test_what_was_said_meanwhile_is_told_to_rasa(
    house: TestHouse, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk's own words since the last turn, each once."""
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.0)
    rasa = FakeRasa()
    turns.answer_one(house, rasa, hear(house, talk, "un"))
    rasa.down = True
    inbound = hear(house, talk, "deux")
    turns.answer_within_patience(house, rasa, inbound)
    rasa.down = False
    turns.answer_one(house, rasa, inbound)
    turns.answer_one(house, rasa, hear(house, talk, "trois"))
    told_rasa = [body["said_meanwhile"] for body in rasa.asked]
    assert [len(said) for said in told_rasa] == [1, 1, 0]
    assert told_rasa[1][0] in spoken("utter_desk_slow")


def test_the_conversation_goes_on_in_the_language_spoken(
    house: TestHouse, talk: str
) -> None:
    """What NLU heard last is the language of all that follows."""
    rasa = FakeRasa()
    rasa.answers = lambda _body: answer(reply("hello"), language="en")
    turns.answer_one(house, rasa, hear(house, talk, "hello"))
    assert conversation(house, talk).language == "en"
    rasa.answers = lambda _body: answer(reply("42"))
    turns.answer_one(house, rasa, hear(house, talk, "42"))
    assert [body["language"] for body in rasa.asked] == ["fr", "en"]
    assert conversation(house, talk).language == "en"


def test_a_handoff_sets_the_mode(house: TestHouse, talk: str) -> None:
    """The answer, the mode and since when are one; the reason is kept for staff."""
    rasa, handoff = FakeRasa(), {"reason": "asked_for_person", "summary": {"order": 1}}
    rasa.answers = lambda _body: answer(reply("un instant"), handoff=handoff)
    turns.answer_one(house, rasa, hear(house, talk, "un humain !"))
    row = conversation(house, talk)
    assert (row.mode, row.handoff) == ("waiting", handoff)
    assert row.waiting_since == house.clock.now()


def test_an_answered_message_needs_no_more_work(house: TestHouse, talk: str) -> None:
    """The work row that would have answered it is finished with it."""
    inbound = hear(house, talk, "bonjour")
    assert work_state(house, WorkKind.ANSWER_MESSAGE, inbound) == "pending"
    turns.answer_one(house, FakeRasa(), inbound)
    assert work_state(house, WorkKind.ANSWER_MESSAGE, inbound) == "done"


def test_only_the_last_reply_asks(house: TestHouse, talk: str) -> None:
    """Buttons and expectation of an earlier reply would be answered twice."""
    rasa, asking = FakeRasa(), {"buttons": [BUTTON], "expects": "confirmation"}
    rasa.answers = lambda _body: answer(reply("un", **asking), reply("deux", **asking))
    inbound = hear(house, talk, "bonjour")
    turns.answer_one(house, rasa, inbound)
    with house.reader.connect() as connection:
        first, last = transcript.answer_to(connection, inbound)
    assert (first.buttons, first.expects) == ([], None)
    assert ([b["title"] for b in last.buttons], last.expects) == (
        ["oui"],
        "confirmation",
    )


def test_a_message_comes_with_its_turn(any_house: TestHouse) -> None:
    """One commit stores and claims; what is behind another, or said again, waits."""
    talk = sessions.open_session(any_house, "fr")[1]
    first = inbox.Incoming("m1", "bonjour")
    received, claimed = turns.receive(any_house, talk, first)
    assert claimed is not None
    assert claimed.inbound_id == received.inbound_id
    assert state_of(any_house, received.inbound_id) == "in_turn"
    again, nothing = turns.receive(any_house, talk, first)
    assert (again.inbound_id, again.known) == (received.inbound_id, True)
    assert nothing is None
    second, waits = turns.receive(any_house, talk, inbox.Incoming("m2", "une robe"))
    assert waits is None
    assert state_of(any_house, second.inbound_id) == "received"
    rasa = FakeRasa()
    turns.answer_within_patience(any_house, rasa, received.inbound_id, claimed)
    turns.answer_within_patience(any_house, rasa, second.inbound_id)
    assert rasa.texts == ["bonjour", "une robe"]


def test_a_claimed_turn_that_rasa_fails_is_tried_again(any_house: TestHouse) -> None:
    """Its claim is given back at once, not after its seconds."""
    talk = sessions.open_session(any_house, "fr")[1]
    rasa, tried = FakeRasa(), []

    def fails_once(body: dict[str, Any]) -> dict[str, Any]:
        tried.append(body["message_id"])
        if len(tried) == 1:
            raise RasaUnavailable("down")
        return answer(reply("voilà"))

    rasa.answers = fails_once
    received, claimed = turns.receive(any_house, talk, inbox.Incoming("m1", "bonjour"))
    turns.answer_within_patience(any_house, rasa, received.inbound_id, claimed)
    assert tried == ["m1", "m1"]
    assert told(any_house, talk) == ["voilà"]
