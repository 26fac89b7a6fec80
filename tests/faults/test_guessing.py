"""F14, I1-I6: guesses open nothing; neither words nor time tell how near one was."""

import hashlib
import itertools
import json
import random
import string
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from desk import sessions
from returns import ids
from returns.importing import import_orders
from returns.model import Proof
from returns.services import codes, identity
from returns.tables import grants, identity_codes, order_lines, orders
from returns.unit import writing
from tests.fault_counts import Record
from tests.faults.statistics import holm, ks_p
from tests.houses import TestHouse, opened
from tests.orders import make_order
from tests.unit.returns.test_identity import Talk, mailed_codes, shown

pytestmark = pytest.mark.fault("F14")

SEED = 20261129
WRONG = "stranger@example.com"
GUESSES, TRIES = 6, 20  # in one conversation
LETTERS = string.ascii_letters + string.digits + "-_"
SURE = 0.01
TIMINGS = 1000
KINDS = ("unknown", "wrong e-mail", "gone", "locked", "wrong postcode", "wrong surname")
Told = dict[str, Any]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


class Shop:
    """Orders by what is wrong with guessing them; as many numbers of each kind."""

    def __init__(self, house: TestHouse, each: int) -> None:
        self.house = house
        self.by_kind: dict[str, list[dict[str, Any]]] = {}
        for kind in KINDS:
            made = [make_order(house) for _ in range(each)]
            for order in made:
                order["customer"]["phone"] = "+33612345678"
            self.by_kind[kind] = made
            if kind != "unknown":
                self._import(made)
        self._forget(self.by_kind["gone"])
        for order in self.by_kind["locked"]:
            self._fail_often(order["order_number"])

    def _import(self, made: list[dict[str, Any]]) -> None:
        lines = [json.dumps(order) for order in made]
        report = import_orders(self.house.engine, lines, self.house.clock.now())
        assert not report.problems

    def _forget(self, made: list[dict[str, Any]]) -> None:
        """Kept no longer: nothing but its owner's memory is left of it."""
        gone = [order["order_number"] for order in made]
        with writing(self.house) as unit:
            for table in (order_lines, orders):
                unit.connection.execute(
                    table.delete().where(table.c.order_number.in_(gone))
                )

    def _fail_often(self, number: str) -> None:
        for _ in range(identity.ORDER_CODE_ONLY_AFTER):
            Talk(self.house, ids.new_id()).fail(number)

    def guess(self, kind: str, dice: random.Random) -> Told:
        """What somebody says who is not the owner, or, of locked and gone, is."""
        order = dice.choice(self.by_kind[kind])
        number, email = order["order_number"], order["customer"]["email"]
        if kind in ("wrong postcode", "wrong surname"):
            named = {"postcode": "75011", "surname": "Martin"}
            wrong = "13001" if kind == "wrong postcode" else f"Petit{dice.random()}"
            told: Told = {**named, kind.removeprefix("wrong "): wrong}
            return {"order_number": number, **told}
        right = kind in ("gone", "locked")
        return {"order_number": number, "email": email if right else WRONG}


@pytest.mark.timeout(3600)
def test_ten_thousand_guesses_are_one_refusal(
    house: TestHouse, pytestconfig: pytest.Config, record_property: Record
) -> None:
    """Six kinds: no grant, and one text for each number of failures, whatever failed.

    What is told are responses and their gaps; the language comes in afterwards.
    """
    talks = 1668 if pytestconfig.getoption("--full") else 12
    dice = random.Random(SEED)
    shop = Shop(house, 40 if talks > 100 else 2)
    read: dict[int, set[str]] = defaultdict(set)
    for n in range(talks):
        thief, kind = Talk(house, f"thief{n}"), KINDS[n % len(KINDS)]
        house.clock.move(minutes=1)
        for failed in range(GUESSES):
            said = shop.guess(kind, dice)
            read[failed].add(shown(thief.say(**said), *map(str, said.values())))
    assert _granted(house) == []
    assert [len(texts) for texts in read.values()] == [1] * GUESSES, read
    record_property("trials", talks * GUESSES)
    record_property("seed", SEED)


