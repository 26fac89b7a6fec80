"""Runs every conversation of this folder against the whole product."""

import argparse
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cli import sandbox
from desk import handoffs
from returns.services import tasks, views
from returns.wiring import CLOCK_CACHE_SECONDS
from tests.faults.journeys import eventually
from tests.orders import new_order
from tests.stack import Customer, Stack

FILES = sorted(Path(__file__).parent.glob("*.yml"))
KINDS = [
    "happy",
    "several_lines",
    "several_reasons",
    "several_orders",
    "correction",
    "cancellation",
    "digression",
    "invalid",
    "angry",
    "identity",
    "law",
    "handoff",
    "afterwards",
]
NEEDED = {"name", "kind", "language", "steps"}
TOP = {*NEEDED, "order", "other order", "then"}
ACTS = {
    "says",
    "presses",
    "goods arrive",
    "supplier",
    "staff says",
    "code from mail",
    "clock",
    "news",
    "comes back",
}
STEP = {*ACTS, "bot says", "bot does not say", "expects", "mode"}
THEN = {
    "returns",
    "other returns",
    "book",
    "tasks",
    "mails",
    "news",
    "withdrawals",
}
SECONDS = 60.0
STAFF = "Nadia"


def read(path: Path) -> dict[str, Any]:
    """The conversation; an AssertionError names the file and what is wrong in it."""
    told: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    check(path.name, told)
    return told


def check(name: str, told: dict[str, Any]) -> None:
    missing = NEEDED - set(told)
    assert not missing, f"{name}: lacks {', '.join(sorted(missing))}"
    assert told["language"] in ("fr", "en"), f"{name}: language {told['language']}"
    assert told["kind"] in KINDS, f"{name}: kind {told['kind']}"
    places = [(told, TOP), (told.get("then", {}), THEN)]
    places += [(step, STEP) for step in told["steps"]]
    for place, known in places:
        unknown = set(place) - known
        assert not unknown, f"{name}: unknown key {', '.join(sorted(unknown))}"
    for step in told["steps"]:
        assert len(ACTS & set(step)) == 1, f"{name}: one act in each step: {step}"
        for key in ("bot says", "bot does not say"):
            listed = isinstance(step.get(key, []), list)
            assert listed, f"{name}: {key} is a list: {step}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_conversation(stack: Stack, path: Path) -> None:
    """What the file says of replies, database, bank and mailbox is so."""
    Talk(stack, read(path)).run()


def test_names_are_unique() -> None:
    """A failing conversation can be found by its name."""
    names = [read(path)["name"] for path in FILES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "wrong",
    [
        {"nmae": "a"},
        {"language": "de"},
        {"kind": "sad"},
        {"steps": [{"says": "a", "bot say": ["b"]}]},
        {"steps": [{"says": "a", "presses": "b"}]},
        {"steps": [{"says": "a", "bot says": "b"}]},
        {"then": {"refunds": []}},
    ],
    ids=str,
)
def test_a_slip_names_its_file(wrong: dict[str, Any]) -> None:
    """A misspelt key never makes a check that checks nothing."""
    right = {"name": "a", "kind": "law", "language": "fr", "steps": [{"says": "a"}]}
    check("right.yml", right)
    with pytest.raises(AssertionError, match=r"^wrong\.yml: "):
        check("wrong.yml", {**right, **wrong})


