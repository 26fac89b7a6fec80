"""Each action as Rasa calls it: over the action server, judged by events and names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from actions import base, return_request, server
from returns.errors import WrongState
from returns.model import Resolution, ReturnReason
from returns.services import authorisations, cases, drafts
from returns.settings import ROOT
from tests.desks import WebClient, calling
from tests.houses import TestHouse, opened
from tests.orders import new_order
from tests.unit.returns.test_money import fall_due, open_one, wish

TALK = "c1"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestHouse]:
    """The house that the actions open; the supplier answers later than a yes waits."""
    with opened("sqlite", tmp_path) as house:
        monkeypatch.setattr(base, "open_house", lambda: house)
        monkeypatch.setattr(return_request, "SUPPLIER_WAIT_SECONDS", 0.0)
        base.house.cache_clear()
        yield house
        base.house.cache_clear()


@pytest.fixture
def rasa(house: TestHouse) -> Iterator[WebClient]:
    """A client with the key that Rasa has."""
    with calling(server.create_app()) as client:
        client.headers["Authorization"] = f"Bearer {house.settings.private_secret}"
        yield client


def call_of(
    action: str,
    intent: str = "inform",
    message_id: str = "m1",
    form: str | None = "return_form",
    slots: dict[str, Any] | None = None,
    ranking: list[dict[str, Any]] | None = None,
    done: tuple[str, ...] = (),
    **entities: Any,
) -> dict[str, Any]:
    """What Rasa 3.6 sends. done: actions of this turn before this one."""
    said = [{"entity": name, "value": value} for name, value in entities.items()]
    return {
        "next_action": action,
        "sender_id": TALK,
        "tracker": {
            "sender_id": TALK,
            "slots": {"language": "fr", **(slots or {})},
            "latest_message": {
                "intent": {"name": intent, "confidence": 1.0},
                "intent_ranking": ranking or [],
                "entities": said,
                "text": "bonjour",
                "message_id": message_id,
                "metadata": {"channel": "web", "language": "fr"},
            },
            "latest_event_time": 1.0,
            "followup_action": None,
            "paused": False,
            "events": [
                {"event": "action", "name": "action_of_the_last_turn"},
                {"event": "user", "text": "bonjour"},
                *({"event": "action", "name": name} for name in done),
            ],
            "latest_input_channel": "bonretour",
            "active_loop": {"name": form} if form else {},
            "latest_action": {"action_name": "action_listen"},
            "latest_action_name": "action_listen",
        },
        "domain": {},
        "version": "3.6.21",
    }


class Done:
    """events: slots by name, other events by their kind. said: response names."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.responses: list[dict[str, Any]] = answer["responses"]
        self.said = [response["response"] for response in self.responses]
        self.slots = {
            e["name"]: e["value"] for e in answer["events"] if e["event"] == "slot"
        }
        self.others = [
            (e["event"], e["name"]) for e in answer["events"] if e["event"] != "slot"
        ]


def run(rasa: WebClient, action: str, *arguments: Any, **facts: Any) -> Done:
    got = rasa.post("/webhook", json=call_of(action, *arguments, **facts))
    assert got.status_code == 200, got.text
    return Done(got.json())


def yes(rasa: WebClient, message_id: str = "yes") -> Done:
    action = "action_ask_supplier_for_return_address"
    return run(rasa, action, "affirm", message_id)


def test_domain_and_classes_name_the_same_actions(rasa: WebClient) -> None:
    """An action that only one side knows would fail in the middle of a turn."""
    domain = YAML(typ="safe").load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    registered = rasa.app.state.executor.actions
    assert set(registered) == set(domain["actions"])


def test_the_form_hears_and_steps(house: TestHouse, rasa: WebClient) -> None:
    """A reason opens a draft; number and e-mail lead to the look-up."""
    order = new_order(house)
    first = run(
        rasa, "validate_return_form", "give_reason", return_reason="damaged_in_transit"
    )
    assert first.said == ["utter_apology_damaged_in_transit"]
    assert first.slots["heard"] == "m1"
    assert first.slots["draft_id"]
    assert first.slots["return_step"] is None
    proof = {
        "order_number": order["order_number"],
        "email": order["customer"]["email"],
    }
    second = run(rasa, "validate_return_form", "inform", "m2", **proof)
    assert (second.said, second.slots["return_step"]) == ([], "look_up")


