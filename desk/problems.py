"""Errors as application/problem+json (RFC 9457), with a sentence a client can show."""

from typing import Any

from starlette.responses import JSONResponse


class Problem(Exception):
    """status: HTTP. detail: for people; headers: such as Retry-After.

    errors: sentences by the field of the body that they are about.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        headers: dict[str, str] | None = None,
        errors: dict[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = headers or {}
        self.errors = errors

    def response(self) -> JSONResponse:
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors is not None:
            body["errors"] = self.errors
        return JSONResponse(
            body,
            self.status,
            headers=self.headers,
            media_type="application/problem+json",
        )
