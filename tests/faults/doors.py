"""Every public door of the desk, and what an attacker sends through it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import httpx

from desk.channels.signatures import HEADER as META_HEADER
from desk.channels.signatures import sign as sign_as_meta
from desk.console.accounts import Role
from desk.console.guard import Door as ConsoleDoor
from desk.console.routes import DOORS
from returns.gateways.signatures import HEADER, sign
from tests.desks import WebClient
from tests.faults.hostile import BROKEN, Thing
from tests.graph import Person, body_of
from tests.houses import TestHouse
from tests.pictures import TAKEN
from tests.platforms import NAMES, SECRET

FORM = "application/x-www-form-urlencoded"
STATEMENT = {
    "name": "Alex Martin",
    "order_number": "FR-1042",
    "email": "alex@example.com",
    "articles": "la robe",
    "language": "fr",
}
# What the console's forms and addresses call their fields, with a value that leads on.
FIELDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("after", "before", "verify", "seen", "begin", "code"), ("1",)),
    **dict.fromkeys(("since", "until", "ship_by"), ("2026-11-01", "9999-12-31")),
    **dict.fromkeys(("text", "name", "fr", "en", "label", "line", "once"), ("x",)),
    **dict.fromkeys(("old", "new", "again"), ("a calm sentence of mine",)),
    **dict.fromkeys(("q", "order", "product", "supplier", "below", "intent"), ("1",)),
    **dict.fromkeys(("email", "value"), ("nobody@example.com",)),
    **dict.fromkeys(("reference", "rma_number", "back", "insert"), ("/console/x",)),
    **dict.fromkeys(("rows", "across"), ("reason", "period", "product", "supplier")),
    **dict.fromkeys(("reason", "bot_reason"), ("too_small", "answer")),
    **dict.fromkeys(("on", "done", "shared", "sure", "reviewed", "rated"), ("yes",)),
    "kind": ("email", "order", "conversation"),
    "role": ("agent", "viewer"),
    "decision": ("allow", "decline"),
    "mode": ("bot", "waiting"),
    "language": ("fr", "en"),
    "status": ("closed", "requested"),
    "state": ("open", "kept", "over"),
    "help": ("spoken", "bot", "person"),
    "reading": ("missed", "corrected"),
    "outcome": ("none", "closed"),
    "sep": (";", ","),
    "with_q": ("x",),
    "doing": ("reading",),
}
WHATS = ("conversations.csv", "conversations.json", "cases.csv", "statistics.csv")
# Each ends the session that the next attack needs.
LEFT_OUT = ("/logout", "/account/sessions")


@dataclass
class Attack:
    """One request. form: of a console page, which adds its own token."""

    method: str
    path: str
    headers: dict[str, Any] = field(default_factory=dict)
    content: bytes = b""
    form: dict[str, str] | None = None


@dataclass
class Front:
    """The desk from outside. tokens: of an open session; found: ids that exist."""

    house: TestHouse
    client: WebClient
    token: str
    found: dict[str, str]

    def send(self, attack: Attack) -> httpx.Response:
        """Bytes as they are: what httpx would refuse to send is sent too."""
        return self.client.request(
            attack.method,
            attack.path,
            content=attack.content,
            headers={name: _raw(value) for name, value in attack.headers.items()},
        )

    @property
    def bearer(self) -> dict[str, Any]:
        return {"Authorization": f"Bearer {self.token}"}


def _raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


type Aim = Callable[[Front, Thing], Attack]


def _header(thing: Thing) -> bytes:
    """What a socket lets through: no line ends, no null."""
    raw = thing.text().encode("utf-8", "replace")[:2000]
    return re.sub(rb"[\r\n\x00]", b" ", raw).strip() or b"x"


def open_session(front: Front, thing: Thing) -> Attack:
    headers = {"Accept-Language": _header(thing), "X-Forwarded-For": _header(thing)}
    return Attack("POST", "/chat/sessions", headers, thing.json_of({"language": "fr"}))


def say(front: Front, thing: Thing) -> Attack:
    body: dict[str, Any] = {"message_id": str(uuid4())}
    body |= thing.dice.choice(
        (
            {"text": thing.text()},
            {"button_ids": [thing.text()]},
            {"upload_ids": [thing.text()]},
            {"text": "bonjour", "upload_ids": [thing.text(), str(uuid4())]},
        )
    )
    if thing.dice.random() < 0.3:
        return _said(front, json.dumps(body).encode())
    return _said(front, thing.json_of(body))


def _said(front: Front, content: bytes) -> Attack:
    headers = {**front.bearer, "Content-Type": "application/json"}
    return Attack("POST", "/chat/messages", headers, content)


def read(front: Front, thing: Thing) -> Attack:
    path = thing.dice.choice(
        (
            f"/chat/messages?after={_quoted(thing)}",
            f"/chat/uploads/{thing.id()}",
            f"/chat/pictures/{thing.id()}",
            f"/static/{thing.id()}",
            f"/widget/{thing.id()}",
            f"/{thing.id()}",
        )
    )
    headers = {**front.bearer, "Accept-Language": _header(thing)}
    if thing.dice.random() < 0.3:
        headers["Authorization"] = b"Bearer " + _header(thing)
    if thing.dice.random() < 0.2:
        headers["Origin"] = _header(thing)
    return Attack("GET", path, headers)


def upload(front: Front, thing: Thing) -> Attack:
    """A multipart body, broken somewhere."""
    dice, mark = thing.dice, b"----x"
    name = thing.text().encode("utf-8", "replace")[:200].replace(b"\n", b"")
    kind = dice.choice((b"image/jpeg", b"text/html", name))
    picture = bytearray(dice.choice(list(TAKEN.values())))
    for _ in range(dice.choice((0, 1, 40))):
        picture[dice.randrange(len(picture))] = dice.randrange(256)
    field_name = dice.choice((b"file", b"file", name))
    head = b'Content-Disposition: form-data; name="%b"; filename="%b"\r\n'
    part = head % (field_name, name) + b"Content-Type: %b\r\n\r\n" % kind
    parts = [b"--%b\r\n%b%b\r\n" % (mark, part, bytes(picture))] * dice.choice(
        (1, 1, 3)
    )
    body = b"".join(parts) + b"--%b--\r\n" % mark
    if dice.random() < 0.4:
        body = body[: dice.randrange(len(body))]
    said = dice.choice((mark, mark, mark, b"", b"other", b'"' + mark, name[:60]))
    kind = b"multipart/form-data; boundary=" + re.sub(rb"[\r\n\x00]", b"", said)
    plain = dice.choice((kind, kind, kind, b"multipart/form-data", b"multipart/mixed"))
    headers = {**front.bearer, "Content-Type": plain}
    return Attack("POST", "/chat/uploads", headers, body)


def withdraw(front: Front, thing: Thing) -> Attack:
    """Page and component."""
    body = {**STATEMENT, "statement_id": str(uuid4())}
    if thing.dice.random() < 0.5:
        return Attack("POST", "/withdraw/statements", {}, thing.json_of(body))
    told = {name: thing.text() for name in STATEMENT if thing.dice.random() < 0.5}
    step = thing.dice.choice(("check", "confirm", "fr", "en", thing.text()))
    told = {
        **STATEMENT,
        **told,
        "step": step,
        "key": thing.text(),
        "seal": thing.text(),
    }
    if thing.dice.random() < 0.2:
        return Attack("GET", f"/withdraw?lang=en&order={_quoted(thing)}")
    return Attack("POST", "/withdraw", {"Content-Type": FORM}, _form(told, thing))


def hook(front: Front, thing: Thing) -> Attack:
    """Of a supplier, mostly with the right signature."""
    event = {"event_id": str(uuid4()), "type": "return.received", "reference": "R-1"}
    body = thing.json_of(event)
    slug = thing.dice.choice(("nordlys", "nordlys", "nordlys", thing.id()))
    secret = front.house.settings.secret("webhook_nordlys")
    signed: Any = sign(secret, body, front.house.clock.now())
    if thing.dice.random() < 0.2:
        signed = _header(thing)
    return Attack("POST", f"/hooks/suppliers/{slug}", {HEADER: signed}, body)


def webhook(front: Front, thing: Thing) -> Attack:
    """Of Meta, mostly with the right signature; anything in it changed."""
    dice, channel = thing.dice, thing.dice.choice(("messenger", "whatsapp"))
    person = Person(channel, NAMES[channel], clock=front.house.clock.now)
    events = [person.text(thing.text()), person.photo("12345")]
    body = json.loads(body_of(channel, events))
    spots = list(_spots(body))
    for _ in range(dice.randint(0, 3)):
        inside, key = dice.choice(spots)
        inside[key] = thing.value()
    content = json.dumps(body).encode()
    if dice.random() < 0.2:
        content = dice.choice(BROKEN)(content, dice)
    signed: Any = sign_as_meta(SECRET, content)
    if dice.random() < 0.1:
        signed = _header(thing)
    if dice.random() < 0.1:
        asked = {name: thing.text()[:300] for name in ("hub.mode", "hub.verify_token")}
        return Attack("GET", f"/webhooks/{channel}?{_urlencoded(asked)}")
    return Attack("POST", f"/webhooks/{channel}", {META_HEADER: signed}, content)


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inner = enumerate(value)
    for key, one in inner:
        yield value, key
        yield from _spots(one)


def login(front: Front, thing: Thing) -> Attack:
    told = {name: thing.text()[:500] for name in ("email", "password", "next")}
    headers = {"Content-Type": FORM, "Origin": "http://desk.test"}
    if thing.dice.random() < 0.3:
        headers["Cookie"] = b"bonretour_staff=" + _header(thing)  # type: ignore[assignment]
        return Attack("GET", "/console/conversations", headers)
    return Attack("POST", "/console/login", headers, _form(told, thing))


def console(role: Role) -> Aim:
    """Any door of the console that this role may open."""
    doors = [
        door
        for door in DOORS
        if role.covers(door.needs) and not door.path.endswith(LEFT_OUT)
    ]

    def aim(front: Front, thing: Thing) -> Attack:
        return _at_console(front, thing, thing.dice.choice(doors))

    return aim


def _at_console(front: Front, thing: Thing, door: ConsoleDoor) -> Attack:
    def filled(gap: re.Match[str]) -> str:
        name = gap[1].partition(":")[0]
        if name == "what":
            return thing.dice.choice((*WHATS, thing.id()))
        if name == "seq":
            return thing.dice.choice(
                ("0", "1", "-1", "²", "9" * 19, "9" * 40, "9" * 5000)
            )
        real = front.found.get(name)
        return real if real and thing.dice.random() < 0.7 else thing.id()

    path = re.sub(r"\{([^}]*)\}", filled, door.path)
    told = {
        name: thing.text()[:300]
        if thing.dice.random() < 0.4
        else thing.dice.choice(good)
        for name, good in FIELDS.items()
        if thing.dice.random() < 0.5
    }
    if door.method == "GET":
        return Attack("GET", f"{path}?{_urlencoded(told)}")
    return Attack("POST", path, form=told)


def _quoted(thing: Thing) -> str:
    return quote(thing.text()[:400], errors="replace")


def _urlencoded(told: dict[str, str]) -> str:
    return urlencode(told, errors="replace")


def _form(told: dict[str, str], thing: Thing) -> bytes:
    whole = _urlencoded(told).encode()
    return thing.dice.choice(BROKEN)(whole, thing.dice) if _rarely(thing) else whole


def _rarely(thing: Thing) -> bool:
    return thing.dice.random() < 0.1


AIMS: dict[str, tuple[Aim, ...]] = {
    "login": (login,),
    "chat": (open_session, say, say, say, read),
    "uploads": (upload,),
    "withdraw": (withdraw,),
    "hooks": (hook,),
    "webhooks": (webhook,),
    **{f"console {role}": (console(role),) for role in Role},
}