def test_one_message_is_heard_once(house: TestHouse, rasa: WebClient) -> None:
    """The form runs again in a turn: it says nothing and changes no step."""
    reason = {"return_reason": "damaged_in_transit"}
    again = run(
        rasa, "validate_return_form", "give_reason", slots={"heard": "m1"}, **reason
    )
    assert (again.said, again.slots, again.others) == ([], {"heard": "m1"}, [])


def test_what_is_not_understood_returns_nothing(
    house: TestHouse, rasa: WebClient
) -> None:
    """So that a rule may answer the digression and the form goes on."""
    run(rasa, "validate_return_form", "request_return")
    done = run(rasa, "validate_return_form", "ask_return_policy", "m2")
    assert (done.said, done.slots, done.others) == ([], {}, [])


def test_the_next_question_is_asked(house: TestHouse, rasa: WebClient) -> None:
    """First the order number; at the end the recap, its hash and its buttons."""
    asked = run(rasa, "action_ask_return_form_return_step")
    assert asked.said == ["utter_ask_order_number"]
    assert asked.slots == {"expects": "order_number", "recap": None}
    wish(house, new_order(house))
    recap = run(rasa, "action_ask_return_form_return_step")
    assert recap.said[-1] == "utter_recap"
    assert recap.slots["expects"] == "confirmation"
    assert recap.slots["recap"]
    last = recap.responses[-1]
    assert last["expects"] == "confirmation"
    meant = [choice["payload"]["intent"] for choice in last["choices"]]
    assert meant[0] == "affirm"
    assert all("choices" not in r for r in recap.responses[:-1])


def test_an_order_is_found_by_both_together(house: TestHouse, rasa: WebClient) -> None:
    """A wrong pair gets the neutral answer; at the third one a person is offered."""
    order = new_order(house)
    number = order["order_number"]
    said = []
    for place in range(3):
        proof = {"order_number": number, "email": "else@example.com"}
        run(rasa, "validate_return_form", "inform", f"m{place}", **proof)
        refused = run(rasa, "action_look_up_order", "inform", f"m{place}")
        said += refused.said
        assert refused.others == [("followup", "return_form")]
        assert refused.slots == {"return_step": None}
    assert said == [
        "utter_order_refused",
        "utter_order_refused_again",
        "utter_order_refused_often",
    ]
    right = {"order_number": number, "email": order["customer"]["email"]}
    run(rasa, "validate_return_form", "inform", "m9", **right)
    assert run(rasa, "action_look_up_order").said == ["utter_order_found"]


def test_a_yes_with_a_slow_supplier(house: TestHouse, rasa: WebClient) -> None:
    """The return is there, its address is not claimed; the wish picks the rule."""
    wish(house, new_order(house))
    done = yes(rasa)
    assert done.said == ["utter_return_waits_for_supplier"]
    assert done.slots == {
        "return_step": None,
        "recap": None,
        "return_resolution": "refund",
    }
    assert len(cases.returns_of_conversation(house, TALK)) == 1


def test_a_repeated_yes_tells_the_address_once(
    house: TestHouse, rasa: WebClient
) -> None:
    """The same message again: the same return, and what became of it, each time."""
    wish(house, new_order(house))
    yes(rasa)
    (case,) = cases.returns_of_conversation(house, TALK)
    authorisations.authorise(house, case.return_id)
    for _ in range(2):
        assert yes(rasa).said == ["utter_return_authorised"]
    assert yes(rasa, "another").said == ["utter_nothing_to_confirm"]
    assert len(cases.returns_of_conversation(house, TALK)) == 1


def test_the_same_unit_is_not_opened_twice(house: TestHouse, rasa: WebClient) -> None:
    """Another conversation was quicker: a new recap, and nothing opened."""
    order = new_order(house)
    wish(house, order)
    open_one(house, order, "c2")
    done = yes(rasa)
    assert done.said == ["utter_recap_changed"]
    assert done.others == [("followup", "return_form")]
    assert cases.returns_of_conversation(house, TALK) == []


