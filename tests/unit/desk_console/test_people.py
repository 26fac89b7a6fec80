"""An administrator answers a person's own request in the console."""

import json
from collections.abc import Callable
from pathlib import Path

from desk.console.accounts import Role
from tests.desks import FakeRasa
from tests.houses import TestHouse
from tests.unit.desk.persons import CANARIES, EMAIL, hits, person, with_rasa
from tests.unit.desk_console.staff import Browser

Enter = Callable[[Role], Browser]
WHOSE = {"kind": "email", "value": EMAIL}


def test_a_person_is_found_exported_and_erased(
    house: TestHouse, rasa: FakeRasa, enter: Enter, tmp_path: Path
) -> None:
    """Nothing is erased by looking, nor without the box; afterwards nothing is left."""
    admin = enter(Role.ADMIN)
    person(with_rasa(house, tmp_path), rasa)
    page = admin.post("/console/people", **WHOSE)
    assert page.status_code == 200 and "<dt>Photos</dt><dd>1</dd>" in page.text
    assert 'action="/console/people/erase"' in page.text
    given = admin.post("/console/people/export", **WHOSE)
    assert given.headers["content-disposition"].startswith("attachment")
    assert json.loads(given.text)["orders"][0]["customer"]["email"] == EMAIL
    assert admin.post("/console/people/erase", **WHOSE).status_code == 422
    assert len(hits(house, tmp_path, CANARIES)) == len(CANARIES)
    done = admin.post("/console/people/erase", **WHOSE, sure="yes")
    assert "Nordlys Apparel" in done.text and EMAIL not in done.text
    assert hits(house, tmp_path, CANARIES) == []
    assert 'role="alert"' in admin.post("/console/people", **WHOSE).text


def test_what_is_owed_is_shown(
    house: TestHouse, rasa: FakeRasa, enter: Enter, tmp_path: Path
) -> None:
    """Instead of the button; posting anyway is refused and changes nothing."""
    admin = enter(Role.ADMIN)
    who = person(with_rasa(house, tmp_path), rasa, settled=False)
    page = admin.post("/console/people", **WHOSE).text
    assert f'<a href="/console/cases/{who.return_id}">' in page
    assert 'action="/console/people/erase"' not in page
    assert admin.post("/console/people/erase", **WHOSE, sure="yes").status_code == 422
    assert len(hits(house, tmp_path, CANARIES)) == len(CANARIES)


def test_nonsense_finds_nobody(enter: Enter) -> None:
    """An unknown kind, an empty value."""
    admin = enter(Role.ADMIN)
    assert admin.post("/console/people", kind="iban", value="x").status_code == 404
    for kind in ("email", "order", "conversation"):
        assert 'role="alert"' in admin.post("/console/people", kind=kind, value="").text
