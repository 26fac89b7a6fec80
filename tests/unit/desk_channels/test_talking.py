"""What is said on a platform reaches the bot, once and in order, and is answered."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desk import handoffs
from desk.channels.tables import outbound
from returns import repository
from returns.model import Proof
from returns.services import drafts, identity
from returns.tables import grants, tasks
from returns.unit import writing
from tests.desks import answer, reply
from tests.graph import receipt
from tests.houses import heard
from tests.orders import new_order
from tests.pictures import photo
from tests.platforms import Desk

CHANNELS = ("messenger", "whatsapp")


def menu(count: int, **more: Any) -> dict[str, Any]:
    payload = {"intent": "inform", "entities": {}}
    buttons = [{"title": f"Choix {n}", "payload": payload} for n in range(1, count + 1)]
    return reply("Que choisissez-vous ?", buttons=buttons, expects="reason", **more)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_first_message_is_greeted_and_answered(any_desk: Desk, channel: str) -> None:
    """The automated assistant introduces itself, then answers, in this order."""
    person = any_desk.person(channel)
    any_desk.hear(person, "bonjour")
    told = any_desk.meta.texts(person.name)
    assert "assistant automatique" in told[0]
    assert told[1:] == ["vous dites : bonjour"]
    assert set(any_desk.states()) == {"accepted"}
    assert [talk.channel for talk in any_desk.talks()] == [channel]


@pytest.mark.parametrize("channel", CHANNELS)
def test_duplicates_and_disorder(
    desk: Desk, channel: str, pytestconfig: pytest.Config
) -> None:
    """One turn for each message, in the order in which they were written."""
    person = desk.person(channel)
    count = 500 if pytestconfig.getoption("--full") else 40
    start = desk.house.clock.now() - timedelta(seconds=count)
    events = [
        person.text(f"m{n}", at=start + timedelta(seconds=n)) for n in range(count)
    ]
    mixed = [*events]
    random.Random(3).shuffle(mixed)
    desk.wrote(person)
    desk.courier.bring(channel, *mixed, batch=9, repeats=3, shuffled=True)
    _work_at_a_pace(desk)
    assert desk.rasa.texts == [f"m{n}" for n in range(count)]
    desk.courier.bring(channel, *mixed, batch=50)
    _work_at_a_pace(desk)
    assert len(desk.rasa.texts) == count


def _work_at_a_pace(desk: Desk) -> None:
    """WhatsApp takes few answers to one person at a time; the rest go on waiting."""
    desk.try_work()
    while desk.house.queue.pushed:
        desk.try_work()


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_button_is_spent_once(desk: Desk, channel: str) -> None:
    """Its payload reaches the bot; again, foreign or invented it changes nothing."""
    desk.rasa.answers = lambda _body: answer(menu(3))
    person, other = desk.person(channel), desk.person(channel, "49301234567")
    desk.hear(person, "bonjour")
    desk.hear(other, "bonjour")
    (title, token), *_more = desk.meta.to(person.name)[-1].choices
    assert title == "Choix 1"
    turns = len(desk.rasa.asked)
    for wrong in (token, "0" * 36, '/affirm{"amount": 1}'):
        desk.courier.bring(channel, other.press(wrong))
        desk.work()
    assert len(desk.rasa.asked) == turns
    shown = desk.meta.to(other.name)[-3:]
    assert [one.text for one in shown] == ["Que choisissez-vous ?"] * 3
    desk.courier.bring(channel, person.press(token))
    desk.work()
    assert desk.rasa.asked[-1]["payload"] == {"intent": "inform", "entities": {}}
    desk.courier.bring(channel, person.press(token))
    desk.work()
    assert len(desk.rasa.asked) == turns + 1


def test_postbacks_and_list_replies_are_buttons(desk: Desk) -> None:
    """Whatever the platform calls what was pressed."""
    desk.rasa.answers = lambda _body: answer(menu(3))
    for channel, kind in (("messenger", "postback"), ("whatsapp", "list_reply")):
        person = desk.person(channel)
        desk.hear(person, "bonjour")
        _title, token = desk.meta.to(person.name)[-1].choices[1]
        desk.courier.bring(channel, person.press(token, kind=kind))
        desk.work()
        assert desk.rasa.asked[-1]["payload"] is not None


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_typed_number_picks_a_numbered_choice(desk: Desk, channel: str) -> None:
    """A menu too long for buttons: « 14 » is the fourteenth."""
    desk.rasa.answers = lambda _body: answer(menu(14))
    person = desk.person(channel)
    desk.hear(person, "bonjour")
    assert "14. Choix 14" in desk.meta.texts(person.name)[-1]
    desk.hear(person, "14")
    assert desk.rasa.asked[-1]["payload"] is not None
    assert desk.said()[-1] == "Choix 14"
    desk.hear(person, "99")
    assert desk.rasa.asked[-1]["payload"] is None


@pytest.mark.parametrize("channel", CHANNELS)
def test_typed_commands_are_words(desk: Desk, channel: str) -> None:
    """A slash in any disguise reaches Rasa as plain text or not at all (E8)."""
    person = desk.person(channel)
    for typed in ('/affirm{"a": 1}', "\u00a0/restart", "\u200b／deny", "  //greet"):
        desk.hear(person, typed)
    assert not any(text.lstrip().startswith(("/", "／")) for text in desk.rasa.texts)
    assert desk.said()[0] == '/affirm{"a": 1}'


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_cannot_be_read_is_answered_once(desk: Desk, channel: str) -> None:
    """Three voice messages: kept, one kind answer, no turn."""
    person = desk.person(channel)
    desk.wrote(person)
    for _ in range(3):
        desk.courier.bring(channel, person.other("audio"))
        desk.work()
    assert desk.rasa.asked == []
    assert desk.said() == ["[audio]"] * 3
    assert len(desk.meta.texts(person.name)) == 2


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_message_that_is_a_day_late(desk: Desk, channel: str) -> None:
    """Up to seven days: kept, answered, and nothing is done about it (M5)."""
    person = desk.person(channel)
    desk.hear(person, "bonjour")
    turns = len(desk.rasa.asked)
    for days in (2, 6):
        late = desk.house.clock.now() - timedelta(days=days)
        desk.courier.bring(channel, person.text("oui", at=late))
        desk.work()
    assert len(desk.rasa.asked) == turns
    assert desk.said()[-2:] == ["oui", "oui"]
    assert "plus d'un jour" in desk.meta.texts(person.name)[-1]


def test_a_first_message_that_is_a_day_late(desk: Desk) -> None:
    """The window is shut: a template on WhatsApp, nothing forbidden on Messenger."""
    late = desk.house.clock.now() - timedelta(days=2)
    for channel in CHANNELS:
        person = desk.person(channel)
        desk.courier.bring(channel, person.text("oui", at=late))
        desk.work()
    assert [one.text for one in desk.meta.sent] == ["template more_info_needed"]
    assert desk.meta.refused == []
    assert desk.rasa.asked == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_rasa_is_down_and_comes_back(desk: Desk, channel: str) -> None:
    """One honest sentence, nothing lost; then everything is answered in order."""
    person = desk.person(channel)
    desk.rasa.down = True
    desk.hear(person, "un", "deux")
    desk.hear(person, "trois")
    told = desk.meta.texts(person.name)
    assert len(told) == 2 and "automatique" in told[0]
    desk.rasa.down = False
    desk.hear(person, "quatre")
    assert desk.rasa.texts == ["un", "deux", "trois", "quatre"]
    assert desk.meta.texts(person.name)[2:] == [
        f"vous dites : {text}" for text in desk.rasa.texts
    ]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_person_takes_over(desk: Desk, channel: str) -> None:
    """While somebody waits for a person it is noted; the person's words go out."""
    handoff = {"reason": "asked", "summary": {}}
    desk.rasa.answers = lambda _body: answer(reply("Un conseiller."), handoff=handoff)
    person = desk.person(channel)
    desk.hear(person, "un conseiller")
    desk.hear(person, "allô")
    desk.hear(person, "toujours là ?")
    assert len(desk.rasa.asked) == 1
    assert len(desk.meta.texts(person.name)) == 3
    handoffs.reply(desk.house, desk.talks()[0].conversation_id, "Me voici.", "Camille")
    desk.work()
    assert desk.meta.texts(person.name)[-1] == "Camille — Me voici."