def test_a_yes_to_nothing_opens_nothing(house: TestHouse, rasa: WebClient) -> None:
    """No draft, no recap: said so, and no rule is set going."""
    done = yes(rasa)
    assert done.said == ["utter_nothing_to_confirm"]
    assert done.slots == {"return_step": None, "recap": None}


@pytest.mark.parametrize(
    ("resolution", "action", "response"),
    [
        (Resolution.REFUND, "action_start_refund", "utter_refund_when_received"),
        (
            Resolution.REPLACEMENT,
            "action_start_replacement",
            "utter_replacement_started",
        ),
    ],
)
def test_what_was_confirmed_is_started(
    house: TestHouse,
    rasa: WebClient,
    resolution: Resolution,
    action: str,
    response: str,
) -> None:
    """The money or the goods of just this draft, said as it is; again: the same."""
    reasons = (ReturnReason.DAMAGED_IN_TRANSIT,)
    wish(house, new_order(house), reasons=reasons, resolution=resolution)
    assert yes(rasa).slots["return_resolution"] == resolution.value
    (case,) = cases.returns_of_conversation(house, TALK)
    authorisations.authorise(house, case.return_id)
    slots = {"draft_id": case.draft_id}
    for _ in range(2):
        assert run(rasa, action, "affirm", "yes", slots=slots).said == [response]
    assert run(rasa, action, "affirm", slots={"draft_id": "none"}).said == []


def test_a_draft_is_dropped(house: TestHouse, rasa: WebClient) -> None:
    """The form closes and every slot of it is forgotten."""
    wish(house, new_order(house))
    done = run(rasa, "action_cancel_return", "cancel_return")
    assert done.said == ["utter_return_dropped"]
    assert done.others == [("active_loop", None)]
    assert done.slots == dict.fromkeys(
        ("requested_slot", "draft_id", "expects", "recap", "return_step", "aside")
    )
    assert not drafts.drop(house, TALK)


def test_a_confirmed_return_is_asked_about_before_it_is_cancelled(
    house: TestHouse, rasa: WebClient
) -> None:
    """The bot asks for a yes, and changes nothing before it."""
    return_id = open_one(house, new_order(house))
    done = run(rasa, "action_cancel_return", "cancel_return")
    assert done.said == ["utter_ask_cancel"]
    assert done.slots["aside"] is not None
    (case,) = cases.returns_of_conversation(house, TALK)
    assert (case.return_id, case.status) == (return_id, "requested")


def test_the_status_is_what_is_so(house: TestHouse, rasa: WebClient) -> None:
    """No return, a return, a return with money due: nothing is claimed early."""
    action = "action_tell_return_status"
    assert run(rasa, action, "ask_refund_status").said == ["utter_no_return_here"]
    return_id = open_one(house, new_order(house))
    told = run(rasa, action, "ask_refund_status")
    assert told.said == ["utter_return_status"]
    assert told.responses[0]["params"]["state"]["say"] == "utter_state_requested"
    first = [say["say"] for say in told.responses[0]["params"]["next"]]
    assert first == ["utter_next_address"]
    fall_due(house, return_id)
    params = run(rasa, action, "ask_refund_status").responses[0]["params"]
    assert params["state"]["say"] == "utter_state_received"
    (money,) = params["next"]
    assert money["say"] == "utter_refund_under_way"


def test_the_address_is_told_when_there_is_one(
    house: TestHouse, rasa: WebClient
) -> None:
    """Before: how the return stands; without a return: that it needs one."""
    action = "action_tell_return_address"
    none = run(rasa, action, "ask_return_address")
    assert none.said == ["utter_return_address_needs_return"]
    return_id = open_one(house, new_order(house))
    waiting = run(rasa, action, "ask_return_address")
    assert waiting.said == ["utter_return_status"]
    authorisations.authorise(house, return_id)
    known = run(rasa, action, "ask_return_address")
    assert known.said == ["utter_return_authorised"]
    assert "59000 Lille" in known.responses[0]["params"]["address"]


