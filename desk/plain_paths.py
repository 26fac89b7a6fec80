"""No address of ours holds a null character, and no database can look for one."""

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.problems import Problem


class PlainPaths:
    """404 for every other path, before anything looks for what it names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "\x00" in scope["path"]:
            problem = Problem(404, "Not Found", "See /openapi.json for what there is.")
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)
