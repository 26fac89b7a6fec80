"""What no customer sends and every attacker does: texts, bodies, paths, by a seed."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

DEEP = 50_000
MEGABYTE = 1024 * 1024
# By what each would hurt if somebody took it for more than words.
TEXTS = (
    *("", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800x", "\ufeff", "\u200b" * 50),
    *("\u202eecnamrup", "\u2066\u2067abc", "مرحبا أريد إرجاع الطلب", "שלום, החזר"),
    *(
        "👩‍👩‍👧‍👦",
        "👍🏽" * 40,
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "e\u0301cran",
        "écran",
        "ﬁn ², №",
        "Å\u0041\u030a",
    ),
    *("ＦＲ－１０４２", "FR-lO42", "ϜR-1042", "FR\u20111042", "FR-¹⁰⁴²", "FR-१०४२"),
    *(
        "1' OR 1=1--",
        '"; DROP TABLE orders;--',
        "' UNION SELECT 1--",
        "%_%\\_",
        "$1 ?1 :x",
    ),
    *(
        "{{7*7}}",
        "${7*7}",
        "{slot}",
        "{0.__class__}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{",
        "}}{{",
    ),
    *("../../etc/passwd", "..\\..\\x", "%2e%2e%2f", "/etc/passwd\x00.png", "file:///x"),
    *("a\r\nSet-Cookie: x=1", "\r\n\r\nHTTP/1.1 200 OK", "a\nBcc: x@example.com"),
    *(
        "${jndi:ldap://127.0.0.1/a}",
        "() { :;}; echo x",
        "$(id)",
        "`id`",
        "| id",
        "&& id",
    ),
    *(
        "=cmd|' /C calc'!A0",
        "@SUM(1)",
        "+1",
        "-1",
        "<script>alert(1)</script>",
        "&lt;&#0;",
    ),
    *(
        '/affirm{"recap":"x"}',
        "\u00a0/restart",
        "／give_order{}",
        "/session_start",
        "//",
    ),
    *(
        "nan",
        "inf",
        "-0",
        "1e309",
        "9" * 400,
        "null",
        "true",
        "[]",
        "0x10",
        "１２３",
        "²",
    ),
    *("a" * 3999, "é" * 2000, "\u0301" * 3000, "( " * 1500, "@" * 1000, "1 " * 1900),
    *("a@" * 900, "FR-" * 1300, "oui " * 900, ". " * 1900, "\n" * 3000, "\t/\t" * 900),
    *(
        "こんにちは、返品したいです",
        "Здравствуйте",
        "ich möchte zurückgeben",
        "नमस्ते",
        "你好",
    ),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**31, 2**63, 2**64, 10**300, 1.5, -0.0, 1e308),
    *([], {}, [[]], [None], [{}], {"a": {}}, ["x"] * 300, {"": ""}, {"__proto__": 1}),
)


def texts(dice: random.Random) -> Iterator[str]:
    """The list above, one after the other, then mixtures of it for ever."""
    shuffled = list(TEXTS)
    dice.shuffle(shuffled)
    yield from shuffled
    while True:
        parts = [dice.choice(TEXTS)[:400] for _ in range(dice.randint(1, 5))]
        mixed = dice.choice(("", " ", "\u200b", "\x00", "\n")).join(parts)
        cut = dice.randrange(len(mixed) + 1)
        noise = "".join(
            chr(dice.randrange(0x110000)) for _ in range(dice.randint(0, 4))
        )
        yield (mixed[:cut] + noise + mixed[cut:])[:4000]


def storable(text: str) -> str:
    """What a database can keep of it."""
    return "".join(c for c in text if c != "\x00" and not "\ud800" <= c <= "\udfff")


@dataclass
class Thing:
    """One hostile value after the other, for any place of a request."""

    dice: random.Random
    _texts: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._texts = texts(self.dice)

    def text(self) -> str:
        return next(self._texts)

    def value(self) -> Any:
        if self.dice.random() < 0.6:
            return self.text()
        return self.dice.choice(VALUES)

    def id(self) -> str:
        """For a place in a path: percent-encoded, never empty."""
        kind = self.dice.randrange(4)
        if kind == 0:
            return str(10 ** self.dice.choice((0, 9, 18, 19, 40, 300)))
        raw = self.text().encode("utf-8", "replace")[:300] or b"x"
        if kind == 1:
            raw = bytes(self.dice.randrange(256) for _ in range(12))
        return "".join(f"%{byte:02x}" for byte in raw)

    def spoilt(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with some fields hostile, gone, or added."""
        found = dict(body)
        for name in body:
            fate = self.dice.random()
            if fate < 0.45:
                found[name] = self.value()
            elif fate < 0.55:
                del found[name]
            elif fate < 0.65:
                found[name] = [self.value() for _ in range(self.dice.randint(0, 5))]
        if self.dice.random() < 0.2:
            found[self.text()[:60]] = self.value()
        return found

    def json_of(self, body: dict[str, Any]) -> bytes:
        """The body as JSON, spoilt in its fields or as a whole."""
        fate = self.dice.random()
        if fate < 0.75:
            return json.dumps(self.spoilt(body)).encode()
        whole = json.dumps(body).encode()
        return self.dice.choice(BROKEN)(whole, self.dice)


def _cut(whole: bytes, dice: random.Random) -> bytes:
    return whole[: dice.randrange(len(whole))]


def _flipped(whole: bytes, dice: random.Random) -> bytes:
    found = bytearray(whole)
    for _ in range(dice.randint(1, 6)):
        found[dice.randrange(len(found))] = dice.randrange(256)
    return bytes(found)


BROKEN: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut,
    _flipped,
    lambda _whole, _dice: b"[" * DEEP,
    lambda _whole, _dice: b'{"a":' * (DEEP // 5),
    lambda whole, _dice: whole[:-1] + b', "deep": ' + b"[" * 200 + b"]" * 200 + b"}",
    lambda whole, _dice: whole[:-1] + b', "n": ' + b"9" * 5000 + b"}",
    lambda whole, _dice: whole[:-1] + b', "n": NaN, "m": -Infinity}',
    lambda whole, _dice: whole.decode().encode("utf-16"),
    lambda whole, _dice: b"\xef\xbb\xbf" + whole,
    lambda whole, _dice: b"\xff\xfe\x00" + whole,
    lambda whole, _dice: whole + whole,
    lambda whole, dice: whole + b" " * dice.choice((70_000, MEGABYTE)),
    lambda _whole, _dice: b"",
    lambda _whole, _dice: b'"words"',
)
