"""Whose order it is: proofs, one neutral refusal, throttles, codes, canaries."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from returns.errors import CodeRefused, IdentityRefused, OrderNotGranted
from returns.model import Proof, Question, ReturnReason, Say, Step
from returns.services import cases, codes, drafts, identity, places, tasks, withdrawals
from returns.tables import grants, notices
from returns.unit import writing
from returns.work import WorkKind
from tests.houses import TestHouse, ask, heard, opened, tell_all
from tests.orders import new_order

WRONG = "stranger@example.com"
OFTEN = "utter_order_refused_often"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


class Talk:
    """One conversation as the dialogue leads it: hear, look up when told, ask."""

    def __init__(self, house: TestHouse, conversation_id: str) -> None:
        self.house, self.conversation_id = house, conversation_id
        self.said = 0

    def say(self, intent: str = "inform", **facts: Any) -> list[Any]:
        """Everything told in answer: Says, then the Question."""
        self.said += 1
        message = heard(f"m{self.said}", intent, self.conversation_id, **facts)
        answer = drafts.hear(self.house, message)
        told: list[Any] = list(answer.says)
        if answer.step is Step.LOOK_UP:
            told += self._look_up()
        return [*told, ask(self.house, self.conversation_id)]

    def _look_up(self) -> list[Say]:
        try:
            identity.look_up_order(self.house, self.conversation_id)
        except CodeRefused:
            return [Say("utter_code_refused")]
        except IdentityRefused:
            return list(identity.refusal(self.house, self.conversation_id))
        return [Say("utter_order_found")]

    def fail(self, number: str = "TS-0000", email: str = WRONG) -> list[Any]:
        return self.say(order_number=number, email=email)

    @property
    def granted(self) -> list[str]:
        with self.house.reader.connect() as connection:
            query = sa.select(grants.c.order_number).where(
                grants.c.conversation_id == self.conversation_id
            )
            return list(connection.execute(query).scalars())


def mailed_codes(house: TestHouse) -> list[tuple[str, str]]:
    """(recipient, code) of each code mail, once the worker has done its part."""
    for code_id in house.queue.subjects(WorkKind.SEND_CODE):
        codes.send(house, code_id)
    with house.reader.connect() as connection:
        query = sa.select(notices).where(notices.c.response == "utter_mail_code")
        rows = connection.execute(query.order_by(notices.c.created_at)).all()
    return [(row.recipient, row.params["code"]) for row in rows]


def last(told: list[Any]) -> Question:
    assert isinstance(told[-1], Question)
    return told[-1]


def shown(told: list[Any], *typed: str) -> str:
    """Everything that a customer could read, with what was typed blotted out."""
    text = json.dumps([asdict(one) for one in told], default=str)
    for words in typed:
        text = text.replace(words, "~")
    return text


def of(house: TestHouse, **changes: Any) -> dict[str, Any]:
    order = new_order(house)
    customer = order["customer"]
    address = {**customer["address"], **changes.pop("address", {})}
    return new_order(house, customer={**customer, **changes, "address": address})


# ──────────────────────────────── what proves an order ────────────────────────────


@pytest.mark.parametrize(
    ("last_name", "postcode", "said_surname", "said_postcode"),
    [
        ("Durand", "69003", "DURAND", "69 003"),
        ("Durand", "69003", "Camille Durand", "F-69003"),
        ("Durand", "69003", "Mme Durand Camille", "69003"),
        ("de la Tour", "01000", "Tour", "1000"),
        ("Lefèvre-Noël", "75011", "lefevre noel", "75011"),
        ("Le Goff", "29200", "legoff", "29200"),
        ("O’Brien", "SW1A 1AA", "obrien", "sw1a1aa"),
        ("Œuvrard", "75011", "Oeuvrard", "75 011"),
        ("Camille", "69003", "Camille", "69003"),
    ],
)
def test_postcode_and_surname_prove_an_order(
    house: TestHouse,
    last_name: str,
    postcode: str,
    said_surname: str,
    said_postcode: str,
) -> None:
    """Accents, case, hyphens, particles, titles and blanks make no difference."""
    order = of(
        house,
        first_name="Camille",
        last_name=last_name,
        address={"postcode": postcode},
    )
    talk = Talk(house, "c1")
    told = talk.say(
        order_number=order["order_number"],
        postcode=said_postcode,
        surname=said_surname,
    )
    assert told[0].response == "utter_order_found"
    assert talk.granted == [order["order_number"]]


@pytest.mark.parametrize(
    ("surname", "postcode"),
    [
        ("Dupont Durand Martin", "69003"),
        ("Durand", "69004"),
        ("Dur", "69003"),
        ("Camille", "69003"),
    ],
)
def test_half_a_proof_is_none(house: TestHouse, surname: str, postcode: str) -> None:
    """A list of surnames, a first name or another postcode opens nothing."""
    order = of(
        house, first_name="Camille", last_name="Durand", address={"postcode": "69003"}
    )
    talk = Talk(house, "c1")
    talk.say(order_number=order["order_number"], postcode=postcode, surname=surname)
    assert talk.granted == []


def test_who_lost_the_address_is_asked_postcode_then_surname(house: TestHouse) -> None:
    """The question for the e-mail offers another way, which leads to the order."""
    order = new_order(house)
    talk = Talk(house, "c1")
    email = last(talk.say("request_return", order_number=order["order_number"]))
    assert email.expects == "email"
    assert email.choices[0].means == {"proof": "address"}
    assert last(talk.say(proof=Proof.ADDRESS)).expects == "postcode"
    assert last(talk.say(postcode="75011")).expects == "surname"
    assert talk.say(surname="martin")[0].response == "utter_order_found"
    assert talk.granted == [order["order_number"]]


def test_a_bare_number_is_read_as_it_was_asked(house: TestHouse) -> None:
    """Five digits are an order number when that was asked, else the postcode."""
    order = new_order(house)
    talk = Talk(house, "c1")
    ambiguous = {"order_number": "75011", "postcode": "75011"}
    assert last(talk.say("request_return", **ambiguous)).expects == "email"
    talk.say(order_number=order["order_number"])
    talk.say(proof=Proof.ADDRESS)
    assert last(talk.say(**ambiguous)).expects == "surname"
    talk.say(surname="Martin")
    assert talk.granted == [order["order_number"]]


@pytest.mark.parametrize("first", ["email", "order_number"])
def test_number_and_email_come_in_any_order(house: TestHouse, first: str) -> None:
    """What was said before is kept until the other half comes."""
    order = new_order(house)
    proof = {"order_number": order["order_number"], "email": order["customer"]["email"]}
    talk = Talk(house, "c1")
    (second,) = {*proof} - {first}
    assert last(talk.say("request_return", **{first: proof[first]})).expects == second
    talk.say(**{second: proof[second]})
    assert talk.granted == [order["order_number"]]


def test_a_number_may_be_corrected(house: TestHouse) -> None:
    """The last number said before the e-mail is the one that is looked up."""
    order = new_order(house)
    talk = Talk(house, "c1")
    talk.say("request_return", order_number="TS-0001")
    talk.say("deny", order_number=order["order_number"])
    talk.say(email=order["customer"]["email"])
    assert talk.granted == [order["order_number"]]


def test_a_bare_number_finds_the_order_of_this_proof(house: TestHouse) -> None:
    """ "1042" is FR-1042 for its owner and UK-1042 for another's; else nothing."""
    ours = new_order(house, order_number="FR-71042")
    theirs = new_order(house, order_number="UK-71042")
    longer = new_order(house, order_number="FR-171042")
    for order in (ours, theirs):
        talk = Talk(house, order["order_number"])
        talk.say(order_number="71042", email=order["customer"]["email"])
        assert talk.granted == [order["order_number"]]
    talk = Talk(house, "c3")
    talk.say(order_number="71042", email=longer["customer"]["email"])
    talk.say(order_number="DE-71042", email=ours["customer"]["email"])
    assert talk.granted == []


