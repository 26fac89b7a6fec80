"""Inbox, search, transcript, notes, take-over: what staff do all day."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from desk import handoffs, index, sessions, stems
from desk.console import listing, talk
from desk.console.accounts import Member, Role
from desk.console.filters import Filters
from desk.console.tables import audit_log, message_stems, readings
from desk.tables import conversations
from returns.errors import WrongState
from returns.services import uploads
from tests.desks import FakeRasa, WebClient, conversation
from tests.houses import TestHouse, tell_all
from tests.orders import new_order
from tests.pictures import photo
from tests.unit.desk_console.staff import Browser
from tests.unit.desk_console.talks import HANDOFF, begin, say

Enter = Callable[[Role], Browser]
EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "'-alert(1)-'",
    "</textarea><script>alert(1)</script>",
    '<a href="javascript:alert(1)">x</a>',
    "\u202etxt.exe\u200b",
    "&lt;b&gt;&amp;",
)


def unmasked(browser: Browser, talk_id: str, reason: str = "quality") -> bool:
    """Whether the click was taken."""
    got = browser.post(f"/console/conversations/{talk_id}/unmask", reason=reason)
    return got.status_code == 303


def found(house: TestHouse, q: str = "", **filters: str) -> list[str]:
    page = listing.page(house, Filters(q=q, **filters))
    return [entry.conversation.conversation_id for entry in page.entries]


@pytest.mark.parametrize(
    ("said", "searched"),
    [
        ("ma robe est arrivée déchirée", "robes dechire"),
        ("je veux être remboursé", "Remboursement"),
        ("elle est cassée", "CASSES"),
        ("my order was refunded", "refunds order"),
        ("I returned it", "returning"),
        ("commande FR-1042", "fr 1042"),
        ("un cœur brisé", "coeur"),
        ("livraisons", "livraison"),
    ],
)
def test_the_search_forgives_accents_and_endings(said: str, searched: str) -> None:
    """In French and English, whichever form was typed."""
    assert set(stems.stems(searched)) <= set(stems.stems(said))


def test_a_search_looks_into_every_message(
    any_house: TestHouse, rasa: FakeRasa
) -> None:
    """Also those of the bot; every word must be there, in any message."""
    one, two = begin(any_house), begin(any_house, "en")
    say(any_house, rasa, one, "Ma robe est déchirée")
    say(any_house, rasa, one, "Et je voudrais un remboursement")
    say(any_house, rasa, two, "my lamp is broken")
    assert found(any_house, "robes remboursée") == [one]
    assert found(any_house, "lamps") == [two]
    assert found(any_house, "robe lamp") == []
    assert set(found(any_house, "noté")) == {one, two}
    entry = listing.page(any_house, Filters(q="remboursé")).entries[0]
    assert entry.said == "Et je voudrais un remboursement"


def test_what_was_said_before_the_index_is_found_too(
    any_house: TestHouse, rasa: FakeRasa
) -> None:
    """A migrated database is caught up with, once."""
    one = begin(any_house)
    say(any_house, rasa, one, "Ma robe", confidence=0.4)
    with any_house.engine.begin() as connection:
        connection.execute(message_stems.delete())
        connection.execute(readings.delete())
    assert found(any_house, "robe") == []
    assert index.catch_up(any_house) == 1
    assert index.catch_up(any_house) == 0
    assert found(any_house, "robe") == [one]
    with any_house.reader.connect() as connection:
        assert connection.execute(sa.select(readings.c.confidence)).scalar() == 0.4


def test_filters_combine(any_house: TestHouse, rasa: FakeRasa) -> None:
    """By state, language, order, reason, intent, outcome, doubt, day, label."""
    house = any_house
    fr, en, waits = begin(house), begin(house, "en"), begin(house)
    say(house, rasa, fr, "trop petit", "give_reason", 0.4, ("too_small",))
    say(house, rasa, en, "hello", "greet", 0.95)
    say(house, rasa, waits, "un humain", "talk_to_human", handoff=HANDOFF)
    order = new_order(house)
    tell_all(house, order, fr)
    assert found(house) == [waits, en, fr]
    assert found(house, mode="waiting") == [waits]
    assert found(house, language="en") == [en]
    assert found(house, intent="give_reason") == [fr]
    assert found(house, reason="too_small", language="fr") == [fr]
    assert found(house, reason="too_small", language="en") == []
    assert found(house, below="50") == [fr]
    assert found(house, order=order["order_number"].lower()) == [fr]
    assert found(house, outcome="none", mode="bot") == [en, fr]
    assert found(house, since="2026-11-20", until="2026-11-20") == [waits, en, fr]
    assert found(house, since="2026-11-21") == []
    assert found(house, since="nonsense") == [waits, en, fr]
    assert found(house, supplier="x") == found(house, product="x") == []


def test_pages_follow_by_key(house: TestHouse) -> None:
    """Every conversation once, also with the same moment, also if a new one comes."""
    made = [begin(house) for _ in range(8)]
    seen: list[str] = []
    before = ""
    for turn in range(3):
        page = listing.page(house, Filters(), before, size=3)
        seen += [entry.conversation.conversation_id for entry in page.entries]
        before = page.older or ""
        if turn == 0:
            house.clock.move(seconds=5)
            begin(house)
    assert not before and sorted(seen) == sorted(made)


def test_a_review_is_undone_by_a_new_message(
    house: TestHouse, rasa: FakeRasa, team: dict[Role, Member]
) -> None:
    """Reviewed means everything that is there was read."""
    one = begin(house)
    say(house, rasa, one, "bonjour")
    talk.mark_reviewed(house, one, team[Role.AGENT], True)
    assert found(house, reviewed="yes") == [one]
    house.clock.move(seconds=1)
    say(house, rasa, one, "encore moi")
    assert found(house, reviewed="no") == [one]


def test_whatever_customers_write_is_text(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """On every page that shows it, never as markup; hidden characters are marks."""
    agent = enter(Role.AGENT)
    for evil in EVIL:
        shown_as_text(house, rasa, agent, evil)


def shown_as_text(house: TestHouse, rasa: FakeRasa, agent: Browser, evil: str) -> None:
    one = begin(house)
    say(house, rasa, one, f"zz {evil}", confidence=0.2, handoff=HANDOFF)
    agent.post(f"/console/conversations/{one}/notes", text=f"zz {evil}")
    assert unmasked(agent, one)
    pages = [f"/console/conversations/{one}", "/console/conversations"]
    pages += ["/console/unsure", "/console/waiting", "/console/conversations?q=zz"]
    plain = agent.get("/console/account").text
    for path in pages:
        body = agent.get(path).text
        for tag in ("<script", "<svg", "<img src=x", "</textarea><s", '<a href="java'):
            assert body.count(tag) <= plain.count(tag), (path, tag)
        assert "\u202e" not in body and "\u200b" not in body
        assert "49" not in body.partition("zz")[2][:20]
    searched = agent.get("/console/conversations", params={"q": evil}).text
    assert searched.count("<script") == plain.count("<script")


def test_a_viewer_reads_without_personal_data(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """Mail, number, name, address: marks; no photo; no form to act with."""
    one = begin(house)
    order = new_order(house)
    tell_all(house, order, one)
    last = order["customer"]["last_name"]
    secret = f"je suis {last}, cam@example.com, 06 12 34 56 78, 3 rue de la Paix"
    say(house, rasa, one, secret)
    viewer, agent = enter(Role.VIEWER), enter(Role.AGENT)
    for path in (f"/console/conversations/{one}", "/console/conversations"):
        body = viewer.get(path).text
        for part in ("cam@example.com", "12 34 56", "rue de la Paix", last):
            assert part not in body, (path, part)
        assert last not in agent.get(path).text
    assert unmasked(agent, one)
    assert last in agent.get(f"/console/conversations/{one}").text
    assert last not in agent.get("/console/conversations").text
    assert not unmasked(viewer, one)
    assert last not in viewer.get(f"/console/conversations/{one}").text
    assert "/claim" not in viewer.get(f"/console/conversations/{one}").text


def test_a_photo_is_shown_where_it_belongs(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """In its own conversation, unmasked, as an image that no page can run."""
    one, other = begin(house), begin(house)
    upload_id = uploads.keep(house, one, photo())
    say(house, rasa, one, "voilà", upload_ids=(upload_id,))
    agent = enter(Role.AGENT)
    path = f"/console/conversations/{one}/photos/{upload_id}"
    assert path not in agent.get(f"/console/conversations/{one}").text
    assert agent.get(path).status_code == 403
    assert unmasked(agent, one)
    assert path in agent.get(f"/console/conversations/{one}").text
    got = agent.get(path)
    assert (got.status_code, got.headers["content-type"]) == (200, "image/jpeg")
    assert got.headers["x-content-type-options"] == "nosniff"
    wrong = agent.get(f"/console/conversations/{other}/photos/{upload_id}")
    assert wrong.status_code == 404
    assert enter(Role.VIEWER).get(path).status_code == 403


def test_the_transcript_shows_what_was_understood(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """Intent, confidence, runner-up, reasons, entities, what the bot then did."""
    one = begin(house)
    say(house, rasa, one, "trop petit", "give_reason", 0.44, ("too_small",))
    body = enter(Role.AGENT).get(f"/console/conversations/{one}").text
    for part in ("give_reason", "44&nbsp;%", "deny", "trop petit", "RulePolicy"):
        assert part in body
    assert 'id="m-2"' in body and f'href="/console/conversations/{one}#m-2"' in body


def test_reading_is_in_the_audit_log(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """Who read which conversation, and that without a word of it."""
    one = begin(house)
    say(house, rasa, one, "mot-très-secret")
    enter(Role.VIEWER).get(f"/console/conversations/{one}")
    with house.reader.connect() as connection:
        rows = connection.execute(sa.select(audit_log)).all()
    assert ("viewer@example.com", "conversation.read", one) in {
        (row.who, row.act, row.subject) for row in rows
    }
    assert "secret" not in str(rows)


def test_one_person_answers(
    house: TestHouse, rasa: FakeRasa, enter: Enter, team: dict[Role, Member]
) -> None:
    """Whoever claims it; others are refused until it is given back or goes stale."""
    one = begin(house)
    say(house, rasa, one, "un humain", handoff=HANDOFF)
    agent, approver = enter(Role.AGENT), enter(Role.APPROVER)
    base = f"/console/conversations/{one}"
    assert agent.get("/console/badge").text == "1"
    assert approver.post(f"{base}/reply", text="Bonjour").status_code == 409
    assert agent.post(f"{base}/claim").status_code == 303
    assert agent.get("/console/badge").text == ""
    assert approver.post(f"{base}/claim").status_code == 409
    assert approver.post(f"{base}/reply", text="Bonjour").status_code == 409
    assert agent.post(f"{base}/reply", text="  ").status_code == 200
    assert agent.post(f"{base}/reply", text="Bonjour, je regarde.").status_code == 303
    said = talk.read(house, one).messages[-1]
    assert (said.author, said.author_name) == ("staff", "Agent")
    assert [h.claimed_by for h in handoffs.waiting(house)] == ["Agent"]
    assert "Agent" in approver.get(base).text
    house.clock.move(minutes=20)
    agent.get(base)
    house.clock.move(minutes=11)
    handoffs.claim(house, one, team[Role.APPROVER].staff_id)
    with pytest.raises(WrongState):
        handoffs.reply(house, one, "Encore", "Agent", team[Role.AGENT].staff_id)
    handoffs.release(house, one)
    assert conversation(house, one).mode == "bot"
    assert talk.read(house, one).claim is None


def test_a_person_may_step_in(
    house: TestHouse, rasa: FakeRasa, team: dict[Role, Member]
) -> None:
    """Before the bot gives up; the bot is silent then."""
    one = begin(house)
    say(house, rasa, one, "bonjour")
    handoffs.claim(house, one, team[Role.AGENT].staff_id)
    assert conversation(house, one).mode == "human"
    assert handoffs.waiting(house)[0].reason == "stepped_in"


def test_new_messages_come_by_themselves(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """Only those after the last that the page has, and the next question for more."""
    one = begin(house)
    say(house, rasa, one, "premier")
    agent = enter(Role.AGENT)
    piece = agent.get(f"/console/conversations/{one}/after/2").text
    assert "premier" not in piece and "Bien noté." in piece
    assert f"/console/conversations/{one}/after/3" in piece
    assert "<html" not in piece


def test_notes_and_labels_are_for_the_team(
    house: TestHouse, rasa: FakeRasa, enter: Enter, client: WebClient
) -> None:
    """The customer never gets them; a label is a filter; both can be wrong."""
    one = begin(house)
    say(house, rasa, one, "bonjour")
    agent = enter(Role.AGENT)
    base = f"/console/conversations/{one}"
    assert agent.post(f"{base}/notes", text="à revoir").status_code == 303
    assert agent.post(f"{base}/labels", label="  Robe  Solène ").status_code == 303
    assert found(house, label="robe solène") == [one]
    assert "à revoir" in agent.get(base).text
    assert agent.post(f"{base}/notes", text="").status_code == 422
    assert agent.post(f"{base}/labels", label="<b>").status_code == 422
    agent.post(f"{base}/labels", label="robe solène", on="no")
    assert found(house, label="robe solène") == []
    assert all("à revoir" not in m.text for m in talk.read(house, one).messages)


def test_an_erased_conversation_leaves_nothing_here(
    house: TestHouse, rasa: FakeRasa, team: dict[Role, Member]
) -> None:
    """Neither words in the index, nor readings, notes, labels or claims."""
    one = begin(house)
    say(house, rasa, one, "effacez-moi")
    talk.add_note(house, one, "note", team[Role.AGENT])
    talk.set_label(house, one, "étiquette", team[Role.AGENT], True)
    handoffs.claim(house, one, team[Role.AGENT].staff_id)
    assert sessions.end(house, one)
    tables = ("message_stems", "readings", "conversation_notes")
    tables += ("conversation_labels", "conversation_claims", "conversations")
    with house.reader.connect() as connection:
        for name in tables:
            table = conversations.metadata.tables[name]
            query = sa.select(sa.func.count()).select_from(table)
            assert connection.execute(query).scalar() == 0, name
