"""Pages of one's own account, and of the accounts of others for an administrator."""

from starlette.responses import RedirectResponse, Response

from desk.console import (
    accounts,
    audit,
    guard,
    passwords,
    second_factor,
    sessions,
    words,
)
from desk.console.accounts import Role
from desk.console.doorway import HOME
from desk.console.guard import Visit
from desk.console.talk_pages import back, render
from returns.errors import WrongState
from returns.unit import writing


def home(_visit: Visit) -> Response:
    return RedirectResponse(HOME, 303)


def account(visit: Visit) -> Response:
    mine = sessions.of_member(visit.house, visit.member.staff_id)
    enrolled = second_factor.is_enrolled(visit.house, visit.member.staff_id)
    this = visit.session.session_id
    return render(visit, "account.html", sessions=mine, this=this, enrolled=enrolled)


def set_language(visit: Visit) -> Response:
    asked = visit.given("language")
    if asked in words.LANGUAGES:
        accounts.set_language(visit.house, visit.member, asked)
    return back(visit, "/console/account")


def end_session(visit: Visit) -> Response:
    mine = visit.member
    sessions.revoke(visit.house, visit.given("session_id"), mine.staff_id, mine)
    return back(visit, "/console/account")


def password(visit: Visit) -> Response:
    return render(visit, "password.html", error="")


def change_password(visit: Visit) -> Response:
    """All sessions end; a new one begins here."""
    new = visit.raw("new")
    if new != visit.raw("again"):
        return _again(visit, "password_differs")
    try:
        accounts.change_password(visit.house, visit.member, visit.raw("old"), new)
    except accounts.LoginRefused:
        return _again(visit, "password_wrong")
    except passwords.PasswordRefused as error:
        return _again(visit, f"password_{error.why}")
    agent = visit.request.headers.get("user-agent", "")
    token = sessions.start(visit.house, visit.member, agent, visit.session.proved)
    response = RedirectResponse(HOME, 303)
    guard.set_cookie(visit.house, response, token)
    return response


def logout(visit: Visit) -> Response:
    me = visit.member
    sessions.revoke(visit.house, visit.session.session_id, me.staff_id, me)
    response = RedirectResponse("/console/login", 303)
    guard.set_cookie(visit.house, response, None)
    return response


def staff(visit: Visit) -> Response:
    return _staff(visit)


def add_staff(visit: Visit) -> Response:
    name, email = visit.given("name"), visit.given("email")
    if visit.given("role") not in set(Role):
        return _staff(visit, error=words.say(visit.language, "staff_refused"))
    try:
        role = Role(visit.given("role"))
        made = accounts.add(visit.house, name, email, role, visit.member.email)
    except accounts.AccountRefused:
        return _staff(visit, error=words.say(visit.language, "staff_refused"))
    return _staff(visit, made=made)


def change_staff(visit: Visit) -> Response:
    """Nobody locks themselves out. Raises NotFound, WrongState."""
    staff_id = visit.path["staff_id"]
    if staff_id == visit.member.staff_id:
        raise WrongState("your own account is changed by somebody else")
    if visit.given("role") in set(Role):
        role = Role(visit.given("role"))
        accounts.set_role(visit.house, staff_id, role, visit.member)
    else:
        disabled = visit.given("disabled") == "yes"
        accounts.set_disabled(visit.house, staff_id, disabled, visit.member)
    return RedirectResponse("/console/staff", 303)


def log(visit: Visit) -> Response:
    before = visit.asked("before")
    number = int(before) if before.isdecimal() and len(before) < 10 else None
    entries = audit.newest(visit.house, number)
    with writing(visit.house) as unit:
        audit.note(visit.house, unit, visit.member.email, "audit.read")
    more = len(entries) == audit.PAGE
    older = f"?before={entries[-1].entry}" if more else None
    whole = audit.verify(visit.house) if visit.asked("verify") else None
    return render(visit, "audit.html", entries=entries, older=older, whole=whole)


def _again(visit: Visit, why: str) -> Response:
    return render(visit, "password.html", error=words.say(visit.language, why))


def _staff(
    visit: Visit,
    made: tuple[accounts.Member, str] | None = None,
    error: str = "",
) -> Response:
    people = accounts.everybody(visit.house)
    roles = [role.value for role in Role]
    return render(
        visit, "staff.html", people=people, roles=roles, made=made, error=error
    )
