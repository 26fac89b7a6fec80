"""A browser at the console: keeps its cookie, sends token and origin as pages do."""

import re
from typing import Any

import httpx

from tests.desks import WebClient

ORIGIN = "http://desk.test"
COOKIE = "bonretour_staff"


class Browser:
    """Each has its own session, though all use one client."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self.token = ""
        self._csrf: str | None = None

    @property
    def csrf(self) -> str:
        if self._csrf is None:
            got = self.get("/console/account")
            if got.status_code == 303:  # somebody who has not proved it all yet
                got = self.get(got.headers["location"])
            found = re.search(r'name="csrf" value="([0-9a-f]{64})"', got.text)
            assert found, got.text[:500]
            self._csrf = found[1]
        return self._csrf

    def sign_in(self, email: str, password: str, **more: Any) -> httpx.Response:
        data = {"email": email, "password": password, **more}
        got = self.send("POST", "/console/login", data=data)
        self._keep(got)
        return got

    def prove(self, code: str) -> httpx.Response:
        """The second step of signing in."""
        return self.post("/console/second-factor", code=code)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.send("GET", path, **more)

    def post(self, path: str, **data: Any) -> httpx.Response:
        got = self.send("POST", path, data={"csrf": self.csrf, **data})
        self._keep(got)
        return got

    def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        told = {"Origin": ORIGIN} if method != "GET" else {}
        if self.token:
            told["Cookie"] = f"{COOKIE}={self.token}"
        told.update(headers or {})
        return self._client.request(method, path, headers=told, **more)

    def _keep(self, got: httpx.Response) -> None:
        self._client.forget_cookies()
        given = re.match(rf"{COOKIE}=([^;]*)", got.headers.get("set-cookie", ""))
        if given:
            self.token, self._csrf = given[1].strip('"'), None