def test_a_number_that_two_orders_of_one_owner_share_is_refused(
    house: TestHouse,
) -> None:
    """Nothing is opened at random, and the whole number opens it."""
    ours = new_order(house, order_number="FR-81042")
    other = new_order(house, order_number="UK-81042", customer=ours["customer"])
    talk = Talk(house, "c1")
    email = ours["customer"]["email"]
    assert talk.say(order_number="81042", email=email)[0] == identity.REFUSALS[0]
    talk.say(order_number="uk81042", email=email)
    assert talk.granted == [other["order_number"]]


def test_another_order_takes_the_first_grant_away(house: TestHouse) -> None:
    """One order at a time: a new number closes the old one at once (I1)."""
    first, second = new_order(house), new_order(house)
    talk = Talk(house, "c1")
    talk.fail(first["order_number"], first["customer"]["email"])
    assert last(talk.say(order_number=second["order_number"])).expects == "email"
    assert talk.granted == []
    talk.say(email=second["customer"]["email"])
    assert talk.granted == [second["order_number"]]


def test_the_same_number_spelt_otherwise_keeps_the_grant(house: TestHouse) -> None:
    """Who repeats the number in short is not asked to prove it again."""
    order = new_order(house)
    talk = Talk(house, "c1")
    talk.fail(order["order_number"], order["customer"]["email"])
    bare = re.sub(r"\D", "", order["order_number"])
    assert last(talk.say(order_number=bare)).expects == "reason"


