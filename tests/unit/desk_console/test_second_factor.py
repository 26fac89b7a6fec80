"""The second factor: one code, once, near its time, and no guessing."""

from collections.abc import Callable

import pyotp
import pytest
import sqlalchemy as sa

from desk.console import accounts, second_factor, sessions
from desk.console.accounts import LoginRefused, Member, Role
from desk.console.safety_tables import recovery_codes, second_factors
from desk.console.tables import audit_log
from returns import vault
from returns.errors import NotFound
from tests.desks import WebClient
from tests.houses import TestHouse
from tests.unit.desk_console.conftest import PASSWORD
from tests.unit.desk_console.staff import Browser

Enter = Callable[[Role], Browser]
HERE = "10.0.0.7"


@pytest.fixture
def approver(any_house: TestHouse) -> Member:
    """Enrolled by nobody yet."""
    made, _ = accounts.add(
        any_house, "Ana", "ana@example.com", Role.APPROVER, "t", PASSWORD
    )
    second_factor.begin(any_house, made)
    return made


def code_at(house: TestHouse, member: Member, steps: int = 0) -> str:
    """The code of so many half minutes later."""
    with house.reader.connect() as connection:
        query = sa.select(second_factors).where(
            second_factors.c.staff_id == member.staff_id
        )
        secret = second_factor._opened(house, connection.execute(query).one())
    return pyotp.TOTP(secret).at(house.clock.real(), counter_offset=steps)


def refused(house: TestHouse, member: Member, code: str) -> int:
    """How long the next try must wait."""
    with pytest.raises(LoginRefused) as error:
        second_factor.prove(house, member, code, HERE)
    return error.value.wait


def test_a_code_counts_once_and_a_step_of_drift(
    any_house: TestHouse, approver: Member
) -> None:
    """Also the code of one step before or after; never one before the last taken."""
    second_factor.enrol(any_house, approver, code_at(any_house, approver), HERE)
    assert refused(any_house, approver, code_at(any_house, approver)) == 0
    assert refused(any_house, approver, code_at(any_house, approver, -1)) == 0
    second_factor.prove(any_house, approver, code_at(any_house, approver, 1), HERE)
    any_house.clock.move(seconds=120)
    second_factor.prove(any_house, approver, code_at(any_house, approver, -1), HERE)
    for steps in (-1, -2, 2):
        refused(any_house, approver, code_at(any_house, approver, steps))
    second_factor.prove(any_house, approver, code_at(any_house, approver), HERE)


def test_guesses_wait_as_passwords_do(any_house: TestHouse, approver: Member) -> None:
    """After five the right code waits too; recovery codes are no way around."""
    second_factor.enrol(any_house, approver, code_at(any_house, approver), HERE)
    any_house.clock.move(minutes=1)
    right = code_at(any_house, approver)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    waits = [refused(any_house, approver, w) for w in (wrong, "abcde-fghjk") * 2]
    assert waits == [0] * 4 and refused(any_house, approver, wrong) == 0
    with pytest.raises(LoginRefused) as error:
        second_factor.prove(any_house, approver, right, "10.99.0.1")
    assert error.value.wait == 1
    any_house.clock.move(seconds=2)
    second_factor.prove(any_house, approver, right, "10.99.0.1")


def test_a_recovery_code_helps_once(any_house: TestHouse, approver: Member) -> None:
    """In any spelling; ten of them, hashed; another person's is worth nothing."""
    codes = second_factor.enrol(any_house, approver, code_at(any_house, approver), HERE)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    other, _ = accounts.add(any_house, "Bo", "bo@example.com", Role.ADMIN, "t")
    refused(any_house, other, codes[0])
    second_factor.prove(any_house, approver, codes[0].upper().replace("-", " "), HERE)
    refused(any_house, approver, codes[0])
    second_factor.prove(any_house, approver, codes[1], HERE)
    with any_house.reader.connect() as connection:
        kept = str(connection.execute(sa.select(recovery_codes)).all())
        kept += str(connection.execute(sa.select(second_factors)).all())
        log = str(connection.execute(sa.select(audit_log)).all())
    for code in codes:
        assert code not in kept + log and code.replace("-", "") not in kept + log


