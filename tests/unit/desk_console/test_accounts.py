"""Accounts, passwords, sessions: who gets in, and for how long."""

import pytest
import sqlalchemy as sa

from desk.console import accounts, passwords, sessions
from desk.console.accounts import LoginRefused, Member, Role
from desk.console.passwords import PasswordRefused
from desk.console.tables import staff, staff_sessions
from tests.desks import WebClient
from tests.houses import TestHouse
from tests.unit.desk_console.conftest import PASSWORD, signed_in
from tests.unit.desk_console.staff import Browser

AGENT = "agent@example.com"


def wait_of(house: TestHouse, email: str, address: str) -> int:
    """Seconds that a wrong password must wait."""
    with pytest.raises(LoginRefused) as refused:
        accounts.authenticate(house, email, "wrong password", address)
    return refused.value.wait


def test_a_password_is_kept_as_argon2id(
    house: TestHouse, team: dict[Role, Member]
) -> None:
    """Never as itself, and never twice the same."""
    with house.reader.connect() as connection:
        kept = list(connection.execute(sa.select(staff.c.password_hash)).scalars())
    assert all(one.startswith("$argon2id$") for one in kept)
    assert len(set(kept)) == len(team)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short one", "too_short"),
        ("a" * 129, "too_long"),
        ("aaaaaaaaaaaabbbb", "too_easy"),
        ("q1w2e3r4t5y6", "too_easy"),
        ("marguerite2026", "too_easy"),
    ],
)
def test_a_weak_password_is_refused(password: str, why: str) -> None:
    """Short, long, everybody's, or made of the person's own name."""
    with pytest.raises(PasswordRefused) as refused:
        passwords.check(password, "Marguerite")
    assert refused.value.why == why


def test_long_sentences_are_welcome() -> None:
    """No rule about digits or signs; 64 characters and more are taken."""
    passwords.check("il pleut sur la ville depuis hier")
    passwords.check("des mots " * 12)


def test_wrong_passwords_wait_longer_and_longer(
    house: TestHouse, team: dict[Role, Member]
) -> None:
    """Five are free; then even the right one waits, for known and unknown alike."""
    for email in (AGENT, "nobody@example.com"):
        address = f"10.0.0.{len(email)}"
        waits = [wait_of(house, email, address) for _ in range(5)]
        assert waits == [0] * 5
        assert wait_of(house, email, address) == 1
    with pytest.raises(LoginRefused) as refused:
        accounts.authenticate(house, AGENT, PASSWORD, "10.9.9.9")
    assert refused.value.wait == 1
    house.clock.move(seconds=2)
    assert wait_of(house, AGENT, "10.9.9.9") == 0
    assert wait_of(house, AGENT, "10.9.9.9") == 2
    house.clock.move(minutes=31)
    found = accounts.authenticate(house, AGENT, PASSWORD, "10.9.9.9")
    assert found.staff_id == team[Role.AGENT].staff_id


def test_one_address_cannot_try_many_accounts(
    house: TestHouse, team: dict[Role, Member]
) -> None:
    """Its failures count together."""
    for number in range(5):
        wait_of(house, f"somebody{number}@example.com", "10.1.1.1")
    assert wait_of(house, AGENT, "10.1.1.1") > 0
    assert accounts.authenticate(house, AGENT, PASSWORD, "10.1.1.2")


def test_the_login_page_says_the_same_for_all(
    client: WebClient, team: dict[Role, Member]
) -> None:
    """An unknown address cannot be told from a wrong password."""
    known = Browser(client).sign_in(AGENT, "wrong password")
    unknown = Browser(client).sign_in("nobody@example.com", "wrong password")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert known.status_code == 401


