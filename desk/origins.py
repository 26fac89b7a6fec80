"""Only the shop's own pages may embed the desk; other origins get 403."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.problems import Problem
from returns.wiring import House


class OnlyAllowedOrigins:
    """Refuses a request whose Origin is neither allowed in shop.yml nor our own."""

    def __init__(self, app: ASGIApp, allowed: list[str], house: House) -> None:
        self._app = app
        self._allowed = set(allowed) | {_origin(house.settings.public_url)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            origin = headers.get(b"origin", b"").decode("latin-1")
            host = headers.get(b"host", b"").decode("latin-1")
            own = {f"http://{host}", f"https://{host}"}
            if origin and origin not in self._allowed | own:
                problem = Problem(
                    403, "Not allowed here", "shop.yml does not list this origin."
                )
                await problem.response()(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
