"""Who goes first in one worker: what a customer waits for."""

import threading

import pytest

from returns.work import WorkKind
from worker import courtesy
from worker.courtesy import Courtesy


class Attempt(threading.Thread):
    """Begins when it may, and ends when it is told."""

    def __init__(self, order: Courtesy, kind: WorkKind) -> None:
        super().__init__(daemon=True)
        self.begun, self.over = threading.Event(), threading.Event()
        self._order, self._kind = order, kind
        self.start()

    def run(self) -> None:
        with self._order.turn(self._kind):
            self.begun.set()
            self.over.wait(60)

    def end(self) -> None:
        self.over.set()
        self.join(30)
        assert not self.is_alive()


def test_the_rest_waits_until_nobody_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courtesy, "PATIENCE_SECONDS", 60)
    order = Courtesy()
    first = [Attempt(order, WorkKind.AUTHORISE_RETURN) for _ in range(2)]
    assert all(one.begun.wait(30) for one in first), "these wait for nobody"
    later = Attempt(order, WorkKind.DELIVER_NOTICE)
    first[0].end()
    assert not later.begun.wait(0.3)
    first[1].end()
    assert later.begun.wait(30)
    again = Attempt(order, WorkKind.AUTHORISE_RETURN)
    assert again.begun.wait(30), "nor for the rest, once that has begun"
    again.end()
    later.end()


def test_nobody_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "PATIENCE_SECONDS", 0.01)
    order = Courtesy()
    first = Attempt(order, WorkKind.ANSWER_MESSAGE)
    assert first.begun.wait(30)
    later = Attempt(order, WorkKind.DELIVER_NOTICE)
    assert later.begun.wait(30)
    later.end()
    first.end()


def test_one_that_failed_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "PATIENCE_SECONDS", 60)
    order = Courtesy()
    with pytest.raises(ValueError, match="no"), order.turn(WorkKind.SEND_CODE):
        raise ValueError("no")
    later = Attempt(order, WorkKind.DELIVER_NOTICE)
    assert later.begun.wait(30)
    later.end()
