"""A person takes over, speaks under the right name, and gives back."""

from dataclasses import replace

import pytest

from desk import handoffs, idle, transcript, turns
from desk.console import accounts
from desk.console.accounts import Role
from desk.texts import responses
from returns.errors import NotFound, WrongState
from returns.work import WorkKind
from tests.desks import (
    FakeRasa,
    WebClient,
    answer,
    conversation,
    enter,
    reply,
    say,
    told,
)
from tests.houses import TestHouse

HANDOFF = {"reason": "asked_for_person", "summary": {"orders": ["FR-1"]}}


@pytest.fixture
def waiting(client: WebClient, rasa: FakeRasa) -> str:
    """A customer who asked for a person."""
    talk: str = enter(client)["conversation_id"]
    handed = answer(reply("Un conseiller vient."), handoff=HANDOFF)
    rasa.answers = lambda _body: handed
    assert say(client, "un humain !")["mode"] == "waiting"
    return talk


def spoken(response: str) -> list[str]:
    return [str(variation["text"]) for variation in responses()[response]]


def test_who_waits_longest_is_first(
    house: TestHouse, client: WebClient, waiting: str
) -> None:
    """With why and since when, and facts for whoever takes it."""
    house.clock.move(minutes=5)
    later = enter(client)["conversation_id"]
    say(client, "un humain !")
    enter(client)
    first, second = handoffs.waiting(house)
    assert (first.conversation_id, second.conversation_id) == (waiting, later)
    assert (first.reason, first.summary) == (HANDOFF["reason"], HANDOFF["summary"])
    assert (first.mode, first.language, first.channel) == ("waiting", "fr", "web")
    assert (second.waiting_since - first.waiting_since).seconds == 300


def test_who_waits_is_told_once_that_it_is_noted(
    client: WebClient, rasa: FakeRasa, waiting: str
) -> None:
    """Rasa is not asked; the first further message is acknowledged, no other."""
    asked = len(rasa.asked)
    first = say(client, "c'est urgent")
    assert [m["text"] for m in first["messages"]] == [spoken("utter_waiting_noted")[0]]
    assert say(client, "vraiment")["messages"] == []
    assert len(rasa.asked) == asked


def test_a_person_speaks(house: TestHouse, client: WebClient, waiting: str) -> None:
    """Under the first name; the mode is human and nothing is noted any more."""
    handoffs.reply(house, waiting, "Bonjour, je regarde.", "Inès")
    told = client.get("/chat/messages", params={"after": 0}).json()
    last = told["messages"][-1]
    assert (last["author"], last["author_name"]) == ("staff", "Inès")
    assert (last["text"], told["mode"]) == ("Bonjour, je regarde.", "human")
    assert say(client, "merci")["messages"] == []
    assert [h.mode for h in handoffs.waiting(house)] == ["human"]


def test_a_shop_may_speak_as_one(house: TestHouse, waiting: str) -> None:
    """shown_as: shop hides who answered."""
    house.shop = replace(house.shop, staff=replace(house.shop.staff, shown_as="shop"))
    handoffs.reply(house, waiting, "Bonjour.", "Inès")
    with house.reader.connect() as connection:
        last = transcript.after(connection, waiting, 0)[-1]
    assert last.author_name == house.shop.name


def test_released_it_is_the_bots_again(
    house: TestHouse, client: WebClient, rasa: FakeRasa, waiting: str
) -> None:
    """The customer is told so, Rasa hears what was said meanwhile, and answers."""
    handoffs.reply(house, waiting, "C'est réglé.", "Inès")
    handoffs.release(house, waiting)
    row = conversation(house, waiting)
    assert (row.mode, row.handoff, row.waiting_since) == ("bot", None, None)
    assert handoffs.waiting(house) == []
    rasa.answers = lambda _body: answer(reply("Avec plaisir."))
    assert say(client, "merci")["messages"][0]["text"] == "Avec plaisir."
    meanwhile = rasa.asked[-1]["said_meanwhile"]
    assert meanwhile[0] == "C'est réglé."
    assert meanwhile[1] in spoken("utter_back_with_bot")


