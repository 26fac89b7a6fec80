"""How Rasa calls our actions: within a budget, with our key, failures not hidden.

Stock Rasa waits 300 s, logs a failed action as executed and says nothing to the
customer. It spends 20 ms a call on checking the reply's schema anew, sends the whole
domain and the whole conversation along, and opens a connection for each call.
"""

import contextvars
import copy
import json
from typing import Any, Dict, List, Optional, Text

import aiohttp
from jsonschema.exceptions import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

BUDGET_SECONDS = 4.0
REJECTED = 400
FAILED = 400  # and whatever is above
KEPT_SECONDS = 3.0  # the action server closes what is idle after 5

_failures: "contextvars.ContextVar[List[Text]]" = contextvars.ContextVar("failures")


class ActionsUnavailable(Exception):
    """The action server did not do its part of this turn; nothing may be stored."""


class BudgetedEndpoint(EndpointConfig):
    """The action server's address; remembers what failed in the current turn.

    Connections are kept between calls, by the one event loop that Rasa has.
    """

    _session: Optional[aiohttp.ClientSession] = None

    @classmethod
    def around(cls, endpoint: EndpointConfig) -> "BudgetedEndpoint":
        return cls(endpoint.url, headers=endpoint.headers)

    async def request(self, method: Text = "post", **kwargs: Any) -> Optional[Any]:
        """The answer to `json`, within the budget and never compressed."""
        try:
            answer = await self._asked(method, kwargs["json"])
            check(answer)
            return answer
        except ClientResponseError as error:
            if error.status != REJECTED:
                note_failure(f"status {error.status}")
            raise
        except Exception as error:
            note_failure(type(error).__name__)
            raise

    async def _asked(self, method: Text, call: Dict[Text, Any]) -> Any:
        patience = aiohttp.ClientTimeout(total=BUDGET_SECONDS)
        async with self._kept().request(
            method, self.url, data=json.dumps(call), timeout=patience
        ) as reply:
            body = await reply.read()
            if reply.status >= FAILED:
                raise ClientResponseError(reply.status, reply.reason, body)
            return json.loads(body)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _kept(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers={"Content-Type": "application/json", **self.headers},
                connector=aiohttp.TCPConnector(keepalive_timeout=KEPT_SECONDS),
            )
        return self._session


# Of Rasa's schema, one of which each event must fit, only its own kind's is tried.
_SCHEMA: Dict[Text, Any] = copy.deepcopy(RemoteAction.action_response_format_spec())
_ANSWER = validator_for(_SCHEMA)
_KINDS = {
    kind["properties"]["event"]["const"]: _ANSWER(kind)
    for kind in _SCHEMA["properties"]["events"]["items"].pop("oneOf")
}
_SHAPE = _ANSWER(_SCHEMA)


def check(answer: Any) -> None:
    """Raises ValidationError for what is no answer of an action server."""
    _SHAPE.validate(answer)
    for event in answer.get("events", []):
        kind = _KINDS.get(event["event"])
        if kind is None:
            raise ValidationError("an event of no kind that there is")
        kind.validate(event)


def begin_turn() -> None:
    """Forget earlier failures; each turn runs in a task of its own."""
    _failures.set([])


def end_turn() -> None:
    """Raises ActionsUnavailable when an action of this turn failed."""
    failed = _failures.get([])
    if failed:
        raise ActionsUnavailable(", ".join(failed))


def note_failure(reason: Text) -> None:
    """What Rasa would only log must fail the turn."""
    _failures.get([]).append(reason)


def use_short_calls() -> None:
    """Every call tells what our actions read, and every reply is checked in
    BudgetedEndpoint with a validator built once.
    """
    RemoteAction._action_call_format = _call
    RemoteAction._validate_action_result = staticmethod(_checked_before)


def _call(
    action: RemoteAction, tracker: DialogueStateTracker, _domain: Domain
) -> Dict[Text, Any]:
    """The state, and of the events only this turn's; no action of ours reads the
    domain.
    """
    state = tracker.current_state(EventVerbosity.NONE)
    state["events"] = [event.as_dict() for event in _this_turn(tracker)]
    return {
        "next_action": action.name(),
        "sender_id": tracker.sender_id,
        "tracker": state,
        "domain": {},
    }


def _this_turn(tracker: DialogueStateTracker) -> List[Any]:
    """From the customer's latest message on."""
    latest: List[Any] = []
    for event in reversed(tracker.events):
        latest.append(event)
        if isinstance(event, UserUttered):
            break
    return latest[::-1]


def _checked_before(_result: Any) -> bool:
    return True
