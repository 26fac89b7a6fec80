"""Signing in and out, and the files that pages load; all that is open to anybody."""

import ipaddress
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk.console import accounts, guard, pages, second_factor, sessions, words
from desk.requests import accepted_language
from returns.wiring import House

HOME = "/console/conversations"
STATIC = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FILES = {path.name: path for path in STATIC.iterdir() if path.suffix in KINDS}


def routes() -> list[Route]:
    return [
        Route("/console/login", _show, methods=["GET"]),
        Route("/console/login", _sign_in, methods=["POST"]),
        Route("/console/static/{name}", _file, methods=["GET"]),
    ]


async def _show(request: Request) -> Response:
    return _form(request, safe_next(request.query_params.get("next", "")))


async def _sign_in(request: Request) -> Response:
    house: House = request.app.state.house
    form = await guard.read_form(request)
    asked = {name: values[0] for name, values in form.items()}
    target = safe_next(asked.get("next", ""))
    if not guard.is_own_origin(house, request):
        return _form(request, target, 403, "login_other_site")
    try:
        member = await run_in_threadpool(
            accounts.authenticate,
            house,
            asked.get("email", "")[:320],
            asked.get("password", ""),
            address_of(house, request),
        )
    except accounts.LoginRefused as error:
        if error.wait:
            return _form(request, target, 429, "login_wait", error.wait)
        return _form(request, target, 401, "login_refused")
    agent = request.headers.get("user-agent", "")
    token = await run_in_threadpool(sessions.start, house, member, agent)
    await run_in_threadpool(second_factor.prepare, house, member)
    response = RedirectResponse(target, 303)
    guard.set_cookie(house, response, token)
    return guard.sealed(response)


def _form(
    request: Request, target: str, status: int = 200, error: str = "", wait: int = 0
) -> Response:
    house: House = request.app.state.house
    language = accepted_language(request)
    told = words.say(language, error, wait=wait) if error else ""
    page = pages.public_page(
        house, language, "login.html", status, target=target, error=told
    )
    if wait:
        page.headers["Retry-After"] = str(wait)
    return guard.sealed(page)


def safe_next(asked: str) -> str:
    """A page of the console, never another site."""
    own = asked.startswith("/console/") and "\\" not in asked and asked.isprintable()
    return asked if own and len(asked) < 600 else HOME


async def _file(request: Request) -> Response:
    path = FILES.get(request.path_params["name"])
    if path is None:
        return guard.sealed(Response(status_code=404))
    content = await run_in_threadpool(path.read_bytes)
    cached = {"Cache-Control": "public, max-age=300"}
    response = Response(content, media_type=KINDS[path.suffix], headers=cached)
    return guard.sealed(response)


def address_of(house: House, request: Request) -> str:
    """The client's; a proxy named in shop.yml says whose."""
    host = request.client.host if request.client else ""
    for forwarded in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        if not _trusted(house, host) or not forwarded.strip():
            break
        host = forwarded.strip()
    return host


def _trusted(house: House, host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in house.shop.limits.trusted_proxies)
