"""The one way into the console: session, origin, token, role; then the act itself.

Doors are rows of a table (routes.py), so that tests can try every door with every
role and every wrong token. Without a row nothing is reachable.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from desk import uploads
from desk.console import pages, second_factor, sessions
from desk.console.accounts import Member, Role
from desk.console.sessions import Session
from desk.problems import Problem
from returns.errors import NotFound, PictureRefused, ReturnsError, WrongState
from returns.wiring import House

BODY_BYTES = 64 * 1024
MOST_FIELDS = 60
POLICY = (
    "default-src 'none'; script-src 'self'; img-src 'self' data:; style-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
}
PASSWORD_PAGE = "/console/password"  # noqa: S105
SECOND_PAGE = "/console/second-factor"
# What somebody may do who has given a password and no code yet.
HALF_WAY = {SECOND_PAGE, "/console/logout", "/console/account/language"}


@dataclass(frozen=True)
class Visit:
    """One allowed request. form: what was posted. picture: the file beside it."""

    house: House
    request: Request
    session: Session
    form: dict[str, list[str]] = field(default_factory=dict)
    picture: bytes = b""

    @property
    def member(self) -> Member:
        return self.session.member

    @property
    def language(self) -> str:
        return self.member.language

    @cached_property
    def path(self) -> dict[str, str]:
        return dict(self.request.path_params)

    def asked(self, name: str) -> str:
        """From the address; empty when it is not there."""
        told = str(self.request.query_params.get(name, ""))
        return told.replace("\x00", "").strip()[:300]

    def given(self, name: str) -> str:
        """From the form; empty when it is not there."""
        return (self.form.get(name) or [""])[0].strip()

    def all_given(self, name: str) -> list[str]:
        """Every value of the form by this name, such as boxes that were ticked."""
        return [value.strip() for value in self.form.get(name, [])]

    def raw(self, name: str) -> str:
        """As it was typed, spaces and all: for passwords."""
        return (self.form.get(name) or [""])[0]

    def allows(self, role: Role) -> bool:
        return self.member.role.covers(role)


type Act = Callable[[Visit], Response]
type Form = dict[str, list[str]]


@dataclass(frozen=True)
class Door:
    """needs: the least role. passive: a poll, which keeps no session alive.

    takes_picture: its form may hold one, as `file`.
    """

    method: str
    path: str
    needs: Role
    act: Act
    passive: bool = False
    takes_picture: bool = False

    def route(self) -> Route:
        return Route(self.path, _endpoint(self), methods=[self.method])


def _endpoint(door: Door) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        response = await _answer(door, request)
        return sealed(response)

    return endpoint


def sealed(response: Response) -> Response:
    """With every header a console page must have."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _answer(door: Door, request: Request) -> Response:
    house: House = request.app.state.house
    session = await run_in_threadpool(_session, house, request, door.passive)
    if session is None:
        return _to_login(request)
    form: dict[str, list[str]] = {}
    picture = b""
    if door.method != "GET":
        try:
            form, picture = await _sent(door, request)
        except PictureRefused:  # too large to be read to its end, token and all
            return refusal(house, session, 413, "refused_picture")
        if not is_own_origin(house, request) or not _has_token(request, form, session):
            return refusal(house, session, 403, "refused_token")
    if session.member.must_change and door.path != PASSWORD_PAGE:
        return _first(door, PASSWORD_PAGE)
    if await run_in_threadpool(_lacks_code, house, session, door):
        return _first(door, SECOND_PAGE)
    if not session.member.role.covers(door.needs):
        return refusal(house, session, 403, "refused_role")
    visit = Visit(house, request, session, form, picture)
    return await run_in_threadpool(_act, door, visit)


async def _sent(door: Door, request: Request) -> tuple[Form, bytes]:
    """Fields and picture. Raises PictureRefused."""
    kind = request.headers.get("content-type", "")
    if not door.takes_picture or not kind.startswith("multipart/form-data"):
        return await read_form(request), b""
    most = request.app.state.house.shop.limits.upload_megabytes * uploads.MEGABYTE
    try:
        sent = await uploads.picture_form(request, most, MOST_FIELDS, BODY_BYTES)
    except Problem:
        return {}, b""
    try:
        form: Form = {}
        for name, value in sent.multi_items():
            if isinstance(value, str):
                form.setdefault(name, []).append(value)
        file = sent.get("file")
        return form, await file.read() if isinstance(file, UploadFile) else b""
    finally:
        await sent.close()


def _first(door: Door, page: str) -> Response:
    """To that page; a poll gets nothing, or it would put the page into this one."""
    return Response(status_code=204) if door.passive else RedirectResponse(page, 303)


def _lacks_code(house: House, session: Session, door: Door) -> bool:
    if session.proved or session.member.must_change or door.path in HALF_WAY:
        return False
    return second_factor.is_needed(house, session.member)


def _act(door: Door, visit: Visit) -> Response:
    try:
        return door.act(visit)
    except NotFound:
        return refusal(visit.house, visit.session, 404, "refused_not_found")
    except WrongState:
        return refusal(visit.house, visit.session, 409, "refused_state")
    except ReturnsError:
        return refusal(visit.house, visit.session, 422, "refused_input")


def refusal(house: House, session: Session, status: int, why: str) -> Response:
    """A page that says so; why: its words."""
    return pages.page(
        house, session, "refusal.html", status=status, why=why, here="", address=""
    )


def cookie_name(house: House) -> str:
    return "__Host-bonretour_staff" if is_secure(house) else "bonretour_staff"


def is_secure(house: House) -> bool:
    """Only a demo on plain HTTP does without a secure cookie."""
    plain = house.settings.public_url.startswith("http://")
    return house.settings.production or not plain


def set_cookie(house: House, response: Response, token: str | None) -> None:
    """token None: the browser forgets it."""
    response.set_cookie(
        cookie_name(house),
        token or "",
        max_age=int(sessions.LONGEST.total_seconds()) if token else 0,
        httponly=True,
        samesite="lax",
        secure=is_secure(house),
    )


def is_own_origin(house: House, request: Request) -> bool:
    """Browsers name the page that posts; who names none, or another, is refused."""
    origin = request.headers.get("origin")
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None and fetched not in ("same-origin", "none"):
        return False
    if origin is None:
        return fetched == "same-origin"
    host = request.headers.get("host", "")
    public = urlsplit(house.settings.public_url)
    own = {f"{public.scheme}://{public.netloc}", f"https://{host}"}
    if not is_secure(house):
        own.add(f"http://{host}")
    return origin in own


async def read_form(request: Request) -> dict[str, list[str]]:
    """Of an ordinary form, without nulls; anything longer or odder is empty."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY_BYTES:
            return {}
    try:
        text = content.decode("utf-8")
        form = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: [v.replace("\x00", "") for v in form[name]] for name in form}


def _session(house: House, request: Request, passive: bool) -> Session | None:
    token = request.cookies.get(cookie_name(house), "")
    return sessions.find(house, token, touch=not passive) if token else None


def _has_token(request: Request, form: dict[str, list[str]], session: Session) -> bool:
    given = request.headers.get("x-csrf-token") or (form.get("csrf") or [""])[0]
    return hmac.compare_digest(given.encode(), session.csrf.encode())


def _to_login(request: Request) -> Response:
    if request.headers.get("hx-request"):
        return PlainTextResponse("", 401, headers={"HX-Refresh": "true"})
    if request.method != "GET":
        return RedirectResponse("/console/login", 303)
    asked = request.url.path
    if request.url.query:
        asked += f"?{request.url.query}"
    return RedirectResponse(f"/console/login?next={quote(asked, safe='')}", 303)
