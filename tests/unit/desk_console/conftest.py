"""A desk with one account of each role, and browsers that are signed in."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from desk.console import accounts, passwords, second_factor
from desk.console.accounts import Member, Role
from desk.console.tables import staff
from returns.unit import writing
from tests.desks import WebClient
from tests.houses import TestHouse
from tests.unit.desk_console.staff import Browser

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real argon2, but weak: dozens of accounts are made here."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    passwords._nobodys.cache_clear()


@pytest.fixture
def team(house: TestHouse) -> dict[Role, Member]:
    """One of each, who need not change their passwords."""
    made = {}
    for role in Role:
        email = f"{role}@example.com"
        made[role], _ = accounts.add(house, role.title(), email, role, "t", PASSWORD)
    with writing(house) as unit:
        unit.connection.execute(sa.update(staff).values(must_change=False))
    return made


def signed_in(house: TestHouse, browser: Browser, member: Member) -> None:
    """By password, and by a second factor where the role needs one."""
    got = browser.sign_in(member.email, PASSWORD)
    assert got.status_code == 303, got.text
    if second_factor.is_needed(house, member):
        code = second_factor.current_code(house, member.staff_id)
        if second_factor.is_enrolled(house, member.staff_id):
            house.clock.move(seconds=30)  # each code counts once
            code = second_factor.current_code(house, member.staff_id)
        assert code and browser.prove(code).status_code in (200, 303)


@pytest.fixture
def enter(
    house: TestHouse, client: WebClient, team: dict[Role, Member]
) -> Callable[[Role], Browser]:
    """Sign somebody in by the form."""

    def entered(role: Role) -> Browser:
        browser = Browser(client)
        signed_in(house, browser, team[role])
        return browser

    return entered