def test_a_photo_is_kept_and_told(desk: Desk) -> None:
    """With and without a caption, on both platforms, by id or by address (M8)."""
    for channel in CHANNELS:
        person = desk.person(channel)
        desk.wrote(person)
        media_id = desk.meta.add_media(photo())
        where = media_id if channel == "whatsapp" else desk.meta.link(media_id)
        desk.courier.bring(channel, person.photo(where))
        desk.work()
        assert len(desk.rasa.asked[-1]["upload_ids"]) == 1
        second = desk.meta.add_media(photo(width=80))
        where = second if channel == "whatsapp" else desk.meta.link(second)
        desk.courier.bring(channel, person.photo(where, "elle est déchirée"))
        desk.work()
        assert desk.rasa.asked[-1]["text"] == "elle est déchirée"
        assert len(desk.rasa.asked[-1]["upload_ids"]) == 1
    assert len(list((desk.house.settings.var / "uploads").iterdir())) == 4


def test_an_address_of_a_photo_lives_five_minutes(desk: Desk) -> None:
    """One that is over is asked for again."""
    person = desk.person("whatsapp")
    desk.wrote(person)
    media_id = desk.meta.add_media(photo(), expired_links=1)
    desk.courier.bring("whatsapp", person.photo(media_id))
    desk.work()
    assert len(desk.rasa.asked[-1]["upload_ids"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "0" * 64},
        {"redirect_to": "http://127.0.0.1:1/x"},
    ],
)
def test_a_photo_that_is_not_what_was_sent(desk: Desk, wrong: dict[str, Any]) -> None:
    """Another content or another place: nothing is kept; it is asked for again."""
    person = desk.person("whatsapp")
    desk.wrote(person)
    media_id = desk.meta.add_media(photo(), **wrong)
    desk.courier.bring("whatsapp", person.photo(media_id))
    (row,) = desk.rows()
    while desk.try_work() is not None:
        desk.house.queue.pushed.append(_item(row.arrival_id))
    assert not (desk.house.settings.var / "uploads").exists()
    assert desk.rasa.asked == []
    assert "photo" in desk.meta.texts(person.name)[-1]


