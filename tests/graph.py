"""Meta's side, on loopback: it signs and sends webhooks, and takes messages as the
Graph API does, with its limits and its errors (security.md, section 2).
"""

import hashlib
import hmac
import json
import random
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk.channels.signatures import HEADER, proof, sign
from tests.partners import served

PAGE, NUMBER = "108824017345866", "106540352242922"
ACCOUNTS = {"messenger": PAGE, "whatsapp": NUMBER}
VERSION = "v25.0"
WINDOW = timedelta(hours=24)
PAIR_BURST, PAIR_SECONDS = 45, 6.0
MEDIA_SECONDS = 300.0
TEMPLATES = {
    "return_label_ready": 1,
    "more_info_needed": 1,
    "supplier_answer": 1,
    "refund_sent": 2,
    "refund_refused": 1,
}
Item = dict[str, Any]
Post = Callable[[str, bytes, dict[str, str]], int]


@dataclass(frozen=True)
class Sent:
    """One message that the platform took."""

    channel: str
    to: str
    body: Item
    message_id: str
    outbound_id: str

    @property
    def text(self) -> str:
        return _text_of(self.body)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(title, token) of everything that can be pressed."""
        return list(_choices_of(self.body))


@dataclass
class Media:
    """A picture that lies at the platform; it may have to be asked for again."""

    content: bytes
    kind: str = "image/jpeg"
    sha256: str | None = None
    expired_links: int = 0
    redirect_to: str | None = None


class GraphSimulator:
    """faults: what the next calls meet, in order: a code of Meta's, or "drop" for an
    answer that is lost after the message was taken. now: the platform's clock.
    """

    def __init__(self, secret: str, tokens: dict[str, str]) -> None:
        self.secret, self.tokens = secret, tokens
        self.sent: list[Sent] = []
        self.refused: list[tuple[int, str]] = []
        self.faults: list[int | str] = []
        self.wrote_at: dict[str, datetime] = {}
        self.now: Callable[[], datetime] | None = None
        self.media: dict[str, Media] = {}
        self.links: dict[str, tuple[str, float]] = {}
        self.paced = False
        self.url = ""
        self._pairs: dict[str, list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{version}/{account}/messages", self._take, methods=["POST"]),
                Route("/{version}/{media_id}", self._find, methods=["GET"]),
                Route("/files/{link}/of/{media_id}", self._give, methods=["GET"]),
            ]
        )

    def to(self, address: str) -> list[Sent]:
        return [one for one in self.sent if one.to == address]

    def texts(self, address: str) -> list[str]:
        return [one.text for one in self.to(address)]

    def add_media(self, content: bytes, **more: Any) -> str:
        media_id = str(random.randrange(10**15, 10**16))
        self.media[media_id] = Media(content, **more)
        return media_id

    def link(self, media_id: str) -> str:
        """As Messenger gives it in the webhook."""
        link = uuid.uuid4().hex
        self.links[link] = (media_id, time.monotonic())
        return f"{self.url}/files/{link}/of/{media_id}"

    async def _take(self, request: Request) -> Response:
        body = await request.json()
        channel = {v: k for k, v in ACCOUNTS.items()}.get(
            request.path_params["account"]
        )
        with self._lock:
            fault = self.faults.pop(0) if self.faults else None
            error = self._trouble(request, channel, body)
            if isinstance(fault, int):
                error = (401 if fault == 190 else 400, fault, "asked for by the test")
            if error is not None:
                self.refused.append((error[1], error[2]))
                return _error(*error)
            assert channel is not None
            sent = self._accept(channel, body)
        if fault == "drop":
            return Response(status_code=502)
        if channel == "messenger":
            return JSONResponse(
                {"recipient_id": sent.to, "message_id": sent.message_id}
            )
        return JSONResponse(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": sent.to, "wa_id": sent.to}],
                "messages": [{"id": sent.message_id}],
            }
        )

    def _trouble(
        self, request: Request, channel: str | None, body: Item
    ) -> tuple[int, int, str] | None:
        if channel is None or request.path_params["version"] != VERSION:
            return 400, 100, "no such object"
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != self.tokens[channel]:
            return 401, 190, "invalid token"
        wanted = proof(self.secret, token)
        if request.query_params.get("appsecret_proof") != wanted:
            return 400, 100, "invalid appsecret_proof"
        problem = check(channel, body)
        if problem is not None:
            return 400, 131009 if channel == "whatsapp" else 100, problem
        return self._not_now(channel, body)

    def _not_now(self, channel: str, body: Item) -> tuple[int, int, str] | None:
        to = _to(channel, body)
        wrote = self.wrote_at.get(to)
        now = self.now() if self.now else None
        free = wrote is not None and now is not None and now - wrote < WINDOW
        if now is not None and not free and body.get("type") != "template":
            code = 131047 if channel == "whatsapp" else 10
            return 400, code, "outside the allowed window"
        if self.paced and channel == "whatsapp":
            lately = [at for at in self._pairs[to] if time.monotonic() - at < 270]
            if len(lately) >= PAIR_BURST:
                return 400, 131056, "pair rate limit"
        return None

    def _accept(self, channel: str, body: Item) -> Sent:
        to = _to(channel, body)
        self._pairs[to].append(time.monotonic())
        if channel == "messenger":
            ours, mid = body["message"]["metadata"], f"m_{uuid.uuid4().hex}"
        else:
            ours, mid = body["biz_opaque_callback_data"], f"wamid.{uuid.uuid4().hex}"
        sent = Sent(channel, to, body, mid, ours)
        self.sent.append(sent)
        return sent

    async def _find(self, request: Request) -> Response:
        media = self.media.get(request.path_params["media_id"])
        if media is None:
            return _error(400, 100, "no such media")
        digest = media.sha256 or hashlib.sha256(media.content).hexdigest()
        url = self.link(request.path_params["media_id"])
        if media.expired_links > 0:
            media.expired_links -= 1
            link = url.split("/files/")[1].split("/")[0]
            self.links[link] = (self.links[link][0], -MEDIA_SECONDS)
        told = {"url": url, "mime_type": media.kind, "sha256": digest}
        return JSONResponse({**told, "id": request.path_params["media_id"]})

    async def _give(self, request: Request) -> Response:
        link, media_id = request.path_params["link"], request.path_params["media_id"]
        made_at = self.links.get(link, ("", -MEDIA_SECONDS))[1]
        media = self.media[media_id]
        if time.monotonic() - made_at > MEDIA_SECONDS or made_at < 0:
            return Response(status_code=404)
        if media.redirect_to:
            return Response(status_code=302, headers={"Location": media.redirect_to})
        return Response(media.content, media_type=media.kind)


def _error(status: int, code: int, message: str) -> Response:
    error: Item = {"message": message, "type": "OAuthException", "code": code}
    if code == 10:
        error["error_subcode"] = 2018278
    return JSONResponse({"error": error}, status)


def _to(channel: str, body: Item) -> str:
    if channel == "messenger":
        return str(body["recipient"]["id"])
    return str(body.get("to") or body.get("recipient"))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check(channel: str, body: Item) -> str | None:
    """Which limit of the platform a message breaks; None for a good one."""
    try:
        problems = _messenger(body) if channel == "messenger" else _whatsapp(body)
        return next(iter(problems), None)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        return f"malformed: {error!r}"


def _fits(text: Any, most: int, what: str) -> Iterator[str]:
    if not isinstance(text, str) or not text.strip():
        yield f"{what} is empty"
    elif _units(text) > most:
        yield f"{what} is longer than {most}"


def _messenger(body: Item) -> Iterator[str]:
    message = body["message"]
    yield from _fits(message["metadata"], 1000, "metadata")
    if "attachment" in message:
        payload = message["attachment"]["payload"]
        yield from _fits(payload["text"], 640, "template text")
        if not 1 <= len(payload["buttons"]) <= 3:
            yield "1 to 3 buttons"
        for button in payload["buttons"]:
            yield from _fits(button["title"], 20, "button title")
            yield from _fits(button["payload"], 1000, "button payload")
        return
    yield from _fits(message["text"], 2000, "text")
    replies = message.get("quick_replies", [])
    if len(replies) > 13:
        yield "more than 13 quick replies"
    for reply in replies:
        yield from _fits(reply["title"], 20, "quick reply title")
        yield from _fits(reply["payload"], 1000, "quick reply payload")


def _whatsapp(body: Item) -> Iterator[str]:
    if body["messaging_product"] != "whatsapp" or not (
        body.get("to") or body.get("recipient")
    ):
        yield "no recipient"
    if _units(body["biz_opaque_callback_data"]) > 512:
        yield "callback data"
    kind = body["type"]
    if kind == "text":
        yield from _fits(body["text"]["body"], 4096, "text")
    elif kind == "template":
        yield from _template(body["template"])
    elif kind == "interactive":
        yield from _interactive(body["interactive"])
    else:
        yield f"type {kind}"


def _template(template: Item) -> Iterator[str]:
    gaps = template["components"][0]["parameters"]
    if TEMPLATES.get(template["name"]) != len(gaps):
        yield "no such template, or another number of gaps"
    for gap in gaps:
        yield from _fits(gap["text"], 1024, "gap")
        if "\n" in gap["text"] or "\t" in gap["text"] or "     " in gap["text"]:
            yield "white space in a gap"


def _interactive(told: Item) -> Iterator[str]:
    if told["type"] == "button":
        yield from _fits(told["body"]["text"], 1024, "body")
        buttons = [one["reply"] for one in told["action"]["buttons"]]
        if not 1 <= len(buttons) <= 3:
            yield "1 to 3 buttons"
        for button in buttons:
            yield from _fits(button["title"], 20, "button title")
            yield from _fits(button["id"], 256, "button id")
        if len({one["title"] for one in buttons}) != len(buttons):
            yield "two buttons of the same title"
        return
    yield from _fits(told["body"]["text"], 4096, "list body")
    yield from _fits(told["action"]["button"], 20, "list button")
    rows = [row for section in told["action"]["sections"] for row in section["rows"]]
    if not 1 <= len(rows) <= 10:
        yield "1 to 10 rows"
    for row in rows:
        yield from _fits(row["title"], 24, "row title")
        yield from _fits(row["id"], 200, "row id")
        if "description" in row:
            yield from _fits(row["description"], 72, "row description")
    if len({row["id"] for row in rows}) != len(rows):
        yield "two rows of the same id"


def _text_of(body: Item) -> str:
    if "message" in body:
        message = body["message"]
        if "attachment" in message:
            return str(message["attachment"]["payload"]["text"])
        return str(message["text"])
    if body["type"] == "text":
        return str(body["text"]["body"])
    if body["type"] == "template":
        return f"template {body['template']['name']}"
    return str(body["interactive"]["body"]["text"])


def _choices_of(body: Item) -> Iterator[tuple[str, str]]:
    message = body.get("message", {})
    for reply in message.get("quick_replies", []):
        yield reply["title"], reply["payload"]
    for button in message.get("attachment", {}).get("payload", {}).get("buttons", []):
        yield button["title"], button["payload"]
    action = body.get("interactive", {}).get("action", {})
    for button in action.get("buttons", []):
        yield button["reply"]["title"], button["reply"]["id"]
    for section in action.get("sections", []):
        for row in section["rows"]:
            yield row["title"], row["id"]


@dataclass
class Person:
    """Somebody who writes on a platform; makes the events that Meta would send."""

    channel: str
    name: str  # PSID, phone or user id
    user_id: str | None = None
    clock: Callable[[], datetime] | None = None
    account: str | None = None
    _last: int = field(default=0)

    def text(self, text: str, **more: Any) -> Item:
        if self.channel == "messenger":
            return self._event({"message": {"text": text}}, more)
        return self._event({"type": "text", "text": {"body": text}}, more)

    def press(self, token: str, title: str = "x", kind: str = "", **more: Any) -> Item:
        if self.channel == "messenger" and kind == "postback":
            return self._event({"postback": {"payload": token, "title": title}}, more)
        if self.channel == "messenger":
            quick = {"text": title, "quick_reply": {"payload": token}}
            return self._event({"message": quick}, more)
        name = kind or "button_reply"
        told = {"type": name, name: {"id": token, "title": title}}
        return self._event({"type": "interactive", "interactive": told}, more)

    def photo(self, media: str, caption: str = "", sha: str = "", **more: Any) -> Item:
        """media: an address on Messenger, an id on WhatsApp."""
        if self.channel == "messenger":
            one = {"type": "image", "payload": {"url": media}}
            message: Item = {"attachments": [one]}
            if caption:
                message["text"] = caption
            return self._event({"message": message}, more)
        image = {"id": media, "mime_type": "image/jpeg"}
        image |= {"sha256": sha} if sha else {}
        image |= {"caption": caption} if caption else {}
        return self._event({"type": "image", "image": image}, more)

    def other(self, kind: str = "audio", **more: Any) -> Item:
        if self.channel == "messenger":
            one = {"type": kind, "payload": {"url": "https://cdn.fbsbx.com/a"}}
            return self._event({"message": {"attachments": [one]}}, more)
        return self._event({"type": kind, kind: {"id": "1"}}, more)

    def changes_number(self, to: str) -> Item:
        system = {"type": "user_changed_number", "wa_id": to, "body": "changed"}
        return self._event({"type": "system", "system": system}, {})

    def _event(self, told: Item, more: Item) -> Item:
        stamp: datetime = more["at"] if "at" in more else self._now()
        if self.channel == "messenger":
            for part in ("message", "postback"):
                if part in told:
                    told[part]["mid"] = more.get("id") or f"m_{uuid.uuid4().hex}"
            whom = {"sender": {"id": self.name}, "recipient": {"id": PAGE}}
            return {**whom, "timestamp": int(stamp.timestamp() * 1000), **told}
        event = {
            "id": more.get("id") or f"wamid.{uuid.uuid4().hex}",
            "timestamp": str(int(stamp.timestamp())),
            **told,
            "_contact": self._contact(),
        }
        if self.name.isdecimal():
            event["from"] = self.name
        if self.user_id:
            event["from_user_id"] = self.user_id
        return event

    def _contact(self) -> Item:
        contact: Item = {"profile": {"name": "Zoé"}}
        if self.name.isdecimal():
            contact["wa_id"] = self.name
        if self.user_id:
            contact["user_id"] = self.user_id
        return contact

    def _now(self) -> datetime:
        assert self.clock is not None
        return self.clock()


def body_of(channel: str, events: Sequence[Item], account: str | None = None) -> bytes:
    """One webhook with all these events, spread over entries and changes."""
    account = account or ACCOUNTS[channel]
    if channel == "messenger":
        halves = [events[: len(events) // 2], events[len(events) // 2 :]]
        entries: list[Item] = [
            {"id": account, "time": 1, "messaging": list(half)}
            for half in halves
            if half
        ]
        return json.dumps({"object": "page", "entry": entries}).encode()
    changes = []
    for event in events:
        told = {key: value for key, value in event.items() if key != "_contact"}
        value: Item = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "33100000000"},
        }
        value["metadata"]["phone_number_id"] = account
        if "_status" in told:
            value["statuses"] = [told["_status"]]
        else:
            value |= {"contacts": [event["_contact"]], "messages": [told]}
        changes.append({"field": "messages", "value": value})
    entry = [{"id": "1", "changes": changes}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def receipt(sent: Sent, state: str, code: int | None = None) -> Item:
    """What the platform tells of a message it took."""
    if sent.channel == "messenger":
        whom = {"sender": {"id": sent.to}, "recipient": {"id": PAGE}}
        if state == "read":
            return {**whom, "timestamp": 1, "read": {"watermark": 4_102_444_800_000}}
        return {**whom, "timestamp": 1, "delivery": {"mids": [sent.message_id]}}
    status: Item = {"id": sent.message_id, "status": state, "timestamp": "1"}
    status["biz_opaque_callback_data"] = sent.outbound_id
    if code is not None:
        status["errors"] = [{"code": code, "title": "x"}]
    return {"_status": status}


@dataclass
class Courier:
    """Brings webhooks to the desk, as badly as Meta may. post: the status of a reply.

    repeats: how often each is brought. shuffled: the order is lost.
    """

    post: Post
    secret: str
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def bring(
        self,
        channel: str,
        *events: Item,
        batch: int = 1,
        repeats: int = 1,
        shuffled: bool = False,
    ) -> None:
        bodies = [
            body_of(channel, events[start : start + batch])
            for start in range(0, len(events), batch)
        ] * repeats
        if shuffled:
            self.rng.shuffle(bodies)
        self.bring_all(channel, bodies, at_once=1)

    def bring_all(self, channel: str, bodies: list[bytes], at_once: int = 8) -> None:
        """So many webhooks are under way at the same time; each is acknowledged."""
        with ThreadPoolExecutor(at_once) as pool:
            told = Counter(pool.map(lambda body: self.send(channel, body), bodies))
        assert set(told) <= {200}, told

    def send(self, channel: str, body: bytes, header: str | None = None) -> int:
        """With the right signature, or with this one ("" for none)."""
        signed = sign(self.secret, body) if header is None else header
        headers = {"Content-Type": "application/json"}
        if signed:
            headers[HEADER] = signed
        return self.post(f"/webhooks/{channel}", body, headers)


def forged(secret: str, body: bytes, rng: random.Random) -> Iterable[str]:
    """Headers that must not open the door."""
    good = sign(secret, body)
    digest = good.removeprefix("sha256=")
    other = sign(rng.randbytes(16).hex(), body)
    sha1 = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    place = rng.randrange(len(digest))
    changed = (
        digest[:place] + ("0" if digest[place] != "0" else "1") + digest[place + 1 :]
    )
    return (
        "",
        other,
        f"sha1={sha1}",
        f"md5={digest}",
        f"sha256={digest.upper()}" if digest.upper() != digest else "sha256=",
        f"sha256={digest[:-1]}",
        f"sha256={digest}0",
        f"sha256={changed}",
        digest,
        sign(secret, body + b" "),
    )


@contextmanager
def simulated(secret: str, tokens: dict[str, str]) -> Iterator[GraphSimulator]:
    simulator = GraphSimulator(secret, tokens)
    with served(simulator.app) as url:
        simulator.url = url
        yield simulator