def test_the_address_is_found_by_the_order(house: TestHouse, rasa: WebClient) -> None:
    """A new conversation proves the order first; then the address is told again."""
    order = new_order(house)
    authorisations.authorise(house, open_one(house, order, "before"))
    asked = run(rasa, "action_tell_return_address", "ask_return_address", form=None)
    assert asked.said == ["utter_status_needs_order"]
    assert asked.others == [("followup", "return_form")]
    proof = {
        "order_number": order["order_number"],
        "email": order["customer"]["email"],
    }
    run(rasa, "validate_return_form", "inform", "m2", **proof)
    slots = {"aside": asked.slots["aside"]}
    found = run(rasa, "action_look_up_order", "inform", "m2", slots=slots)
    assert found.slots == {"return_step": "tell_return"}
    told = run(rasa, "action_tell_return_status", "inform", "m2", slots=slots)
    assert told.said == ["utter_return_authorised"]
    assert told.slots["aside"] is None


def test_the_terms_are_the_shops(house: TestHouse, rasa: WebClient) -> None:
    """The days are the law's, who pays is shop.yml's."""
    done = run(rasa, "action_tell_return_policy", "ask_return_policy")
    assert done.said == ["utter_return_policy"]
    payer = house.shop.withdrawal.return_cost_paid_by
    params = done.responses[0]["params"]
    assert params["days"] == 14
    assert params["payer"]["say"] == f"utter_policy_payer_{payer}"


@pytest.mark.parametrize(
    ("intent", "reason", "response"),
    [
        ("talk_to_human", "asked_for_person", "utter_handoff"),
        ("report_danger", "danger", "utter_handoff_danger"),
        ("cancel_order", "cancel_order", "utter_handoff"),
        ("nlu_fallback", "not_understood", "utter_handoff"),
    ],
)
def test_a_person_gets_reason_and_summary(
    house: TestHouse, rasa: WebClient, intent: str, reason: str, response: str
) -> None:
    """The response carries what sets the desk's mode."""
    done = run(rasa, "action_hand_over", intent)
    assert done.said == [response]
    handoff = done.responses[0]["handoff"]
    assert handoff["reason"] == reason
    assert isinstance(handoff["summary"], dict)


def test_not_understood_offers_then_a_person(rasa: WebClient) -> None:
    """First what we can do, the second time a person first; in a form one sentence."""
    action = "action_not_understood"
    first = run(rasa, action, "nlu_fallback", form=None)
    assert (first.said, first.slots) == (["utter_not_understood"], {"missed": 1.0})
    second = run(rasa, action, "nlu_fallback", form=None, slots={"missed": 1.0})
    assert second.said == ["utter_not_understood_often"]
    offered = second.responses[0]["choices"]
    assert offered[0]["payload"]["intent"] == "talk_to_human"
    inside = run(rasa, action, "nlu_fallback")
    assert inside.said == ["utter_not_understood_in_form"]
    again = run(rasa, action, "nlu_fallback", slots={"missed": 1.0})
    assert again.said == ["utter_not_understood_often"]


def test_what_was_probably_meant_is_offered(rasa: WebClient) -> None:
    """The likeliest meanings become buttons; unlikely ones do not."""
    ranking = [
        {"name": "nlu_fallback", "confidence": 0.4},
        {"name": "ask_order_status", "confidence": 0.34},
        {"name": "complain", "confidence": 0.3},
        {"name": "request_refund", "confidence": 0.05},
    ]
    done = run(
        rasa, "action_not_understood", "nlu_fallback", form=None, ranking=ranking
    )
    assert done.said == ["utter_did_you_mean"]
    offered = [c["payload"]["intent"] for c in done.responses[0]["choices"]]
    assert offered == ["ask_order_status", "talk_to_human"]


def test_a_return_is_offered_with_the_reasons_that_were_heard(rasa: WebClient) -> None:
    """Who told what is wrong presses a button and need not tell it again."""
    ranking = [
        {"name": "give_reason", "confidence": 0.42},
        {"name": "ask_refund_status", "confidence": 0.4},
    ]
    done = run(
        rasa,
        "action_not_understood",
        "nlu_fallback",
        form=None,
        ranking=ranking,
        return_reason="too_small",
    )
    payloads = [c["payload"] for c in done.responses[0]["choices"]]
    assert payloads[0] == {
        "intent": "request_return",
        "entities": {"return_reason": ["too_small"]},
    }
    assert payloads[1] == {"intent": "ask_refund_status", "entities": {}}


