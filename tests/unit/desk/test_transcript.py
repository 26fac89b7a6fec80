"""Every message in order, once; an answered question is closed for good."""

from concurrent.futures import ThreadPoolExecutor

from desk import chat, sessions, transcript
from desk.tables import messages
from desk.texts import responses
from returns.unit import writing
from tests.desks import FakeRasa, WebClient, answer, enter, press, reply, say, told
from tests.houses import TestHouse

YES = {"title": "oui", "payload": {"intent": "affirm", "entities": {}}}
NO = {"title": "non", "payload": {"intent": "deny", "entities": {}}}


def test_parallel_messages_are_numbered_without_gaps(any_house: TestHouse) -> None:
    """Replies, news and staff may speak at once: 1, 2, 3 … with no hole, no double."""
    talk = sessions.open_session(any_house, "fr")[1]

    def add(n: int) -> int:
        with writing(any_house) as unit:
            return transcript.add(unit, talk, transcript.Line("bot", f"n° {n}"))

    with ThreadPoolExecutor(20) as pool:
        given = sorted(pool.map(add, range(40)))
    with any_house.reader.connect() as connection:
        rows = transcript.after(connection, talk, 0)
    assert [row.seq for row in rows] == list(range(1, 42))
    assert given == list(range(2, 42))
    assert len({row.text for row in rows}) == 41


def asking(rasa: FakeRasa) -> None:
    """Rasa asks for a yes or a no from now on."""
    question = reply("On y va ?", buttons=[YES, NO], expects="confirmation")
    rasa.answers = lambda _body: answer(reply("Bien."), question)


def test_only_the_last_message_asks(client: WebClient, rasa: FakeRasa) -> None:
    """The answer's last message has buttons and what is expected; no other has."""
    enter(client)
    asking(rasa)
    first, last = say(client, "bonjour")["messages"]
    assert (first["buttons"], first["expects"]) == ([], None)
    assert [button["title"] for button in last["buttons"]] == ["oui", "non"]
    assert last["expects"] == "confirmation"
    assert all("payload" not in button for button in last["buttons"])


def test_buttons_are_spent_together(client: WebClient, rasa: FakeRasa) -> None:
    """After the customer's next message the question is shown without them."""
    enter(client)
    asking(rasa)
    question = say(client, "bonjour")["messages"][-1]
    rasa.answers = lambda _body: answer(reply("Merci."))
    press(client, question["buttons"][0]["id"])
    shown = client.get("/chat/messages", params={"after": 0}).json()["messages"]
    assert [m["buttons"] for m in shown] == [[]] * len(shown)
    assert [m["expects"] for m in shown] == [None] * len(shown)
    assert rasa.asked[-1]["payload"] == YES["payload"]


def test_a_spent_button_repeats_the_open_question(
    client: WebClient, rasa: FakeRasa
) -> None:
    """The other button of an answered question: the question of now, nothing else."""
    enter(client)
    asking(rasa)
    yes, no = say(client, "bonjour")["messages"][-1]["buttons"]
    open_question = press(client, yes["id"])["messages"][-1]
    before = client.get("/chat/messages", params={"after": 0}).json()
    asked = len(rasa.asked)
    for spent in (yes["id"], no["id"]):
        assert press(client, spent) == {"messages": [open_question], "mode": "bot"}
    assert client.get("/chat/messages", params={"after": 0}).json() == before
    assert len(rasa.asked) == asked
    assert open_question["buttons"], "still to be pressed"
    press(client, open_question["buttons"][1]["id"])
    assert rasa.asked[-1]["payload"] == NO["payload"]


def test_a_foreign_button_repeats_the_open_question(
    client: WebClient, rasa: FakeRasa
) -> None:
    """Another conversation's button changes neither conversation."""
    enter(client)
    asking(rasa)
    theirs = say(client, "bonjour")["messages"][-1]
    owner = client.headers["Authorization"]
    notice = enter(client)["messages"]
    told_back = press(client, theirs["buttons"][0]["id"])
    assert told_back["messages"] == notice
    assert len(rasa.asked) == 1
    client.headers["Authorization"] = owner
    press(client, theirs["buttons"][0]["id"])
    assert rasa.asked[-1]["payload"] == YES["payload"]


def test_news_do_not_hide_the_open_question(
    house: TestHouse, client: WebClient, rasa: FakeRasa
) -> None:
    """What is asked again is the question, not what was said after it."""
    talk = enter(client)["conversation_id"]
    asking(rasa)
    question = say(client, "bonjour")["messages"][-1]
    with writing(house) as unit:
        transcript.add(unit, talk, transcript.Line("bot", "Votre colis est là."))
    assert press(client, "no-such-button")["messages"] == [question]
    rasa.answers = lambda _body: answer(reply("Bien."))
    said = say(client, "non")["messages"]
    assert press(client, "no-such-button")["messages"] == said


def test_an_old_question_can_be_answered_once_shown_again(
    house: TestHouse, client: WebClient, rasa: FakeRasa
) -> None:
    """After a day a button only brings its question back; pressed again it counts."""
    enter(client)
    asking(rasa)
    question = say(client, "bonjour")["messages"][-1]
    for _hour in range(25):  # somebody reads, so that the session lives
        house.clock.move(hours=1)
        client.get("/chat/messages")
    yes = question["buttons"][0]["id"]
    assert press(client, yes)["messages"] == [question]
    assert rasa.asked[-1]["payload"] is None
    press(client, yes)
    assert rasa.asked[-1]["payload"] == YES["payload"]


def test_following_ends_with_the_session(house: TestHouse) -> None:
    """Nobody reads on in a conversation that its customer has ended."""
    talk = sessions.open_session(house, "fr")[1]
    told = chat._news(house, talk, 0)
    assert told is not None and len(told["messages"]) == 1
    sessions.end(house, talk)
    assert chat._news(house, talk, 0) is None


def test_the_same_message_again_is_the_same_answer(
    client: WebClient, rasa: FakeRasa
) -> None:
    """A client that heard nothing may ask again; another body is a conflict."""
    enter(client)
    message_id = "6f0e3f6e-6c0e-4bb5-9a3b-0d1f5a2f6c11"
    first = say(client, "bonjour", message_id)
    assert say(client, "bonjour", message_id) == first
    other = {"message_id": message_id, "text": "bonsoir"}
    assert client.post("/chat/messages", json=other).status_code == 409
    assert rasa.texts == ["bonjour"]


def test_the_desks_own_words_take_turns(house: TestHouse, talk: str) -> None:
    """A sentence that comes again comes in its next variation, round and round."""
    with writing(house) as unit:
        here = transcript.get_conversation(unit.connection, talk)
        for _ in range(4):
            transcript.add_own_word(house, unit, here, "utter_waiting_noted")
    variations = [
        v["text"] for v in responses()["utter_waiting_noted"] if "'fr'" in str(v)
    ]
    assert len(variations) == 3
    assert told(house, talk) == [*variations, variations[0]]


def test_an_own_word_is_said_in_the_conversations_language(house: TestHouse) -> None:
    """English where English is spoken."""
    talk = sessions.open_session(house, "en")[1]
    with writing(house) as unit:
        here = transcript.get_conversation(unit.connection, talk)
        transcript.add_own_word(house, unit, here, "utter_waiting_noted")
        seen = unit.connection.execute(messages.select()).all()[-1]
    assert (seen.response, seen.variation) == ("utter_waiting_noted", 0)
    english = [
        v["text"] for v in responses()["utter_waiting_noted"] if "'en'" in str(v)
    ]
    assert seen.text == english[0]
