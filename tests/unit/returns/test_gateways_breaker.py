"""A partner that is down is left alone; one that says no is not down."""

import time

import pytest

from returns.errors import PartnerRefused, PartnerUnknown
from returns.gateways import breaker
from returns.gateways.http import PartnerClient
from returns.waits import SCALE_VARIABLE
from tests.partners import ScriptedPartner, http_reply, scripted

DOWN, NO, WELL = http_reply(500), http_reply(422), http_reply(200, "{}")


def client_of(partner: ScriptedPartner) -> PartnerClient:
    return PartnerClient(partner.url, "token", allow_private=True, timeout=(1.0, 0.4))


def fail(client: PartnerClient, times: int) -> list[str]:
    """Why each write failed."""
    reasons = []
    for _ in range(times):
        with pytest.raises(PartnerUnknown) as caught:
            client.post("things", key="k", json={})
        reasons.append(caught.value.reason)
    return reasons


def test_after_five_failures_it_is_left_alone() -> None:
    """The sixth call is not made, and says when to ask again."""
    with scripted(DOWN) as partner:
        client = client_of(partner)
        assert fail(client, 7) == ["http_500"] * 5 + ["resting"] * 2
        assert partner.connections == 5
        with pytest.raises(PartnerUnknown) as caught:
            client.get("things")
    assert caught.value.retry_after == breaker.REST_SECONDS


def test_then_one_call_tries_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe that fails means another rest; one that succeeds ends it."""
    monkeypatch.setenv(SCALE_VARIABLE, "0.01")
    with scripted(*[DOWN] * 6, WELL) as partner:
        client = client_of(partner)
        fail(client, 5)
        time.sleep(0.35)
        assert fail(client, 2) == ["http_500", "resting"]
        time.sleep(0.35)
        for _ in range(3):
            client.post("things", key="k", json={})
        assert partner.connections == 9


def test_a_no_is_an_answer() -> None:
    """However often a partner refuses, the next call reaches it."""
    with scripted(NO) as partner:
        client = client_of(partner)
        for _ in range(breaker.FAILURES_IN_A_ROW + 2):
            with pytest.raises(PartnerRefused):
                client.post("things", key="k", json={})
        assert partner.connections == breaker.FAILURES_IN_A_ROW + 2
