"""Where a request comes from, and how often one address or place may ask (E13, I3)."""

import time
from collections import deque
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Lock

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from desk import texts
from desk.problems import Problem
from desk.requests import accepted_language
from returns.shop import Limits
from returns.wiring import House

MINUTE = 60
NEIGHBOURS = 64  # bits: one IPv6 customer owns all addresses below them
PLACES_KEPT = 20_000
PREFIXES = {4: 24, 6: NEIGHBOURS}  # a household or an office, not one machine
# Probes must always be answered; webhooks come in bursts, and are signed instead.
FREE = ("/livez", "/readyz", "/metrics", "/hooks/", "/webhooks/")

_log = structlog.get_logger()


class AtAPace:
    """429 for an address that asks too often; each process counts for itself."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house
        self._minute = 0
        self._asked: dict[str, int] = {}
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_too_often(scope):
            await self._refusal(scope).response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_too_often(self, scope: Scope) -> bool:
        limits = self._house.shop.limits
        if not limits.enabled or scope["path"].startswith(FREE):
            return False
        minute = int(time.monotonic()) // MINUTE
        if minute != self._minute:
            self._minute, self._asked = minute, {}
        address = self._address(scope)
        self._asked[address] = self._asked.get(address, 0) + 1
        return self._asked[address] > limits.requests_per_minute_per_address

    def _address(self, scope: Scope) -> str:
        peer = scope["client"][0] if scope.get("client") else ""
        told = Request(scope).headers.getlist("x-forwarded-for")
        proxies = self._house.shop.limits.trusted_proxies
        if told and not is_within(peer, proxies) and not self._warned:
            self._warned = True
            _log.warning("desk.proxy.untrusted", see="shop.yml: limits.trusted_proxies")
        return client_address(peer, ",".join(told), proxies)

    def _refusal(self, scope: Scope) -> Problem:
        language = accepted_language(Request(scope))
        detail = texts.say(self._house, "utter_too_many_messages", language)
        wait = MINUTE - int(time.monotonic()) % MINUTE
        return Problem(429, "Too many", detail, {"Retry-After": str(wait)})


class Pace:
    """Counts what each place did lately, in this process's memory.

    most: so often within so many seconds.
    """

    def __init__(
        self,
        most: int,
        seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._monotonic = monotonic
        self._done: dict[str, deque[float]] = {}
        self._lock = Lock()

    def allows(self, place: str) -> bool:
        """Whether this place may do it once more now; if so, it is counted."""
        now = self._monotonic()
        with self._lock:
            if len(self._done) >= PLACES_KEPT:
                self._forget(now)
            done = self._done.setdefault(place, deque())
            while done and done[0] <= now - self._seconds:
                done.popleft()
            if len(done) >= self._most:
                return False
            done.append(now)
            return True

    def _forget(self, now: float) -> None:
        old = [p for p, done in self._done.items() if done[-1] <= now - self._seconds]
        for place in old or list(self._done)[: PLACES_KEPT // 2]:
            del self._done[place]


def place_of(request: Request, limits: Limits) -> str:
    """The sender's network, a household or an office."""
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    address = client_address(peer, forwarded, limits.trusted_proxies)
    bare = address.partition("/")[0]
    if not _is_address(bare):
        return bare[:64]
    parsed = ip_address(bare)
    return str(ip_network((parsed, PREFIXES[parsed.version]), strict=False))


def client_address(
    peer: str, forwarded: str, proxies: tuple[IPv4Network | IPv6Network, ...]
) -> str:
    """The last address that no named proxy vouches away; of IPv6 its network."""
    address = peer
    for told in reversed(forwarded.split(",")):
        if not is_within(address, proxies) or not _is_address(told.strip()):
            break
        address = told.strip()
    return _without_neighbours(address)


def is_within(address: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Whether one of the networks holds this address."""
    if not _is_address(address):
        return False
    parsed = ip_address(address)
    return any(parsed in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _without_neighbours(address: str) -> str:
    parsed = ip_address(address) if _is_address(address) else None
    if not isinstance(parsed, IPv6Address) or parsed.ipv4_mapped:
        return address
    return str(IPv6Network((int(parsed), NEIGHBOURS), strict=False))
