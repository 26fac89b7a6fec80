"""Every door of the console, with every role, token and origin: made from the table."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.routing import Route

from desk.console import accounts, guard, second_factor
from desk.console.accounts import Member, Role
from desk.console.guard import Door
from desk.console.routes import DOORS
from tests.desks import FakeRasa, WebClient
from tests.houses import TestHouse
from tests.unit.desk_console.staff import Browser
from tests.unit.desk_console.talks import begin

Enter = Callable[[Role], Browser]
UNSAFE = [door for door in DOORS if door.method != "GET"]
OPEN = {"/console/login", "/console/static/{name}"}


def address(door: Door, talk: str = "no-such-talk") -> str:
    """The door's path with something in each gap."""
    told = door.path.replace("{conversation_id}", talk).replace("{seq}", "1")
    return re.sub(r"\{[^}]*\}", "nothing", told)


@pytest.fixture
def browsers(enter: Enter) -> dict[Role, Browser]:
    found = {role: enter(role) for role in Role}
    for browser in found.values():
        assert browser.csrf
    return found


def test_every_route_of_the_console_is_a_door(client: WebClient) -> None:
    """Nothing is reachable that the table does not name, but login and static files."""
    known = {(door.method, door.path) for door in DOORS}
    for route in client.app.routes:
        if not isinstance(route, Route):
            assert not str(getattr(route, "path", "/console")).startswith("/console")
        elif route.path.startswith("/console") and route.path not in OPEN:
            for method in (route.methods or set()) - {"HEAD"}:
                assert (method, route.path) in known


def test_every_door_is_open_to_its_roles_alone(
    house: TestHouse, browsers: dict[Role, Browser]
) -> None:
    """Too small a role is 403 and nothing else; no door turns the right role away."""
    talk = begin(house)
    tried = 0
    doors = sorted(DOORS, key=lambda d: "logout" in d.path or "password" in d.path)
    for door, role in itertools.product(doors, Role):
        if door.path.endswith("/logout"):
            continue  # ends the session that the next rows need; any role may
        browser = browsers[role]
        path = address(door, talk)
        got = browser.get(path) if door.method == "GET" else browser.post(path)
        allowed = role.covers(door.needs)
        assert (got.status_code != 403) == allowed, (door.method, path, role)
        assert got.status_code < 500, (door.method, path, role, got.text[:300])
        tried += 1
    assert tried == (len(DOORS) - 1) * len(Role)


def test_nobody_comes_in_without_a_session(client: WebClient) -> None:
    """No cookie, or one that means nothing, leads to the login page alone."""
    for door, token in itertools.product(DOORS, ("", "x" * 43)):
        browser = Browser(client)
        browser.token = token
        got = browser.send(door.method, address(door))
        assert got.status_code == 303
        assert got.headers["location"].startswith("/console/login")


FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://desk.test.evil.example"},
    {"Origin": "http://desk.test", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://desk.test", "Sec-Fetch-Site": "same-site"},
]


def test_no_act_without_the_sessions_own_token(
    house: TestHouse, browsers: dict[Role, Browser]
) -> None:
    """Every act refuses: no token, a wrong one, another session's, a foreign page."""
    admin, other = browsers[Role.ADMIN], browsers[Role.AGENT]
    talk = begin(house)
    for door in UNSAFE:
        path = address(door, talk)
        for data in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": other.csrf}):
            got = admin.send("POST", path, data=data)
            assert got.status_code == 403, (path, data)
        for headers in FOREIGN:
            right = {"csrf": admin.csrf}
            got = admin.send("POST", path, headers=headers, data=right)
            assert got.status_code == 403, (path, headers)
    assert admin.get("/console/account").status_code == 200


def test_a_page_that_names_no_origin_cannot_act(browsers: dict[Role, Browser]) -> None:
    """Browsers always say where a form comes from."""
    admin = browsers[Role.ADMIN]
    told = {"csrf": admin.csrf, "language": "en"}
    cookie = {"Cookie": f"bonretour_staff={admin.token}"}
    got = admin._client.post("/console/account/language", data=told, headers=cookie)
    assert got.status_code == 403


def test_every_page_has_the_strict_headers(
    house: TestHouse, browsers: dict[Role, Browser]
) -> None:
    """Also refusals and redirects; nothing inline, nothing from elsewhere."""
    talk = begin(house)
    for door in DOORS:
        if door.method != "GET":
            continue
        got = browsers[Role.ADMIN].get(address(door, talk))
        for name, value in guard.HEADERS.items():
            if name != "Cache-Control" and "/photos/" not in door.path:
                assert got.headers[name] == value, (door.path, name)
        body = got.text
        assert "style=" not in body and "<style" not in body
        assert not re.search(r"<script(?![^>]*\bsrc=)", body)
        assert not re.search(r"\son\w+=", body.replace("onerror", ""))
        assert not re.search(r'(src|href)="(?!/|\?|#)', body), door.path


def leads_to(browser: Browser, door: Door, page: str) -> None:
    """A poll, whose answer is put into the page, gets nothing instead."""
    got = browser.get(address(door))
    if door.passive:
        assert (got.status_code, got.text) == (204, ""), door.path
    else:
        assert got.headers["location"] == page, door.path


def test_a_first_password_opens_only_the_page_that_changes_it(
    house: TestHouse, client: WebClient
) -> None:
    """Every other door leads there, and then to the second factor."""
    _, once = accounts.add(house, "Zoé", "zoe@example.com", Role.ADMIN, "t")
    browser = Browser(client)
    assert browser.sign_in("zoe@example.com", once).status_code == 303
    for door in DOORS:
        if door.method == "GET" and door.path != guard.PASSWORD_PAGE:
            leads_to(browser, door, guard.PASSWORD_PAGE)
    page = browser.get(guard.PASSWORD_PAGE).text
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    new = "a calm sentence of mine"
    told: dict[str, Any] = {"csrf": found[1], "old": once, "new": new, "again": new}
    got = browser.send("POST", guard.PASSWORD_PAGE, data=told)
    assert got.headers["location"] == "/console/conversations"
    browser._keep(got)
    for door in DOORS:
        if door.method == "GET" and door.path not in guard.HALF_WAY:
            leads_to(browser, door, guard.SECOND_PAGE)
    row = next(p for p in accounts.everybody(house) if p.name == "Zoé")
    assert browser.prove("000000").status_code == 401
    code = second_factor.current_code(house, row.staff_id)
    assert code and browser.prove(code).status_code == 200
    assert browser.get("/console/conversations").status_code == 200


def test_a_proxy_path_never_leads_elsewhere(
    client: WebClient, team: dict[Role, Member]
) -> None:
    """After the login only a page of ours is opened."""
    from tests.unit.desk_console.conftest import PASSWORD

    for target in ("https://evil.example", "//evil.example", "/console/\\evil", "/x"):
        got = Browser(client).sign_in("admin@example.com", PASSWORD, next=target)
        assert got.headers["location"] == "/console/conversations"


def test_static_files_are_ours_alone(client: WebClient, rasa: FakeRasa) -> None:
    """By name, never by path."""
    assert client.get("/console/static/console.css").status_code == 200
    for name in ("..%2faudit.py", "words.yml", "htmx-LICENSE.txt", "%2e%2e/x"):
        assert client.get(f"/console/static/{name}").status_code == 404
