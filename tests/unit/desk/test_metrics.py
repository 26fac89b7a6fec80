"""What Prometheus reads: closed, true, without a word of a customer, few labels."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from desk import metrics
from desk.tables import conversations
from returns.errors import PartnerUnknown
from returns.gateways.breaker import FAILURES_IN_A_ROW, Breaker
from returns.gateways.payments import RefundOrder
from returns.heartbeats import beat
from returns.logs import SHOWN
from returns.services import reconciling, refunds, tasks
from returns.unit import writing
from returns.work import WorkKind
from tests.desks import FakeRasa, WebClient, enter, say
from tests.houses import OneEach, TestHouse
from tests.orders import new_order
from tests.unit.returns.test_money import fall_due, open_one
from worker.attempts import try_once
from worker.whose import conversation_of

type Samples = dict[tuple[str, tuple[str, ...]], float]


def read(house: TestHouse) -> Samples:
    """Values by name and label values."""
    told = metrics.text(house).decode()
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
    }


def test_it_is_closed_without_its_secret(house: TestHouse, client: WebClient) -> None:
    """No token, a wrong one, one in the address: 401; never a number."""
    secret = house.settings.metrics_secret
    refused: list[dict[str, Any]] = [
        {},
        {"headers": {"Authorization": "Bearer x"}},
        {"headers": {"Authorization": str(secret)}},
        {"params": {"token": secret}},
        {"headers": {"Authorization": f"Bearer {house.settings.private_secret}"}},
    ]
    for how in refused:
        reply = client.get("/metrics", **how)
        assert reply.status_code == 401 and "bonretour_" not in reply.text
    right = {"Authorization": f"Bearer {secret}"}
    reply = client.get("/metrics", headers=right)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "bonretour_workers_alive" in reply.text


def test_production_without_the_secret_has_no_such_page(
    house: TestHouse, client: WebClient
) -> None:
    """404, also for who sends an empty token."""
    house.settings = replace(house.settings, production=True)
    for header in ({}, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=header).status_code == 404


def test_a_turn_is_counted_with_its_time(
    house: TestHouse, client: WebClient, rasa: FakeRasa
) -> None:
    """By channel and by what was understood; a silent Rasa by itself."""
    before = read(house)
    enter(client)
    say(client, "bonjour")
    after = read(house)

    def more(name: str, *labels: str) -> float:
        return after[name, labels] - before.get((name, labels), 0.0)

    assert more("bonretour_answer_seconds_count", "web") == 1
    assert more("bonretour_understood_total", "inform") == 1
    assert more("bonretour_http_responses_total", "2xx") >= 1


def test_what_waits_is_told(house: TestHouse) -> None:
    """Work, handoffs, tasks past their day, refunds by state, the hour's sum."""
    now = house.clock.now()
    order = new_order(house)
    return_id = open_one(house, order)
    refund_id = fall_due(house, return_id)
    beat(house.engine, "worker-7", now)
    with writing(house) as unit:
        tasks.open_task(unit, "check_proof", "x", None, due_at=now - timedelta(days=1))
        unit.connection.execute(
            conversations.insert().values(
                conversation_id="c-waits",
                channel="web",
                channel_user_id="x",
                language="fr",
                mode="waiting",
                waiting_since=now - timedelta(minutes=5),
                last_seq=0,
                told_rasa_seq=0,
                created_at=now,
            )
        )
    told = read(house)
    assert told["bonretour_work", ("pay_refund", "pending")] == 1
    assert told["bonretour_work", ("pay_refund", "given_up")] == 0
    assert told["bonretour_handoffs", ("waiting",)] == 1
    assert told["bonretour_handoff_oldest_seconds", ()] == 300
    assert told["bonretour_tasks_overdue", ("check_proof",)] == 1
    assert told["bonretour_refunds", ("due",)] == 1
    assert told["bonretour_refunded_last_hour_minor", ("EUR",)] == 0
    assert told["bonretour_workers_alive", ()] == 1
    refunds.pay(house, refund_id)
    told = read(house)
    assert told["bonretour_refunds", ("due",)] == 0
    assert told["bonretour_refunded_last_hour_minor", ("EUR",)] == 5990 + 490
    assert told["bonretour_refund_hour_limit_minor", ("EUR",)] == 2_000_000


