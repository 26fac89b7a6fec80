"""Somebody of the team at the console of a running desk, over HTTP."""

import re
import unicodedata
from typing import Any

import httpx

from desk.console import accounts, second_factor
from desk.console.accounts import Member, Role
from desk.console.tables import staff
from returns.unit import writing
from returns.wiring import House

PASSWORD = "correct horse battery"


def employed(house: House, name: str, role: Role) -> Member:
    """An account whose password need not be changed; the same one for its name."""
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()
    email = f"{plain.lower()}@example.com"
    for row in accounts.everybody(house):
        if row.email == email:
            with house.reader.connect() as connection:
                known = accounts.member(connection, row.staff_id)
            assert known is not None
            return known
    made, _ = accounts.add(house, name, email, role, "tests", PASSWORD)
    with writing(house) as unit:
        mine = staff.c.staff_id == made.staff_id
        unit.connection.execute(staff.update().where(mine).values(must_change=False))
    return made


def fresh_code(house: House, member: Member) -> str | None:
    """What the sign-in asks for after the password; None: nothing more.

    Their second factor begins anew, since each code counts once in 30 seconds.
    """
    if not second_factor.is_needed(house, member):
        return None
    if second_factor.is_enrolled(house, member.staff_id):
        second_factor.reset(house, member.email, "tests")
    second_factor.prepare(house, member)
    return second_factor.current_code(house, member.staff_id)


class AtConsole:
    """Signed in; says after a restart of the desk what was not heard, again."""

    def __init__(self, url: str, email: str) -> None:
        self._url = url
        self._http = httpx.Client(
            base_url=url, trust_env=False, timeout=20, headers={"Origin": url}
        )
        told = {"email": email, "password": PASSWORD}
        got = self._http.post("/console/login", data=told)
        assert got.status_code == 303, got.text
        page = self._http.get("/console/account").text
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
        assert found, page[:300]
        self._csrf = found[1]

    def get(self, path: str) -> httpx.Response:
        return self._http.get(path)

    def post(self, path: str, **told: Any) -> httpx.Response | None:
        """None when the desk died under the request."""
        try:
            return self._http.post(path, data={"csrf": self._csrf, **told})
        except httpx.TransportError:
            return None

    def close(self) -> None:
        self._http.close()