class Talk:
    """One conversation under way."""

    def __init__(self, stack: Stack, told: dict[str, Any]) -> None:
        self.stack, self.told = stack, told
        self.order = new_order(stack.house, **told.get("order", {}))
        self.number = self.order["order_number"]
        self.email = self.order["customer"]["email"]
        self.other = None
        if "other order" in told:
            mine = {"customer": self.order["customer"], **told["other order"]}
            self.other = new_order(stack.house, **mine)
        self.customer: Customer = stack.customer(told["language"])

    def run(self) -> None:
        try:
            for step in self.told["steps"]:
                self._step(step)
            self._then(self.told.get("then", {}))
        finally:
            self.stack.sandbox.clear()

    def _step(self, step: dict[str, Any]) -> None:
        answer = self._act(step)
        for words in step.get("bot says", ()):
            assert plain(self._filled(words)) in plain(answer), (words, answer)
        for words in step.get("bot does not say", ()):
            assert plain(self._filled(words)) not in plain(answer), (words, answer)
        if "expects" in step:
            assert self.customer.expects == step["expects"], answer
        if "mode" in step:
            assert self.customer.mode == step["mode"], answer

    def _act(self, step: dict[str, Any]) -> str:
        if "says" in step:
            return self.customer.say(self._filled(step["says"]))
        if "presses" in step:
            return self._press(step["presses"])
        if "staff says" in step:
            return self._staff(step["staff says"])
        if "code from mail" in step:
            return self.customer.say(self._code_from_mail())
        if "news" in step:
            return self._wait_for_news(step["news"])
        if "clock" in step:
            self._move_clock(step["clock"])
        if "comes back" in step:
            self.customer = self.stack.customer(self.told["language"])
        if "supplier" in step:
            self._supplier(step["supplier"])
        if "goods arrive" in step:
            rma = self._eventually(lambda: self._returns()[0]["rma_number"], "an RMA")
            self.stack.sandbox.receive(str(rma))
        return ""

    def _filled(self, text: str) -> str:
        numbered = text.replace("{order_number}", self.number)
        filled = numbered.replace("{email}", self.email)
        if self.other is None:
            return filled
        return filled.replace("{other_order_number}", self.other["order_number"])

    def _code_from_mail(self) -> str:
        codes = self._eventually(self._mailed_codes, "a code by mail")
        return str(codes[-1])

    def _mailed_codes(self) -> list[str]:
        mails = self.stack.sandbox.mails()
        mine = [mail["text"] for mail in mails if mail["to"] == self.email]
        return [c for text in mine for c in re.findall(r"(?<!\d)\d{6}(?!\d)", text)]

    def _press(self, titles: str | list[str]) -> str:
        wanted = [titles] if isinstance(titles, str) else titles
        offered = [button["title"] for button in self.customer.buttons]
        for title in wanted:
            assert any(o.startswith(title) for o in offered), (title, offered)
        return self.customer.press(*wanted)

    def _staff(self, text: str) -> str:
        handoffs.reply(self.stack.house, self.customer.conversation_id, text, STAFF)
        return "\n".join(message["text"] for message in self.customer.news())

    def _wait_for_news(self, wanted: list[str]) -> str:
        holds = partial(lambda: fits(self._heard(), wanted))
        self._eventually(holds, f"news {wanted}", self._heard)
        return self._heard()[-1]

    def _move_clock(self, distance: str) -> None:
        sandbox.move_clock(argparse.Namespace(distance=distance))
        time.sleep(2 * CLOCK_CACHE_SECONDS)  # until every process has read it

    def _supplier(self, state: str) -> None:
        if state == "well":
            self.stack.sandbox.clear()
            return
        name = self.order["lines"][0]["supplier"]
        self.stack.sandbox.fault(self.stack.house.shop.supplier(name).slug, state)

    def _then(self, then: dict[str, Any]) -> None:
        checks = {
            "returns": self._returns,
            "other returns": self._other_returns,
            "book": self._book,
            "tasks": self._tasks,
            "mails": self._subjects,
            "news": self._heard,
            "withdrawals": self._withdrawals,
        }
        for name, wanted in then.items():
            found = checks[name]
            holds = partial(lambda f, w: fits(f(), w), found, wanted)
            self._eventually(holds, f"{name} {wanted}", found)

    def _eventually(
        self,
        holds: Callable[[], Any],
        what: str,
        found: Callable[[], Any] | None = None,
    ) -> Any:
        try:
            return eventually(holds, what, SECONDS)
        except AssertionError:
            seen = (found or self._returns)()
            raise AssertionError(f"never: {what}; there is {seen}") from None

    def _returns(self) -> list[dict[str, Any]]:
        """In the order of the order's lines: those of one yes are equally old."""
        mine = views.all_returns(self.stack.house, self.number)
        return sorted(mine, key=lambda case: str(case["lines"][0]["line_id"]))

    def _other_returns(self) -> list[dict[str, Any]]:
        assert self.other is not None, "other returns need an other order"
        return views.all_returns(self.stack.house, self.other["order_number"])

    def _book(self) -> list[dict[str, Any]]:
        mine = self.order["payment"]["reference"]
        book = self.stack.sandbox.book()
        return [row for row in book if row["payment_reference"] == mine]

    def _tasks(self) -> list[str]:
        mine = {case["return_id"] for case in self._returns()}
        found = tasks.open_tasks(self.stack.house)
        return [task.kind for task in found if task.return_id in mine]

    def _withdrawals(self) -> list[str]:
        mine = self.customer.conversation_id
        found = tasks.open_tasks(self.stack.house)
        return [t.kind for t in found if t.facts.get("conversation_id") == mine]

    def _subjects(self) -> "Said":
        mails = self.stack.sandbox.mails()
        return Said([mail["subject"] for mail in mails if mail["to"] == self.email])

    def _heard(self) -> "Said":
        self.customer.news()
        return Said(
            [m["text"] for m in self.customer.heard if m["author"] != "customer"]
        )


class Said(list[str]):
    """Texts of which some must hold the wanted words."""


def fits(found: Any, wanted: Any) -> bool:
    """Whether found is as wanted: texts by words, objects by the named keys."""
    if isinstance(found, Said):
        everything = plain("\n".join(found))
        return all(plain(words) in everything for words in wanted)
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            fits(found.get(key), value) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(map(fits, found, wanted))
        )
    return bool(found == wanted)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold()