def test_the_secret_lies_sealed(any_house: TestHouse, approver: Member) -> None:
    """Unreadable in the database, and of no use in another person's row."""
    secret = second_factor.secret_to_show(any_house, approver)
    assert secret
    with any_house.reader.connect() as connection:
        row = connection.execute(sa.select(second_factors)).one()
    assert secret not in row.secret and secret.encode().hex() not in row.secret
    key = vault.key_for(any_house.settings, second_factor.PURPOSE)
    with pytest.raises(vault.SealBroken):
        vault.unseal(key, bytes.fromhex(row.secret), "somebody-else")
    second_factor.enrol(any_house, approver, code_at(any_house, approver), HERE)
    assert second_factor.secret_to_show(any_house, approver) is None


def test_a_lost_phone_is_reset(any_house: TestHouse, approver: Member) -> None:
    """Sessions end, old codes die, a new secret is made; all of it in the log."""
    codes = second_factor.enrol(any_house, approver, code_at(any_house, approver), HERE)
    token = sessions.start(any_house, approver, "b", proved=True)
    old = code_at(any_house, approver, 1)
    second_factor.reset(any_house, "Ana@example.com", "command line")
    assert sessions.find(any_house, token) is None
    second_factor.begin(any_house, approver)
    refused(any_house, approver, old)
    refused(any_house, approver, codes[0])
    with pytest.raises(NotFound):
        second_factor.reset(any_house, "nobody@example.com", "command line")
    with any_house.reader.connect() as connection:
        acts = list(connection.execute(sa.select(audit_log.c.act)).scalars())
    assert acts.count("staff.second_factor_reset") == 1
    assert {"staff.second_factor_added", "staff.login_failed"} <= set(acts)


def test_a_password_alone_opens_nothing_to_an_approver(
    house: TestHouse, client: WebClient, team: dict[Role, Member]
) -> None:
    """Neither pages nor acts nor polls; the half-way session is not the later one."""
    browser = Browser(client)
    browser.sign_in(team[Role.APPROVER].email, PASSWORD)
    assert browser.get("/console/badge").status_code == 204
    for path in ("/console/tasks", "/console/account"):
        assert browser.get(path).headers["location"] == "/console/second-factor"
    before, csrf = browser.token, browser.csrf
    for path in ("/console/tasks/x", "/console/account/sessions"):
        got = browser.send("POST", path, data={"csrf": csrf})
        assert got.headers["location"] == "/console/second-factor"
    code = second_factor.current_code(house, team[Role.APPROVER].staff_id)
    page = browser.prove(str(code))
    assert page.text.count("<li><code>") == second_factor.RECOVERY_CODES
    assert browser.get("/console/tasks").status_code == 200
    assert browser.token != before and sessions.find(house, before) is None


def test_the_page_shows_a_picture_and_the_key(
    client: WebClient, house: TestHouse, team: dict[Role, Member]
) -> None:
    """As an SVG with a name, the key as text; after enrolment never again."""
    browser = Browser(client)
    browser.sign_in(team[Role.ADMIN].email, PASSWORD)
    page = browser.get("/console/second-factor").text
    secret = second_factor.secret_to_show(house, team[Role.ADMIN])
    assert secret and secret[:4] in page and 'role="img" aria-label="Code QR' in page
    assert browser.prove("123").status_code == 401
    code = second_factor.current_code(house, team[Role.ADMIN].staff_id)
    browser.prove(str(code))
    assert secret[:4] not in browser.get("/console/second-factor").text


def test_an_agent_may_have_one_too(
    client: WebClient, house: TestHouse, enter: Enter, team: dict[Role, Member]
) -> None:
    """From one's own page; from then on it is asked for."""
    agent = enter(Role.AGENT)
    assert "/console/second-factor" in agent.get("/console/account").text
    assert 'name="begin"' in agent.get("/console/second-factor").text
    agent.post("/console/second-factor", begin="yes")
    code = second_factor.current_code(house, team[Role.AGENT].staff_id)
    assert agent.prove(str(code)).status_code == 200
    again = Browser(client)
    again.sign_in(team[Role.AGENT].email, PASSWORD)
    assert again.get("/console/tasks").headers["location"] == "/console/second-factor"


def test_an_administrator_resets_a_colleague(
    enter: Enter, house: TestHouse, team: dict[Role, Member]
) -> None:
    """Not oneself: a stolen session must not get rid of its own second factor."""
    enter(Role.APPROVER)
    admin = enter(Role.ADMIN)
    person, me = team[Role.APPROVER].staff_id, team[Role.ADMIN].staff_id
    assert admin.post(f"/console/staff/{me}/second-factor").status_code == 409
    assert admin.post(f"/console/staff/{person}/second-factor").status_code == 303
    assert not second_factor.is_enrolled(house, person)
