"""The graph without dask, and calls of actions: the same for less."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import action_calls, graph

TEXTS = ("bonjour", "my dress is torn, I want my money back", "FR-1042")


def read(agent: Agent, runner: Any, texts: tuple[str, ...]) -> list[dict[str, Any]]:
    target = agent.processor.model_metadata.nlu_target
    tracker = DialogueStateTracker.from_events("c1", [])
    messages = [UserMessage(text=text, sender_id="c1") for text in texts]
    told = runner.run(
        inputs={PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: tracker},
        targets=[target],
    )
    return [one.as_dict(only_output_properties=True) for one in told[target]]


def test_the_straight_graph_reads_as_dask_s(agent: Agent) -> None:
    """Message by message, word for word and number for number."""
    dask = agent.processor.graph_runner
    straight = graph.StraightRunner.of(dask)
    assert straight is not dask
    for text in TEXTS:
        assert read(agent, straight, (text,)) == read(agent, dask, (text,))


def test_clauses_read_together_are_read_alike(agent: Agent) -> None:
    """One run for three texts finds what three runs find."""
    together = read(agent, agent.processor.graph_runner, TEXTS)
    for whole, text in zip(together, TEXTS, strict=True):
        (alone,) = read(agent, agent.processor.graph_runner, (text,))
        assert whole["intent"]["name"] == alone["intent"]["name"]
        assert whole["intent"]["confidence"] == pytest.approx(
            alone["intent"]["confidence"], abs=1e-4
        )
        names = [[e["entity"] for e in one["entities"]] for one in (whole, alone)]
        assert names[0] == names[1]


def tracker_of_two_turns() -> DialogueStateTracker:
    tracker = DialogueStateTracker("c1", [])
    for event in (
        UserUttered("earlier"),
        ActionExecuted("action_listen"),
        UserUttered("now"),
        SlotSet("expects", "email"),
    ):
        tracker.update(event)
    return tracker


def test_an_action_is_told_this_turn_and_no_other() -> None:
    """Earlier turns were heard in their time; the domain is nobody's business."""
    action = RemoteAction("action_test", None)
    call = action_calls._call(action, tracker_of_two_turns(), Domain.empty())
    told = call["tracker"]
    assert [event["event"] for event in told["events"]] == ["user", "slot"]
    assert told["latest_message"]["text"] == "now"
    assert call["next_action"] == "action_test"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_calls_share_a_connection_and_refusals_are_told() -> None:
    """Three calls, one connection; 400 is the action's own word, 500 a failure."""
    peers: set[Any] = set()
    answers = [(200, '{"events": []}'), (400, '{"action_name": "a"}'), (500, "")]

    async def answer(request: web.Request) -> web.Response:
        peers.add(request.transport.get_extra_info("peername"))
        status, text = answers[len(told)]
        return web.Response(status=status, text=text, content_type="application/json")

    told: list[str] = []

    async def calls() -> None:
        app = web.Application()
        app.router.add_post("/webhook", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        url = f"http://127.0.0.1:{port}/webhook"
        endpoint = action_calls.BudgetedEndpoint.around(EndpointConfig(url))
        for _ in answers:
            action_calls.begin_turn()
            try:
                await endpoint.request(json={"next_action": "a"})
                told.append("answered")
            except action_calls.ClientResponseError as error:
                told.append(f"{error.status} {action_calls._failures.get()}")
        await endpoint.close()
        await runner.cleanup()

    asyncio.run(calls())
    assert told == ["answered", "400 []", "500 ['status 500']"]
    assert len(peers) == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {"events": {}},
        {"events": [{"name": "expects"}]},
        {"events": [{"event": "slot", "name": "expects"}]},
        {"events": [{"event": "slot", "name": 1, "value": None}]},
        {"events": [{"event": "nothing of the kind"}]},
        {"responses": ["words"]},
    ],
)
def test_what_is_no_answer_is_refused(answer: Any) -> None:
    """As Rasa's own check refuses it."""
    with pytest.raises(ValidationError):
        RemoteAction._validate_action_result(RemoteAction("a", None), answer)
    with pytest.raises(ValidationError):
        action_calls.check(answer)


def test_an_answer_is_taken() -> None:
    """Slots, what comes next, and words."""
    action_calls.check(
        {
            "events": [
                {"event": "slot", "name": "expects", "value": None, "timestamp": None},
                {"event": "followup", "name": "return_form", "timestamp": None},
            ],
            "responses": [{"response": "utter_greet", "params": {}}],
        }
    )
