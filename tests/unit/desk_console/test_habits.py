"""Saved views, canned answers, presence."""

import re
from collections.abc import Callable

import pytest

from desk import handoffs, idle
from desk.console import canned, presence, saved_views
from desk.console.accounts import Member, Role
from desk.console.canned import Canned
from desk.console.customers import Customer
from desk.console.filters import Filters
from returns.errors import NotFound
from tests.desks import FakeRasa, conversation
from tests.houses import TestHouse
from tests.unit.desk_console.staff import Browser
from tests.unit.desk_console.talks import HANDOFF, begin, say

Enter = Callable[[Role], Browser]
TEXTS = {
    "fr": "Bonjour {first_name}, je regarde la commande {order_number}.",
    "en": "Hello {first_name}, I am looking at order {order_number}.",
}
PROVED = Customer("FR-1042", "Camille", "Durand", ("Camille",), True)
TYPED = Customer("FR-1042", "", "", (), False)


def test_a_view_brings_the_filters_back(house: TestHouse, enter: Enter) -> None:
    """Saved by a form, one click away, for oneself; shared ones for all."""
    agent, viewer = enter(Role.AGENT), enter(Role.VIEWER)
    told = {"with_mode": "waiting", "with_q": "é & ü", "name": "Les urgentes"}
    assert agent.post("/console/views", **told).status_code == 303
    page = agent.get("/console/conversations").text
    href = re.search(r'href="(/console/conversations\?[^"]*mode=waiting[^"]*)"', page)
    assert href
    assert 'value="é &amp; ü"' in agent.get(href[1].replace("&amp;", "&")).text
    assert "Les urgentes" not in viewer.get("/console/conversations").text
    agent.post("/console/views", **told, shared="yes")
    assert page.count("Les urgentes") == 1
    assert "Les urgentes" in viewer.get("/console/conversations").text


def test_views_belong_to_somebody(house: TestHouse, team: dict[Role, Member]) -> None:
    """Only its owner removes a view; an administrator also a shared one."""
    agent, viewer, admin = team[Role.AGENT], team[Role.VIEWER], team[Role.ADMIN]
    saved_views.save(house, agent, "une", Filters(mode="bot"), shared=True)
    saved_views.save(house, agent, "deux", Filters(mode="bot"), shared=False)
    saved_views.save(house, viewer, "trois", Filters(mode="bot"), shared=True)
    assert [v.name for v in saved_views.of_member(house, viewer)] == ["trois", "une"]
    assert [v.name for v in saved_views.of_member(house, agent)] == ["deux", "une"]
    one = {v.name: v.view_id for v in saved_views.of_member(house, agent)}
    for who, view_id in ((viewer, one["une"]), (admin, one["deux"])):
        with pytest.raises(NotFound):
            saved_views.remove(house, who, view_id)
    saved_views.remove(house, admin, one["une"])
    saved_views.remove(house, agent, one["deux"])
    assert saved_views.of_member(house, agent) == []


