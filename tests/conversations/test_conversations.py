"""Runs every conversation of this folder against the whole product."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from returns.services import tasks, views
from tests.faults.journeys import eventually
from tests.orders import new_order
from tests.stack import Customer, Stack

FILES = sorted(Path(__file__).parent.glob("*.yml"))
TOP = {"name", "kind", "language", "order", "steps", "then"}
STEP = {
    "says",
    "presses",
    "goods arrive",
    "supplier",
    "bot says",
    "bot does not say",
    "expects",
    "mode",
}
THEN = {"returns", "book", "tasks", "mails", "news"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_conversation(stack: Stack, path: Path) -> None:
    """What the file says of replies, database, bank and mailbox is so."""
    told = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    check_keys(path, told)
    Talk(stack, told).run()


def test_names_are_unique() -> None:
    """A failing conversation can be found by its name."""
    names = [
        YAML(typ="safe").load(p.read_text(encoding="utf-8"))["name"] for p in FILES
    ]
    assert len(names) == len(set(names))


def check_keys(path: Path, told: dict[str, Any]) -> None:
    places = [(told, TOP), (told.get("then", {}), THEN)]
    places += [(step, STEP) for step in told["steps"]]
    for place, known in places:
        unknown = set(place) - known
        assert not unknown, f"{path.name}: unknown key {', '.join(sorted(unknown))}"


class Talk:
    """One conversation under way."""

    def __init__(self, stack: Stack, told: dict[str, Any]) -> None:
        self.stack, self.told = stack, told
        self.order = new_order(stack.house, **told.get("order", {}))
        self.number = self.order["order_number"]
        self.email = self.order["customer"]["email"]
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
            assert plain(words) in plain(answer), (words, answer)
        for words in step.get("bot does not say", ()):
            assert plain(words) not in plain(answer), (words, answer)
        if "expects" in step:
            assert self.customer.expects == step["expects"], answer
        if "mode" in step:
            assert self.customer.mode == step["mode"], answer

    def _act(self, step: dict[str, Any]) -> str:
        if "says" in step:
            text = step["says"].replace("{order_number}", self.number)
            return self.customer.say(text.replace("{email}", self.email))
        if "presses" in step:
            return self.customer.press(*step["presses"])
        if "supplier" in step:
            supplier = self.stack.house.shop.supplier(
                self.order["lines"][0]["supplier"]
            )
            if step["supplier"] == "well":
                self.stack.sandbox.clear()
            else:
                self.stack.sandbox.fault(supplier.slug, step["supplier"])
        if "goods arrive" in step:
            rma = eventually(lambda: self._returns()[0]["rma_number"], "an RMA number")
            self.stack.sandbox.receive(str(rma))
        return ""

    def _then(self, then: dict[str, Any]) -> None:
        checks = {
            "returns": self._returns,
            "book": self._book,
            "tasks": self._tasks,
            "mails": self._subjects,
            "news": self._heard,
        }
        for name, wanted in then.items():
            found = checks[name]
            eventually(
                lambda found=found, wanted=wanted: fits(found(), wanted),
                f"{name} {wanted}; found {found()}",
                30,
            )

    def _returns(self) -> list[dict[str, Any]]:
        return views.all_returns(self.stack.house, self.number)

    def _book(self) -> list[int]:
        mine = self.order["payment"]["reference"]
        book = self.stack.sandbox.book()
        return [r["amount_minor"] for r in book if r["payment_reference"] == mine]

    def _tasks(self) -> list[str]:
        mine = {case["return_id"] for case in self._returns()}
        found = tasks.open_tasks(self.stack.house)
        return [task.kind for task in found if task.return_id in mine]

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
        return all(fits(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(fits, found, wanted))
    return bool(found == wanted)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold()