def test_a_person_does_not_interrupt_the_bot(house: TestHouse, talk: str) -> None:
    """Nobody asked for one: reply and release are refused and nothing is said."""
    with pytest.raises(WrongState):
        handoffs.reply(house, talk, "Bonjour", "Inès")
    with pytest.raises(WrongState):
        handoffs.release(house, talk)
    with pytest.raises(NotFound):
        handoffs.reply(house, "no-such-conversation", "Bonjour", "Inès")
    assert conversation(house, talk).last_seq == 1


# ------------------------------------------------------------ a claim that sleeps


@pytest.fixture
def ines(house: TestHouse) -> str:
    """A member of the staff; her id."""
    return accounts.add(house, "Inès", "ines@x.fr", Role.AGENT, "t")[0].staff_id


def test_an_idle_claim_goes_back_to_the_bot(
    house: TestHouse, client: WebClient, rasa: FakeRasa, waiting: str, ines: str
) -> None:
    """With a sentence; what came since the last word is answered, once, in order."""
    say(client, "avant")
    handoffs.claim(house, waiting, ines)
    handoffs.reply(house, waiting, "Je regarde.", "Inès", ines)
    house.clock.move(minutes=29)
    for text in ("et alors ?", "vous êtes là ?"):
        say(client, text)
    assert idle.return_idle(house) == 0
    house.clock.move(minutes=1)
    asked = len(rasa.asked)
    rasa.answers = lambda body: answer(reply(f"lu : {body['text']}"))
    assert idle.return_idle(house) == 1
    assert idle.return_idle(house) == 0
    assert conversation(house, waiting).mode == "bot"
    open_ = house.queue.subjects(WorkKind.ANSWER_MESSAGE)[-2:]
    for inbound_id in [*reversed(open_), *open_]:
        turns.answer_one(house, rasa, inbound_id)
    assert rasa.texts[asked:] == ["et alors ?", "vous êtes là ?"]
    assert rasa.asked[asked]["said_meanwhile"][-2] == "Je regarde."
    heard = told(house, waiting)[-3:]
    assert heard[0] in spoken("utter_person_left")
    assert heard[1:] == ["lu : et alors ?", "lu : vous êtes là ?"]


def test_who_was_never_answered_keeps_the_place_in_the_queue(
    house: TestHouse, client: WebClient, waiting: str, ines: str
) -> None:
    """The customer asked for a person and none has spoken: the bot is no answer."""
    since = conversation(house, waiting).waiting_since
    handoffs.claim(house, waiting, ines)
    house.clock.move(minutes=31)
    assert idle.return_idle(house) == 1
    row = conversation(house, waiting)
    assert (row.mode, row.waiting_since) == ("waiting", since)
    assert handoffs.waiting(house)[0].claimed_by is None


def test_who_stepped_in_and_left_gives_back(
    house: TestHouse, client: WebClient, rasa: FakeRasa, ines: str
) -> None:
    """The bot had it; silence of a person does not make it wait."""
    talk = enter(client)["conversation_id"]
    say(client, "bonjour")
    house.clock.move(seconds=1)
    handoffs.claim(house, talk, ines)
    house.clock.move(seconds=1)
    say(client, "alors ?")
    house.clock.move(minutes=31)
    assert idle.return_idle(house) == 1
    (inbound_id,) = house.queue.subjects(WorkKind.ANSWER_MESSAGE)[-1:]
    turns.answer_one(house, rasa, inbound_id)
    assert rasa.texts == ["bonjour", "alors ?"]


def test_typing_keeps_a_claim(
    house: TestHouse, client: WebClient, waiting: str, ines: str
) -> None:
    """Somebody who writes a long answer has not left."""
    handoffs.claim(house, waiting, ines)
    house.clock.move(minutes=20)
    handoffs.keep_alive(house, waiting, ines)
    house.clock.move(minutes=20)
    assert idle.return_idle(house) == 0


