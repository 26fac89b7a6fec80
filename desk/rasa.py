"""The desk's side of bot/connector.py: signed private calls, errors named."""

import hashlib
import hmac
import json
import time
from typing import Any

import httpx

from returns.errors import ReturnsError
from returns.settings import Settings

CONNECT_SECONDS = 1.0
KEPT_SECONDS = 3.0  # Rasa closes what is idle after 5


class RasaUnavailable(ReturnsError):
    """Rasa or its actions did not answer; nothing of the turn is stored there."""


class RasaClient:
    """One per process; safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.private_secret.encode()
        self._client = httpx.Client(
            base_url=settings.rasa_url,
            trust_env=False,
            limits=httpx.Limits(keepalive_expiry=KEPT_SECONDS),
        )

    def take_turn(self, body: dict[str, Any], patience: float) -> dict[str, Any]:
        """patience: seconds. Raises RasaUnavailable."""
        answer: dict[str, Any] = self._call("POST", "/turns", body, patience).json()
        return answer

    def forget(self, conversation_id: str) -> None:
        """Raises RasaUnavailable."""
        self._call("DELETE", f"/conversations/{conversation_id}", None, 5.0)

    def is_ready(self) -> bool:
        try:
            return self._client.get("/ready", timeout=2.0).status_code == 200
        except (httpx.HTTPError, OSError):
            return False

    def close(self) -> None:
        self._client.close()

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None, patience: float
    ) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        timeout = httpx.Timeout(patience, connect=CONNECT_SECONDS)
        try:
            reply = self._client.request(
                method,
                path,
                content=content,
                headers=self._signature(method, path, content),
                timeout=timeout,
            )
        except httpx.HTTPError as error:
            raise RasaUnavailable(type(error).__name__) from error
        if reply.status_code != 200:
            raise RasaUnavailable(f"status {reply.status_code}")
        return reply

    def _signature(self, method: str, path: str, content: bytes) -> dict[str, str]:
        moment = str(int(time.time()))
        signed = "\n".join([moment, method, path]).encode() + b"\n" + content
        digest = hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        return {
            "Bonretour-Time": moment,
            "Bonretour-Signature": digest,
            "Content-Type": "application/json",
        }