def test_starting_over_takes_the_grant_away(house: TestHouse) -> None:
    """A reset forgets who proved what (I1)."""
    order = new_order(house)
    tell_all(house, order)
    drafts.drop(house, "c1", start_over=True)
    with writing(house) as unit, pytest.raises(OrderNotGranted):
        identity.granted_order(unit, "c1", order["order_number"])


# ─────────────────────────────── one neutral refusal ──────────────────────────────


def test_refusals_differ_by_their_number_only(house: TestHouse) -> None:
    """Unknown order, wrong e-mail or address, code-only: the same words (I2)."""
    order = of(house, last_name="Durand", address={"postcode": "69003"})
    guarded = new_order(house)
    number, shut = order["order_number"], guarded["order_number"]
    for n in range(identity.ORDER_CODE_ONLY_AFTER):
        Talk(house, f"thief{n}").fail(shut)
    classes: dict[str, dict[str, str]] = {
        "unknown": {"order_number": "TS-0000", "email": WRONG},
        "wrong e-mail": {"order_number": number, "email": WRONG},
        "wrong postcode": {
            "order_number": number,
            "postcode": "69004",
            "surname": "Durand",
        },
        "wrong surname": {
            "order_number": number,
            "postcode": "69003",
            "surname": "Petit",
        },
        "right, but code only": {
            "order_number": shut,
            "email": guarded["customer"]["email"],
        },
    }
    heard_by = {}
    for name, facts in classes.items():
        talk = Talk(house, name)
        heard_by[name] = [shown(talk.say(**facts), *facts.values()) for _ in range(4)]
    assert len({tuple(told) for told in heard_by.values()}) == 1
    first, second, third, fourth = heard_by["unknown"]
    assert len({first, second, third}) == 3
    assert third == fourth


def test_a_locked_conversation_hears_the_same_words(house: TestHouse) -> None:
    """After five failures the right pair and a wrong one are refused alike (I3)."""
    order = new_order(house)
    told = []
    for name, email in (("owner", order["customer"]["email"]), ("thief", WRONG)):
        talk = Talk(house, name)
        for _ in range(identity.CODE_ONLY_AFTER):
            talk.fail()
        told.append(shown(talk.fail(order["order_number"], email), email))
        assert talk.granted == []
    assert told[0] == told[1]
    assert OFTEN in told[0]


def test_the_lock_of_a_conversation_is_short(house: TestHouse) -> None:
    """A quarter of an hour later the right pair opens the order again."""
    order = new_order(house)
    talk = Talk(house, "c1")
    for _ in range(identity.CODE_ONLY_AFTER):
        talk.fail()
    house.clock.move(minutes=15, seconds=1)
    talk.fail(order["order_number"], order["customer"]["email"])
    assert talk.granted == [order["order_number"]]


def test_the_third_refusal_offers_a_code_and_a_person(house: TestHouse) -> None:
    """Not before: two slips are nobody's attack."""
    talk = Talk(house, "c1")
    offers = [[choice.means for choice in last(talk.fail()).choices] for _ in range(3)]
    both = [{"proof": "code"}, {"intent": "talk_to_human"}]
    assert offers == [[], [], both]


# ───────────────────────────────── a code by mail ─────────────────────────────────