@pytest.mark.parametrize("form", [None, "return_form"])
def test_who_writes_in_a_third_language_is_told_which_two_we_speak(
    rasa: WebClient, form: str | None
) -> None:
    """One sentence in both, no buttons, and it is not counted against the customer."""
    done = run(
        rasa, "action_not_understood", "out_of_scope", form=form, other_language="yes"
    )
    assert done.said == ["utter_other_language"]
    assert not done.responses[0].get("choices")
    assert "missed" not in done.slots


def test_other_business_is_named_as_such(rasa: WebClient) -> None:
    """Who asks for the weather or the stock is told what this desk is for."""
    action = "action_not_understood"
    assert run(rasa, action, "out_of_scope", form=None).said == [
        "utter_not_our_business"
    ]
    assert run(rasa, action, "out_of_scope").said == ["utter_not_our_business"]


def test_nothing_is_asked_once_a_person_is_on_the_way(
    house: TestHouse, rasa: WebClient
) -> None:
    """The form's question would go unread; after two misses a person is beside it."""
    ask = "action_ask_return_form_return_step"
    run(rasa, "validate_return_form", "request_refund")
    assert run(rasa, ask, "talk_to_human", done=("action_hand_over",)).said == []
    missed = run(rasa, ask, "nlu_fallback", slots={"missed": 2.0})
    assert missed.said == ["utter_ask_order_number"]
    offered = missed.responses[0]["choices"]
    assert offered[-1]["payload"]["intent"] == "talk_to_human"


def test_a_yes_inside_the_form_is_the_forms(rasa: WebClient) -> None:
    """Outside of it nothing is open, which is said."""
    inside = run(rasa, "action_nothing_asked", "affirm")
    assert inside.said == ["utter_not_understood_in_form"]
    outside = run(rasa, "action_nothing_asked", "affirm", form=None)
    assert outside.said == ["utter_nothing_open"]


def test_a_business_error_is_told_honestly(
    house: TestHouse, rasa: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No event, one sentence; the turn goes on."""

    def refused(*_arguments: Any) -> None:
        raise WrongState("secret words")

    monkeypatch.setattr(drafts, "drop", refused)
    done = run(rasa, "action_cancel_return", "cancel_return")
    assert (done.said, done.slots, done.others) == (["utter_went_wrong"], {}, [])


def test_a_bug_is_an_incident(
    house: TestHouse, rasa: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 with a number for the log, so that Rasa stores nothing of the turn."""

    def broken(*_arguments: Any) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(drafts, "drop", broken)
    crashed = rasa.post("/webhook", json=call_of("action_cancel_return"))
    assert crashed.status_code == 500
    assert set(crashed.json()) == {"error", "incident"}
    assert "secret" not in crashed.text


@pytest.mark.parametrize("secret", ["", "Bearer", "Bearer wrong", "Basic x", "bearer "])
def test_without_the_key_nothing_runs(rasa: WebClient, secret: str) -> None:
    """401 before the body is even read."""
    rasa.headers["Authorization"] = secret
    refused = rasa.post("/webhook", content=b"{")
    assert (refused.status_code, refused.json()) == (401, {"error": "not authorised"})


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"words"', b"\xff", b"null", b'{"tracker": 1}']
)
def test_a_malformed_call_is_the_callers_fault(rasa: WebClient, content: bytes) -> None:
    """422, not an incident of ours."""
    assert rasa.post("/webhook", content=content).status_code == 422


def test_odd_calls_are_refused(rasa: WebClient) -> None:
    """Too long, compressed, or for an action that nobody has."""
    assert rasa.post("/webhook", content=b"x" * (1024 * 1024 + 1)).status_code == 413
    packed = {"Content-Encoding": "gzip"}
    assert rasa.post("/webhook", content=b"{}", headers=packed).status_code == 415
    unknown = rasa.post("/webhook", json=call_of("action_pay_me"))
    assert (unknown.status_code, unknown.json()["action_name"]) == (
        404,
        "action_pay_me",
    )
    assert rasa.get("/health").json() == {"status": "ok"}