def test_an_unreadable_database_is_a_number_too(house: TestHouse) -> None:
    """The page itself answers, and says that it is down."""
    house.engine.dispose()
    house.__dict__["reader"] = _Broken()
    told = read(house)
    assert told["bonretour_database_up", ()] == 0
    assert told["bonretour_disk_free_bytes", ()] > 0


class _Broken:
    def connect(self) -> None:
        import sqlalchemy as sa

        raise sa.exc.OperationalError("x", {}, Exception("gone"))


def test_a_resting_partner_is_seen(house: TestHouse) -> None:
    """1 while no call is made, by the partner's host."""
    breaker = Breaker("api.partner.example")

    def silent() -> None:
        raise PartnerUnknown("timeout")

    for _ in range(FAILURES_IN_A_ROW):
        with pytest.raises(PartnerUnknown):
            breaker.call(silent)
    assert read(house)["bonretour_breaker_open", ("api.partner.example",)] == 1


def test_no_label_grows_with_customers(house: TestHouse, client: WebClient) -> None:
    """Many orders and talks add no line, and nothing of them is told."""
    enter(client)
    say(client, "bonjour")
    open_one(house, new_order(house), "c0")
    before = metrics.text(house).decode()
    for n in range(1, 6):
        order = new_order(house)
        open_one(house, order, f"c{n}")
        enter(client)
        say(client, f"mon e-mail est {order['customer']['email']}")
    after = metrics.text(house).decode()
    ours = [line for line in after.splitlines() if line.startswith("bonretour_")]
    then = [line for line in before.splitlines() if line.startswith("bonretour_")]
    assert len(ours) == len(then)
    assert order["order_number"] not in after and "@" not in after


def test_work_is_told_with_its_conversation(house: TestHouse) -> None:
    """One id leads from the talk to what a worker did for it, days later."""
    return_id = open_one(house, new_order(house), "talk-1")
    refund_id = fall_due(house, return_id)
    for kind, subject in (
        (WorkKind.AUTHORISE_RETURN, return_id),
        (WorkKind.SEND_EVIDENCE, f"{return_id}:upload"),
        (WorkKind.PAY_REFUND, refund_id),
        (WorkKind.READ_PAYMENT, f"{refund_id}/event"),
        (WorkKind.DELIVER_NOTICE, f"{return_id}:chat:news_goods_received"),
        (WorkKind.FORGET_CONVERSATION, "talk-1"),
    ):
        assert conversation_of(house.reader, kind, subject) == "talk-1", kind
    assert conversation_of(house.reader, WorkKind.PAY_REFUND, "gone") is None
    assert conversation_of(house.reader, WorkKind.KEEP_PERIODS, "2026-11-20") is None
    with capture_logs() as lines:
        try_once(house, WorkKind.PAY_REFUND, lambda i: refunds.pay(house, i), refund_id)
    (line,) = (one for one in lines if one["event"] == "work.done")
    assert line["conversation_id"] == "talk-1"
    assert set(line) - {"log_level"} <= SHOWN


def test_the_books_are_told(house: TestHouse) -> None:
    """How many differences nobody explained, and since when all books were read."""
    house.gateways = OneEach()
    assert read(house)["bonretour_reconcile_unexplained", ()] == 0
    house.gateways.bank.refund(RefundOrder("rf-stray", "k", "pay-1", 4990, "EUR"))
    reconciling.run(house)
    house.clock.move(hours=2)
    told = read(house)
    assert told["bonretour_reconcile_unexplained", ()] == 1
    assert told["bonretour_reconcile_age_seconds", ()] == 7200
