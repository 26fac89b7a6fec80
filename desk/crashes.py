"""What nobody expected: an answer for the client, a line with the place for us."""

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.problems import Problem
from returns import measures
from returns.errors import place_of

PROBES = ("/livez", "/readyz", "/metrics")  # a 503 there is an answer, no fault

_log = structlog.get_logger()


class Answered:
    """500 as a problem document; never the error's text, which may be personal (P3)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if scope["path"] not in PROBES:
                    measures.RESPONSES.labels(f"{message['status'] // 100}xx").inc()
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            measures.CRASHED.inc()
            _log.error("desk.crashed", error=type(error).__name__, at=place_of(error))
            if scope["type"] != "http" or started:
                raise
            problem = Problem(500, "Our fault", "This is our fault. Please try again.")
            await problem.response()(scope, receive, noting)