def test_a_photo_from_elsewhere(desk: Desk) -> None:
    """An address of another host is never called."""
    person = desk.person("messenger")
    desk.wrote(person)
    desk.courier.bring("messenger", person.photo("https://evil.example/a.jpg"))
    (row,) = desk.rows()
    while desk.try_work() is not None:
        desk.house.queue.pushed.append(_item(row.arrival_id))
    assert "photo" in desk.meta.texts(person.name)[-1]


def _item(arrival_id: str) -> Any:
    from returns.clock import Clock
    from returns.work import WorkItem, WorkKind

    now = Clock().now()
    return WorkItem("w", WorkKind.TAKE_ARRIVAL, arrival_id, 2, now)


def test_a_file_that_is_no_picture(desk: Desk) -> None:
    """Refused as on the web, with the same words."""
    person = desk.person("whatsapp")
    desk.wrote(person)
    desk.courier.bring("whatsapp", person.photo(desk.meta.add_media(b"GIF89a" * 9)))
    desk.work()
    assert desk.rasa.asked == []
    assert "[photo]" in desk.said()


def test_a_user_without_a_number(desk: Desk) -> None:
    """A user id alone is enough to talk; it proves no phone (M6)."""
    person = desk.person("whatsapp", "FR.13491208655302741918")
    person.user_id = person.name
    desk.hear(person, "bonjour")
    (sent, *_more) = desk.meta.to(person.name)
    assert sent.body["recipient"] == person.name and "to" not in sent.body


def test_one_person_under_two_names(desk: Desk) -> None:
    """Known by number, then by user id too, then by this alone: one conversation."""
    number, user_id = "33612345678", "FR.1349120865530274"
    desk.hear(desk.person("whatsapp", number), "un")
    desk.hear(desk.person("whatsapp", number, user_id), "deux")
    desk.hear(desk.person("whatsapp", user_id, user_id), "trois")
    assert len(desk.talks()) == 1
    assert desk.said() == ["un", "deux", "trois"]


def test_a_number_that_has_a_new_owner(desk: Desk) -> None:
    """Another user id on the same number is somebody else."""
    number = "33612345678"
    desk.hear(desk.person("whatsapp", number, "FR.1111111111"), "un")
    desk.hear(desk.person("whatsapp", number, "FR.2222222222"), "deux")
    assert len(desk.talks()) == 2


def prove(desk: Desk, talk: str, number: str) -> bool:
    """Say the order number alone; whether that opened the order."""
    house = desk.house
    drafts.hear(house, heard(number, "inform", talk, order_number=number))
    with house.reader.connect() as connection:
        draft = repository.open_draft(connection, talk)
    assert draft is not None and draft.proof is Proof.EMAIL
    try:
        identity.look_up_order(house, talk)
    except identity.IdentityRefused:
        return False
    return True


def test_the_orders_own_phone_is_a_proof(desk: Desk) -> None:
    """The number that Meta vouches for, however the shop wrote it, and the order's."""
    order = new_order(desk.house)
    mine = {**order["customer"], "phone": "06 12 34 56 78"}
    owned = new_order(desk.house, customer=mine)
    desk.hear(desk.person("whatsapp", "33612345678"), "bonjour")
    talk = desk.talks()[0].conversation_id
    assert prove(desk, talk, order["order_number"]) is False
    assert identity.failures(desk.house, talk) == 0
    assert prove(desk, talk, owned["order_number"]) is True