def test_the_same_reply_sent_again_is_said_once(
    house: TestHouse, client: WebClient, waiting: str, ines: str
) -> None:
    """A browser repeats what a dying server may have stored."""
    handoffs.claim(house, waiting, ines)
    for _ in range(3):
        handoffs.reply(house, waiting, "Bonjour.", "Inès", ines, once="k1")
    handoffs.reply(house, waiting, "Bonjour.", "Inès", ines, once="k2")
    handoffs.release(house, waiting)
    handoffs.reply(house, waiting, "Bonjour.", "Inès", ines, once="k2")
    messages = client.get("/chat/messages", params={"after": 0}).json()["messages"]
    assert [m["text"] for m in messages if m["author"] == "staff"] == ["Bonjour."] * 2


def test_a_release_leaves_nothing_unread_unanswered(
    house: TestHouse, client: WebClient, rasa: FakeRasa, waiting: str, ines: str
) -> None:
    """What came after the person's page was drawn is the bot's."""
    handoffs.claim(house, waiting, ines)
    say(client, "lu par Inès")
    seen = conversation(house, waiting).last_seq
    say(client, "pas vu")
    asked = len(rasa.asked)
    handoffs.release(house, waiting, seen)
    (inbound_id,) = house.queue.subjects(WorkKind.ANSWER_MESSAGE)[-1:]
    turns.answer_one(house, rasa, inbound_id)
    assert rasa.texts[asked:] == ["pas vu"]


def test_statistics_of_a_handoff_are_kept_once(
    house: TestHouse, client: WebClient, waiting: str, ines: str
) -> None:
    """The first hand-over and the first word stay, whatever comes later."""
    at = conversation(house, waiting).handed_over_at
    house.clock.move(minutes=3)
    handoffs.claim(house, waiting, ines)
    handoffs.reply(house, waiting, "Bonjour.", "Inès", ines)
    first = conversation(house, waiting).person_answered_at
    assert (first - at).seconds == 180
    handoffs.release(house, waiting)
    house.clock.move(minutes=3)
    handoffs.claim(house, waiting, ines)
    handoffs.reply(house, waiting, "Encore.", "Inès", ines)
    row = conversation(house, waiting)
    assert (row.handed_over_at, row.person_answered_at) == (at, first)
    assert row.answered_in_ms == 0


def test_a_reply_by_name_holds_the_conversation(house: TestHouse, waiting: str) -> None:
    """On the command line, too, two people cannot answer at once."""
    handoffs.reply(house, waiting, "Je regarde.", "Inès")
    assert handoffs.waiting(house)[0].claimed_by == "Inès"
    with pytest.raises(WrongState, match="Inès answers"):
        handoffs.reply(house, waiting, "Moi aussi.", "Marc")
    marc, _ = accounts.add(house, "Marc", "marc@example.com", Role.AGENT, "t")
    with pytest.raises(WrongState, match="Inès answers"):
        handoffs.claim(house, waiting, marc.staff_id)
    handoffs.reply(house, waiting, "C'est fait.", " ines")
    house.clock.move(minutes=house.shop.staff.bot_returns_after_minutes)
    handoffs.claim(house, waiting, marc.staff_id)
    with pytest.raises(WrongState, match="Marc answers"):
        handoffs.reply(house, waiting, "Encore moi.", "Inès")
    handoffs.reply(house, waiting, "Je reprends.", "Marc")
    handoffs.reply(house, waiting, "Suite.", "Marc", marc.staff_id)


def test_a_name_with_an_account_is_that_account(house: TestHouse, waiting: str) -> None:
    """Whoever began on the command line goes on in the console."""
    ines, _ = accounts.add(house, "Inès", "ines@example.com", Role.AGENT, "t")
    handoffs.reply(house, waiting, "Je regarde.", "ines")
    handoffs.reply(house, waiting, "Voilà.", "Inès", ines.staff_id)


def test_a_claim_by_name_ends_by_itself(house: TestHouse, waiting: str) -> None:
    """As one of the console does: the bot is back, and says so."""
    handoffs.reply(house, waiting, "Je regarde.", "Inès")
    house.clock.move(minutes=house.shop.staff.bot_returns_after_minutes)
    assert idle.return_idle(house) == 1
    assert not handoffs.waiting(house)
