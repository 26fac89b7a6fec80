"""`./bonretour reconcile`, with and without partners that answer."""

import json

from returns.clock import Clock
from returns.sandbox.store import book, insert, open_store
from returns.settings import load_settings
from tests.partners import sandbox_in_thread
from tests.unit.cli.test_command_line import Run, run, set_up

__all__ = ["run", "set_up"]


def test_partners_that_are_gone_are_named(set_up: Run) -> None:
    """No agreement is claimed; the report is kept, and `check` tells of it."""
    code, told, _ = set_up("reconcile", "--last")
    assert (code, told) == (0, "Nothing was compared yet.\n")
    assert "Books: not compared" in set_up("check")[1]
    code, told, _ = set_up("reconcile")
    assert code == 1
    assert "bank: COULD NOT BE READ" in told and "Nordlys Apparel: COULD NOT" in told
    code, again, _ = set_up("reconcile", "--last")
    assert code == 1 and told.endswith(again)
    assert "not all could be read" in set_up("check")[1]


def test_a_stray_payment_is_shown_with_its_sum(set_up: Run) -> None:
    """0 while all agree; then 1, by the id and the amount; `tasks` has it, once."""
    settings = load_settings()
    with sandbox_in_thread(settings, Clock()):
        code, told, _ = set_up("reconcile")
        assert (code, told.splitlines()[-1]) == (0, "0 unexplained, 0 explained.")
        engine = open_store(settings.var / "sandbox.db")
        stray = {"refund_id": "rf-stray", "key": "k", "payment_reference": "pay-1"}
        paid = {"amount_minor": 4990, "currency": "EUR", "reference": "BK1"}
        with engine.begin() as connection:
            insert(connection, book, at=Clock().now(), **stray, **paid)
        engine.dispose()
        for _ in range(2):
            code, told, _ = set_up("reconcile", "--days", "3")
            assert code == 1
            assert "bank: unknown_payment rf-stray, theirs €49.90" in told
        (report,) = json.loads(set_up("reconcile", "--last", "--json")[1])
        assert report["unexplained"] == 1
        tasks = json.loads(set_up("tasks", "--json")[1])
        assert [task["kind"] for task in tasks] == ["explain_difference"]