@pytest.mark.timeout(3600)
def test_codes_are_not_guessed(
    house: TestHouse, pytestconfig: pytest.Config, record_property: Record
) -> None:
    """Of all tries in an hour fifteen count; no grant, and the owner gets in."""
    talks = 500 if pytestconfig.getoption("--full") else 6
    dice = random.Random(SEED)
    order = make_order(house)
    import_orders(house.engine, [json.dumps(order)], house.clock.now())
    number = order["order_number"]
    heard_by: dict[str, set[str]] = defaultdict(set)
    for n in range(talks):
        asked = number if n % 2 else "TS-0000"
        thief = Talk(house, f"thief{n}")
        thief.say("request_return", order_number=asked)
        thief.say(proof=Proof.CODE)
        mailed_codes(house)
        for _ in range(TRIES):
            code = f"{dice.randrange(10**6):06}"
            heard_by[asked].add(shown(thief.say(code=code), asked, code))
    counted = sa.select(sa.func.sum(identity_codes.c.tries)).where(
        identity_codes.c.order_number == number
    )
    with house.reader.connect() as connection:
        tries = connection.execute(counted).scalar_one()
    assert tries <= codes.SENT_AN_HOUR * codes.TRIES
    assert _granted(house) == []
    assert heard_by[number] == heard_by["TS-0000"]
    house.clock.move(hours=1, seconds=1)
    owner, before = Talk(house, "owner"), len(mailed_codes(house))
    owner.say("request_return", order_number=number)
    owner.say(proof=Proof.CODE)
    owner.say(code=mailed_codes(house)[before][1])
    assert owner.granted == [number]
    record_property("trials", talks * TRIES)
    record_property("seed", SEED)


def test_every_refusal_asks_the_database_the_same(house: TestHouse) -> None:
    """What takes time is what is asked: of all six kinds the same statements, in the
    same order; so nothing but noise is left for a clock to tell.
    """
    dice, shop = random.Random(SEED), Shop(house, 2)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    by_kind: dict[str, list[str]] = {}
    for kind in KINDS:
        thief = Talk(house, f"thief of {kind}")
        event.listen(house.engine, "before_cursor_execute", note)
        thief.say(**shop.guess(kind, dice))
        event.remove(house.engine, "before_cursor_execute", note)
        by_kind[kind], asked = asked, []
    unlike = {kind for kind, one in by_kind.items() if one != by_kind["unknown"]}
    assert len(by_kind["unknown"]) > 10
    assert unlike == set(), {kind: len(one) for kind, one in by_kind.items()}


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_time_does_not_tell(house: TestHouse, record_property: Record) -> None:
    """A thousand first guesses of each of six kinds, in turn: none of the fifteen pairs
    of kinds can be told apart by time (Kolmogorov and Smirnov, corrected by Holm and
    Bonferroni, p > 0.01). Measured is all that is done between hearing the proof and
    the next question, without the network.
    """
    dice = random.Random(SEED)
    shop = Shop(house, 100)
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for n in range(TIMINGS):
        for kind in dice.sample(KINDS, len(KINDS)):
            said, thief = shop.guess(kind, dice), Talk(house, f"{kind}{n}")
            began = time.perf_counter()
            thief.say(**said)
            times[kind].append(time.perf_counter() - began)
    pairs = itertools.combinations(KINDS, 2)
    p = holm({f"{a} / {b}": ks_p(times[a], times[b]) for a, b in pairs})
    medians = {kind: sorted(times[kind])[TIMINGS // 2] for kind in KINDS}
    least = min(p, key=p.__getitem__)
    assert p[least] > SURE, (p, medians)
    record_property("trials", TIMINGS * len(KINDS))
    record_property("seed", SEED)
    record_property(
        "note", f"15 pairs, the nearest to telling: {least}, {p[least]:.2f}"
    )


def test_tokens_are_not_guessed(
    house: TestHouse, pytestconfig: pytest.Config, record_property: Record
) -> None:
    """E5: random ones, and a real one with something changed, join no conversation."""
    count = 10_000 if pytestconfig.getoption("--full") else 300
    dice = random.Random(SEED)
    token, _talk = sessions.open_session(house, "fr")
    joined = Counter[str]()
    for _ in range(count):
        with suppress(sessions.UnknownToken):
            joined[sessions.conversation_of(house, _like(token, dice))] += 1
    assert not joined
    assert sessions.conversation_of(house, token) == _talk
    record_property("trials", count)
    record_property("seed", SEED)


def _like(token: str, dice: random.Random) -> str:
    """Another token, by one of the ways in which people get it wrong."""
    place = dice.randrange(len(token))
    other = dice.choice(LETTERS.replace(token[place], ""))
    ways: tuple[Callable[[], str], ...] = (
        lambda: "".join(dice.choices(LETTERS, k=len(token))),
        lambda: token[:place] + other + token[place + 1 :],
        lambda: token[:place] + token[place + 1 :],
        lambda: token[:place] + dice.choice("\x00\u200b %_'é\ud800") + token[place:],
        lambda: token[:place],
        lambda: token + other,
        lambda: token.swapcase(),
        lambda: hashlib.sha256(token.encode()).hexdigest(),
    )
    return dice.choice(ways)()


def _granted(house: TestHouse) -> list[str]:
    with house.reader.connect() as connection:
        return list(connection.execute(sa.select(grants.c.order_number)).scalars())