def test_a_code_goes_to_the_orders_own_address_and_opens_it(house: TestHouse) -> None:
    """Whoever reads that mailbox gets in, after however many failures."""
    order = new_order(house)
    talk = Talk(house, "c1")
    for _ in range(7):
        talk.fail(order["order_number"])
    asked = last(talk.say(proof=Proof.CODE))
    assert asked.expects == "code"
    ((recipient, code),) = mailed_codes(house)
    assert recipient == order["customer"]["email"]
    assert talk.say(code=code)[0].response == "utter_order_found"
    assert talk.granted == [order["order_number"]]


def test_no_order_no_code_and_not_a_word_more(house: TestHouse) -> None:
    """Asking for a code reads the same whether or not there is an order (I4)."""
    order = new_order(house)
    told = []
    for number in (order["order_number"], "TS-0000"):
        talk = Talk(house, number)
        talk.fail(number)
        asked = shown(talk.say(proof=Proof.CODE), number)
        told.append([asked, shown(talk.say(code="000000"), number)])
    assert told[0] == told[1]
    assert len(mailed_codes(house)) == 1


def coded(house: TestHouse, name: str = "c1") -> tuple[Talk, str]:
    """A talk that waits for this code."""
    order = new_order(house)
    talk = Talk(house, name)
    talk.say("request_return", order_number=order["order_number"])
    talk.say(proof=Proof.CODE)
    return talk, mailed_codes(house)[-1][1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_is_good_for_five_tries(house: TestHouse) -> None:
    """After five wrong ones the right one is refused with the same words."""
    talk, code = coded(house)
    refused = [talk.say(code=wrong(code))[0] for _ in range(codes.TRIES)]
    assert [*refused, talk.say(code=code)[0]] == [Say("utter_code_refused")] * 6
    assert talk.granted == []


def test_a_code_lives_ten_minutes(house: TestHouse) -> None:
    """Right, but too late."""
    talk, code = coded(house)
    house.clock.move(minutes=10, seconds=1)
    talk.say(code=code)
    assert talk.granted == []


def test_a_code_opens_once(house: TestHouse) -> None:
    """Spent is spent, and another conversation cannot use it at all."""
    talk, code = coded(house)
    other = Talk(house, "c2")
    other.say("request_return", order_number="TS-0000")
    other.say(proof=Proof.CODE)
    other.say(code=code)
    assert other.granted == []
    talk.say(code=code)
    assert len(talk.granted) == 1
    drafts.drop(house, "c1", start_over=True)
    talk.say("request_return", order_number="TS-0000")
    talk.say(code=code)
    assert talk.granted == []


def test_a_new_code_replaces_the_old_one(house: TestHouse) -> None:
    """The latest counts; the old one is refused."""
    talk, old = coded(house)
    house.clock.move(seconds=30)
    talk.say(proof=Proof.CODE)
    new = mailed_codes(house)[-1][1]
    talk.say(code=old)
    assert new != old and talk.granted == []
    talk.say(code=new)
    assert len(talk.granted) == 1


def test_three_codes_an_hour_for_an_order(house: TestHouse) -> None:
    """Nobody's mailbox is flooded; an hour later one more is sent."""
    order = new_order(house)
    for n in range(5):
        talk = Talk(house, f"c{n}")
        talk.say("request_return", order_number=order["order_number"])
        talk.say(proof=Proof.CODE)
    assert len(mailed_codes(house)) == codes.SENT_AN_HOUR
    house.clock.move(hours=1, seconds=1)
    talk.say(proof=Proof.CODE)
    assert len(mailed_codes(house)) == codes.SENT_AN_HOUR + 1


def test_strangers_cannot_use_up_the_owners_codes(house: TestHouse) -> None:
    """Who told the right pair before gets a code all the same (never a hard lock)."""
    order = new_order(house)
    number = order["order_number"]
    for n in range(identity.ORDER_CODE_ONLY_AFTER):
        thief = Talk(house, f"thief{n}")
        thief.fail(number)
        thief.say(proof=Proof.CODE)
    before = len(mailed_codes(house))
    owner = Talk(house, "owner")
    assert owner.fail(number, order["customer"]["email"])[0] == identity.REFUSALS[0]
    owner.say(proof=Proof.CODE)
    assert len(mailed_codes(house)) == before + 1
    owner.say(code=mailed_codes(house)[-1][1])
    assert owner.granted == [number]


def test_a_code_sent_twice_is_one_mail(house: TestHouse) -> None:
    """Work that runs again sends the same code in the same mail."""
    coded(house)
    assert len(mailed_codes(house)) == len(mailed_codes(house)) == 1


def test_a_code_is_not_stored_where_it_is_checked(house: TestHouse) -> None:
    """A reader of the codes' table learns none."""
    _, code = coded(house)
    with house.reader.connect() as connection:
        rows = connection.execute(sa.text("select * from identity_codes")).all()
    assert rows and code not in str(rows)


def test_a_number_typed_instead_of_the_code_is_a_number(house: TestHouse) -> None:
    """With letters it means another order; digits alone mean the code."""
    talk, _ = coded(house)
    other = new_order(house)["order_number"]
    digits = {"order_number": "123456", "code": "123456"}
    assert talk.say(**digits)[0].response == "utter_code_refused"
    asked = last(talk.say(order_number=other))
    assert (asked.expects, asked.says[0].params) == ("code", {"order_number": other})


# ──────────────────────────── a withdrawal not yet proved ─────────────────────────


def stated(house: TestHouse) -> Talk:
    talk = Talk(house, "c1")
    talk.say("withdraw_from_contract", text="je me rétracte, commande TS-0000")
    return talk


def waiting(house: TestHouse) -> list[tuple[str, dict[str, Any]]]:
    return [(task.kind, task.facts) for task in tasks.open_tasks(house)]


def test_a_withdrawal_is_with_staff_as_soon_as_it_is_stated(house: TestHouse) -> None:
    """Also if nothing follows: words, time and, once typed, the order number (N1)."""
    talk = stated(house)
    ((kind, facts),) = waiting(house)
    assert kind == "unproved_withdrawal"
    assert facts["said"] == "je me rétracte, commande TS-0000"
    assert facts["stated_at"] == house.clock.now().isoformat()
    talk.say(order_number="TS-0000")
    ((_, facts),) = waiting(house)
    assert facts["order_number"] == "TS-0000"


def test_the_third_refusal_acknowledges_the_withdrawal(house: TestHouse) -> None:
    """With the day and time of the statement, not of the acknowledgement (W07)."""
    at = house.clock.now()
    talk = stated(house)
    house.clock.move(minutes=20)
    told = [talk.fail() for _ in range(3)]
    names = [[one.response for one in said[:-1]] for said in told]
    assert names[2] == [OFTEN, "utter_withdrawal_recorded"]
    assert "utter_withdrawal_recorded" not in names[0] + names[1]
    assert {param.moment for param in told[2][1].params.values()} == {at}
    assert withdrawals.recorded(house, "c1") == (told[2][1],)


def test_the_confirmed_return_ends_the_waiting(house: TestHouse) -> None:
    """Proved and confirmed, nobody need look after it."""
    order = new_order(house)
    tell_all(house, order, intent="withdraw_from_contract")
    assert [kind for kind, _ in waiting(house)] == ["unproved_withdrawal"]
    cases.confirm(house, "c1", "yes")
    assert waiting(house) == []
    assert withdrawals.recorded(house, "c1") == ()


def test_a_proved_withdrawal_that_is_not_confirmed_waits_too(house: TestHouse) -> None:
    """Who leaves before the second step is not forgotten (F4)."""
    tell_all(house, new_order(house), reasons=(ReturnReason.TOO_SMALL,))
    drafts.hear(house, heard("m2", "withdraw_from_contract", text="je me rétracte"))
    assert [kind for kind, _ in waiting(house)] == ["unconfirmed_withdrawal"]


def test_a_return_without_withdrawal_waits_for_nobody(house: TestHouse) -> None:
    """Other wishes are no statement of withdrawal."""
    Talk(house, "c1").say("request_refund", reasons=(ReturnReason.TOO_SMALL,))
    assert waiting(house) == []
    assert withdrawals.recorded(house, "c1") == ()


# ──────────────────────────────── attacks and canaries ────────────────────────────


def test_guessing_opens_nothing_and_the_owner_still_gets_in(
    house: TestHouse, pytestconfig: pytest.Config
) -> None:
    """10,000 guesses in 500 conversations (--full): no grant; the code still works."""
    talks = 500 if pytestconfig.getoption("--full") else 6
    order = new_order(house)
    number = order["order_number"]
    for n in range(talks):
        thief = Talk(house, f"thief{n}")
        for guess in range(20):
            wrong_email = f"guess{n}.{guess}@example.com"
            facts = {"email": wrong_email} if guess % 2 else {"code": f"{n:06}"}
            thief.say(order_number=number, **facts)
            if guess % 10 == 9:
                thief.say(proof=Proof.CODE)
    with house.reader.connect() as connection:
        assert connection.execute(sa.select(grants)).first() is None
    house.clock.move(hours=1, seconds=1)
    sent = len(mailed_codes(house))
    owner = Talk(house, "owner")
    owner.say("request_return", order_number=number)
    owner.say(proof=Proof.CODE)
    fresh = mailed_codes(house)[sent:]
    owner.say(code=fresh[0][1])
    assert owner.granted == [number]


def opened_from(house: TestHouse, name: str, network: str) -> Talk:
    with writing(house) as unit:
        places.note(house, unit, name, network)
    return Talk(house, name)


def fail_thirty_times(house: TestHouse, network: str) -> None:
    """Five in each conversation, each at another order: no other limit is met."""
    for n in range(6):
        talk = opened_from(house, f"{network}-{n}", network)
        for m in range(5):
            talk.fail(f"TS-{n}{m}00")


def test_one_network_that_fails_often_is_asked_for_codes(house: TestHouse) -> None:
    """Also in a conversation that never failed; an hour later it is as before."""
    order = new_order(house)
    fail_thirty_times(house, "203.0.113.0/24")
    thief = opened_from(house, "thief", "203.0.113.0/24")
    thief.fail(order["order_number"], order["customer"]["email"])
    assert thief.granted == []
    neighbour = opened_from(house, "neighbour", "198.51.100.0/24")
    neighbour.fail(order["order_number"], order["customer"]["email"])
    assert neighbour.granted == [order["order_number"]]
    house.clock.move(hours=1, minutes=1)
    later = opened_from(house, "later", "203.0.113.0/24")
    later.fail(order["order_number"], order["customer"]["email"])
    assert later.granted == [order["order_number"]]


def test_who_erases_the_talk_has_failed_all_the_same(house: TestHouse) -> None:
    """Else ten guesses an order would be ten for each erased conversation."""
    order = new_order(house)
    for n in range(10):
        talk = Talk(house, f"erased-{n}")
        talk.fail(order["order_number"])
        with writing(house) as unit:
            places.erase(unit.connection, talk.conversation_id)
    talk = Talk(house, "last")
    talk.fail(order["order_number"], order["customer"]["email"])
    assert talk.granted == []


def test_nothing_of_an_order_leaks_without_a_grant(house: TestHouse) -> None:
    """Canaries in every field show in no Say, Question or notice to a stranger (I5)."""
    order = of(
        house,
        first_name="CANARYfirst",
        last_name="CANARYlast",
        email="canary@example.com",
        phone="+33600CANARY",
        address={
            "name": "CANARYname",
            "line1": "CANARYstreet",
            "postcode": "CANARY1",
            "city": "CANARYcity",
        },
    )
    number = order["order_number"]
    talk = Talk(house, "c1")
    told = talk.say("give_reason", reasons=(ReturnReason.WRONG_ITEM,))
    told += talk.say("withdraw_from_contract", text="je me rétracte")
    for _ in range(4):
        told += talk.fail(number)
        told += talk.say(line_ids=(order["lines"][0]["line_id"],), quantity=1)
    told += talk.say("affirm")
    told += talk.say("request_return", order_number=number, proof=Proof.ADDRESS)
    told += talk.say(postcode="75011")
    told += talk.say(surname="Petit")
    told += talk.say(proof=Proof.CODE)
    told += talk.say(code="000000")
    told += withdrawals.recorded(house, "c1")
    read = shown(told)
    assert "canary" not in read.casefold()
    for line in order["lines"]:
        assert line["title"] not in read and line["sku"] not in read
    mailed_codes(house)
    with house.reader.connect() as connection:
        rows = connection.execute(sa.select(notices)).all()
    assert [(row.medium, row.recipient) for row in rows] == [
        ("mail", "canary@example.com")
    ]
    assert "canary" not in json.dumps(rows[0].params).casefold()