def test_a_session_is_hashed_and_ends(
    house: TestHouse, team: dict[Role, Member]
) -> None:
    """30 minutes without use, 12 hours in all; a poll keeps nothing alive."""
    token = sessions.start(house, team[Role.AGENT], "browser")
    with house.reader.connect() as connection:
        kept = list(
            connection.execute(sa.select(staff_sessions.c.token_hash)).scalars()
        )
    assert token not in kept[0]
    house.clock.move(minutes=29)
    assert sessions.find(house, token)
    house.clock.move(minutes=20)
    assert sessions.find(house, token, touch=False)
    house.clock.move(minutes=11)
    assert sessions.find(house, token) is None
    token = sessions.start(house, team[Role.AGENT], "browser")
    for _ in range(24):
        house.clock.move(minutes=29)
        assert sessions.find(house, token)
    house.clock.move(minutes=29)
    assert sessions.find(house, token) is None


def test_a_new_role_or_password_ends_the_sessions(
    house: TestHouse, team: dict[Role, Member]
) -> None:
    """So does switching the account off; nobody keeps an old right."""
    agent, admin = team[Role.AGENT], team[Role.ADMIN]
    acts = [
        lambda: accounts.set_role(house, agent.staff_id, Role.VIEWER, admin),
        lambda: accounts.change_password(house, agent, PASSWORD, "another long one"),
        lambda: accounts.set_disabled(house, agent.staff_id, True, admin),
    ]
    for act in acts:
        token = sessions.start(house, agent, "browser")
        act()
        assert sessions.find(house, token) is None
    with pytest.raises(LoginRefused):
        accounts.authenticate(house, AGENT, "another long one", "10.0.0.1")


def test_a_cookie_is_for_this_site_alone(
    client: WebClient, team: dict[Role, Member]
) -> None:
    """HttpOnly, SameSite, and Secure with __Host- wherever the desk has HTTPS."""
    from dataclasses import replace

    got = Browser(client).sign_in(AGENT, PASSWORD)
    plain = got.headers["set-cookie"].lower()
    assert "httponly" in plain and "samesite=lax" in plain
    house = client.app.state.house
    url = "https://desk.test"
    house.settings = replace(house.settings, public_url=url)
    headers = {"Origin": url}
    data = {"email": AGENT, "password": PASSWORD}
    got = Browser(client).send("POST", "/console/login", headers=headers, data=data)
    cookie = got.headers["set-cookie"]
    assert cookie.startswith("__Host-bonretour_staff=")
    assert "; secure" in cookie.lower() and "path=/" in cookie.lower()
    assert "domain" not in cookie.lower()


def test_a_session_can_be_ended_from_another(
    client: WebClient, house: TestHouse, team: dict[Role, Member]
) -> None:
    """One's own only; somebody else's id does nothing."""
    one, two = Browser(client), Browser(client)
    one.sign_in(AGENT, PASSWORD)
    two.sign_in("viewer@example.com", PASSWORD)
    mine = sessions.of_member(house, team[Role.AGENT].staff_id)[0].session_id
    two.post("/console/account/sessions", session_id=mine)
    assert one.get("/console/account").status_code == 200
    one.post("/console/account/sessions", session_id=mine)
    assert one.get("/console/account").status_code == 303


def test_an_administrator_makes_and_unmakes_accounts(
    client: WebClient, house: TestHouse, team: dict[Role, Member]
) -> None:
    """The password is shown once; nobody changes their own role."""
    admin = Browser(client)
    signed_in(house, admin, team[Role.ADMIN])
    page = admin.post(
        "/console/staff", name="Nour", email="Nour@Example.com", role="agent"
    ).text
    row = next(p for p in accounts.everybody(house) if p.name == "Nour")
    assert row.email == "nour@example.com" and row.must_change
    assert "Nour" in page and "<code>" in page
    again = admin.post(
        "/console/staff", name="N", email="nour@example.com", role="agent"
    )
    assert 'role="alert"' in again.text
    me = team[Role.ADMIN].staff_id
    assert admin.post(f"/console/staff/{me}", role="viewer").status_code == 409
    admin.post(f"/console/staff/{row.staff_id}", disabled="yes")
    assert next(p for p in accounts.everybody(house) if p.name == "Nour").disabled_at