def test_a_view_needs_a_name_and_a_filter(
    house: TestHouse, team: dict[Role, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody fills the database with them."""
    agent = team[Role.AGENT]
    for name, filters in (("", Filters(q="a")), ("x" * 61, Filters(q="a"))):
        with pytest.raises(saved_views.BadView):
            saved_views.save(house, agent, name, filters, shared=False)
    with pytest.raises(saved_views.BadView):
        saved_views.save(house, agent, "a", Filters(), shared=False)
    monkeypatch.setattr(saved_views, "MOST", 1)
    saved_views.save(house, agent, "a", Filters(q="a"), shared=False)
    with pytest.raises(saved_views.BadView):
        saved_views.save(house, agent, "b", Filters(q="a"), shared=False)


@pytest.mark.parametrize(
    ("customer", "language", "said"),
    [
        (PROVED, "fr", "Bonjour Camille, je regarde la commande FR-1042."),
        (PROVED, "en", "Hello Camille, I am looking at order FR-1042."),
        (TYPED, "fr", "Bonjour, je regarde la commande …."),
        (None, "en", "Hello, I am looking at order …."),
    ],
)
def test_gaps_hold_only_what_was_proved(
    customer: Customer | None, language: str, said: str
) -> None:
    """In the customer's language; a number that was only typed is nobody's."""
    assert canned.filled(Canned("1", "a", TEXTS), language, customer) == said


def test_answers_are_edited_and_inserted(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """By an approver; an agent gets them at the reply, also without scripts."""
    agent, approver = enter(Role.AGENT), enter(Role.APPROVER)
    told = {"name": "Accueil", **TEXTS}
    assert agent.post("/console/answers", **told).status_code == 403
    assert approver.post("/console/answers", **told).status_code == 303
    assert approver.post("/console/answers", **told).status_code == 200  # name taken
    assert len(canned.everyone(house)) == 1
    talk = begin(house, "en")
    say(house, rasa, talk, "a human", handoff=HANDOFF)
    path = f"/console/conversations/{talk}"
    assert "data-insert" not in agent.get(path).text
    agent.post(f"{path}/claim")
    page = agent.get(path).text
    assert 'data-insert="Hello, I am looking at order …."' in page
    (one,) = canned.everyone(house)
    got = agent.post(f"{path}/reply", text="Good day.", insert=one.canned_id)
    assert "Good day.\nHello, I am looking at order …." in got.text
    assert conversation(house, talk).person_answered_at is None
    approver.post(f"/console/answers/{one.canned_id}", name="B", fr="b", en="b")
    assert canned.everyone(house)[0].name == "B"
    approver.post(f"/console/answers/{one.canned_id}", remove="yes")
    assert canned.everyone(house) == []


@pytest.mark.parametrize("text", ["", "{email}", "{first_name} {x}", "x" * 2001])
def test_an_unknown_gap_is_refused(
    house: TestHouse, team: dict[Role, Member], text: str
) -> None:
    """Nothing else of a customer is ever filled in."""
    with pytest.raises(canned.BadAnswer):
        canned.save(house, team[Role.ADMIN], "a", "bien", text)


def test_others_are_seen_and_forgotten(
    any_house: TestHouse, house: TestHouse, team: dict[Role, Member], enter: Enter
) -> None:
    """Reading, answering, gone; nobody sees oneself."""
    talk = begin(house)
    one, two = team[Role.AGENT], team[Role.VIEWER]
    presence.here(house, talk, one, "reading")
    assert presence.others(house, talk, one) == []
    assert [(p.name, p.doing) for p in presence.others(house, talk, two)] == [
        ("Agent", "reading")
    ]
    path = f"/console/conversations/{talk}/presence"
    enter(Role.AGENT).post(path, doing="answering")
    assert "Agent est en train de répondre" in enter(Role.VIEWER).post(path).text
    house.clock.move(seconds=31)
    assert presence.others(house, talk, two) == []


def test_typing_is_a_sign_of_life(
    house: TestHouse, rasa: FakeRasa, enter: Enter, team: dict[Role, Member]
) -> None:
    """The claim of who writes does not end under their hands."""
    talk = begin(house)
    say(house, rasa, talk, "un humain", handoff=HANDOFF)
    agent = enter(Role.AGENT)
    handoffs.claim(house, talk, team[Role.AGENT].staff_id)
    path = f"/console/conversations/{talk}"
    for doing, left in (("answering", 0), ("reading", 1)):
        house.clock.move(minutes=25)
        agent.post("/console/account/language", language="fr")
        agent.post(f"{path}/presence", doing=doing)
        house.clock.move(minutes=6)
        assert idle.return_idle(house) == left


def test_a_release_says_what_was_read(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """The form carries the last message of the page; what came later is answered."""
    talk = begin(house)
    say(house, rasa, talk, "un humain", handoff=HANDOFF)
    agent = enter(Role.AGENT)
    path = f"/console/conversations/{talk}"
    agent.post(f"{path}/claim")
    seen = re.search(r'name="seen" value="(\d+)"', agent.get(path).text)
    assert seen
    say(house, rasa, talk, "encore une chose")
    newer = agent.get(f"{path}/after/{seen[1]}").text
    assert 'hx-swap-oob="true"' in newer
    before = len(house.queue.pushed)
    agent.post(f"{path}/release", seen=seen[1])
    assert len(house.queue.pushed) == before + 1
