"""Personal data is masked for all, but by a click with a reason, for a while (C4)."""

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from desk.console import unmasking
from desk.console.accounts import Role
from desk.console.tables import audit_log
from returns.services import uploads
from returns.tables import evidence
from tests.desks import FakeRasa, WebClient
from tests.houses import TestHouse
from tests.pictures import photo
from tests.unit.desk_console.conftest import PASSWORD
from tests.unit.desk_console.staff import Browser
from tests.unit.desk_console.talks import begin, say
from tests.unit.desk_console.test_cases import opened_case

Enter = Callable[[Role], Browser]
SECRET = "canari@example.org"


@pytest.fixture
def talk(house: TestHouse, rasa: FakeRasa) -> str:
    one = begin(house)
    say(house, rasa, one, f"écrivez à {SECRET}", confidence=0.2)
    return one


def base(talk: str) -> str:
    return f"/console/conversations/{talk}"


def entries(house: TestHouse) -> list[tuple[str, str, str]]:
    query = sa.select(audit_log.c.who, audit_log.c.subject, audit_log.c.data)
    unmasked = audit_log.c.act == "personal.unmasked"
    with house.reader.connect() as connection:
        rows = connection.execute(query.where(unmasked)).all()
    return [(who, subject, json.loads(data)["reason"]) for who, subject, data in rows]


def test_nobody_sees_it_without_a_click(
    house: TestHouse, talk: str, enter: Enter
) -> None:
    """On no page, whatever the role."""
    pages = (base(talk), "/console/conversations", "/console/unsure")
    for role in Role:
        browser = enter(role)
        for path in pages:
            assert SECRET not in browser.get(path).text, (role, path)
    assert entries(house) == []


def test_a_click_shows_one_conversation_for_a_quarter_of_an_hour(
    house: TestHouse, rasa: FakeRasa, talk: str, enter: Enter
) -> None:
    """To this session alone, and the log says who, what and why."""
    other = begin(house)
    say(house, rasa, other, f"aussi {SECRET}")
    agent, colleague = enter(Role.AGENT), enter(Role.APPROVER)
    assert agent.post(f"{base(talk)}/unmask", reason="quality").status_code == 303
    assert SECRET in agent.get(base(talk)).text
    assert SECRET in agent.get(f"{base(talk)}/after/1").text
    assert SECRET not in agent.get(base(other)).text
    assert SECRET not in agent.get("/console/conversations").text
    assert SECRET not in colleague.get(base(talk)).text
    house.clock.move(minutes=14)
    assert SECRET in agent.get(base(talk)).text
    house.clock.move(minutes=1)
    assert SECRET not in agent.get(base(talk)).text
    assert entries(house) == [("agent@example.com", talk, "quality")]


def test_another_session_of_the_same_person_is_masked(
    client: WebClient, talk: str, enter: Enter
) -> None:
    """A stolen or forgotten second window shows nothing."""
    agent, second = enter(Role.AGENT), Browser(client)
    second.sign_in("agent@example.com", PASSWORD)
    agent.post(f"{base(talk)}/unmask", reason="fraud")
    assert SECRET in agent.get(base(talk)).text
    assert SECRET not in second.get(base(talk)).text


def test_no_reason_no_sight(house: TestHouse, talk: str, enter: Enter) -> None:
    """Also for a thing that does not exist; a viewer may not even ask."""
    agent = enter(Role.AGENT)
    for reason in ("", "curious", "answers"):
        got = agent.post(f"{base(talk)}/unmask", reason=reason)
        assert got.status_code == 422
    for path in (base("nobody"), "/console/cases/R-NONE"):
        assert agent.post(f"{path}/unmask", reason="answer").status_code == 404
    viewer = enter(Role.VIEWER)
    assert viewer.post(f"{base(talk)}/unmask", reason="answer").status_code == 403
    assert "/unmask" not in viewer.get(base(talk)).text
    assert entries(house) == []


def test_whoever_claims_may_read(house: TestHouse, talk: str, enter: Enter) -> None:
    """To answer is a reason; it is in the log as such."""
    agent = enter(Role.AGENT)
    assert agent.post(f"{base(talk)}/claim").status_code == 303
    assert SECRET in agent.get(base(talk)).text
    assert entries(house) == [("agent@example.com", talk, "answer")]


def test_a_case_is_unmasked_with_its_photos(house: TestHouse, enter: Enter) -> None:
    """The customer's name and the evidence, on its own page."""
    talk = begin(house)
    return_id = opened_case(house, talk)
    upload_id = uploads.keep(house, talk, photo())
    with house.engine.begin() as connection:
        connection.execute(
            evidence.insert().values(
                return_id=return_id, upload_id=upload_id, added_at=house.clock.now()
            )
        )
    agent, path = enter(Role.AGENT), f"/console/cases/{return_id}"
    picture = f"{base(talk)}/photos/{upload_id}"
    assert "Alex Martin" not in agent.get(path).text
    assert agent.get(picture).status_code == 403
    assert agent.post(f"{path}/unmask", reason="decide").status_code == 303
    page = agent.get(path).text
    assert "Alex Martin" in page and picture in page
    assert agent.get(picture).status_code == 200
    assert entries(house) == [("agent@example.com", return_id, "decide")]


def test_every_reason_has_words() -> None:
    """In both languages."""
    from desk.console import words

    for reason in unmasking.REASONS:
        assert f"unmask_{reason}" in words.catalogue()