def test_a_changed_number_drops_what_was_proved(desk: Desk) -> None:
    """The same conversation under the new number, without its grants (M6)."""
    order = new_order(desk.house)
    mine = {**order["customer"], "phone": "+33 6 12 34 56 78"}
    owned = new_order(desk.house, customer=mine)
    person = desk.person("whatsapp", "33612345678")
    desk.hear(person, "bonjour")
    talk = desk.talks()[0].conversation_id
    assert prove(desk, talk, owned["order_number"])
    desk.courier.bring("whatsapp", person.changes_number("33699999999"))
    desk.work()
    assert desk.rows(grants) == []
    desk.hear(desk.person("whatsapp", "33699999999"), "c'est moi")
    assert len(desk.talks()) == 1
    with writing(desk.house) as unit:
        draft = repository.open_draft(unit.connection, talk)
        assert draft is not None
        assert not identity.can_look_up(desk.house, unit, draft)


@pytest.mark.parametrize("code", [131056, 130429, 131000])
def test_too_fast_or_in_trouble_is_tried_again(desk: Desk, code: int) -> None:
    """The message waits and goes out later, once, before what follows it."""
    person = desk.person("whatsapp")
    desk.hear(person, "bonjour")
    before = len(desk.meta.sent)
    desk.meta.faults = [code]
    desk.wrote(person)
    desk.courier.bring("whatsapp", person.text("deux"))
    assert desk.try_work() is not None
    assert desk.rows(tasks) == []
    desk.hear(person, "trois")
    told = [one.text for one in desk.meta.sent[before:]]
    assert told == ["vous dites : deux", "vous dites : trois"]


def test_a_lost_answer_is_found_by_its_receipt(desk: Desk) -> None:
    """Meta took it, its answer never came, the receipt did: not sent twice."""
    person = desk.person("whatsapp")
    desk.hear(person, "bonjour")
    desk.meta.faults = ["drop"]
    desk.wrote(person)
    desk.courier.bring("whatsapp", person.text("deux"))
    assert desk.try_work() is not None
    desk.courier.bring("whatsapp", receipt(desk.meta.sent[-1], "delivered"))
    desk.hear(person, "trois")
    assert desk.meta.texts(person.name).count("vous dites : deux") == 1


def test_a_bad_token_stops_and_tells_the_operator_once(desk: Desk) -> None:
    """No storm of calls: one task, and the messages wait (M11)."""
    person = desk.person("whatsapp")
    desk.meta.faults = [190] * 9
    desk.wrote(person)
    desk.courier.bring("whatsapp", *[person.text(f"m{n}") for n in range(5)], batch=5)
    while desk.try_work() is not None:
        pass
    assert len(desk.meta.refused) == 1
    assert [row.kind for row in desk.rows(tasks)] == ["channel_stopped"]
    assert set(desk.states()) == {"waiting"}


def test_a_refused_message_is_not_tried_again(desk: Desk) -> None:
    """What the platform will never deliver stands as failed, with its code."""
    person = desk.person("whatsapp")
    desk.meta.faults = [131026]
    desk.hear(person, "bonjour")
    rows = desk.rows(outbound)
    assert sorted(row.state for row in rows) == ["accepted", "failed"]
    assert [row.code for row in rows if row.state == "failed"] == ["meta_131026"]


def test_a_flood_is_noted_and_told_once(desk: Desk) -> None:
    """More than the shop allows in a minute (E13); what was held up is no flood."""
    limits = replace(desk.house.shop.limits, enabled=True, messages_per_minute=3)
    desk.house.shop = replace(desk.house.shop, limits=limits)
    person = desk.person("messenger")
    now = desk.house.clock.now()
    late = [
        person.text(f"hier {n}", at=now - timedelta(minutes=30 - n)) for n in range(9)
    ]
    desk.wrote(person)
    desk.courier.bring("messenger", *late, batch=9)
    desk.work()
    assert len(desk.rasa.asked) == 9
    desk.hear(person, *[f"flot {n}" for n in range(8)])
    assert len(desk.rasa.asked) == 12
    assert len(desk.said()) == 17
    assert len([t for t in desk.meta.texts(person.name) if "instant" in t]) == 1


def test_one_person_is_not_written_to_too_fast(desk: Desk) -> None:
    """Forty-five at once, then one in six seconds: Meta's rule is never broken."""
    desk.meta.paced = True
    person = desk.person("whatsapp")
    desk.wrote(person)
    desk.courier.bring("whatsapp", *[person.text(f"m{n}") for n in range(50)], batch=50)
    while desk.try_work() is not None:
        pass
    assert len(desk.meta.sent) == 45
    assert desk.meta.refused == []
    assert desk.states().count("waiting") == 6
