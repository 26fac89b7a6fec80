"""The second step of signing in: a code of one's app, and how the app gets its key."""

import re

import segno
from starlette.responses import RedirectResponse, Response

from desk.console import accounts, guard, second_factor, sessions, words
from desk.console.accounts import LoginRefused
from desk.console.doorway import HOME, address_of
from desk.console.guard import Visit
from desk.console.talk_pages import render
from returns.errors import WrongState

QUIET_ZONE = 4


def show(visit: Visit) -> Response:
    return _page(visit)


def take(visit: Visit) -> Response:
    """A right code opens the console, in a new session (C2)."""
    house, member, code = visit.house, visit.member, visit.given("code")[:40]
    if visit.given("begin"):
        second_factor.begin(house, member)
        return _page(visit)
    caller = address_of(house, visit.request)
    fresh: list[str] = []
    try:
        if second_factor.is_enrolled(house, member.staff_id):
            second_factor.prove(house, member, code, caller)
        else:
            fresh = second_factor.enrol(house, member, code, caller)
    except LoginRefused as refused:
        return _refused(visit, refused.wait)
    sessions.drop(house, visit.session.session_id)
    agent = visit.request.headers.get("user-agent", "")
    token = sessions.start(house, member, agent, proved=True)
    response: Response = RedirectResponse(HOME, 303)
    if fresh:
        response = render(visit, "recovery_codes.html", codes=fresh, home=HOME)
    guard.set_cookie(house, response, token)
    return response


def reset(visit: Visit) -> Response:
    """For a colleague whose phone is lost. Raises NotFound, WrongState."""
    if visit.path["staff_id"] == visit.member.staff_id:
        raise WrongState("one's own factor is reset by somebody else")
    person = accounts.by_id(visit.house, visit.path["staff_id"])
    second_factor.reset(visit.house, person.email, visit.member.email)
    return RedirectResponse("/console/staff", 303)


def _refused(visit: Visit, wait: int) -> Response:
    if not wait:
        return _page(visit, 401, words.say(visit.language, "second_refused"))
    told = words.say(visit.language, "login_wait", wait=wait)
    response = _page(visit, 429, told)
    response.headers["Retry-After"] = str(wait)
    return response


def _page(visit: Visit, status: int = 200, error: str = "") -> Response:
    house, member = visit.house, visit.member
    secret, qr = second_factor.secret_to_show(house, member), None
    if secret is not None:
        qr = _drawn(second_factor.address(house, member, secret))
    response = render(
        visit,
        "second_factor.html",
        error=error,
        enrolled=second_factor.is_enrolled(house, member.staff_id),
        secret=" ".join(re.findall(".{1,4}", secret or "")),
        qr=qr,
    )
    response.status_code = status
    return response


def _drawn(text: str) -> tuple[int, str]:
    """A QR code's side, quiet zone and all, and its dark squares as an SVG path."""
    code = segno.make(text, error="m", micro=False)
    rows = list(code.matrix_iter(border=QUIET_ZONE))
    squares = (
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return len(rows), "".join(squares)
